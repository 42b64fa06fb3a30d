//! Where a transcript differs from its golden.

use similar::{ChangeTag, TextDiff};

use crate::history::OperationId;
use crate::transcript::Transcript;

/// How a transcript differs from what was reviewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The operations of every line that differs, each once; of a line that is missing, those of the
    /// lines around the gap.
    pub operations: Vec<OperationId>,
    /// The difference as people read it: lines of the golden behind `-`, of this run behind `+`.
    pub diff: String,
}

/// The difference; `None` where there is none.
pub fn compare(golden: &str, transcript: &Transcript) -> Option<Difference> {
    let text = transcript.text();
    let diff = TextDiff::from_lines(golden, &text);
    let mut operations = Vec::new();
    let mut differs = false;
    // The line of the transcript that comes next.
    let mut place: usize = 0;
    for change in diff.iter_all_changes() {
        let around = match change.tag() {
            ChangeTag::Equal => {
                place += 1;
                continue;
            }
            ChangeTag::Insert => {
                place += 1;
                place - 1..place
            }
            ChangeTag::Delete => place.saturating_sub(1)..place + 1,
        };
        differs = true;
        let lines = around.filter_map(|line| transcript.lines.get(line));
        operations.extend(lines.flat_map(|line| line.operations.iter().copied()));
    }
    operations.sort();
    operations.dedup();
    differs.then(|| Difference {
        operations,
        diff: diff.unified_diff().context_radius(2).to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::Line;

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
        difference.operations.iter().map(|id| id.index).collect()
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
