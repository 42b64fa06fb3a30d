//! What a wrong backend really sends in place of a message.

use std::borrow::Cow;

use super::Fault;

/// What leaves in place of one message, in this order.
pub(super) type Outgoing<'a> = Vec<Cow<'a, [u8]>>;

/// One end's messages on their way out.
#[derive(Debug)]
pub(super) struct Sending {
    fault: Fault,
    count: u64,
    held: Option<Vec<u8>>,
}

/// Of longer messages, [`Fault::Cut`] keeps only so many bytes.
const CUT_AT: usize = 4096;

impl Sending {
    pub(super) fn new(fault: Fault) -> Sending {
        Sending {
            fault,
            count: 0,
            held: None,
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
        )
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
