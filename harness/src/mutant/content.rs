//! Changes of a message's bytes.

/// A page: some libraries cut longer messages to this many bytes.
pub(super) const PAGE: usize = 4096;

/// What many systems' pipes hold: some libraries cut longer messages to this many bytes.
pub(super) const PIPE: usize = 65536;

/// Flips one bit in the middle, where the content is.
pub(super) fn flipped(message: &[u8]) -> Vec<u8> {
    let mut message = message.to_vec();
    let middle = message.len() / 2;
    if let Some(byte) = message.get_mut(middle) {
        *byte ^= 1;
    }
    message
}

/// Appends the tail of the previous message, like a reused buffer that is sent whole.
pub(super) fn with_tail_of(previous: &[u8], message: &[u8]) -> Vec<u8> {
    let tail = previous.get(message.len()..).unwrap_or_default();
    [message, tail].concat()
}

/// Changes newlines and NULs, like a program that takes bytes for text.
pub(super) fn translated(message: &[u8]) -> Vec<u8> {
    let mut translated = Vec::with_capacity(message.len() + 1);
    for byte in message {
        match byte {
            b'\n' => translated.extend(b"\r\n"),
            0 => {}
            byte => translated.push(*byte),
        }
    }
    translated
}

/// Changes the length as if its two bytes were read in the wrong order: cuts the message or fills it
/// with zeros.
pub(super) fn misread(message: &[u8]) -> Vec<u8> {
    let mut message = message.to_vec();
    if let Ok(length) = u16::try_from(message.len()) {
        message.resize(length.swap_bytes().into(), 0);
    }
    message
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn newlines_become_two_bytes_and_nuls_vanish() {
        assert_eq!(translated(b"a\nb\0c"), b"a\r\nbc");
    }

    #[rstest]
    #[case::one_is_256(1, 256)]
    #[case::cut(0x0300, 3)]
    #[case::the_same_both_ways(0x0101, 0x0101)]
    #[case::longer_than_two_bytes_say(0x1_0000, 0x1_0000)]
    fn a_misread_length(#[case] length: usize, #[case] expected: usize) {
        assert_eq!(misread(&vec![7; length]).len(), expected);
    }
}
