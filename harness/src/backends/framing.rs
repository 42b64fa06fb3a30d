//! Messages over a stream of bytes: a length of eight bytes, signed and little-endian, and then the
//! message.

use std::io::{self, ErrorKind, Read, Write};
use std::ops::Range;

use crate::backend::{Failure, Outcome};

/// The longest message in bytes: 1 GiB.
pub(super) const LONGEST: u64 = 1 << 30;

const HEADER: usize = size_of::<i64>();

/// The part of a message in bytes that is written together with its length. Also the room that is
/// reserved for a message before any of it is read.
const AT_ONCE: usize = 64 << 10;

/// Why a message can't be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    /// End of file between two messages.
    #[error("end of stream")]
    End,
    /// End of file inside a length.
    #[error("end of file inside a length: {got} of {HEADER} bytes")]
    LengthCutShort { got: usize },
    /// End of file inside a message.
    #[error("end of file inside a message: {got} of {of} bytes")]
    CutShort { got: u64, of: u64 },
    /// A length that no message can have.
    #[error("a message claims to have {length} bytes, and 0 to {LONGEST} are possible")]
    Impossible { length: i64 },
    /// An error of the operating system.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Failure {
        match error {
            ReadError::End => Failure::end(),
            ReadError::Io(error) => error.into(),
            garbled => Failure::new(Outcome::Error, garbled.to_string()),
        }
    }
}

/// Returns the header for a message of this length, if there is one, and the bytes; of both together only
/// this part.
pub(super) fn part(length: Option<i64>, bytes: &[u8], part: Range<u64>) -> Vec<u8> {
    let header = length.map(i64::to_le_bytes);
    let mut whole: Vec<u8> = header.into_iter().flatten().collect();
    whole.extend_from_slice(bytes);
    let index = |at| usize::try_from(at).map_or(whole.len(), |at| at.min(whole.len()));
    let (from, to) = (index(part.start), index(part.end));
    whole[from.min(to)..to].to_vec()
}

/// Writes a message of at most [`LONGEST`] bytes. `frame` is a buffer for reuse.
pub(super) fn write_message(
    to: &mut impl Write,
    message: &[u8],
    frame: &mut Vec<u8>,
) -> io::Result<()> {
    let length = i64::try_from(message.len())
        .ok()
        .filter(|length| length.unsigned_abs() <= LONGEST)
        .ok_or(ErrorKind::InvalidInput)?;
    let (first, rest) = message.split_at(message.len().min(AT_ONCE));
    frame.clear();
    frame.extend_from_slice(&length.to_le_bytes());
    frame.extend_from_slice(first);
    to.write_all(frame)?;
    to.write_all(rest)
}

/// Reads a message and replaces the content of `message`. The reserved room is at most about twice the
/// bytes that were read, whatever the length says.
pub(super) fn read_message(from: &mut impl Read, message: &mut Vec<u8>) -> Result<(), ReadError> {
    message.clear();
    Partial::default().read_on(from, message)
}

/// The part of a message's length that was read. The caller keeps the part of the message.
#[derive(Debug, Default)]
pub(super) struct Partial {
    header: [u8; HEADER],
    got: usize,
}

impl Partial {
    /// Reads the rest of a message; `message` has the part that was read before. After an error of
    /// `from`, another call continues.
    pub(super) fn read_on(
        &mut self,
        from: &mut impl Read,
        message: &mut Vec<u8>,
    ) -> Result<(), ReadError> {
        let length = self.length(from)?;
        let of = u64::try_from(length)
            .ok()
            .filter(|of| *of <= LONGEST)
            .ok_or(ReadError::Impossible { length })?;
        let left = of - message.len() as u64;
        message.reserve(AT_ONCE.min(left as usize));
        from.take(left).read_to_end(message)?;
        let got = message.len() as u64;
        if got < of {
            return Err(ReadError::CutShort { got, of });
        }
        Ok(())
    }

