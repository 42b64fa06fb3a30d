//! The calls at each endpoint, and which process listened there from when until when.
//!
//! As for holders of ends, there are two bounds for each time: until when a process certainly
//! listened, and from when it certainly didn't.

use crate::backend::{Kind, Outcome, Side};
use crate::history::pairing::NEVER;
use crate::history::{Exit, Operation, OperationId, OperationKind};
use crate::judge::invariant::support::evidence::Evidence;
use crate::plan::{Action, ProcessIndex};

/// The calls at one endpoint, sorted by start.
#[derive(Debug)]
pub(crate) struct EndpointCalls {
    /// The endpoint's index among the channels.
    pub(crate) endpoint: usize,
    /// Every `listen`, whatever its outcome.
    pub(crate) listens: Vec<OperationId>,
    /// Every `connect`, whatever its outcome.
    pub(crate) connects: Vec<OperationId>,
    /// Every `accept`, whatever its outcome.
    pub(crate) accepts: Vec<OperationId>,
    /// The processes that the name led to at some time.
    pub(crate) listeners: Vec<Listener>,
}

/// One process's time as a listener.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listener {
    pub(crate) process: ProcessIndex,
    /// The `listen` that succeeded.
    pub(crate) listen: OperationId,
    /// From then on it may have listened.
    pub(crate) maybe_from: u64,
    /// From then on it certainly listened.
    pub(crate) from: u64,
    /// Until then it certainly listened and its name led to it.
    pub(crate) until: u64,
    /// From then on it certainly didn't listen.
    pub(crate) gone: u64,
    /// The `listen` that took the name over while this process may have listened.
    pub(crate) displaced: Option<OperationId>,
    /// The `close` that ended it, if one did.
    pub(crate) closed: Option<OperationId>,
    /// Whether it ended by a `close` or an orderly exit, rather than by dying.
    pub(crate) orderly: bool,
}

impl Listener {
    /// Whether it certainly listened during the whole operation and its name led to it.
    pub(crate) fn listens_through(&self, operation: &Operation) -> bool {
        let returned = operation.returned.unwrap_or(NEVER);
        self.from < operation.start && returned < self.until
    }
}

impl EndpointCalls {
    /// Returns the calls at each endpoint of the plan.
    pub(crate) fn all(evidence: &Evidence<'_>) -> Vec<EndpointCalls> {
        let channels = evidence.permutation.plan.channels.iter().enumerate();
        let endpoints = channels.filter(|(_, channel)| channel.kind == Kind::Endpoint);
        endpoints
            .map(|(at, _)| EndpointCalls::of(at, evidence))
            .collect()
    }

    fn of(endpoint: usize, evidence: &Evidence<'_>) -> EndpointCalls {
        let channels = &evidence.permutation.plan.channels;
        let mut calls = EndpointCalls {
            endpoint,
            listens: Vec::new(),
            connects: Vec::new(),
            accepts: Vec::new(),
            listeners: Vec::new(),
        };
        let mut closes = Vec::new();
        for (id, operation) in evidence.history.operations() {
            let here = operation.end.is_some_and(|end| {
                end.channel == endpoint || channels[end.channel].endpoint == Some(endpoint)
            });
            let at_name = operation.end.is_some_and(|end| end.side == Side::Name);
            match operation.kind {
                _ if !here => {}
                OperationKind::Listen => calls.listens.push(id),
                OperationKind::Connect => calls.connects.push(id),
                OperationKind::Accept => calls.accepts.push(id),
                OperationKind::Close if at_name => closes.push(id),
                _ => {}
            }
        }
        for list in [&mut calls.listens, &mut calls.connects, &mut calls.accepts] {
            list.sort_by_key(|id| evidence.operation(*id).start);
        }
        for listen in calls.listens.clone() {
            if let Some(listener) = listener(evidence, listen, &closes) {
                calls.displace(evidence, &listener);
                calls.listeners.push(listener);
            }
        }
        calls
    }

