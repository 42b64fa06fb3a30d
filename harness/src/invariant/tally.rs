//! How a judge counts: breaks with their witnesses, and what held how often.

use super::{Evidence, Invariant};
use crate::clause::ClauseId;
use crate::finding::{Finding, State, Witness};
use crate::history::OperationId;
use crate::plan::ProcessIndex;

/// The most witnesses that one invariant shows for one clause.
const MOST: usize = 3;

/// What one invariant has to say, clause by clause, in the order in which it came up.
pub(super) struct Tally<'a> {
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
    pub(super) fn new(invariant: &'static Invariant, evidence: &'a Evidence<'a>) -> Tally<'a> {
        Tally {
            invariant,
            evidence,
            counts: Vec::new(),
        }
    }

    /// The clause was broken. The witness is made only if it will be shown.
    pub(super) fn broken(&mut self, clause: &str, witness: impl FnOnce() -> Witness) {
        let count = self.count(clause);
        if count.witnesses.len() < MOST {
            count.witnesses.push(witness());
        }
    }

    /// The clause was put to the test so many times, and held.
    pub(super) fn upheld(&mut self, clause: &str, times: u64) {
        if times > 0 {
            self.count(clause).upheld += times;
        }
    }

    /// Why the clause was not put to the test, if nothing else comes up.
    pub(super) fn untried(&mut self, clause: &str, why: &'static str) {
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
    pub(super) fn findings(mut self) -> Vec<Finding> {
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

/// What operations prove.
pub(super) fn seen(
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
pub(super) fn about(
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
