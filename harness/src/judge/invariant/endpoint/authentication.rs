//! A client with the right key is accepted, a client with a wrong key or none is denied, and neither
//! blocks others.

use super::calls::EndpointCalls;
use crate::backend::{Outcome, Side};
use crate::history::{Operation, OperationId};
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::{NOTHING_CAME, witness};
use crate::plan::Action;

const MISMATCH: &str = "sec.auth.mismatch";
const ONE_SIDED: &str = "sec.auth.one-sided";
const SILENT: &str = "sec.auth.silent-client";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "authentication",
    about: "a client with the right key is accepted, all others are denied, and none blocks another",
    clauses: &[MISMATCH, ONE_SIDED, SILENT],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    for calls in EndpointCalls::all(evidence) {
        let endpoint = KeyedEndpoint::of(evidence, calls);
        for connect in &endpoint.calls.connects {
            match endpoint.client_key(*connect) {
                Some(ClientKey::Right) => endpoint.right_key(&mut tally, *connect),
                Some(ClientKey::Wrong) => endpoint.wrong_key(&mut tally, *connect),
                Some(ClientKey::Unwanted) => endpoint.unwanted_key(&mut tally, *connect),
                // The listener's accept shows what happens to it.
                Some(ClientKey::Missing) | None => {}
            }
        }
        if endpoint.key.is_some() {
            for accept in &endpoint.calls.accepts {
                endpoint.judge_accept(&mut tally, *accept);
            }
        }
    }
    tally.findings()
}

/// One endpoint, the calls there, and its key if it has one.
struct KeyedEndpoint<'a> {
    evidence: &'a Evidence<'a>,
    calls: EndpointCalls,
    key: Option<&'a str>,
}

/// The key that a client connects with, compared with the endpoint's.
#[derive(Clone, Copy, PartialEq)]
enum ClientKey {
    /// The endpoint's key.
    Right,
    /// Another key.
    Wrong,
    /// No key, although the endpoint has one.
    Missing,
    /// A key, although the endpoint has none.
    Unwanted,
}

/// How a call ended.
#[derive(Clone, Copy, PartialEq)]
enum CallResult {
    /// It returned before the harness ended the run.
    Returned(Outcome),
    /// It had not returned when the run stalled.
    Hung,
    /// It isn't known.
    Unknown,
}

impl CallResult {
    fn word(self) -> &'static str {
        match self {
            CallResult::Returned(outcome) => outcome.word(),
            CallResult::Hung | CallResult::Unknown => NOTHING_CAME,
        }
    }

    /// Whether it shows nothing about keys, because no process listened or the library refused the
    /// call, for example.
    fn is_unrelated(self) -> bool {
        use Outcome::{Absent, Closed, Empty, Full, Refused, Timeout};
        matches!(
            self,
            CallResult::Unknown
                | CallResult::Returned(Absent | Closed | Empty | Full | Refused | Timeout)
        )
    }
}

