//! What a mutant sends in place of a message.

use std::borrow::Cow;
use std::collections::VecDeque;

use super::acted;
use super::content;
use super::fault::Fault;
use super::trigger::{Chance, Trigger};
use crate::backend::{Failure, Outcome, Wait};

/// The messages that are sent in place of one message, in this order.
pub(super) type Outgoing<'a> = Vec<Cow<'a, [u8]>>;

/// The fault of one end's sends.
#[derive(Debug)]
pub(super) struct SendFault {
    fault: Fault,
    chance: Chance,
    any_sent: bool,
    held: Option<Vec<u8>>,
    previous: Vec<u8>,
    /// Messages that come back to their sender, in this order.
    echoes: VecDeque<Vec<u8>>,
}

impl SendFault {
    pub(super) fn new(fault: Fault, trigger: Trigger, seed: u64) -> SendFault {
        SendFault {
            fault,
            chance: Chance::new(trigger, seed),
            any_sent: false,
            held: None,
            previous: Vec::new(),
            echoes: VecDeque::new(),
        }
    }

    /// Returns whether the fault changes sent messages.
    pub(super) fn changes_messages(&self) -> bool {
        matches!(
            self.fault,
            Fault::Lost
                | Fault::LostFirst
                | Fault::LostLast
                | Fault::Doubled
                | Fault::Swapped
                | Fault::SwappedAtWrap
                | Fault::Corrupt
                | Fault::CutAtPage
                | Fault::CutAtPipe
                | Fault::EmptySwallowed
                | Fault::Merged
                | Fault::Split
                | Fault::StaleTail
                | Fault::Translated
                | Fault::ByteOrder
                | Fault::Echo
        )
    }

    /// Returns the failure that is reported without calling the sound backend, if any.
    pub(super) fn at_once(&mut self, wait: Wait) -> Option<Failure> {
        let refuses =
            self.fault == Fault::FullWithRoom && wait == Wait::Never && self.chance.strikes();
        refuses.then(|| Failure::new(Outcome::Full, "not every time"))
    }

    /// Returns whether a message that finds no room is dropped and reported as sent.
    pub(super) fn drops_for_want_of_room(&mut self) -> bool {
        self.fault == Fault::LostWhenFull && self.chance.strikes()
    }

    /// Returns whether a message is sent again after a send that waited or didn't.
    pub(super) fn repeats(&mut self, waited: bool) -> bool {
        self.fault == Fault::DoubledByRetry && waited && self.chance.strikes()
    }

    /// Returns the result that the caller sees if the first send has this result.
    pub(super) fn result<T>(
        &mut self,
        result: Result<T, Failure>,
        instead: T,
        message: &[u8],
    ) -> Result<T, Failure> {
        let Err(failure) = result else { return result };
        match self.fault {
            Fault::Mute if self.chance.strikes() => return Ok(instead),
            Fault::Fatal if failure.outcome == Outcome::Gone && self.chance.strikes() => {
                std::process::abort()
            }
            Fault::Resurrected if failure.definite && self.chance.strikes() => {
                self.held = Some(message.to_vec());
            }
            _ => {}
        }
        Err(failure)
    }

    /// Returns a message that was refused before and is sent now.
    pub(super) fn resurrected(&self) -> Option<&[u8]> {
        let refused = self.held.as_deref();
        refused.filter(|_| self.fault == Fault::Resurrected)
    }

    /// Forgets the refused message, because it was sent.
    pub(super) fn has_risen(&mut self) {
        self.held = None;
    }

    /// Takes the message that comes back to the sender in place of its next message.
    pub(super) fn echo(&mut self) -> Option<Vec<u8>> {
        self.echoes.pop_front()
    }

