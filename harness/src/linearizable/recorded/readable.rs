//! Names for display.

use crate::printable::line;

/// The longest name that isn't cut off, in characters.
const LONGEST: usize = 60;

/// Removes the quotes of a name that is a JSON string.
pub(super) fn bare(name: &str) -> &str {
    let inside = name
        .strip_prefix('"')
        .and_then(|name| name.strip_suffix('"'));
    inside.unwrap_or(name)
}

/// Cuts a long name off, and makes it printable.
pub(super) fn readable(name: &str) -> String {
    match name.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", line(&name[..end])),
        None => line(name).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::short("p1", "p1")]
    #[case::the_longest(&"x".repeat(60), &"x".repeat(60))]
    #[case::too_long(&"ü".repeat(61), &("ü".repeat(60) + "…"))]
    #[case::a_terminal_command("a\u{9b}2J", "a\\u{9b}2J")]
    #[case::text_turned_round("a\u{202e}b", "a\\u{202e}b")]
    fn long_names_are_cut_and_made_printable(#[case] name: &str, #[case] expected: &str) {
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
