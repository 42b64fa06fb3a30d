//! A name leads to the process that listens there and to no other: it is taken while that process
//! listens, free after its death, removed when it closes, and never truncated.

use super::calls::{EndpointCalls, replaces};
use crate::backend::{Capability, Outcome};
use crate::history::{OperationId, Residue};
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::{process_witness, witness};
use crate::judge::untried;

const ABSENT: &str = "name.connect.absent";
const LIVE: &str = "name.bind.live";
const STALE: &str = "name.bind.stale";
const OWN_ONLY: &str = "name.unlink.own-only";
const DROP: &str = "name.drop.unlinks";
const LENGTH: &str = "name.length";
const PERMISSIONS: &str = "name.permissions";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "name",
    about: "a name leads to the process that listens there, and to no other",
    clauses: &[ABSENT, LIVE, STALE, OWN_ONLY, DROP, LENGTH, PERMISSIONS],
    judge,
};

/// The number of bytes that no system allows in a name.
const TOO_LONG: u64 = 256;

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    for calls in EndpointCalls::all(evidence) {
        let judged = NamedEndpoint { evidence, calls };
        for listen in &judged.calls.listens {
            judged.judge_listen(&mut tally, *listen);
        }
        for connect in &judged.calls.connects {
            judged.judge_connect(&mut tally, *connect);
        }
        judged.judge_removal(&mut tally);
    }
    tally.findings()
}

/// One endpoint and the calls there.
struct NamedEndpoint<'a> {
    evidence: &'a Evidence<'a>,
    calls: EndpointCalls,
}

