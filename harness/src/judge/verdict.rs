//! From findings and breaks to a decision: the verdict of each clause and of the whole trial.
//!
//! A clause passes with at least one piece of evidence and without a break. Too little evidence is
//! [`Verdict::Unknown`], never a pass. A break of a clause that the case doesn't list counts too.
//! A reviewed divergence excuses a break that fits its signature, and the clauses and golden lines
//! that the break affects.

use crate::judge::cause::Blame;
use crate::judge::{ClauseVerdict, Verdict};

mod clauses;
mod duties;
mod grounds;
mod overall;
mod reason;
mod sweep;

pub(crate) use duties::Duties;
pub(crate) use overall::of_clauses;

pub(super) use grounds::Grounds;
pub(crate) use reason::reviewed_breaks;
pub(crate) use reason::too_slow;

/// What the judge decided about one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decision {
    pub(super) verdict: Verdict,
    /// Those that the case lists in its order, then others that broke or should have broken.
    pub(super) clauses: Vec<ClauseVerdict>,
    /// The reason for the verdict, unless it passed or a page gives the reason.
    pub(super) why: Option<String>,
}

/// Decides one run.
pub(super) fn decide(grounds: &Grounds<'_>, duties: &Duties<'_>) -> Decision {
    let mut clauses = clauses::verdicts(grounds, duties);
    let worst = overall::verdict(&clauses, grounds);
    if let Some(blame) = grounds.blame {
        return blamed(blame, clauses, worst);
    }
    let settled = sweep::settle_untried(worst, &mut clauses, grounds);
    let verdict = settled.unwrap_or(worst);
    let why = match verdict {
        Verdict::Unknown => reason::doubt(&clauses, grounds),
        Verdict::Documented | Verdict::Diverges => Some(reviewed_breaks(&clauses)),
        Verdict::NotApplicable => settled.map(|_| sweep::NOT_HERE.to_owned()),
        _ => None,
    };
    Decision {
        verdict,
        clauses,
        why,
    }
}

/// Decides a run that ended wrongly, but not by the library's doing. `worst` is the verdict without that.
fn blamed(blame: &Blame, mut clauses: Vec<ClauseVerdict>, worst: Verdict) -> Decision {
    let verdict = blame.cause.verdict();
    for clause in &mut clauses {
        if clause.verdict == Verdict::Unknown && clause.divergence.is_none() {
            clause.verdict = verdict;
        }
    }
    Decision {
        verdict: worst.max(verdict),
        clauses,
        why: Some(blame.witness.actual.clone()),
    }
}

#[cfg(test)]
mod tests;
