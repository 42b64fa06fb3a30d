//! How a transcript compares with its golden.

use similar::{ChangeTag, TextDiff};

use crate::history::OperationId;
use crate::judge::transcript::Transcript;

/// How a run's transcript compares with the case's golden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum GoldenComparison {
    /// All lines are the same.
    Same,
    /// Lines differ.
    Differs(TranscriptDifference),
    /// There is no reviewed transcript, but there should be one.
    Missing,
    /// There is no reviewed transcript to compare with.
    NotCompared,
}

impl GoldenComparison {
    /// Compares with the reviewed transcript, which is missing if `is_due`.
    pub(crate) fn of(
        reviewed: Option<&str>,
        transcript: &Transcript,
        is_due: bool,
    ) -> GoldenComparison {
        match reviewed {
            Some(reviewed) => match difference(reviewed, transcript) {
                Some(difference) => GoldenComparison::Differs(difference),
                None => GoldenComparison::Same,
            },
            None if is_due => GoldenComparison::Missing,
            None => GoldenComparison::NotCompared,
        }
    }

    /// Whether the golden is missing or differs.
    pub(crate) fn casts_doubt(&self) -> bool {
        matches!(
            self,
            GoldenComparison::Missing | GoldenComparison::Differs(_)
        )
    }
}

/// How a transcript differs from the reviewed one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TranscriptDifference {
    /// For each place where lines differ, the operations of those lines, each once. If lines are
    /// missing, also the operations of the lines around the gap.
    pub(crate) places: Vec<Vec<OperationId>>,
    /// The difference for people: lines of the golden start with `-`, lines of this run with `+`.
    pub(crate) diff: String,
}

fn difference(golden: &str, transcript: &Transcript) -> Option<TranscriptDifference> {
    let text = transcript.text();
    let diff = TextDiff::from_lines(golden, &text);
    let mut places: Vec<Vec<OperationId>> = Vec::new();
    let mut in_a_place = false;
    // The index of the next line of the transcript.
    let mut next: usize = 0;
    for change in diff.iter_all_changes() {
        let around = match change.tag() {
            ChangeTag::Equal => {
                next += 1;
                in_a_place = false;
                continue;
            }
            ChangeTag::Insert => {
                next += 1;
                next - 1..next
            }
            ChangeTag::Delete => next.saturating_sub(1)..next + 1,
        };
        if !in_a_place {
            places.push(Vec::new());
            in_a_place = true;
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
    (!places.is_empty()).then(|| TranscriptDifference {
        places,
        diff: diff.unified_diff().context_radius(2).to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::transcript::TranscriptLine;

    fn transcript(lines: &[&str]) -> Transcript {
        let line = |(index, text): (usize, &&str)| TranscriptLine {
            text: (*text).to_owned(),
            operations: vec![OperationId { process: 0, index }],
        };
        Transcript {
            lines: lines.iter().enumerate().map(line).collect(),
        }
    }

    fn places(difference: &TranscriptDifference) -> Vec<usize> {
        difference
            .places
            .iter()
            .flatten()
            .map(|id| id.index)
            .collect()
    }

    #[test]
    fn equal_lines_have_no_difference() {
        assert_eq!(difference("a\nb\n", &transcript(&["a", "b"])), None);
    }

    #[test]
    fn a_changed_line_has_its_own_operations() {
        let difference = difference("a\nb\nc\nd\n", &transcript(&["a", "b", "x", "d"])).unwrap();
        assert!(places(&difference).contains(&2), "{difference:?}");
        assert!(!places(&difference).contains(&0), "{difference:?}");
    }

    #[test]
    fn a_missing_line_has_the_operations_of_the_lines_around_it() {
        let difference = difference("a\nb\nc\n", &transcript(&["a", "c"])).unwrap();
        assert_eq!(places(&difference), [0, 1]);
    }

    #[test]
    fn the_difference_shows_both_sides() {
        let difference = difference(
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
