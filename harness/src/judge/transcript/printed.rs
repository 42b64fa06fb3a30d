//! What processes wrote to their standard output, as lines behind a bar.

use super::section::Row;
use crate::history::OperationId;

/// The output of one process, as it came.
pub(super) fn in_order(output: &[u8], prints: &[OperationId]) -> Vec<Row> {
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

/// The output of processes that can't be told apart, or of one that prints what it got in any order.
pub(super) fn in_any_order<'a>(
    outputs: impl Iterator<Item = &'a [u8]>,
    prints: Vec<OperationId>,
) -> Vec<Row> {
    let mut lines: Vec<String> = outputs.flat_map(lines).collect();
    lines.sort();
    let heading = (lines.iter().any(|line| *line != lines[0]))
        .then(|| row("printed, in any order:".to_owned(), Vec::new()));
    let rows = lines.into_iter().map(|line| row(line, prints.clone()));
    heading.into_iter().chain(rows).collect()
}

/// The output of processes of which nobody can say how far they came.
pub(super) fn vague<'a>(
    mut outputs: impl Iterator<Item = &'a [u8]>,
    prints: Vec<OperationId>,
    always: bool,
) -> Vec<Row> {
    let any = always || outputs.any(|output| !output.is_empty());
    any.then(|| row("| …".to_owned(), prints))
        .into_iter()
        .collect()
}

fn row(text: String, operations: Vec<OperationId>) -> Row {
    Row::Plain {
        depth: 0,
        text,
        operations,
    }
}

/// One line for each line of the output, and one that says so if the last of them has no end.
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

/// Text as it stands; what isn't text, or can't be seen, as escapes.
pub(crate) fn escaped(bytes: &[u8]) -> String {
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
    fn any_script_stays_as_it_is() {
        let text = "Ciallo~(∠・ω< )⌒★";
        assert_eq!(escaped(text.as_bytes()), text);
    }
}
