//! Lines of a text by positions in bytes.

/// Returns the first and the last line of a part of a text, from 1; none if the text has no such part.
pub(super) fn lines(text: &str, (start, end): (usize, usize)) -> Option<(usize, usize)> {
    let line = |bytes: &[u8]| 1 + bytes.iter().filter(|byte| **byte == b'\n').count();
    let first = line(text.as_bytes().get(..start)?);
    // A part that ends with a line break ends on the line of that break.
    let last = line(text.as_bytes().get(..end.max(start + 1) - 1)?);
    Some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::in_a_line((1, 2), Some((1, 1)))]
    #[case::second((3, 5), Some((2, 2)))]
    #[case::both((0, 5), Some((1, 2)))]
    #[case::with_its_break((0, 3), Some((1, 1)))]
    #[case::empty((3, 3), Some((2, 2)))]
    #[case::beyond((3, 90), None)]
    fn a_part_has_lines(#[case] span: (usize, usize), #[case] expected: Option<(usize, usize)>) {
        assert_eq!(lines("ab\ncd", span), expected);
    }
}
