//! Whoever connects is accepted, once, as who it is and with nothing of others.

use super::meeting::Meeting;
use crate::backend::{End, Kind, Outcome, Side, Wait};
use crate::history::connections::knows_the_key;
use crate::history::{OperationId, OperationKind};
use crate::judge::Finding;
use crate::judge::invariant::support::tally::{Tally, seen};
use crate::judge::invariant::{Evidence, Invariant};

const DEAD: &str = "name.accept.dead-on-arrival";
const QUEUED: &str = "name.accept.queued";
const RECONNECT: &str = "name.reconnect";
const IDENTITY: &str = "sec.access.peer";
const IN_TIME: &str = "name.connect.bounded";

pub(in crate::judge::invariant) const INVARIANT: Invariant = Invariant {
    name: "accept",
    about: "whoever connects is accepted, once, as who it is and with nothing of others",
    clauses: &[DEAD, QUEUED, RECONNECT, IDENTITY, IN_TIME],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    let connections = connections(evidence);
    for connection in &connections {
        arrived(evidence, &mut tally, connection);
        identified(evidence, &mut tally, connection);
    }
    for meeting in Meeting::all(evidence) {
        kept_waiting(evidence, &mut tally, &meeting, &connections);
    }
    reconnected(evidence, &mut tally, &connections);
    tally.findings()
}

/// One connection, and what made its ends, as far as they were seen to be the same.
struct Connection {
    channel: usize,
    accept: Option<OperationId>,
    connect: Option<OperationId>,
}

fn connections(evidence: &Evidence<'_>) -> Vec<Connection> {
    let channels = evidence.permutation.plan.channels.iter().enumerate();
    let mut connections: Vec<Connection> = channels
        .map(|(channel, _)| Connection {
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

/// When whoever connected had surely left.
fn left(evidence: &Evidence<'_>, connection: &Connection) -> Option<u64> {
    let end = End {
        channel: connection.channel,
        side: Side::B,
    };
    let holders = evidence.holders().of_end(end);
    holders.iter().map(|holder| holder.gone).max()
}

/// One that was left before it was accepted is accepted all the same, and so is what was sent; and
/// whoever waits is accepted in the end, as is whoever was told in time that it is connected.
fn arrived(evidence: &Evidence<'_>, tally: &mut Tally<'_>, connection: &Connection) {
    let (Some(accept), Some(connect)) = (connection.accept, connection.connect) else {
        return;
    };
    let accepted = evidence.operation(accept).start;
    if left(evidence, connection).is_some_and(|left| left < accepted) {
        tally.upheld(DEAD, 1);
    }
    if evidence.history.is_before(connect, accept) {
        tally.upheld(QUEUED, 1);
    }
    if let Some(Wait::For(_)) = evidence.wait(evidence.operation(connect)) {
        tally.upheld(IN_TIME, 1);
    }
}

/// An accept that fails, or finds nobody, though somebody had connected and was never accepted. Who
/// doesn't know the endpoint's key isn't to be, and who is denied may be somebody else.
fn kept_waiting(
    evidence: &Evidence<'_>,
    tally: &mut Tally<'_>,
    meeting: &Meeting,
    connections: &[Connection],
) {
    for accept in &meeting.accepts {
        let operation = evidence.operation(*accept);
        let failed = match operation.outcome {
            Some(Outcome::Ok | Outcome::Closed | Outcome::Refused) => continue,
            Some(outcome) => outcome.word(),
            None if evidence.hangs(*accept) => "nothing, for as long as the run lasted",
            None => continue,
        };
        let listens = |connect: OperationId| {
            let connect = evidence.operation(connect);
            let mut listeners = meeting.listeners.iter();
            listeners.any(|one| one.process == accept.process && one.listens_through(connect))
        };
        let waiting = connections.iter().find_map(|connection| {
            let connect = connection
                .connect
                .filter(|connect| is_known(evidence, *connect))?;
            let is_here = meeting.connects.contains(&connect) && connection.accept.is_none();
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
            seen([connect, *accept], expected, failed)
        });
    }
}

/// Whether whoever made this connection knew the endpoint's key.
fn is_known(evidence: &Evidence<'_>, connect: OperationId) -> bool {
    let step = evidence.step(evidence.operation(connect).step);
    step.is_none_or(|step| knows_the_key(&evidence.permutation.plan, &step.action))
}

/// The library says who connected, and that is who did.
fn identified(evidence: &Evidence<'_>, tally: &mut Tally<'_>, connection: &Connection) {
    let (Some(accept), Some(connect)) = (connection.accept, connection.connect) else {
        return;
    };
    match (evidence.number(accept), evidence.number(connect)) {
        (Some(said), Some(is)) if said == is => tally.upheld(IDENTITY, 1),
        (Some(_), Some(_)) => tally.broken(IDENTITY, || {
            let name = evidence.process(connect.process);
            let expected = format!("{name}, which connected");
            seen([connect, accept], expected, "another process")
        }),
        _ => tally.untried(IDENTITY, "the library doesn't say who connected"),
    }
}

/// Whoever connects again gets nothing of what was said before.
fn reconnected(evidence: &Evidence<'_>, tally: &mut Tally<'_>, connections: &[Connection]) {
    for (at, connection) in connections.iter().enumerate() {
        let Some(connect) = connection.connect else {
            continue;
        };
        let earlier = |other: &&Connection| {
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
                        seen(
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
