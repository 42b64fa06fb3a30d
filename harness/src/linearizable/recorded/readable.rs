//! Names as people read them.

/// The longest name that is shown whole, in characters.
const LONGEST: usize = 60;

/// A name that is a JSON text, without its quotes; any other as it is.
pub(super) fn bare(name: &str) -> &str {
    let inside = name
        .strip_prefix('"')
        .and_then(|name| name.strip_suffix('"'));
    inside.unwrap_or(name)
}

/// What is shown of a name: not too much, and nothing that a terminal would obey.
pub(super) fn readable(name: &str) -> String {
    let shown = name.chars().take(LONGEST);
    let mut shown: String = shown
        .map(|char| match char {
            char if char.is_control() || is_invisible(char) => char::REPLACEMENT_CHARACTER,
            char => char,
        })
        .collect();
    if name.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

/// What turns the direction of all text behind it.
fn is_invisible(char: char) -> bool {
    matches!(char, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::short("p1", "p1")]
    #[case::the_longest(&"x".repeat(60), &"x".repeat(60))]
    #[case::too_long(&"ü".repeat(61), &("ü".repeat(60) + "…"))]
    #[case::a_terminal_command("a\u{9b}2J", "a\u{fffd}2J")]
    #[case::text_turned_round("a\u{202e}b", "a\u{fffd}b")]
    fn names_are_readable(#[case] name: &str, #[case] expected: &str) {
        assert_eq!(readable(name), expected);
    }

    #[rstest]
    #[case::text(r#""p1""#, "p1")]
    #[case::number("7", "7")]
    #[case::empty(r#""""#, "")]
    fn a_text_has_no_quotes(#[case] name: &str, #[case] expected: &str) {
        assert_eq!(bare(name), expected);
    }
}
