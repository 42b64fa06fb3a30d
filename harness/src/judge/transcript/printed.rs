//! What processes wrote to their standard output, as lines after a bar.

use super::row::SectionRow;
use crate::history::OperationId;

/// Returns the output of one process in its order.
pub(super) fn in_order(output: &[u8], prints: &[OperationId]) -> Vec<SectionRow> {
    let lines = lines(output);
    let one_each = lines.len() == prints.len();
    lines
        .into_iter()
        .enumerate()
        .map(|(place, line)| {
            let operations = if one_each {
                &prints[place..=place]
            } else {
                prints
            };
            row(line, operations.to_vec())
        })
        .collect()
}

/// Returns the sorted output of several processes, or of one that prints items in any order.
pub(super) fn in_any_order<'a>(
    outputs: impl Iterator<Item = &'a [u8]>,
    prints: Vec<OperationId>,
) -> Vec<SectionRow> {
    let mut lines: Vec<String> = outputs.flat_map(lines).collect();
    lines.sort();
    let heading = (lines.iter().any(|line| *line != lines[0]))
        .then(|| row("printed, in any order:".to_owned(), Vec::new()));
    let rows = lines.into_iter().map(|line| row(line, prints.clone()));
    heading.into_iter().chain(rows).collect()
}

/// Returns one open row for processes that print an uncertain number of lines.
pub(super) fn vague<'a>(
    mut outputs: impl Iterator<Item = &'a [u8]>,
    prints: Vec<OperationId>,
    always: bool,
) -> Vec<SectionRow> {
    let any = always || outputs.any(|output| !output.is_empty());
    any.then(|| row("| …".to_owned(), prints))
        .into_iter()
        .collect()
}

fn row(text: String, operations: Vec<OperationId>) -> SectionRow {
    SectionRow::Plain {
        depth: 0,
        text,
        operations,
    }
}

/// The lines of the output, and a remark if the last one has no line break.
fn lines(output: &[u8]) -> Vec<String> {
    if output.is_empty() {
        return Vec::new();
    }
    let (body, ended) = match output.strip_suffix(b"\n") {
        Some(body) => (body, true),
        None => (output, false),
    };
    let mut lines: Vec<String> = body.split(|b| *b == b'\n').map(barred).collect();
    if !ended {
        lines.push("\\ no newline at the end".to_owned());
    }
    lines
}

fn barred(line: &[u8]) -> String {
    match escaped(line).as_str() {
        "" => "|".to_owned(),
        text => format!("| {text}"),
    }
}

/// Returns text as it is, and bytes that aren't text or can't be seen as escapes.
fn escaped(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\\' => text.push_str("\\\\"),
                c if c.is_control() => text.extend(c.escape_default()),
                c => text.push(c),
            }
        }
        let escapes = chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}"));
        text.extend(escapes);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::nothing(b"", &[])]
    #[case::an_empty_line(b"\n", &["|"])]
    #[case::lines(b"Received 0\nReceived 1\n", &["| Received 0", "| Received 1"])]
    #[case::no_last_newline(b"a", &["| a", "\\ no newline at the end"])]
    #[case::not_text(b"a\xff\n", &["| a\\xff"])]
    #[case::a_carriage_return(b"a\r\n", &["| a\\r"])]
    #[case::a_backslash(b"\\xff\n", &["| \\\\xff"])]
    fn output_becomes_lines(#[case] output: &[u8], #[case] expected: &[&str]) {
        assert_eq!(lines(output), expected);
    }

    #[test]
    fn text_of_any_script_is_not_escaped() {
        let text = "Ciallo~(∠・ω< )⌒★";
        assert_eq!(escaped(text.as_bytes()), text);
    }
}
