//! Text of other programs and of files, made harmless to print.
//!
//! In: any text. Out: the same text, with escapes instead of characters that break a line, that a
//! terminal obeys, or that are invisible or change the direction of the text after them. It names no
//! other room. A text that is already printable stays as it is.

use std::borrow::Cow;
use std::fmt::{self, Display, Write as _};

/// Returns the text as a part of one line. Line breaks are escaped, too.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.into();
    }
    let mut escaped = String::with_capacity(text.len());
    // Quotes and backslashes would be escaped, too.
    for part in text.split_inclusive(['\'', '"', '\\']) {
        let quote = part.ends_with(['\'', '"', '\\']);
        let (part, quote) = part.split_at(part.len() - usize::from(quote));
        escaped.extend(part.escape_debug());
        escaped.push_str(quote);
    }
    escaped.into()
}

/// Returns the text with spaces on its right, so that it has this many characters. The text may be longer than
/// the widest field that [`format!`] allows, 65,535.
pub(crate) fn padded(text: &str, to: usize) -> String {
    let spaces = to.saturating_sub(text.chars().count());
    format!("{text}{}", " ".repeat(spaces))
}

/// Returns the text with its line breaks. So the caller must make sure that no line looks like one of
/// the harness: by [`indented`], or by what it prints in front of each.
pub(crate) fn lines(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(line).collect();
    lines.join("\n")
}

/// Returns the text with its line breaks, and all lines but the first indented.
pub(crate) fn indented(text: &str) -> String {
    lines(text).replace('\n', "\n    ")
}

/// Returns a text of the harness in which others are quoted: its line breaks and colours stay.
pub(crate) fn drawn(text: &str) -> String {
    let parts: Vec<_> = text.split('\u{1b}').map(lines).collect();
    parts.join("\u{1b}")
}

/// The longest text of others in a message, in bytes.
const LONGEST: usize = 4096;

/// The longest message, in bytes.
const LONGEST_MESSAGE: usize = 4 * LONGEST;

/// Returns a text of others for a message. A long one is cut, and ends with a notice of how long it is.
/// Never has more of it in memory.
pub(crate) fn cut(text: impl Display) -> String {
    cut_to(LONGEST, text)
}

/// Returns a text of others as a short part of one line.
pub(crate) fn short(text: &str) -> String {
    cut(line(text))
}

/// Returns a message, which may contain several such texts, as [`cut`] does.
pub(crate) fn cut_message(text: impl Display) -> String {
    cut_to(LONGEST_MESSAGE, text)
}

fn cut_to(most: usize, text: impl Display) -> String {
    let mut shown = Shown {
        most,
        text: String::new(),
        length: 0,
    };
    let _ = write!(shown, "{text}");
    let Shown {
        mut text, length, ..
    } = shown;
    if length > text.len() {
        text.push_str(&format!("… (cut; it has {length} bytes)"));
    }
    text
}

/// The beginning of a text, and its length in bytes.
struct Shown {
    most: usize,
    text: String,
    length: usize,
}

impl fmt::Write for Shown {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        // Once something was left out, nothing follows.
        if self.length == self.text.len() {
            let room = self.most - self.text.len();
            self.text.push_str(&part[..part.floor_char_boundary(room)]);
        }
        self.length += part.len();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::plain("it's \"C:\\x\" — 3 µs, naïve", "it's \"C:\\x\" — 3 µs, naïve")]
    #[case::a_combining_accent("e\u{301}", "e\u{301}")]
    #[case::line_breaks("a\nb\r\u{2028}c", "a\\nb\\r\\u{2028}c")]
    #[case::a_terminal_command("\u{1b}[2J \u{9b}2J", "\\u{1b}[2J \\u{9b}2J")]
    #[case::text_turned_round("\u{202e}a\u{2066}b\u{61c}", "\\u{202e}a\\u{2066}b\\u{61c}")]
    #[case::invisible(
        "\u{200b}\u{200d}\u{feff}\u{ad}\u{e0041}",
        "\\u{200b}\\u{200d}\\u{feff}\\u{ad}\\u{e0041}"
    )]
    fn harmful_characters_are_escaped(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(line(text), expected);
        assert_eq!(line(expected), expected, "a printable text stays as it is");
    }

    #[test]
    fn any_text_can_be_padded_to_any_width() {
        assert_eq!(padded("ä", 3), "ä  ");
        assert_eq!(padded("äöü", 2), "äöü");
        assert_eq!(padded("", 70_000).len(), 70_000);
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let text = "ä".repeat(3000);
        let cut = cut(format_args!("{text}."));
        let (shown, notice) = cut.split_once('…').unwrap();
        assert_eq!(shown, "ä".repeat(LONGEST / 2));
        assert_eq!(notice, " (cut; it has 6001 bytes)");
        assert_eq!(super::cut("short"), "short");
    }

    #[test]
    fn lines_keep_their_breaks_alone() {
        assert_eq!(indented("a\tb\nc\r\n"), "a\\tb\n    c\\r\n    ");
        assert_eq!(
            drawn("\u{1b}[31mred\u{1b}[0m\n\u{9b}2J"),
            "\u{1b}[31mred\u{1b}[0m\n\\u{9b}2J"
        );
    }
}
