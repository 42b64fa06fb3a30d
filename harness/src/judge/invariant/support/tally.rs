//! How a judge counts: breaks with their witnesses, and what held how often.

use crate::backend::{End, Outcome, RawError};
use crate::clause::ClauseId;
use crate::history::{OperationId, OperationKind};
use crate::judge::invariant::{Evidence, Invariant};
use crate::judge::{Finding, State, Witness};
use crate::plan::ProcessIndex;

/// As many witnesses one invariant shows for one clause, whatever they look like.
const SHOWN: usize = 3;
/// The most that it shows, if each looks like no other.
const MOST: usize = 16;

/// What one invariant has to say, clause by clause, in the order in which it came up.
pub(in crate::judge::invariant) struct Tally<'a> {
    invariant: &'static Invariant,
    evidence: &'a Evidence<'a>,
    counts: Vec<Count>,
}

struct Count {
    clause: ClauseId,
    witnesses: Vec<Witness>,
    upheld: u64,
    why: Option<&'static str>,
}

impl<'a> Tally<'a> {
    pub(in crate::judge::invariant) fn new(
        invariant: &'static Invariant,
        evidence: &'a Evidence<'a>,
    ) -> Tally<'a> {
        Tally {
            invariant,
            evidence,
            counts: Vec::new(),
        }
    }

    /// The clause was broken. A break that looks like others is shown with few of them; one that
    /// looks like none isn't hidden behind them.
    pub(in crate::judge::invariant) fn broken(
        &mut self,
        clause: &str,
        witness: impl FnOnce() -> Witness,
    ) {
        let evidence = self.evidence;
        let count = self.count(clause);
        if count.witnesses.len() >= MOST {
            return;
        }
        let witness = witness();
        let look = Look::of(&witness, evidence);
        let mut others = count.witnesses.iter();
        if others.len() < SHOWN || others.all(|other| Look::of(other, evidence) != look) {
            count.witnesses.push(witness);
        }
    }

    /// The clause was put to the test so many times, and held.
    pub(in crate::judge::invariant) fn upheld(&mut self, clause: &str, times: u64) {
        if times > 0 {
            self.count(clause).upheld += times;
        }
    }

    /// Why the clause was not put to the test, if nothing else comes up.
    pub(in crate::judge::invariant) fn untried(&mut self, clause: &str, why: &'static str) {
        self.count(clause).why.get_or_insert(why);
    }

    fn count(&mut self, clause: &str) -> &mut Count {
        let place = self.counts.iter().position(|c| c.clause.as_str() == clause);
        let place = place.unwrap_or_else(|| {
            self.counts.push(Count {
                clause: clause.into(),
                witnesses: Vec::new(),
                upheld: 0,
                why: None,
            });
            self.counts.len() - 1
        });
        &mut self.counts[place]
    }

    /// One finding for each witness, else one for each clause; untried ones only where the case
    /// lists the clause, since a case is silent on most.
    pub(in crate::judge::invariant) fn findings(mut self) -> Vec<Finding> {
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
                let broken = count.witnesses.into_iter().map(State::Broken);
                findings.extend(broken.map(finding));
            } else if count.upheld > 0 {
                let evidence = count.upheld;
                findings.push(finding(State::Upheld { evidence }));
            } else if listed.contains(&count.clause) {
                let why = count
                    .why
                    .unwrap_or("nothing in this run puts it to the test");
                let why = why.to_owned();
                findings.push(finding(State::Untried { why }));
            }
        }
        findings
    }
}

/// What a witness shows, whichever operations those are.
#[derive(PartialEq)]
struct Look {
    process: Option<ProcessIndex>,
    operations: Vec<(OperationKind, Option<End>, Came)>,
}

/// What an operation came to.
type Came = (Option<Outcome>, Option<RawError>);

impl Look {
    fn of(witness: &Witness, evidence: &Evidence<'_>) -> Look {
        let operations = witness.operations.iter().map(|id| {
            let operation = evidence.operation(*id);
            let came = (operation.outcome, operation.raw);
            (operation.kind, operation.end, came)
        });
        Look {
            process: witness.process,
            operations: operations.collect(),
        }
    }
}

/// What operations prove.
pub(in crate::judge::invariant) fn seen(
    operations: impl IntoIterator<Item = OperationId>,
    expected: impl Into<String>,
    actual: impl Into<String>,
) -> Witness {
    Witness {
        operations: operations.into_iter().collect(),
        process: None,
        expected: expected.into(),
        actual: actual.into(),
    }
}

/// What is about a process, and no operation of it.
pub(in crate::judge::invariant) fn about(
    process: Option<ProcessIndex>,
    expected: impl Into<String>,
    actual: impl Into<String>,
) -> Witness {
    Witness {
        operations: Vec::new(),
        process,
        expected: expected.into(),
        actual: actual.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Capabilities;
    use crate::test_support::histories::pipe;

    #[test]
    fn a_break_that_looks_like_no_other_is_not_hidden_behind_many() {
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
        let mut tally = Tally::new(&crate::judge::invariant::end::arrival::INVARIANT, &evidence);
        for index in 0..9 {
            let id = OperationId { process: 0, index };
            tally.broken("a.b", || seen([id], "this", "that"));
        }
        let shown: Vec<usize> = tally
            .findings()
            .iter()
            .filter_map(|finding| match &finding.state {
                State::Broken(witness) => Some(witness.operations[0].index),
                _ => None,
            })
            .collect();
        assert_eq!(shown, [0, 1, 2, 7]);
    }
}
