//! Every client that connects is accepted, the listener learns which process it is, and its connection
//! carries nothing from others.

use super::calls::EndpointCalls;
use crate::backend::{Kind, Outcome, Side, Wait};
use crate::history::connections::knows_the_key;
use crate::history::{OperationId, OperationKind};
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::{NOTHING_CAME, witness};
use crate::judge::untried;
use crate::plan::End;

const DEAD: &str = "name.accept.dead-on-arrival";
const QUEUED: &str = "name.accept.queued";
const RECONNECT: &str = "name.reconnect";
const IDENTITY: &str = "sec.access.peer";
const IN_TIME: &str = "name.connect.bounded";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "accept",
    about: "every client that connects is accepted and identified, and its connection starts empty",
    clauses: &[DEAD, QUEUED, RECONNECT, IDENTITY, IN_TIME],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    let connections = connections(evidence);
    for connection in &connections {
        accepted(evidence, &mut tally, connection);
        identified(evidence, &mut tally, connection);
    }
    for calls in EndpointCalls::all(evidence) {
        failed_accepts(evidence, &mut tally, &calls, &connections);
    }
    reconnected(evidence, &mut tally, &connections);
    tally.findings()
}

/// One connection: the calls that created its two ends, if they are known to belong together.
struct ConnectionCalls {
    channel: usize,
    accept: Option<OperationId>,
    connect: Option<OperationId>,
}

fn connections(evidence: &Evidence<'_>) -> Vec<ConnectionCalls> {
    let channels = evidence.permutation.plan.channels.iter().enumerate();
    let mut connections: Vec<ConnectionCalls> = channels
        .map(|(channel, _)| ConnectionCalls {
            channel,
            accept: None,
            connect: None,
        })
        .collect();
    for (id, operation) in evidence.history.operations() {
        let Some(end) = operation.end.filter(|end| end.side != Side::Name) else {
            continue;
        };
        match operation.kind {
            OperationKind::Accept => connections[end.channel].accept = Some(id),
            OperationKind::Connect => connections[end.channel].connect = Some(id),
            _ => {}
        }
    }
    connections.retain(|one| one.accept.is_some() || one.connect.is_some());
    connections
}

/// Returns the time from which the client had certainly left.
fn left(evidence: &Evidence<'_>, connection: &ConnectionCalls) -> Option<u64> {
    let end = End {
        channel: connection.channel,
        side: Side::B,
    };
    let holders = evidence.holders().of_end(end);
    holders.iter().map(|holder| holder.gone).max()
}

/// Counts a connection that was accepted, also if its client had left before, had waited for it, or had
/// connected with a timeout.
fn accepted(evidence: &Evidence<'_>, tally: &mut Tally<'_>, connection: &ConnectionCalls) {
    let (Some(accept), Some(connect)) = (connection.accept, connection.connect) else {
        return;
    };
    let start = evidence.operation(accept).start;
    if left(evidence, connection).is_some_and(|left| left < start) {
        tally.upheld(DEAD, 1);
    }
    if evidence.history.is_before(connect, accept) {
        tally.upheld(QUEUED, 1);
    }
    if let Some(Wait::For(_)) = evidence.wait(evidence.operation(connect)) {
        tally.upheld(IN_TIME, 1);
    }
}

/// Judges accepts that failed although a client had connected and was never accepted. A client that
/// doesn't know the endpoint's key need not be accepted.
fn failed_accepts(
    evidence: &Evidence<'_>,
    tally: &mut Tally<'_>,
    calls: &EndpointCalls,
    connections: &[ConnectionCalls],
) {
    for accept in &calls.accepts {
        let operation = evidence.operation(*accept);
        let failed = match operation.outcome {
            Some(Outcome::Ok | Outcome::Closed | Outcome::Refused) => continue,
            Some(outcome) => outcome.word(),
            None if evidence.hangs(*accept) => NOTHING_CAME,
            None => continue,
        };
        let listens = |connect: OperationId| {
            let connect = evidence.operation(connect);
            let mut listeners = calls.listeners.iter();
            listeners.any(|one| one.process == accept.process && one.listens_through(connect))
        };
        let waiting = connections.iter().find_map(|connection| {
            let connect = connection
                .connect
                .filter(|connect| may_enter(evidence, *connect))?;
            let is_here = calls.connects.contains(&connect) && connection.accept.is_none();
            let before = evidence.history.is_before(connect, *accept);
            (is_here && before && listens(connect)).then_some((connection, connect))
        });
        let Some((connection, connect)) = waiting else {
            continue;
        };
        let gone = left(evidence, connection).is_some_and(|left| left < operation.start);
        let clause = if gone { DEAD } else { QUEUED };
        tally.broken(clause, || {
            let name = evidence.process(connect.process);
            let expected = format!("the connection that {name} had made");
            witness([connect, *accept], expected, failed)
        });
    }
}

/// Whether the client of this connection knew the endpoint's key.
fn may_enter(evidence: &Evidence<'_>, connect: OperationId) -> bool {
    let step = evidence.step(evidence.operation(connect).step);
    step.is_none_or(|step| knows_the_key(&evidence.permutation.plan, &step.action))
}

/// Judges that the process that the library names is the one that connected.
fn identified(evidence: &Evidence<'_>, tally: &mut Tally<'_>, connection: &ConnectionCalls) {
    let (Some(accept), Some(connect)) = (connection.accept, connection.connect) else {
        return;
    };
    match (evidence.number(accept), evidence.number(connect)) {
        (Some(reported), Some(actual)) if reported == actual => tally.upheld(IDENTITY, 1),
        (Some(_), Some(_)) => tally.broken(IDENTITY, || {
            let name = evidence.process(connect.process);
            let expected = format!("{name}, which connected");
            witness([connect, accept], expected, "another process")
        }),
        _ => tally.untried(IDENTITY, untried::NO_IDENTITY),
    }
}

/// Judges that a process that connects again receives nothing from its earlier connections.
fn reconnected(evidence: &Evidence<'_>, tally: &mut Tally<'_>, connections: &[ConnectionCalls]) {
    for (at, connection) in connections.iter().enumerate() {
        let Some(connect) = connection.connect else {
            continue;
        };
        let earlier = |other: &&ConnectionCalls| {
            other.connect.is_some_and(|other| {
                other.process == connect.process && evidence.history.is_before(other, connect)
            })
        };
        let before: Vec<usize> = connections
            .iter()
            .enumerate()
            .filter(|(other, one)| *other != at && earlier(one))
            .map(|(_, one)| one.channel)
            .collect();
        if before.is_empty() {
            continue;
        }
        let mut clean = 0;
        for (traffic, _) in evidence.lanes() {
            if traffic.lane.channel != connection.channel || traffic.kind != Kind::Pipe {
                continue;
            }
            for get in &traffic.gets {
                let own = !traffic.equal_puts(get.content).is_empty();
                let stale = evidence.lanes().find_map(|(other, _)| {
                    let same_way = other.lane.sender == traffic.lane.sender;
                    let puts = other.equal_puts(get.content);
                    (same_way && before.contains(&other.lane.channel)).then(|| puts.first())?
                });
                match (own, stale) {
                    (false, Some(put)) => tally.broken(RECONNECT, || {
                        let item = evidence.item_of(get.id());
                        let actual = format!("{item}, which was sent on an earlier connection");
                        witness(
                            [put.id(), get.id()],
                            "nothing of earlier connections",
                            actual,
                        )
                    }),
                    _ => clean += 1,
                }
            }
        }
        tally.upheld(RECONNECT, clean);
    }
}

#[cfg(test)]
mod tests;
