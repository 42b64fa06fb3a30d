//! Where a transcript differs from its golden.

use similar::{ChangeTag, TextDiff};

use crate::history::OperationId;
use crate::judge::transcript::Transcript;

/// How a transcript differs from what was reviewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// For each place where lines differ, their operations, each once; where lines are missing,
    /// also those of the lines around the gap.
    pub places: Vec<Vec<OperationId>>,
    /// The difference as people read it: lines of the golden behind `-`, of this run behind `+`.
    pub diff: String,
}

/// The difference; `None` where there is none.
pub fn compare(golden: &str, transcript: &Transcript) -> Option<Difference> {
    let text = transcript.text();
    let diff = TextDiff::from_lines(golden, &text);
    let mut places: Vec<Vec<OperationId>> = Vec::new();
    let mut goes_on = false;
    // The line of the transcript that comes next.
    let mut next: usize = 0;
    for change in diff.iter_all_changes() {
        let around = match change.tag() {
            ChangeTag::Equal => {
                next += 1;
                goes_on = false;
                continue;
            }
            ChangeTag::Insert => {
                next += 1;
                next - 1..next
            }
            ChangeTag::Delete => next.saturating_sub(1)..next + 1,
        };
        if !goes_on {
            places.push(Vec::new());
            goes_on = true;
        }
        let lines = around.filter_map(|line| transcript.lines.get(line));
        if let Some(place) = places.last_mut() {
            place.extend(lines.flat_map(|line| line.operations.iter().copied()));
        }
    }
    for place in &mut places {
        place.sort();
        place.dedup();
    }
    (!places.is_empty()).then(|| Difference {
        places,
        diff: diff.unified_diff().context_radius(2).to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::transcript::Line;

    fn transcript(lines: &[&str]) -> Transcript {
        let line = |(index, text): (usize, &&str)| Line {
            text: (*text).to_owned(),
            operations: vec![OperationId { process: 0, index }],
        };
        Transcript {
            lines: lines.iter().enumerate().map(line).collect(),
        }
    }

    fn places(difference: &Difference) -> Vec<usize> {
        difference
            .places
            .iter()
            .flatten()
            .map(|id| id.index)
            .collect()
    }

    #[test]
    fn the_same_lines_differ_in_nothing() {
        assert_eq!(compare("a\nb\n", &transcript(&["a", "b"])), None);
    }

    #[test]
    fn a_changed_line_is_named_by_its_operations() {
        let difference = compare("a\nb\nc\nd\n", &transcript(&["a", "b", "x", "d"])).unwrap();
        assert!(places(&difference).contains(&2), "{difference:?}");
        assert!(!places(&difference).contains(&0), "{difference:?}");
    }

    #[test]
    fn a_missing_line_is_named_by_those_around_it() {
        let difference = compare("a\nb\nc\n", &transcript(&["a", "c"])).unwrap();
        assert_eq!(places(&difference), [0, 1]);
    }

    #[test]
    fn people_see_both_sides() {
        let difference = compare(
            "reader\n  recv  p.rx  0..2 -> end\n",
            &transcript(&["reader", "  recv  p.rx  0..1 -> end"]),
        );
        insta::assert_snapshot!(difference.unwrap().diff, @r"
        @@ -1,2 +1,2 @@
         reader
        -  recv  p.rx  0..2 -> end
        +  recv  p.rx  0..1 -> end
        ");
    }
}
