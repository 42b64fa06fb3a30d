//! Messages that a pipe's end has received before the process receives them.

use std::collections::VecDeque;

use super::fault::Fault;
use super::reordering::Reordering;
use super::trigger::{Chance, Trigger};
use crate::backend::{Failure, Outcome, Wait};

/// The prefetched messages of one end.
#[derive(Debug)]
pub(super) struct Prefetch {
    fault: Fault,
    messages: VecDeque<Vec<u8>>,
    reordering: Reordering,
    chance: Chance,
}

/// The number of messages that are received at a time.
const MOST: usize = 64;

/// The same of the control [`Fault::Batched`].
const BATCH: usize = 4;

impl Prefetch {
    pub(super) fn new(fault: Fault, trigger: Trigger, seed: u64) -> Prefetch {
        Prefetch {
            fault,
            messages: VecDeque::new(),
            reordering: Reordering::new(fault, trigger, seed),
            chance: Chance::new(trigger, seed),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    pub(super) fn add(&mut self, message: Vec<u8>) {
        self.messages.push_back(message);
    }

    /// Receives what can be received without waiting.
    pub(super) fn fill(&mut self, mut recv: impl FnMut(Wait) -> Result<Vec<u8>, Failure>) {
        let most = if self.fault == Fault::Batched {
            BATCH
        } else {
            MOST
        };
        while self.messages.len() < most {
            match recv(Wait::Never) {
                Ok(message) => self.messages.push_back(message),
                Err(failure) => {
                    let is_end = failure.outcome == Outcome::End;
                    if is_end && self.fault == Fault::EndBeforeDrain && self.chance.strikes() {
                        self.messages.clear();
                    }
                    return;
                }
            }
        }
    }

    pub(super) fn take(&mut self) -> Option<Vec<u8>> {
        let place = self.reordering.next(self.messages.iter().map(Vec::len));
        self.messages.remove(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(fault: Fault, sent: &[&str]) -> Prefetch {
        let mut stock = Prefetch::new(fault, Trigger::Always, 0);
        let mut sent = sent.iter();
        stock.fill(|_| match sent.next() {
            Some(message) => Ok(message.as_bytes().to_vec()),
            None => Err(Failure::end()),
        });
        stock
    }

    fn all_of(mut stock: Prefetch) -> String {
        let messages = std::iter::from_fn(|| stock.take());
        String::from_utf8(messages.flatten().collect()).unwrap()
    }

    #[test]
    fn with_lifo_the_last_of_many_comes_first() {
        let stock = filled(Fault::Lifo, &["a", "b", "c", "d", "e"]);
        assert_eq!(all_of(stock), "edabc");
    }

    #[test]
    fn a_batch_is_four_messages_in_order() {
        let stock = filled(Fault::Batched, &["a", "b", "c", "d", "e"]);
        assert_eq!(all_of(stock), "abcd");
    }

    #[test]
    fn an_end_before_the_drain_discards_messages() {
        assert!(filled(Fault::EndBeforeDrain, &["a", "b"]).is_empty());
    }
}
