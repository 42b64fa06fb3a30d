//! Counts, for each clause, the witnesses of breaks and the times that it held.

use crate::backend::{Outcome, RawError};
use crate::clause::ClauseId;
use crate::history::OperationKind;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::untried;
use crate::judge::{Finding, FindingState, Witness};
use crate::plan::{End, ProcessIndex};

/// The most witnesses that one invariant shows for one clause if they look alike.
const MOST_ALIKE: usize = 3;
/// The most that it shows in all.
const MOST: usize = 16;

/// What one invariant found in one history, by clause, in the order of discovery.
pub(crate) struct Tally<'a> {
    invariant: &'static Invariant,
    evidence: &'a Evidence<'a>,
    counts: Vec<ClauseCount>,
}

struct ClauseCount {
    clause: ClauseId,
    witnesses: Vec<Witness>,
    upheld: u64,
    why_untried: Option<String>,
    too_slow: Option<String>,
}

/// A call that gives up shows nothing if the machine took this part of its time or more: a half.
pub(crate) const TOO_SLOW_BY: u128 = 2;

impl<'a> Tally<'a> {
    pub(crate) fn new(invariant: &'static Invariant, evidence: &'a Evidence<'a>) -> Tally<'a> {
        Tally {
            invariant,
            evidence,
            counts: Vec::new(),
        }
    }

    /// Records that the clause was broken. Of witnesses that look alike only the first few are
    /// kept, so that they don't crowd out one that looks different.
    pub(crate) fn broken(&mut self, clause: &str, witness: impl FnOnce() -> Witness) {
        let evidence = self.evidence;
        let count = self.count(clause);
        if count.witnesses.len() >= MOST {
            return;
        }
        let witness = witness();
        let look = Look::of(&witness, evidence);
        let mut others = count.witnesses.iter();
        if others.len() < MOST_ALIKE || others.all(|other| Look::of(other, evidence) != look) {
            count.witnesses.push(witness);
        }
    }

    /// Records that the clause was put to the test `times` times and held.
    pub(crate) fn upheld(&mut self, clause: &str, times: u64) {
        if times > 0 {
            self.count(clause).upheld += times;
        }
    }

    /// Records why the clause was not put to the test. It counts only if nothing else is recorded.
    pub(crate) fn untried(&mut self, clause: &str, why: impl Into<String>) {
        let reason = &mut self.count(clause).why_untried;
        reason.get_or_insert_with(|| why.into());
    }

    /// Records that the machine was too slow for the clause to be judged between these moments. The
    /// clause then isn't upheld.
    pub(crate) fn too_slow(&mut self, clause: &str, from: u64, until: u64) {
        let why = self.evidence.history.too_slow_within(from, until);
        self.count(clause).too_slow.get_or_insert(why);
    }

    fn count(&mut self, clause: &str) -> &mut ClauseCount {
        let place = self.counts.iter().position(|c| c.clause.as_str() == clause);
        let place = place.unwrap_or_else(|| {
            self.counts.push(ClauseCount {
                clause: clause.into(),
                witnesses: Vec::new(),
                upheld: 0,
                why_untried: None,
                too_slow: None,
            });
            self.counts.len() - 1
        });
        &mut self.counts[place]
    }

    /// Returns a finding for each witness, and one for each clause without any. A clause is
    /// reported as untried only if the case lists it.
    pub(crate) fn findings(mut self) -> Vec<Finding> {
        let listed = &self.evidence.permutation.clauses;
        for clause in listed {
            if self.invariant.clauses.contains(&clause.as_str()) {
                self.count(clause.as_str());
            }
        }
        let mut findings = Vec::new();
        for count in self.counts {
            let finding = |state| Finding {
                clause: count.clause.clone(),
                invariant: self.invariant.name.to_owned(),
                state,
            };
            if !count.witnesses.is_empty() {
                let broken = count.witnesses.into_iter().map(FindingState::Broken);
                findings.extend(broken.map(finding));
            } else if let Some(why) = count.too_slow {
                findings.push(finding(FindingState::TooSlow { why }));
            } else if count.upheld > 0 {
                let evidence = count.upheld;
                findings.push(finding(FindingState::Upheld { evidence }));
            } else if listed.contains(&count.clause) {
                let lacking = || untried::lacking(count.clause.as_str()).to_owned();
                let why = count.why_untried.unwrap_or_else(lacking);
                findings.push(finding(FindingState::Untried { why }));
            }
        }
        findings
    }
}

/// The look of a witness: what its operations are and how they returned, without their ids.
#[derive(PartialEq)]
struct Look {
    process: Option<ProcessIndex>,
    operations: Vec<(OperationKind, Option<End>, OutcomeAndError)>,
}

type OutcomeAndError = (Option<Outcome>, Option<RawError>);

impl Look {
    fn of(witness: &Witness, evidence: &Evidence<'_>) -> Look {
        let operations = witness.operations.iter().map(|id| {
            let operation = evidence.operation(*id);
            let result = (operation.outcome, operation.raw);
            (operation.kind, operation.end, result)
        });
        Look {
            process: witness.process,
            operations: operations.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Capabilities;
    use crate::history::OperationId;
    use crate::judge::invariant::support::witness::witness;
    use crate::test_support::histories::pipe;

    static INVARIANT: Invariant = Invariant {
        name: "test",
        about: "nothing",
        clauses: &["a.b"],
        judge: |_| Vec::new(),
    };

    #[test]
    fn a_break_that_looks_different_is_shown_beside_many_that_look_alike() {
        let mut run = pipe().process("r");
        for n in 0..9 {
            let outcome = if n == 7 {
                Outcome::Timeout
            } else {
                Outcome::Gone
            };
            run = run.ask().gives(outcome, 2 * n, 2 * n + 1);
        }
        let capabilities = Capabilities::new();
        let evidence = Evidence::new(&run.permutation, &run.history, &capabilities);
        let mut tally = Tally::new(&INVARIANT, &evidence);
        for index in 0..9 {
            let id = OperationId { process: 0, index };
            tally.broken("a.b", || witness([id], "this", "that"));
        }
        let shown: Vec<usize> = tally
            .findings()
            .iter()
            .filter_map(|finding| match &finding.state {
                FindingState::Broken(witness) => Some(witness.operations[0].index),
                _ => None,
            })
            .collect();
        assert_eq!(shown, [0, 1, 2, 7]);
    }
}
