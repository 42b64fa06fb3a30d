//! The form of names, and suggestions for misspelt ones.

/// Names of devices on Windows, with or without an extension.
const RESERVED: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Returns why this can't be the name of a case; `None` if it can. A name is `area/case`, in lower-case
/// letters, digits and `-`.
pub(crate) fn invalid(name: &str) -> Option<String> {
    let parts: Vec<&str> = name.split('/').collect();
    if parts.len() < 2 {
        return Some(format!(
            "`{name}` has no area: a case is `cases/<area>/<name>.toml`"
        ));
    }
    parts.into_iter().find_map(|part| {
        if part.is_empty() || !part.bytes().all(is_case_byte) {
            Some(format!(
                "`{part}` isn't a name: use only `a` to `z`, `0` to `9` and `-`"
            ))
        } else if is_reserved(part) {
            Some(format!(
                "`{part}` is a device on Windows, so no file can have that name there"
            ))
        } else {
            None
        }
    })
}

fn is_case_byte(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
}

fn is_reserved(part: &str) -> bool {
    let numbered = |prefix| {
        part.strip_prefix(prefix)
            .is_some_and(|rest: &str| matches!(rest.as_bytes(), [b'0'..=b'9']))
    };
    RESERVED.contains(&part) || numbered("com") || numbered("lpt")
}

/// Returns whether this can be the name of a channel, a process, a label or a barrier.
pub(super) fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.bytes().all(is_case_byte)
}

/// Returns whether this can be the name of an axis or a variable, to which `$` refers.
pub(super) fn is_variable(name: &str) -> bool {
    reference_length(name) == name.len() && !name.is_empty()
}

/// Returns the length in bytes of the name of an axis or a variable at the beginning of `text`.
pub(super) fn reference_length(text: &str) -> usize {
    if !text.starts_with(|c: char| c.is_ascii_lowercase()) {
        return 0;
    }
    let inside = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'_';
    text.bytes().take_while(|b| inside(b)).count()
}

/// Returns the candidate with the most similar spelling, if one is similar enough.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let length = word.chars().count();
    let tolerated = (length / 3).max(1);
    candidates
        .into_iter()
        // Comparing takes quadratic time, so candidates that can't be similar are skipped.
        .filter(|candidate| length.abs_diff(candidate.chars().count()) <= tolerated)
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= tolerated)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Returns advice for a word that is none of these.
pub(crate) fn instead(word: &str, words: &[&str]) -> String {
    match nearest(word, words.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("one of `{}`", words.join("`, `")),
    }
}

/// Returns the number of letters to change, add, remove or swap with their neighbour.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    let mut rows: Vec<Vec<usize>> = vec![(0..=right.len()).collect()];
    for (i, a) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let changed = rows[i][j] + usize::from(a != b);
            let mut least = changed.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == right[j - 1] && left[i - 1] == *b {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[left.len()][right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("seed/queue")]
    #[case("queue/one-none-each")]
    #[case("pipe/framing/2gib")]
    #[case("pipe/console")]
    #[case("pipe/com10")]
    fn a_name_with_an_area_is_valid(#[case] name: &str) {
        assert_eq!(invalid(name), None);
    }

    #[rstest]
    #[case("queue", "area")]
    #[case("seed/", "isn't a name")]
    #[case("Seed/queue", "isn't a name")]
    #[case("seed/my_queue", "isn't a name")]
    #[case("seed/nul", "device")]
    #[case("com1/queue", "device")]
    fn a_name_that_some_system_cannot_store_is_invalid(#[case] name: &str, #[case] why: &str) {
        assert!(invalid(name).unwrap().contains(why), "{name}");
    }

    #[rstest]
    #[case("procces", Some("process"))]
    #[case("itme", Some("item"))]
    #[case("lable", Some("label"))]
    #[case("xyz", None)]
    fn a_misspelt_word_finds_the_right_one(#[case] word: &str, #[case] meant: Option<&str>) {
        assert_eq!(nearest(word, ["item", "label", "process", "wait"]), meant);
    }

    #[test]
    fn a_reference_ends_where_its_name_ends() {
        assert_eq!(reference_length("item, then"), 4);
        assert_eq!(reference_length("n_1.5"), 3);
        assert_eq!(reference_length("5"), 0);
    }
}
