//! Lines of what another program writes, none longer than a limit.

use std::io::{self, BufRead, ErrorKind};

/// What came next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// A line, without its line break.
    Whole(Vec<u8>),
    /// More than the limit without a line break.
    TooLong,
    /// The end in the middle of a line, which began like this.
    Cut(Vec<u8>),
    /// The end.
    End,
}

/// Reads a line of at most `limit` bytes. Memory grows with what came, not with the limit.
///
/// # Errors
/// As reading does.
pub(super) fn read(from: &mut impl BufRead, limit: usize) -> io::Result<Line> {
    let mut line = Vec::new();
    loop {
        let came = match from.fill_buf() {
            Ok(came) => came,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if came.is_empty() {
            return Ok(if line.is_empty() {
                Line::End
            } else {
                Line::Cut(line)
            });
        }
        let end = came.iter().position(|byte| *byte == b'\n');
        let part = &came[..end.unwrap_or(came.len())];
        if line.len() + part.len() > limit {
            return Ok(Line::TooLong);
        }
        line.extend_from_slice(part);
        let used = part.len() + usize::from(end.is_some());
        from.consume(used);
        if end.is_some() {
            return Ok(Line::Whole(line));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;
    use rstest::rstest;

    fn all(text: &str, limit: usize) -> Vec<Line> {
        // A small buffer, so that lines come in parts.
        let mut from = BufReader::with_capacity(3, text.as_bytes());
        let mut lines = Vec::new();
        loop {
            let line = read(&mut from, limit).unwrap();
            let is_last = !matches!(line, Line::Whole(_));
            lines.push(line);
            if is_last {
                return lines;
            }
        }
    }

    fn whole(text: &str) -> Line {
        Line::Whole(text.into())
    }

    #[rstest]
    #[case::nothing("", vec![Line::End])]
    #[case::an_empty_line("\n", vec![whole(""), Line::End])]
    #[case::two("one\nother\n", vec![whole("one"), whole("other"), Line::End])]
    #[case::cut("one\not", vec![whole("one"), Line::Cut("ot".into())])]
    #[case::as_long_as_can_be("123456\n", vec![whole("123456"), Line::End])]
    #[case::too_long("1234567\n", vec![Line::TooLong])]
    #[case::too_long_without_an_end("1234567", vec![Line::TooLong])]
    fn lines_come_apart(#[case] text: &str, #[case] expected: Vec<Line>) {
        assert_eq!(all(text, 6), expected);
    }
}
