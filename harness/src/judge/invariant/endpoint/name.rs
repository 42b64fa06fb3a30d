//! A name leads to whoever listens there, and to nobody else.

use super::meeting::{Meeting, replaces};
use crate::backend::{Capability, Outcome};
use crate::history::{OperationId, Residue};
use crate::judge::Finding;
use crate::judge::invariant::support::tally::{Tally, about, seen};
use crate::judge::invariant::{Evidence, Invariant};

const ABSENT: &str = "name.connect.absent";
const LIVE: &str = "name.bind.live";
const STALE: &str = "name.bind.stale";
const OWN_ONLY: &str = "name.unlink.own-only";
const DROP: &str = "name.drop.unlinks";
const LENGTH: &str = "name.length";
const PERMISSIONS: &str = "name.permissions";

pub(in crate::judge::invariant) const INVARIANT: Invariant = Invariant {
    name: "name",
    about: "a name leads to whoever listens there, and to nobody else",
    clauses: &[ABSENT, LIVE, STALE, OWN_ONLY, DROP, LENGTH, PERMISSIONS],
    judge,
};

/// No system has names of so many bytes.
pub(in crate::judge::invariant) const TOO_LONG: u64 = 256;

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    for meeting in Meeting::all(evidence) {
        let judged = At { evidence, meeting };
        for listen in &judged.meeting.listens {
            judged.listen(&mut tally, *listen);
        }
        for connect in &judged.meeting.connects {
            judged.connect(&mut tally, *connect);
        }
        judged.left_behind(&mut tally);
    }
    tally.findings()
}

/// What was done at one endpoint.
struct At<'a> {
    evidence: &'a Evidence<'a>,
    meeting: Meeting,
}

impl At<'_> {
    fn listen(&self, tally: &mut Tally<'_>, id: OperationId) {
        let operation = self.evidence.operation(id);
        let Some(outcome) = operation.outcome else {
            return;
        };
        if self.is_too_long() {
            return self.overlong(tally, id, outcome);
        }
        if outcome == Outcome::Ok {
            self.mode(tally, id);
        }
        if replaces(self.evidence, id) {
            return self.takes_over(tally, id, outcome);
        }
        if let Some(live) = self.meeting.listening_through(operation) {
            if outcome == Outcome::Taken {
                return tally.upheld(LIVE, 1);
            }
            let (first, name) = (live.listen, self.evidence.process(live.process));
            return tally.broken(LIVE, || {
                let expected = format!("taken, since {name} listens there");
                seen([first, id], expected, outcome.word())
            });
        }
        let Some(former) = self.meeting.former(operation) else {
            return;
        };
        let clause = if former.orderly { DROP } else { STALE };
        // A dead listener's name may need the library's option; a closed one's may stay by design.
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
                seen([first, id], "ok, since nobody listens there", other.word())
            }),
        }
    }

    fn takes_over(&self, tally: &mut Tally<'_>, id: OperationId, outcome: Outcome) {
        let operation = self.evidence.operation(id);
        let Some(former) = self.meeting.former(operation) else {
            return;
        };
        let first = former.listen;
        if outcome == Outcome::Ok {
            tally.upheld(STALE, 1);
        } else {
            tally.broken(STALE, || {
                let expected = "ok, since nobody listens there and the name was to be replaced";
                seen([first, id], expected, outcome.word())
            });
        }
    }

    fn connect(&self, tally: &mut Tally<'_>, id: OperationId) {
        let operation = self.evidence.operation(id);
        let Some(outcome) = operation.outcome else {
            return;
        };
        if self.is_too_long() {
            return;
        }
        if self.meeting.is_deserted(self.evidence, id) {
            if outcome == Outcome::Absent {
                return tally.upheld(ABSENT, 1);
            }
            return tally.broken(ABSENT, || {
                seen([id], "absent, since nobody listens there", outcome.word())
            });
        }
        let Some(live) = self.meeting.listening_through(operation) else {
            return;
        };
        let before = |other: &OperationId| self.evidence.history.is_before(*other, id);
        let rejected = self.meeting.listens.iter().find(|listen| {
            let taken = self.evidence.operation(**listen).outcome == Some(Outcome::Taken);
            taken && before(listen) && self.evidence.history.is_before(live.listen, **listen)
        });
        let mut others = self.meeting.listeners.iter();
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
                    seen(
                        operations,
                        format!("ok, since {name} listens there"),
                        "absent",
                    )
                });
            }
            _ => {}
        }
    }

    /// A closed listener's name is gone, where the library says so. A dead one has no say in it, and
    /// what was never seen as a file of the run's folder isn't seen to be gone from there.
    fn left_behind(&self, tally: &mut Tally<'_>) {
        let declared = self.evidence.capabilities.has(Capability::UnlinksName);
        let listeners = &self.meeting.listeners;
        let seen = listeners
            .iter()
            .filter(|one| self.evidence.number(one.listen).is_some());
        let orderly = listeners.iter().all(|one| one.orderly);
        let (Some(first), true) = (seen.clone().next(), declared && orderly) else {
            return tally.untried(DROP, "no listener was closed that takes its name along");
        };
        if !self.evidence.completed() {
            return;
        }
        let name = &self.evidence.permutation.plan.channels[self.meeting.endpoint].name;
        let left =
            |residue: &Residue| matches!(residue, Residue::Name { name: left } if left == name);
        if self.evidence.history.residue.iter().any(left) {
            tally.broken(DROP, || {
                let expected = "no name without a listener";
                let actual = format!("`{name}` was still there");
                about(Some(first.process), expected, actual)
            });
        } else {
            tally.upheld(DROP, seen.count() as u64);
        }
    }

    fn is_too_long(&self) -> bool {
        self.evidence.permutation.plan.channels[self.meeting.endpoint]
            .length
            .is_some_and(|length| length >= TOO_LONG)
    }

    /// Names that are cut are the same where they begin alike.
    fn overlong(&self, tally: &mut Tally<'_>, id: OperationId, outcome: Outcome) {
        let operation = self.evidence.operation(id);
        match outcome {
            Outcome::Refused => tally.upheld(LENGTH, 1),
            Outcome::Taken if self.meeting.listening_through(operation).is_none() => {
                tally.broken(LENGTH, || {
                    let expected = "ok or refused, since nobody listens at this very name";
                    seen([id], expected, outcome.word())
                });
            }
            Outcome::Ok | Outcome::Taken => {
                tally.untried(LENGTH, "this library takes names as long as that");
            }
            _ => tally.broken(LENGTH, || seen([id], "refused", outcome.word())),
        }
    }

    fn mode(&self, tally: &mut Tally<'_>, id: OperationId) {
        let asked = self.evidence.permutation.plan.channels[self.meeting.endpoint].mode;
        let found = self.evidence.number(id);
        match (asked, found) {
            (Some(asked), Some(found)) if asked == found => tally.upheld(PERMISSIONS, 1),
            (Some(asked), Some(found)) => tally.broken(PERMISSIONS, || {
                seen(
                    [id],
                    format!("mode {asked:04o}"),
                    format!("mode {found:04o}"),
                )
            }),
            (Some(_), None) => tally.untried(PERMISSIONS, "the name is no file that says it"),
            (None, _) => {}
        }
    }
}

#[cfg(test)]
mod tests;
