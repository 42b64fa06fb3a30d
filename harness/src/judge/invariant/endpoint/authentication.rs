//! Who knows the key gets in, and nobody else does or is in the way.

use super::meeting::Meeting;
use crate::backend::{Outcome, Side};
use crate::history::{Operation, OperationId};
use crate::judge::Finding;
use crate::judge::invariant::support::tally::{Tally, seen};
use crate::judge::invariant::{Evidence, Invariant};
use crate::plan::Action;

const MISMATCH: &str = "sec.auth.mismatch";
const ONE_SIDED: &str = "sec.auth.one-sided";
const SILENT: &str = "sec.auth.silent-client";

const NOTHING: &str = "nothing, for as long as the run lasted";

pub(in crate::judge::invariant) const INVARIANT: Invariant = Invariant {
    name: "authentication",
    about: "who knows the key gets in, and nobody else does or is in the way",
    clauses: &[MISMATCH, ONE_SIDED, SILENT],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    for meeting in Meeting::all(evidence) {
        let door = Door::of(evidence, meeting);
        for connect in &door.meeting.connects {
            match door.knows(*connect) {
                Some(Knows::Key) => door.friend(&mut tally, *connect),
                Some(Knows::Another) => door.wrong(&mut tally, *connect),
                Some(Knows::Unasked) => door.unasked(&mut tally, *connect),
                // What comes of that the listener says.
                Some(Knows::None) | None => {}
            }
        }
        if door.key.is_some() {
            for accept in &door.meeting.accepts {
                door.accept(&mut tally, *accept);
            }
        }
    }
    tally.findings()
}

/// What was done at one endpoint, and what whoever connects there must know.
struct Door<'a> {
    evidence: &'a Evidence<'a>,
    meeting: Meeting,
    key: Option<&'a str>,
}

/// What somebody who connects knows.
#[derive(Clone, Copy, PartialEq)]
enum Knows {
    /// The key.
    Key,
    /// Another key.
    Another,
    /// No key, though there is one.
    None,
    /// A key, though there is none.
    Unasked,
}

/// What an operation came to.
#[derive(Clone, Copy, PartialEq)]
enum Came {
    /// It returned by itself.
    To(Outcome),
    /// It had not returned when everything stood still.
    Never,
    /// Nobody can say.
    Unseen,
}

impl Came {
    fn word(self) -> &'static str {
        match self {
            Came::To(outcome) => outcome.word(),
            Came::Never | Came::Unseen => NOTHING,
        }
    }

    /// Whether it isn't about who connects: nobody listens, or there is no such form.
    fn is_beside_it(self) -> bool {
        use Outcome::{Absent, Closed, Empty, Full, Refused, Timeout};
        matches!(
            self,
            Came::Unseen | Came::To(Absent | Closed | Empty | Full | Refused | Timeout)
        )
    }
}

