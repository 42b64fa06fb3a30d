//! Short notation for many items: ranges, repetitions, multisets.

use std::fmt::Display;

use crate::history::naming::Name;
use crate::plan::Item;

/// Returns items in their order, as in `0..2, None`.
pub(super) fn sequence(names: &[Name]) -> String {
    let mut parts = Vec::new();
    let mut rest = names;
    while let [first, ..] = rest {
        let range = range_length(rest.iter());
        let repetition = rest.iter().take_while(|name| *name == first).count();
        let length = range.max(repetition);
        parts.push(if range > 1 {
            range_text(first, &rest[range - 1])
        } else {
            times(first, repetition)
        });
        rest = &rest[length..];
    }
    parts.join(", ")
}

/// Returns sorted items, `None` last, as in `0..299, None ×8 (in any order)`.
pub(super) fn multiset(names: impl IntoIterator<Item = Name>) -> String {
    let mut names: Vec<Name> = names.into_iter().collect();
    let none = Name::Item(Item::None);
    names.sort_unstable_by(|a, b| (*a == none).cmp(&(*b == none)).then_with(|| a.cmp(b)));
    let entries: Vec<(&Name, usize)> = names
        .chunk_by(|a, b| a == b)
        .map(|alike| (&alike[0], alike.len()))
        .collect();
    let mut parts = Vec::new();
    let mut rest = entries.as_slice();
    while let [(first, count), ..] = rest {
        let alike = rest.iter().take_while(|(_, c)| c == count).map(|(n, _)| *n);
        let length = range_length(alike);
        let part = if length > 1 {
            range_text(first, rest[length - 1].0)
        } else {
            first.to_string()
        };
        parts.push(times(part, *count));
        rest = &rest[length..];
    }
    let note = if entries.len() > 1 {
        " (in any order)"
    } else {
        ""
    };
    parts.join(", ") + note
}

/// Returns the thing alone, or with its count.
pub(super) fn times(what: impl Display, count: usize) -> String {
    match count {
        1 => what.to_string(),
        many => format!("{what} ×{many}"),
    }
}

/// How many of the first names count up by one; at least 1 if there is a name.
fn range_length<'a>(names: impl Iterator<Item = &'a Name> + Clone) -> usize {
    let next = names.clone().skip(1);
    1 + names
        .zip(next)
        .take_while(|(this, next)| successor(this).as_ref() == Some(*next))
        .count()
}

fn successor(name: &Name) -> Option<Name> {
    let Name::Item(item) = name else {
        return None;
    };
    Some(Name::Item(match item {
        Item::Int(value) => Item::Int(value.checked_add(1)?),
        Item::Payload { number, size } => Item::Payload {
            number: number.checked_add(1)?,
            size: *size,
        },
        _ => return None,
    }))
}

fn range_text(first: &Name, last: &Name) -> String {
    match (first, last) {
        (
            Name::Item(Item::Payload { number: first, .. }),
            Name::Item(Item::Payload { number: last, size }),
        ) => format!("#{first}..#{last} ({size} bytes)"),
        _ => format!("{first}..{last}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn ints(values: impl IntoIterator<Item = i64>) -> Vec<Name> {
        values.into_iter().map(|v| Name::Item(v.into())).collect()
    }

    #[rstest]
    #[case::nothing(ints([]), "")]
    #[case::one(ints([7]), "7")]
    #[case::counting_up(ints(0..3), "0..2")]
    #[case::swapped(ints([0, 2, 1, 3]), "0, 2, 1, 3")]
    #[case::doubled(ints([0, 1, 1, 2]), "0..1, 1..2")]
    #[case::the_same_again(ints([5, 5, 5]), "5 ×3")]
    #[case::a_gap(ints([0, 1, 3, 4]), "0..1, 3..4")]
    #[case::below_zero(ints(-2..1), "-2..0")]
    #[case::at_the_limit(ints([i64::MAX, i64::MIN]), "9223372036854775807, -9223372036854775808")]
    fn a_sequence_keeps_its_order(#[case] names: Vec<Name>, #[case] expected: &str) {
        assert_eq!(sequence(&names), expected);
    }

    #[rstest]
    #[case::nothing(ints([]), "")]
    #[case::shuffled(ints([2, 0, 1]), "0..2 (in any order)")]
    #[case::one_kind(ints([4, 4]), "4 ×2")]
    #[case::one_twice(ints([0, 1, 1, 2]), "0, 1 ×2, 2 (in any order)")]
    #[case::each_twice(ints([0, 1, 1, 0]), "0..1 ×2 (in any order)")]
    fn a_multiset_has_no_order(#[case] names: Vec<Name>, #[case] expected: &str) {
        assert_eq!(multiset(names), expected);
    }

    #[test]
    fn none_comes_last_in_a_multiset() {
        let mut names = ints(0..300);
        names.extend(std::iter::repeat_n(Name::Item(Item::None), 8));
        assert_eq!(multiset(names), "0..299, None ×8 (in any order)");
    }

    #[test]
    fn payloads_of_one_size_make_a_range() {
        let payload = |number, size| Name::Item(Item::Payload { number, size });
        let names = [payload(0, 4096), payload(1, 4096), payload(2, 1)];
        assert_eq!(sequence(&names), "#0..#1 (4096 bytes), #2 (1 bytes)");
    }

    #[test]
    fn text_is_quoted_so_that_it_never_looks_like_a_range() {
        let names = [
            Name::Item("0..2".into()),
            Name::Item(Item::None),
            Name::Item(3.into()),
        ];
        assert_eq!(sequence(&names), "\"0..2\", None, 3");
    }
}
