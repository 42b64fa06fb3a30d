//! Names: of cases, and of what stands in them.

/// Words that Windows keeps for devices, whatever follows a dot behind them.
const RESERVED: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Why this can't be the name of a case (`area/case`, in lower-case letters, digits and `-`);
/// `None` if it can.
pub fn unfit(name: &str) -> Option<String> {
    let parts: Vec<&str> = name.split('/').collect();
    if parts.len() < 2 {
        return Some(format!(
            "`{name}` has no area: a case is `cases/<area>/<name>.toml`"
        ));
    }
    parts.into_iter().find_map(|part| {
        if part.is_empty() || !part.bytes().all(is_case_byte) {
            Some(format!(
                "`{part}` is no name: only `a` to `z`, `0` to `9` and `-` are allowed"
            ))
        } else if is_reserved(part) {
            Some(format!(
                "`{part}` is a device on Windows, and can't be a file's name there"
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

/// Whether this can name a channel, a process, a label or a barrier.
pub fn is_thing(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.bytes().all(is_case_byte)
}

/// Whether this can name an axis or a variable, so that a text can refer to it.
pub fn is_variable(name: &str) -> bool {
    reference_length(name) == name.len() && !name.is_empty()
}

/// How many bytes at the beginning of `text` are the name of an axis or a variable.
pub(super) fn reference_length(text: &str) -> usize {
    if !text.starts_with(|c: char| c.is_ascii_lowercase()) {
        return 0;
    }
    let inside = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'_';
    text.bytes().take_while(|b| inside(b)).count()
}

/// The candidate that is spelt most like `word`, if one is spelt enough like it.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    let tolerated = (length / 3).max(1);
    candidates
        .into_iter()
        // However long a word is, it isn't compared with what can't be like it.
        .filter(|candidate| length.abs_diff(candidate.chars().count()) <= tolerated)
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= tolerated)
        .min()
        .map(|(_, candidate)| candidate)
}

/// What to write instead of a word that is none of these.
pub fn instead(word: &str, words: &[&str]) -> String {
    match nearest(word, words.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("one of `{}`", words.join("`, `")),
    }
}

/// How many letters must be changed, added, removed or swapped with their neighbour.
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
    fn a_name_with_an_area_is_fit(#[case] name: &str) {
        assert_eq!(unfit(name), None);
    }

    #[rstest]
    #[case("queue", "area")]
    #[case("seed/", "no name")]
    #[case("Seed/queue", "no name")]
    #[case("seed/my_queue", "no name")]
    #[case("seed/nul", "device")]
    #[case("com1/queue", "device")]
    fn a_name_that_some_system_cannot_keep_is_unfit(#[case] name: &str, #[case] why: &str) {
        assert!(unfit(name).unwrap().contains(why), "{name}");
    }

    #[rstest]
    #[case("procces", Some("process"))]
    #[case("itme", Some("item"))]
    #[case("lable", Some("label"))]
    #[case("xyz", None)]
    fn a_slip_finds_the_word_that_was_meant(#[case] word: &str, #[case] meant: Option<&str>) {
        assert_eq!(nearest(word, ["item", "label", "process", "wait"]), meant);
    }

    #[test]
    fn a_reference_ends_where_its_name_does() {
        assert_eq!(reference_length("item, then"), 4);
        assert_eq!(reference_length("n_1.5"), 3);
        assert_eq!(reference_length("5"), 0);
    }
}
