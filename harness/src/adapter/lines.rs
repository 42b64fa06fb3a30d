//! Reads lines of limited length from another program.

use std::io::{self, BufRead, ErrorKind};

/// The result of reading a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum LineRead {
    /// A line, without its line break.
    Whole(Vec<u8>),
    /// More bytes than the limit without a line break.
    TooLong,
    /// The stream ended in the middle of a line, which began with these bytes.
    Cut(Vec<u8>),
    /// The end of the stream.
    End,
}

/// Reads a line of at most `limit` bytes. Allocates only as much memory as was received.
///
/// # Errors
/// If reading fails.
pub(super) fn read(from: &mut impl BufRead, limit: usize) -> io::Result<LineRead> {
    let mut line = Vec::new();
    loop {
        let received = match from.fill_buf() {
            Ok(received) => received,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if received.is_empty() {
            return Ok(if line.is_empty() {
                LineRead::End
            } else {
                LineRead::Cut(line)
            });
        }
        let end = received.iter().position(|byte| *byte == b'\n');
        let part = &received[..end.unwrap_or(received.len())];
        if line.len() + part.len() > limit {
            return Ok(LineRead::TooLong);
        }
        line.extend_from_slice(part);
        let used = part.len() + usize::from(end.is_some());
        from.consume(used);
        if end.is_some() {
            return Ok(LineRead::Whole(line));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;
    use rstest::rstest;

    fn all(text: &str, limit: usize) -> Vec<LineRead> {
        // The buffer is small, so lines arrive in parts.
        let mut from = BufReader::with_capacity(3, text.as_bytes());
        let mut lines = Vec::new();
        loop {
            let line = read(&mut from, limit).unwrap();
            let is_last = !matches!(line, LineRead::Whole(_));
            lines.push(line);
            if is_last {
                return lines;
            }
        }
    }

    fn whole(text: &str) -> LineRead {
        LineRead::Whole(text.into())
    }

    #[rstest]
    #[case::nothing("", vec![LineRead::End])]
    #[case::an_empty_line("\n", vec![whole(""), LineRead::End])]
    #[case::two("one\nother\n", vec![whole("one"), whole("other"), LineRead::End])]
    #[case::cut("one\not", vec![whole("one"), LineRead::Cut("ot".into())])]
    #[case::as_long_as_can_be("123456\n", vec![whole("123456"), LineRead::End])]
    #[case::too_long("1234567\n", vec![LineRead::TooLong])]
    #[case::too_long_without_an_end("1234567", vec![LineRead::TooLong])]
    fn a_stream_is_split_into_lines(#[case] text: &str, #[case] expected: Vec<LineRead>) {
        assert_eq!(all(text, 6), expected);
    }
}