impl NamedEndpoint<'_> {
    fn judge_listen(&self, tally: &mut Tally<'_>, id: OperationId) {
        let operation = self.evidence.operation(id);
        let Some(outcome) = operation.outcome else {
            return;
        };
        if self.is_too_long() {
            return self.judge_long_name(tally, id, outcome);
        }
        if outcome == Outcome::Ok {
            self.judge_mode(tally, id);
        }
        if replaces(self.evidence, id) {
            return self.judge_takeover(tally, id, outcome);
        }
        if let Some(live) = self.calls.listening_through(operation) {
            if outcome == Outcome::Taken {
                return tally.upheld(LIVE, 1);
            }
            let (first, name) = (live.listen, self.evidence.process(live.process));
            return tally.broken(LIVE, || {
                let expected = format!("taken, since {name} listens there");
                witness([first, id], expected, outcome.word())
            });
        }
        let Some(former) = self.calls.former(operation) else {
            return;
        };
        let clause = if former.orderly { DROP } else { STALE };
        // A dead listener's name may need the library's option. A closed listener's name may stay by
        // design.
        let may_stay = if former.orderly {
            !self.evidence.capabilities.has(Capability::UnlinksName)
        } else {
            self.evidence.capabilities.has(Capability::ReplaceName)
        };
        let first = former.listen;
        match outcome {
            Outcome::Ok => tally.upheld(clause, 1),
            Outcome::Taken if may_stay => {}
            other => tally.broken(clause, || {
                witness(
                    [first, id],
                    "ok, since no process listens there",
                    other.word(),
                )
            }),
        }
    }

    fn judge_takeover(&self, tally: &mut Tally<'_>, id: OperationId, outcome: Outcome) {
        let operation = self.evidence.operation(id);
        let Some(former) = self.calls.former(operation) else {
            return;
        };
        let first = former.listen;
        if outcome == Outcome::Ok {
            tally.upheld(STALE, 1);
        } else {
            tally.broken(STALE, || {
                let expected = "ok, since no process listens there and the name was to be replaced";
                witness([first, id], expected, outcome.word())
            });
        }
    }

    fn judge_connect(&self, tally: &mut Tally<'_>, id: OperationId) {
        let operation = self.evidence.operation(id);
        let Some(outcome) = operation.outcome else {
            return;
        };
        if self.is_too_long() {
            return;
        }
        if self.calls.is_deserted(self.evidence, id) {
            if outcome == Outcome::Absent {
                return tally.upheld(ABSENT, 1);
            }
            return tally.broken(ABSENT, || {
                witness(
                    [id],
                    "absent, since no process listens there",
                    outcome.word(),
                )
            });
        }
        let Some(live) = self.calls.listening_through(operation) else {
            return;
        };
        let before = |other: &OperationId| self.evidence.history.is_before(*other, id);
        let rejected = self.calls.listens.iter().find(|listen| {
            let taken = self.evidence.operation(**listen).outcome == Some(Outcome::Taken);
            taken && before(listen) && self.evidence.history.is_before(live.listen, **listen)
        });
        let mut others = self.calls.listeners.iter();
        let successor = others.find_map(|other| {
            let closed = other.closed.filter(before)?;
            (other.displaced == Some(live.listen)).then_some(closed)
        });
        let (clause, why) = match (rejected, successor) {
            (_, Some(closed)) => (OWN_ONLY, Some(closed)),
            (Some(rejected), None) => (LIVE, Some(*rejected)),
            (None, None) => (LIVE, None),
        };
        match (outcome, why) {
            (Outcome::Ok, Some(_)) => tally.upheld(clause, 1),
            (Outcome::Absent, _) => {
                let (listen, name) = (live.listen, self.evidence.process(live.process));
                tally.broken(clause, || {
                    let operations = [listen].into_iter().chain(why).chain([id]);
                    witness(
                        operations,
                        format!("ok, since {name} listens there"),
                        "absent",
                    )
                });
            }
            _ => {}
        }
    }

    /// Judges that the name of a closed listener is removed, if the backend promises that. A listener
    /// that died can't do it, and a name that was never a file in the run's folder can't be seen there.
    fn judge_removal(&self, tally: &mut Tally<'_>) {
        let declared = self.evidence.capabilities.has(Capability::UnlinksName);
        let listeners = &self.calls.listeners;
        let named = listeners
            .iter()
            .filter(|one| self.evidence.number(one.listen).is_some());
        let orderly = listeners.iter().all(|one| one.orderly);
        let (Some(first), true) = (named.clone().next(), declared && orderly) else {
            return;
        };
        if !self.evidence.completed() {
            return;
        }
        let name = &self.evidence.permutation.plan.channels[self.calls.endpoint].name;
        let left =
            |residue: &Residue| matches!(residue, Residue::Name { name: left } if left == name);
        if self.evidence.history.residue.iter().any(left) {
            tally.broken(DROP, || {
                let expected = "no name without a listener";
                let actual = format!("`{name}` was still there");
                process_witness(Some(first.process), expected, actual)
            });
        } else {
            tally.upheld(DROP, named.count() as u64);
        }
    }

    fn is_too_long(&self) -> bool {
        self.evidence.permutation.plan.channels[self.calls.endpoint]
            .length
            .is_some_and(|length| length >= TOO_LONG)
    }

    /// Judges a `listen` at a name that is too long. If names are truncated, two of them become the same.
    fn judge_long_name(&self, tally: &mut Tally<'_>, id: OperationId, outcome: Outcome) {
        let operation = self.evidence.operation(id);
        match outcome {
            Outcome::Refused => tally.upheld(LENGTH, 1),
            Outcome::Taken if self.calls.listening_through(operation).is_none() => {
                tally.broken(LENGTH, || {
                    let expected = "ok or refused, since no process listens at this name";
                    witness([id], expected, outcome.word())
                });
            }
            Outcome::Ok | Outcome::Taken => {
                tally.untried(LENGTH, untried::LONG_NAME_FITS);
            }
            _ => tally.broken(LENGTH, || witness([id], "refused", outcome.word())),
        }
    }

    fn judge_mode(&self, tally: &mut Tally<'_>, id: OperationId) {
        let asked = self.evidence.permutation.plan.channels[self.calls.endpoint].mode;
        let found = self.evidence.number(id);
        match (asked, found) {
            (Some(asked), Some(found)) if asked == found => tally.upheld(PERMISSIONS, 1),
            (Some(asked), Some(found)) => tally.broken(PERMISSIONS, || {
                witness(
                    [id],
                    format!("mode {asked:04o}"),
                    format!("mode {found:04o}"),
                )
            }),
            (Some(_), None) => tally.untried(PERMISSIONS, untried::NO_MODE),
            (None, _) => {}
        }
    }
}

#[cfg(test)]
mod tests;
