//! Names for display.

/// The longest name that isn't cut off, in characters.
const LONGEST: usize = 60;

/// Removes the quotes of a name that is a JSON string.
pub(super) fn bare(name: &str) -> &str {
    let inside = name
        .strip_prefix('"')
        .and_then(|name| name.strip_suffix('"'));
    inside.unwrap_or(name)
}

/// Cuts a long name off, and replaces characters that a terminal would interpret.
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

/// Whether the character changes the direction of the text after it.
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
    fn long_names_are_cut_and_control_characters_replaced(
        #[case] name: &str,
        #[case] expected: &str,
    ) {
        assert_eq!(readable(name), expected);
    }

    #[rstest]
    #[case::text(r#""p1""#, "p1")]
    #[case::number("7", "7")]
    #[case::empty(r#""""#, "")]
    fn bare_removes_the_quotes_of_a_string(#[case] name: &str, #[case] expected: &str) {
        assert_eq!(bare(name), expected);
    }
}
