//! The result of judging a history.

use super::violation::{Found, Pattern, Violation};

/// The result of judging a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Whether a queue that keeps its claims could have produced the history.
    pub verdict: Verdict,
    /// Why the verdict isn't a pass: the first [`MOST_VIOLATIONS`] of each pattern.
    ///
    /// [`MOST_VIOLATIONS`]: super::MOST_VIOLATIONS
    pub violations: Vec<Violation>,
}

/// Whether a queue that keeps its claims could have produced a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It could.
    Pass,
    /// It couldn't.
    Fail,
    /// Undecided: the history contradicts itself, or the search reached its limit of steps.
    Unknown,
}

impl Judgement {
    pub(super) fn of(found: Found) -> Judgement {
        let violations = found.into_violations();
        let mut patterns = violations.iter().map(|violation| violation.pattern);
        let verdict = if violations.is_empty() {
            Verdict::Pass
        } else if patterns.any(Pattern::is_inconclusive) {
            Verdict::Unknown
        } else {
            Verdict::Fail
        };
        Judgement {
            verdict,
            violations,
        }
    }
}
