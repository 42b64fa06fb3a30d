//! Patterns in which `*` stands for any text.

use std::fmt;

use crate::backend::{Key, Kind};
use crate::plan::Permutation;

/// A text in which `*` stands for any text, also for an empty one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WildcardPattern(String);

impl WildcardPattern {
    /// Whether the whole text matches.
    pub fn matches(&self, text: &str) -> bool {
        let mut parts = self.0.split('*');
        let first = parts.next().unwrap_or_default();
        let Some(mut rest) = text.strip_prefix(first) else {
            return false;
        };
        let Some(last) = parts.next_back() else {
            return rest.is_empty();
        };
        for part in parts {
            // The earliest match leaves the most text for later parts.
            match rest.find(part) {
                Some(at) => rest = &rest[at + part.len()..],
                None => return false,
            }
        }
        rest.ends_with(last)
    }

    /// Whether it matches the name of this permutation or of its case.
    pub fn names(&self, permutation: &Permutation) -> bool {
        self.matches(&permutation.case)
            || self.matches(&format!("{}[{}]", permutation.case, permutation.name()))
    }

    /// Returns the key of a backend that it writes out in full.
    pub fn as_key(&self) -> Option<Key> {
        let (kind, name) = self.0.split_once(':').filter(|_| !self.0.contains('*'))?;
        Some(Key::new(Kind::from_word(kind)?, name))
    }

    /// Returns the pattern as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for WildcardPattern {
    fn from(pattern: &str) -> WildcardPattern {
        WildcardPattern(pattern.to_owned())
    }
}

impl fmt::Display for WildcardPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case::itself("pipe/sizes", "pipe/sizes", true)]
    #[case::a_part("pipe/size", "pipe/sizes", false)]
    #[case::a_beginning("pipe/*", "pipe/sizes", true)]
    #[case::an_end("*sizes", "pipe/sizes", true)]
    #[case::anything("*", "", true)]
    #[case::in_between("pipe/*[size=1]", "pipe/sizes[size=1]", true)]
    #[case::nothing_in_between("a*b", "ab", true)]
    #[case::no_overlap("ab*ba", "aba", false)]
    #[case::in_order("*b*a*", "ab", false)]
    #[case::the_last_one_counts("*.0", "1.0.0", true)]
    fn a_star_matches_any_text(#[case] pattern: &str, #[case] text: &str, #[case] expected: bool) {
        assert_eq!(WildcardPattern::from(pattern).matches(text), expected);
    }

    /// Tries every length for every star.
    fn matches_slowly(pattern: &str, text: &str) -> bool {
        match pattern.split_once('*') {
            None => pattern == text,
            Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| {
                (0..=rest.len()).any(|skipped| {
                    rest.is_char_boundary(skipped) && matches_slowly(after, &rest[skipped..])
                })
            }),
        }
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_search_of_all_lengths(
            pattern in "[ab*]{0,6}",
            text in "[ab]{0,6}",
        ) {
            prop_assert_eq!(WildcardPattern::from(pattern.as_str()).matches(&text), matches_slowly(&pattern, &text));
        }
    }
}