    fn length(&mut self, from: &mut impl Read) -> Result<i64, ReadError> {
        while self.got < HEADER {
            match from.read(&mut self.header[self.got..]) {
                Ok(0) if self.got == 0 => return Err(ReadError::End),
                Ok(0) => return Err(ReadError::LengthCutShort { got: self.got }),
                Ok(count) => self.got += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(i64::from_le_bytes(self.header))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    /// Returns its bytes in pieces of these sizes. A size of 0 is an interruption.
    struct Fragments {
        interruption: ErrorKind,
        bytes: VecDeque<u8>,
        sizes: Vec<usize>,
        next: usize,
    }

    impl Fragments {
        fn new(bytes: Vec<u8>, sizes: Vec<usize>) -> Fragments {
            Fragments {
                interruption: ErrorKind::Interrupted,
                bytes: bytes.into(),
                sizes,
                next: 0,
            }
        }
    }

    impl Read for Fragments {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let size = self.sizes[self.next % self.sizes.len()];
            self.next += 1;
            if size == 0 {
                return Err(self.interruption.into());
            }
            let size = size.min(buffer.len());
            self.bytes.read(&mut buffer[..size])
        }
    }

    fn framed(messages: &[Vec<u8>]) -> Vec<u8> {
        let (mut out, mut frame) = (Vec::new(), Vec::new());
        for message in messages {
            write_message(&mut out, message, &mut frame).unwrap();
        }
        out
    }

    fn read_all(from: &mut impl Read) -> (Vec<Vec<u8>>, ReadError) {
        let (mut all, mut message) = (Vec::new(), Vec::new());
        loop {
            match read_message(from, &mut message) {
                Ok(()) => all.push(message.clone()),
                Err(error) => return (all, error),
            }
        }
    }

    fn messages() -> impl Strategy<Value = Vec<Vec<u8>>> {
        let message = prop_oneof![
            4 => prop::collection::vec(any::<u8>(), 0..40),
            1 => (any::<u8>(), 60_000_usize..140_000).prop_map(|(byte, size)| vec![byte; size]),
        ];
        prop::collection::vec(message, 0..6)
    }

    /// Sizes down to one byte, and at least one that isn't 0.
    fn sizes() -> impl Strategy<Value = Vec<usize>> {
        let size = prop_oneof![Just(0), 1_usize..4, 1_usize..5000];
        (prop::collection::vec(size, 0..8), 1_usize..100).prop_map(|(mut sizes, last)| {
            sizes.push(last);
            sizes
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn messages_arrive_whole_however_they_are_cut(messages in messages(), sizes in sizes()) {
            let mut from = Fragments::new(framed(&messages), sizes);
            let (read, end) = read_all(&mut from);
            prop_assert_eq!(read, messages);
            prop_assert!(matches!(end, ReadError::End));
        }

        #[test]
        fn a_read_that_ran_out_of_time_continues_later(
            message in prop::collection::vec(any::<u8>(), 0..40),
            sizes in sizes(),
        ) {
            let mut from = Fragments {
                interruption: ErrorKind::TimedOut,
                ..Fragments::new(framed(std::slice::from_ref(&message)), sizes)
            };
            let (mut partial, mut read) = (Partial::default(), Vec::new());
            while let Err(error) = partial.read_on(&mut from, &mut read) {
                prop_assert!(matches!(error, ReadError::Io(_)), "{}", error);
            }
            prop_assert_eq!(read, message);
        }

        #[test]
        fn a_message_cut_short_is_an_error(
            messages in messages(),
            sizes in sizes(),
            at in any::<prop::sample::Index>(),
        ) {
            let mut bytes = framed(&messages);
            let at = at.index(bytes.len() + 1);
            bytes.truncate(at);
            let mut boundary = 0;
            let whole = messages
                .iter()
                .take_while(|message| {
                    let fits = boundary + HEADER + message.len() <= at;
                    boundary += if fits { HEADER + message.len() } else { 0 };
                    fits
                })
                .count();
            let (read, end) = read_all(&mut Fragments::new(bytes, sizes));
            prop_assert_eq!(read, &messages[..whole]);
            prop_assert_eq!(matches!(end, ReadError::End), at == boundary);
        }

        #[test]
        fn a_length_alone_reserves_little_room(
            length in any::<i64>(),
            body in prop::collection::vec(any::<u8>(), 0..100),
        ) {
            let mut bytes = length.to_le_bytes().to_vec();
            bytes.extend_from_slice(&body);
            let mut message = Vec::new();
            let _ = read_message(&mut bytes.as_slice(), &mut message);
            prop_assert!(message.capacity() <= AT_ONCE);
        }
    }

    #[rstest]
    #[case::negative(-1, "a message claims to have -1 bytes, and 0 to 1073741824 are possible")]
    #[case::lowest(
        i64::MIN,
        "a message claims to have -9223372036854775808 bytes, and 0 to 1073741824 are possible"
    )]
    #[case::one_too_long((1 << 30) + 1, "a message claims to have 1073741825 bytes, and 0 to 1073741824 are possible")]
    #[case::longest_but_absent(1 << 30, "end of file inside a message: 3 of 1073741824 bytes")]
    #[case::cut_short(10, "end of file inside a message: 3 of 10 bytes")]
    fn an_impossible_length_is_refused_and_reserves_no_room(
        #[case] length: i64,
        #[case] error: &str,
    ) {
        let mut bytes = length.to_le_bytes().to_vec();
        bytes.extend_from_slice(b"abc");
        let mut message = Vec::new();
        let refused = read_message(&mut bytes.as_slice(), &mut message).unwrap_err();
        assert_eq!(refused.to_string(), error);
        assert!(message.capacity() <= AT_ONCE);
    }

    #[test]
    fn a_length_cut_short_is_an_error() {
        let refused = read_message(&mut [1, 0, 0].as_slice(), &mut Vec::new()).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "end of file inside a length: 3 of 8 bytes"
        );
    }

    #[test]
    fn a_small_message_is_one_write() {
        #[derive(Default)]
        struct Counted(usize);
        impl Write for Counted {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0 += 1;
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut to = Counted::default();
        write_message(&mut to, &[7; 4096], &mut Vec::new()).unwrap();
        assert_eq!(to.0, 1);
    }
}