impl<'a> Door<'a> {
    fn of(evidence: &'a Evidence<'a>, meeting: Meeting) -> Door<'a> {
        let endpoint = &evidence.permutation.plan.channels[meeting.endpoint];
        Door {
            evidence,
            key: endpoint.key.as_deref(),
            meeting,
        }
    }

    fn operation(&self, id: OperationId) -> &'a Operation {
        self.evidence.operation(id)
    }

    fn came(&self, id: OperationId) -> Came {
        let operation = self.operation(id);
        match operation.outcome {
            Some(outcome) if self.evidence.is_own_doing(operation) => Came::To(outcome),
            None if self.evidence.hangs(id) => Came::Never,
            _ => Came::Unseen,
        }
    }

    /// What this `connect` knows; none where there is nothing to know.
    fn knows(&self, connect: OperationId) -> Option<Knows> {
        let step = self.evidence.step(self.operation(connect).step)?;
        let Action::Connect { key, .. } = &step.action else {
            return None;
        };
        match (self.key, key.as_deref()) {
            (None, None) => None,
            (Some(_), None) => Some(Knows::None),
            (None, Some(_)) => Some(Knows::Unasked),
            (Some(asked), Some(known)) if asked == known => Some(Knows::Key),
            (Some(_), Some(_)) => Some(Knows::Another),
        }
    }

    /// Those who had begun to connect by then and know this.
    fn who_know(&self, knows: Knows, by: Option<u64>) -> impl Iterator<Item = OperationId> {
        let connects = self.meeting.connects.iter().copied();
        connects.filter(move |connect| {
            let in_time = by.is_none_or(|by| self.operation(*connect).start < by);
            in_time && self.knows(*connect) == Some(knows)
        })
    }

    /// One that had connected without a key before this began, and hadn't left yet.
    fn silent_before(&self, id: OperationId) -> Option<OperationId> {
        let operation = self.operation(id);
        self.who_know(Knows::None, Some(operation.start))
            .find(|other| {
                let is_there = self.came(*other) == Came::To(Outcome::Ok);
                let stays = self.left(*other).is_none_or(|left| operation.start < left);
                is_there && stays && self.evidence.history.is_before(*other, id)
            })
    }

    /// When whoever connected had surely left.
    fn left(&self, connect: OperationId) -> Option<u64> {
        let end = self.operation(connect).end;
        let end = end.filter(|end| end.side != Side::Name)?;
        let holders = self.evidence.holders().of_end(end);
        holders.iter().map(|holder| holder.gone).max()
    }

    fn friend(&self, tally: &mut Tally<'_>, connect: OperationId) {
        let came = self.came(connect);
        if came.is_beside_it() {
            return;
        }
        let silent = self.silent_before(connect);
        match (came, silent) {
            (Came::To(Outcome::Ok), silent) => {
                tally.upheld(MISMATCH, 1);
                tally.upheld(SILENT, silent.map_or(0, |_| 1));
            }
            (_, Some(silent)) => tally.broken(SILENT, || {
                let name = self.evidence.process(silent.process);
                let expected = format!("ok, since it knows the key, whatever {name} does");
                seen(self.waiting([silent, connect]), expected, came.word())
            }),
            // That nobody accepts it is another matter.
            (Came::Never, None) => {}
            (_, None) => tally.broken(MISMATCH, || {
                seen([connect], "ok, since it knows the key", came.word())
            }),
        }
    }

    /// These, and the accept between them that never returned.
    fn waiting(&self, [first, last]: [OperationId; 2]) -> Vec<OperationId> {
        let mut accepts = self.meeting.accepts.iter().copied();
        let hangs = accepts.find(|accept| self.came(*accept) == Came::Never);
        [first].into_iter().chain(hangs).chain([last]).collect()
    }

    fn wrong(&self, tally: &mut Tally<'_>, connect: OperationId) {
        let came = self.came(connect);
        match came {
            came if came.is_beside_it() => {}
            Came::To(Outcome::Denied) => tally.upheld(MISMATCH, 1),
            // Then whoever is in its way is in that of others, too.
            Came::Never if self.silent_before(connect).is_some() => {}
            came => tally.broken(MISMATCH, || {
                seen([connect], "denied, since its key is another", came.word())
            }),
        }
    }

    fn unasked(&self, tally: &mut Tally<'_>, connect: OperationId) {
        let came = self.came(connect);
        match came {
            came if came.is_beside_it() => {}
            Came::To(Outcome::Ok) | Came::Never => tally.broken(ONE_SIDED, || {
                let expected = "denied, since the listener proves to know no key";
                seen([connect], expected, came.word())
            }),
            _ => tally.upheld(ONE_SIDED, 1),
        }
    }

    fn accept(&self, tally: &mut Tally<'_>, accept: OperationId) {
        let returned = self.operation(accept).returned;
        let wrong = self.who_know(Knows::Another, returned).next();
        let keyless = self.who_know(Knows::None, returned).next();
        match self.came(accept) {
            came if came.is_beside_it() => {}
            Came::To(Outcome::Ok) => self.accepted(tally, accept),
            Came::To(outcome) => match (wrong, keyless) {
                (Some(_), _) if outcome == Outcome::Denied => tally.upheld(MISMATCH, 1),
                (_, Some(_)) => tally.upheld(ONE_SIDED, 1),
                (None, None) if outcome == Outcome::Denied => {
                    if let Some(friend) = self.who_know(Knows::Key, returned).next() {
                        tally.broken(MISMATCH, || {
                            let expected = "ok, since whoever connected knows the key";
                            seen([friend, accept], expected, outcome.word())
                        });
                    }
                }
                _ => {}
            },
            Came::Never | Came::Unseen => self.never_accepted(tally, accept),
        }
    }

    fn accepted(&self, tally: &mut Tally<'_>, accept: OperationId) {
        let end = self.operation(accept).end;
        let end = end.filter(|end| end.side != Side::Name);
        let met = self.meeting.connects.iter().find(|connect| {
            let other = self.operation(**connect).end;
            end.is_some_and(|end| other.is_some_and(|other| other.channel == end.channel))
        });
        let Some(connect) = met else {
            return;
        };
        let (clause, what) = match self.knows(*connect) {
            Some(Knows::Another) => (MISMATCH, "has another key"),
            Some(Knows::None) => (ONE_SIDED, "has no key"),
            _ => return,
        };
        tally.broken(clause, || {
            let name = self.evidence.process(connect.process);
            let expected = format!("denied, since {name} {what}");
            seen([*connect, accept], expected, "ok")
        });
    }

    /// Somebody without a key has the listener wait. Where that keeps others waiting, it is their
    /// waiting that is told.
    fn never_accepted(&self, tally: &mut Tally<'_>, accept: OperationId) {
        let waits = |friend: &OperationId| {
            let came = self.came(*friend);
            let is_out = came != Came::To(Outcome::Ok) && !came.is_beside_it();
            is_out && self.silent_before(*friend).is_some()
        };
        if self.who_know(Knows::Key, None).any(|friend| waits(&friend)) {
            return;
        }
        let keyless = self.who_know(Knows::None, None).find(|connect| {
            let is_there = self.came(*connect) == Came::To(Outcome::Ok);
            is_there && self.is_alone(*connect)
        });
        if let Some(keyless) = keyless {
            tally.broken(ONE_SIDED, || {
                let name = self.evidence.process(keyless.process);
                let expected = format!("denied, since {name} has no key");
                seen([keyless, accept], expected, NOTHING)
            });
        }
    }

    /// Whether nobody accepted this connection, or denied it.
    fn is_alone(&self, connect: OperationId) -> bool {
        let mut accepts = self.meeting.accepts.iter();
        accepts.all(|accept| {
            let operation = self.operation(*accept);
            let denied = operation.outcome == Some(Outcome::Denied);
            let began = self.operation(connect).start;
            !denied || operation.returned.is_none_or(|returned| returned < began)
        })
    }
}

#[cfg(test)]
mod tests;
