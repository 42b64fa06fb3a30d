//! What a wrong backend really sends in place of a message.

use std::borrow::Cow;
use std::collections::VecDeque;

use super::Fault;
use crate::backend::Failure;
use crate::outcome::Outcome;
use crate::plan::Wait;

/// What leaves in place of one message, in this order.
pub(super) type Outgoing<'a> = Vec<Cow<'a, [u8]>>;

/// One end's messages on their way out.
#[derive(Debug)]
pub(super) struct Sending {
    fault: Fault,
    count: u64,
    held: Option<Vec<u8>>,
    /// What comes back to its sender, in this order.
    echoes: VecDeque<Vec<u8>>,
    shyness: Shyness,
}

/// Whose turn it is to be refused.
#[derive(Debug, Default)]
pub(super) struct Shyness {
    asked: u64,
}

impl Shyness {
    /// Why a form that waits like this fails out of turn, if it does.
    pub(super) fn refusal(&mut self, fault: Fault, wait: Wait, why: Outcome) -> Option<Failure> {
        if fault != Fault::Shy || wait != Wait::Never {
            return None;
        }
        self.asked += 1;
        (self.asked.is_multiple_of(2)).then(|| Failure::new(why, "not every time"))
    }
}

/// Of longer messages, [`Fault::Cut`] keeps only so many bytes.
const CUT_AT: usize = 4096;

impl Sending {
    pub(super) fn new(fault: Fault) -> Sending {
        Sending {
            fault,
            count: 0,
            held: None,
            echoes: VecDeque::new(),
            shyness: Shyness::default(),
        }
    }

    /// Whether this fault is one of messages on their way out at all.
    pub(super) fn changes_messages(&self) -> bool {
        matches!(
            self.fault,
            Fault::Lost
                | Fault::LostOneInTwoHundred
                | Fault::Doubled
                | Fault::Swapped
                | Fault::Corrupt
                | Fault::Cut
                | Fault::Merged
                | Fault::Echo
        )
    }

    /// Why nothing is sent at all, without asking the sound backend.
    pub(super) fn at_once(&mut self, wait: Wait) -> Option<Failure> {
        self.shyness.refusal(self.fault, wait, Outcome::Full)
    }

    /// What the caller is told when this came of the first of it.
    pub(super) fn told<T>(&self, result: Result<T, Failure>, instead: T) -> Result<T, Failure> {
        match (self.fault, result) {
            (Fault::Mute, Err(_)) => Ok(instead),
            (Fault::Fatal, Err(failure)) if failure.outcome == Outcome::Gone => {
                std::process::abort()
            }
            (_, result) => result,
        }
    }

    /// What comes back to the sender in place of the next message for it.
    pub(super) fn echo(&mut self) -> Option<Vec<u8>> {
        self.echoes.pop_front()
    }

    /// What to send when asked to send `message`. Nothing of it fails as far as the caller is
    /// told, unless the first of it does.
    pub(super) fn instead<'a>(&mut self, message: &'a [u8]) -> Outgoing<'a> {
        self.count += 1;
        let third = self.count.is_multiple_of(3);
        if let Some(mut held) = self.held.take() {
            return if self.fault == Fault::Merged {
                held.extend_from_slice(message);
                vec![held.into()]
            } else {
                vec![message.into(), held.into()]
            };
        }
        match self.fault {
            Fault::Lost if third => Vec::new(),
            Fault::LostOneInTwoHundred if self.count.is_multiple_of(200) => Vec::new(),
            Fault::Echo if third => {
                self.echoes.push_back(message.to_vec());
                Vec::new()
            }
            Fault::Doubled if third => vec![message.into(), message.into()],
            Fault::Swapped | Fault::Merged if third => {
                self.held = Some(message.to_vec());
                Vec::new()
            }
            Fault::Corrupt if third => vec![flipped(message).into()],
            Fault::Cut if third || message.len() > CUT_AT => vec![cut(message).into()],
            _ => vec![message.into()],
        }
    }

    /// What is still to be sent when the end closes.
    pub(super) fn rest(&mut self) -> Option<Vec<u8>> {
        self.held.take()
    }
}

/// One bit in the middle, where the content is.
fn flipped(message: &[u8]) -> Vec<u8> {
    let mut message = message.to_vec();
    let middle = message.len() / 2;
    if let Some(byte) = message.get_mut(middle) {
        *byte ^= 1;
    }
    message
}

fn cut(message: &[u8]) -> &[u8] {
    &message[..message.len().saturating_sub(1).min(CUT_AT)]
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn sent(fault: Fault, messages: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut sending = Sending::new(fault);
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
    #[case::echoed(Fault::Echo, &["aa", "bb", "dd", "ee"])]
    #[case::doubled(Fault::Doubled, &["aa", "bb", "cc", "cc", "dd", "ee", "ff", "ff"])]
    #[case::swapped(Fault::Swapped, &["aa", "bb", "dd", "cc", "ee", "ff"])]
    #[case::corrupt(Fault::Corrupt, &["aa", "bb", "cb", "dd", "ee", "fg"])]
    #[case::cut(Fault::Cut, &["aa", "bb", "c", "dd", "ee", "f"])]
    #[case::merged(Fault::Merged, &["aa", "bb", "ccdd", "ee", "ff"])]
    #[case::sound(Fault::Hang, &["aa", "bb", "cc", "dd", "ee", "ff"])]
    fn every_third_message(#[case] fault: Fault, #[case] expected: &[&str]) {
        let messages: [&[u8]; 6] = [b"aa", b"bb", b"cc", b"dd", b"ee", b"ff"];
        let sent: Vec<String> = sent(fault, &messages)
            .into_iter()
            .map(|bytes| String::from_utf8(bytes).unwrap())
            .collect();
        assert_eq!(sent, expected);
    }

    #[rstest]
    #[case::at_the_limit(4096, 4096)]
    #[case::over_it(4097, 4096)]
    #[case::far_over_it(1 << 20, 4096)]
    fn a_long_message_is_cut_whichever_it_is(#[case] length: usize, #[case] expected: usize) {
        let sent = sent(Fault::Cut, &[&vec![7; length]]);
        assert_eq!(sent[0].len(), expected);
    }

    #[rstest]
    #[case(Fault::Corrupt)]
    #[case(Fault::Cut)]
    fn nothing_is_left_as_it_is(#[case] fault: Fault) {
        assert_eq!(sent(fault, &[b"", b"", b""]), [b"", b"", b""]);
    }
}