    /// Records that earlier listeners may have lost the name to this one, if it took the name over.
    fn displace(&mut self, evidence: &Evidence<'_>, by: &Listener) {
        if !replaces(evidence, by.listen) {
            return;
        }
        for other in &mut self.listeners {
            if by.maybe_from < other.gone {
                other.until = other.until.min(by.maybe_from);
                other.displaced.get_or_insert(by.listen);
            }
        }
    }

    /// Returns a process that certainly listened during the whole operation.
    pub(crate) fn listening_through(&self, operation: &Operation) -> Option<&Listener> {
        let mut listeners = self.listeners.iter();
        listeners.find(|listener| listener.listens_through(operation))
    }

    /// Whether certainly no process listened during this operation. The operation itself doesn't count.
    pub(crate) fn is_deserted(&self, evidence: &Evidence<'_>, id: OperationId) -> bool {
        let operation = evidence.operation(id);
        let returned = operation.returned.unwrap_or(NEVER);
        self.listens
            .iter()
            .filter(|listen| **listen != id)
            .all(|listen| {
                let listener = self.listeners.iter().find(|one| one.listen == *listen);
                match listener {
                    Some(listener) => {
                        // A listener that is gone can't be displaced any more.
                        listener.gone < operation.start || returned < listener.maybe_from
                    }
                    // A `listen` that failed has no effect; one that never returned may have.
                    None => {
                        let listen = evidence.operation(*listen);
                        !listen.is_pending() || returned < listen.start
                    }
                }
            })
    }

    /// Returns the last listener before this operation, if all listeners were gone when it started.
    pub(crate) fn former(&self, operation: &Operation) -> Option<&Listener> {
        let before = self
            .listeners
            .iter()
            .filter(|one| one.maybe_from < operation.start);
        before
            .max_by_key(|one| one.from)
            .filter(|one| one.gone < operation.start)
    }
}

fn listener(
    evidence: &Evidence<'_>,
    listen: OperationId,
    closes: &[OperationId],
) -> Option<Listener> {
    let operation = evidence.operation(listen);
    if operation.outcome != Some(Outcome::Ok) {
        return None;
    }
    let life = evidence.holders().life(listen.process);
    let later = |close: &&OperationId| {
        close.process == listen.process && evidence.history.is_before(listen, **close)
    };
    let close = closes.iter().filter(later).min_by_key(|close| close.index);
    let closed = close.map(|close| (*close, evidence.operation(*close)));
    let (until, gone) = match closed {
        Some((_, close)) => {
            let done = close
                .returned
                .filter(|_| close.outcome == Some(Outcome::Ok));
            (close.start, done.unwrap_or(life.gone))
        }
        None => (life.until, life.gone),
    };
    let exited = matches!(
        evidence.exit(listen.process),
        Some(Exit::Code(_) | Exit::Unseen)
    );
    let closed = closed.filter(|(_, close)| close.outcome == Some(Outcome::Ok));
    Some(Listener {
        process: listen.process,
        listen,
        maybe_from: operation.start,
        from: operation.returned.unwrap_or(NEVER),
        until,
        gone,
        displaced: None,
        closed: closed.map(|(id, _)| id),
        orderly: closed.is_some() || (exited && has_finished(evidence, listen.process)),
    })
}

/// Whether the process finished its steps and then closed its ends as the library requires.
fn has_finished(evidence: &Evidence<'_>, process: ProcessIndex) -> bool {
    let last = evidence.history.processes[process].operations.last();
    last.is_some_and(|last| last.kind == OperationKind::Exit && !last.is_pending())
}

/// Whether this `listen` asks to take the name over.
pub(crate) fn replaces(evidence: &Evidence<'_>, listen: OperationId) -> bool {
    let step = evidence.step(evidence.operation(listen).step);
    matches!(
        step.map(|step| &step.action),
        Some(Action::Listen { replace: true, .. })
    )
}