impl<'a> KeyedEndpoint<'a> {
    fn of(evidence: &'a Evidence<'a>, calls: EndpointCalls) -> KeyedEndpoint<'a> {
        let endpoint = &evidence.permutation.plan.channels[calls.endpoint];
        KeyedEndpoint {
            evidence,
            key: endpoint.key.as_deref(),
            calls,
        }
    }

    fn operation(&self, id: OperationId) -> &'a Operation {
        self.evidence.operation(id)
    }

    fn result_of(&self, id: OperationId) -> CallResult {
        let operation = self.operation(id);
        match operation.outcome {
            Some(outcome) if self.evidence.is_own_doing(operation) => CallResult::Returned(outcome),
            None if self.evidence.hangs(id) => CallResult::Hung,
            _ => CallResult::Unknown,
        }
    }

    /// Returns the key of this `connect` compared with the endpoint's; none if neither has a key.
    fn client_key(&self, connect: OperationId) -> Option<ClientKey> {
        let step = self.evidence.step(self.operation(connect).step)?;
        let Action::Connect { key, .. } = &step.action else {
            return None;
        };
        match (self.key, key.as_deref()) {
            (None, None) => None,
            (Some(_), None) => Some(ClientKey::Missing),
            (None, Some(_)) => Some(ClientKey::Unwanted),
            (Some(ours), Some(theirs)) if ours == theirs => Some(ClientKey::Right),
            (Some(_), Some(_)) => Some(ClientKey::Wrong),
        }
    }

    /// Returns the connects with such a key that had started before this time.
    fn connects_with(&self, key: ClientKey, by: Option<u64>) -> impl Iterator<Item = OperationId> {
        let connects = self.calls.connects.iter().copied();
        connects.filter(move |connect| {
            let in_time = by.is_none_or(|by| self.operation(*connect).start < by);
            in_time && self.client_key(*connect) == Some(key)
        })
    }

    /// Returns a client that had connected without a key before this operation and hadn't left yet.
    fn silent_before(&self, id: OperationId) -> Option<OperationId> {
        let operation = self.operation(id);
        self.connects_with(ClientKey::Missing, Some(operation.start))
            .find(|other| {
                let is_there = self.result_of(*other) == CallResult::Returned(Outcome::Ok);
                let stays = self.left(*other).is_none_or(|left| operation.start < left);
                is_there && stays && self.evidence.history.is_before(*other, id)
            })
    }

    /// Returns the time from which the client had certainly left.
    fn left(&self, connect: OperationId) -> Option<u64> {
        let end = self.operation(connect).end;
        let end = end.filter(|end| end.side != Side::Name)?;
        let holders = self.evidence.holders().of_end(end);
        holders.iter().map(|holder| holder.gone).max()
    }

    fn right_key(&self, tally: &mut Tally<'_>, connect: OperationId) {
        let result = self.result_of(connect);
        if result.is_unrelated() {
            return;
        }
        let silent = self.silent_before(connect);
        match (result, silent) {
            (CallResult::Returned(Outcome::Ok), silent) => {
                tally.upheld(MISMATCH, 1);
                tally.upheld(SILENT, silent.map_or(0, |_| 1));
            }
            (_, Some(silent)) => tally.broken(SILENT, || {
                let name = self.evidence.process(silent.process);
                let expected = format!("ok, since it knows the key, whatever {name} does");
                witness(self.waiting([silent, connect]), expected, result.word())
            }),
            // Another clause says that every client is accepted.
            (CallResult::Hung, None) => {}
            (_, None) => tally.broken(MISMATCH, || {
                witness([connect], "ok, since it knows the key", result.word())
            }),
        }
    }

    /// Returns both operations, and between them an accept that never returned, if there is one.
    fn waiting(&self, [first, last]: [OperationId; 2]) -> Vec<OperationId> {
        let mut accepts = self.calls.accepts.iter().copied();
        let hangs = accepts.find(|accept| self.result_of(*accept) == CallResult::Hung);
        [first].into_iter().chain(hangs).chain([last]).collect()
    }

    fn wrong_key(&self, tally: &mut Tally<'_>, connect: OperationId) {
        let result = self.result_of(connect);
        match result {
            result if result.is_unrelated() => {}
            CallResult::Returned(Outcome::Denied) => tally.upheld(MISMATCH, 1),
            // The silent client blocks clients with the right key as well.
            CallResult::Hung if self.silent_before(connect).is_some() => {}
            result => tally.broken(MISMATCH, || {
                witness([connect], "denied, since its key is wrong", result.word())
            }),
        }
    }

    fn unwanted_key(&self, tally: &mut Tally<'_>, connect: OperationId) {
        let result = self.result_of(connect);
        match result {
            result if result.is_unrelated() => {}
            CallResult::Returned(Outcome::Ok) | CallResult::Hung => tally.broken(ONE_SIDED, || {
                let expected = "denied, since the listener has no key";
                witness([connect], expected, result.word())
            }),
            _ => tally.upheld(ONE_SIDED, 1),
        }
    }

    fn judge_accept(&self, tally: &mut Tally<'_>, accept: OperationId) {
        let returned = self.operation(accept).returned;
        let wrong = self.connects_with(ClientKey::Wrong, returned).next();
        let keyless = self.connects_with(ClientKey::Missing, returned).next();
        match self.result_of(accept) {
            result if result.is_unrelated() => {}
            CallResult::Returned(Outcome::Ok) => self.accepted(tally, accept),
            CallResult::Returned(outcome) => match (wrong, keyless) {
                (Some(_), _) if outcome == Outcome::Denied => tally.upheld(MISMATCH, 1),
                (_, Some(_)) => tally.upheld(ONE_SIDED, 1),
                (None, None) if outcome == Outcome::Denied => {
                    if let Some(client) = self.connects_with(ClientKey::Right, returned).next() {
                        tally.broken(MISMATCH, || {
                            let expected = "ok, since the client knows the key";
                            witness([client, accept], expected, outcome.word())
                        });
                    }
                }
                _ => {}
            },
            CallResult::Hung | CallResult::Unknown => self.never_accepted(tally, accept),
        }
    }

    fn accepted(&self, tally: &mut Tally<'_>, accept: OperationId) {
        let end = self.operation(accept).end;
        let end = end.filter(|end| end.side != Side::Name);
        let met = self.calls.connects.iter().find(|connect| {
            let other = self.operation(**connect).end;
            end.is_some_and(|end| other.is_some_and(|other| other.channel == end.channel))
        });
        let Some(connect) = met else {
            return;
        };
        let (clause, reason) = match self.client_key(*connect) {
            Some(ClientKey::Wrong) => (MISMATCH, "has a wrong key"),
            Some(ClientKey::Missing) => (ONE_SIDED, "has no key"),
            _ => return,
        };
        tally.broken(clause, || {
            let name = self.evidence.process(connect.process);
            let expected = format!("denied, since {name} {reason}");
            witness([*connect, accept], expected, "ok")
        });
    }

    /// Judges an accept that waits for a client without a key. If clients with the right key wait for
    /// that, only their waiting is reported.
    fn never_accepted(&self, tally: &mut Tally<'_>, accept: OperationId) {
        let waits = |client: &OperationId| {
            let result = self.result_of(*client);
            let is_out = result != CallResult::Returned(Outcome::Ok) && !result.is_unrelated();
            is_out && self.silent_before(*client).is_some()
        };
        if self
            .connects_with(ClientKey::Right, None)
            .any(|client| waits(&client))
        {
            return;
        }
        let keyless = self
            .connects_with(ClientKey::Missing, None)
            .find(|connect| {
                let is_there = self.result_of(*connect) == CallResult::Returned(Outcome::Ok);
                is_there && self.was_not_denied(*connect)
            });
        if let Some(keyless) = keyless {
            tally.broken(ONE_SIDED, || {
                let name = self.evidence.process(keyless.process);
                let expected = format!("denied, since {name} has no key");
                witness([keyless, accept], expected, NOTHING_CAME)
            });
        }
    }

    /// Whether no accept can have denied this client.
    fn was_not_denied(&self, connect: OperationId) -> bool {
        let mut accepts = self.calls.accepts.iter();
        accepts.all(|accept| {
            let operation = self.operation(*accept);
            let denied = operation.outcome == Some(Outcome::Denied);
            let start = self.operation(connect).start;
            !denied || operation.returned.is_none_or(|returned| returned < start)
        })
    }
}

#[cfg(test)]
mod tests;