    /// Returns what to send in place of `message`. The caller sees a failure only of the first.
    pub(super) fn instead<'a>(&mut self, message: &'a [u8]) -> Outgoing<'a> {
        let same = || vec![Cow::Borrowed(message)];
        let is_first = !std::mem::replace(&mut self.any_sent, true);
        if !self.changes_messages() || !self.could_change(message, is_first) {
            self.remember(message);
            return same();
        }
        let strikes = self.chance.is_due();
        if let Some(mut held) = self.held.take() {
            // Only now does the held message do any harm, unless it equals this one.
            if self.fault == Fault::LostLast || held != message {
                acted::note();
            }
            return match self.fault {
                Fault::LostLast if strikes => {
                    self.held = Some(message.to_vec());
                    vec![held.into()]
                }
                Fault::LostLast => vec![held.into(), message.into()],
                Fault::Merged => {
                    held.extend_from_slice(message);
                    vec![held.into()]
                }
                _ => vec![message.into(), held.into()],
            };
        }
        if !strikes {
            self.remember(message);
            return same();
        }
        let instead = match self.fault {
            Fault::Lost | Fault::LostFirst | Fault::EmptySwallowed => Vec::new(),
            Fault::Echo => {
                self.echoes.push_back(message.to_vec());
                Vec::new()
            }
            Fault::LostLast | Fault::Swapped | Fault::SwappedAtWrap | Fault::Merged => {
                self.held = Some(message.to_vec());
                Vec::new()
            }
            Fault::Doubled => vec![message.into(), message.into()],
            Fault::Split => {
                let (head, tail) = message.split_at(message.len() / 2);
                vec![head.into(), tail.into()]
            }
            Fault::Corrupt => vec![content::flipped(message).into()],
            Fault::CutAtPage => vec![message[..content::PAGE].into()],
            Fault::CutAtPipe => vec![message[..content::PIPE].into()],
            Fault::StaleTail => vec![content::with_tail_of(&self.previous, message).into()],
            Fault::Translated => vec![content::translated(message).into()],
            Fault::ByteOrder => vec![content::misread(message).into()],
            _ => same(),
        };
        if self.held.is_none() && instead != [message] {
            acted::note();
        }
        self.remember(message);
        instead
    }

    /// Returns whether the fault can change this message.
    fn could_change(&self, message: &[u8], is_first: bool) -> bool {
        match self.fault {
            Fault::LostFirst => is_first,
            Fault::EmptySwallowed => message.is_empty(),
            Fault::Split => message.len() > 1,
            Fault::CutAtPage => message.len() > content::PAGE,
            Fault::CutAtPipe => message.len() > content::PIPE,
            Fault::StaleTail => message.len() < self.previous.len(),
            Fault::Translated => message.iter().any(|byte| matches!(byte, b'\n' | 0)),
            _ => true,
        }
    }

    fn remember(&mut self, message: &[u8]) {
        if self.fault == Fault::StaleTail {
            self.previous = message.to_vec();
        }
    }

    /// Takes the message that is still unsent when the end closes.
    pub(super) fn rest(&mut self) -> Option<Vec<u8>> {
        let held = self.held.take();
        if held.is_some() && self.fault == Fault::LostLast {
            acted::note();
        }
        let is_sent = !matches!(self.fault, Fault::LostLast | Fault::Resurrected);
        held.filter(|_| is_sent)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn sent(fault: Fault, messages: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut sending = SendFault::new(fault, fault.habit(), 0);
        let mut sent: Vec<Vec<u8>> = messages
            .iter()
            .flat_map(|message| sending.instead(message))
            .map(Cow::into_owned)
            .collect();
        sent.extend(sending.rest());
        sent
    }

    #[rstest]
    #[case::lost(Fault::Lost, &["aa", "bb", "dd", "ee"])]
    #[case::first_lost(Fault::LostFirst, &["bb", "cc", "dd", "ee", "ff"])]
    #[case::last_lost(Fault::LostLast, &["aa", "bb", "cc", "dd", "ee"])]
    #[case::echoed(Fault::Echo, &["aa", "bb", "dd", "ee"])]
    #[case::doubled(Fault::Doubled, &["aa", "bb", "cc", "cc", "dd", "ee", "ff", "ff"])]
    #[case::swapped(Fault::Swapped, &["aa", "bb", "dd", "cc", "ee", "ff"])]
    #[case::corrupt(Fault::Corrupt, &["aa", "bb", "cb", "dd", "ee", "fg"])]
    #[case::merged(Fault::Merged, &["aa", "bb", "ccdd", "ee", "ff"])]
    #[case::split(Fault::Split, &["aa", "bb", "c", "c", "dd", "ee", "f", "f"])]
    #[case::sound(Fault::Hang, &["aa", "bb", "cc", "dd", "ee", "ff"])]
    fn six_messages_become(#[case] fault: Fault, #[case] expected: &[&str]) {
        let messages: [&[u8]; 6] = [b"aa", b"bb", b"cc", b"dd", b"ee", b"ff"];
        let sent: Vec<String> = sent(fault, &messages)
            .into_iter()
            .map(|bytes| String::from_utf8(bytes).unwrap())
            .collect();
        assert_eq!(sent, expected);
    }

    #[rstest]
    #[case::at_a_page(Fault::CutAtPage, 4096, 4096)]
    #[case::over_a_page(Fault::CutAtPage, 4097, 4096)]
    #[case::at_a_pipe(Fault::CutAtPipe, 65536, 65536)]
    #[case::far_over_a_pipe(Fault::CutAtPipe, 1 << 20, 65536)]
    fn a_long_message_is_cut(#[case] fault: Fault, #[case] length: usize, #[case] left: usize) {
        assert_eq!(sent(fault, &[&vec![7; length]])[0].len(), left);
    }

    #[test]
    fn only_a_shorter_message_has_a_stale_tail() {
        let sent = sent(Fault::StaleTail, &[b"one", b"a", b"three", b"four"]);
        assert_eq!(sent, [&b"one"[..], b"ane", b"three", b"foure"]);
    }

    #[test]
    fn empty_messages_are_swallowed_and_others_are_not() {
        assert_eq!(sent(Fault::EmptySwallowed, &[b"", b"a", b""]), [b"a"]);
    }

    #[test]
    fn an_empty_message_has_no_bit_to_flip() {
        assert_eq!(sent(Fault::Corrupt, &[b"", b"", b""]), [b"", b"", b""]);
    }

    #[test]
    fn a_trigger_replaces_the_default_rate() {
        let mut sending = SendFault::new(Fault::Lost, Trigger::Every(2), 0);
        let left = (0..4).filter(|_| !sending.instead(b"a").is_empty());
        assert_eq!(left.count(), 2);
    }

    #[test]
    fn a_refused_message_is_sent_once() {
        let mut sending = SendFault::new(Fault::Resurrected, Trigger::Always, 0);
        let full = || Err(Failure::new(Outcome::Full, ""));
        assert!(sending.result(full(), (), b"no room").is_err());
        assert_eq!(sending.resurrected(), Some(&b"no room"[..]));
        sending.has_risen();
        assert_eq!(sending.resurrected(), None);
    }
}
