//! Who listened at which endpoint, and until when: two bounds each, as for holders of ends.

use crate::backend::{Kind, Outcome, Side};
use crate::history::pairing::NEVER;
use crate::history::{Exit, Operation, OperationId, OperationKind};
use crate::judge::invariant::Evidence;
use crate::plan::{Action, ProcessIndex};

/// What was done at one endpoint, in the order in which it began.
#[derive(Debug)]
pub(in crate::judge::invariant) struct Meeting {
    /// The endpoint's place among the channels.
    pub(in crate::judge::invariant) endpoint: usize,
    /// Every `listen`, whatever came of it.
    pub(in crate::judge::invariant) listens: Vec<OperationId>,
    /// Every `connect`, whatever came of it.
    pub(in crate::judge::invariant) connects: Vec<OperationId>,
    /// Every `accept`, whatever came of it.
    pub(in crate::judge::invariant) accepts: Vec<OperationId>,
    /// Those whom the name led to at some time.
    pub(in crate::judge::invariant) listeners: Vec<Listener>,
}

/// One process's time as a listener.
#[derive(Clone, Copy, Debug)]
pub(in crate::judge::invariant) struct Listener {
    pub(in crate::judge::invariant) process: ProcessIndex,
    /// What made it one.
    pub(in crate::judge::invariant) listen: OperationId,
    /// It may have listened from then on.
    pub(in crate::judge::invariant) begun: u64,
    /// It surely listened from then on.
    pub(in crate::judge::invariant) from: u64,
    /// It surely listened until then, and its name led to it.
    pub(in crate::judge::invariant) until: u64,
    /// It surely didn't listen any more from then on.
    pub(in crate::judge::invariant) gone: u64,
    /// The name was taken over by this while it may have listened.
    pub(in crate::judge::invariant) displaced: Option<OperationId>,
    /// The `close` that ended it, if one did.
    pub(in crate::judge::invariant) closed: Option<OperationId>,
    /// Whether it ended as the library says: by a `close`, or by an orderly exit.
    pub(in crate::judge::invariant) orderly: bool,
}

impl Listener {
    /// Whether it surely listened all this time, and its name led to it.
    pub(in crate::judge::invariant) fn listens_through(&self, operation: &Operation) -> bool {
        let returned = operation.returned.unwrap_or(NEVER);
        self.from < operation.start && returned < self.until
    }
}

impl Meeting {
    /// One for each endpoint of the plan.
    pub(in crate::judge::invariant) fn all(evidence: &Evidence<'_>) -> Vec<Meeting> {
        let channels = evidence.permutation.plan.channels.iter().enumerate();
        let endpoints = channels.filter(|(_, channel)| channel.kind == Kind::Endpoint);
        endpoints.map(|(at, _)| Meeting::at(at, evidence)).collect()
    }

    fn at(endpoint: usize, evidence: &Evidence<'_>) -> Meeting {
        let channels = &evidence.permutation.plan.channels;
        let mut meeting = Meeting {
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
                OperationKind::Listen => meeting.listens.push(id),
                OperationKind::Connect => meeting.connects.push(id),
                OperationKind::Accept => meeting.accepts.push(id),
                OperationKind::Close if at_name => closes.push(id),
                _ => {}
            }
        }
        for list in [
            &mut meeting.listens,
            &mut meeting.connects,
            &mut meeting.accepts,
        ] {
            list.sort_by_key(|id| evidence.operation(*id).start);
        }
        for listen in meeting.listens.clone() {
            if let Some(listener) = listener(evidence, listen, &closes) {
                meeting.displace(evidence, &listener);
                meeting.listeners.push(listener);
            }
        }
        meeting
    }

    /// Whoever listened before a name was taken over may have lost it from then on.
    fn displace(&mut self, evidence: &Evidence<'_>, by: &Listener) {
        if !replaces(evidence, by.listen) {
            return;
        }
        for other in &mut self.listeners {
            if by.begun < other.gone {
                other.until = other.until.min(by.begun);
                other.displaced.get_or_insert(by.listen);
            }
        }
    }

    /// One that surely listened all the time that this took, and not because of it.
    pub(in crate::judge::invariant) fn listening_through(
        &self,
        operation: &Operation,
    ) -> Option<&Listener> {
        let mut listeners = self.listeners.iter();
        listeners.find(|listener| listener.listens_through(operation))
    }

    /// Whether surely nobody listened while this was done, other than by itself.
    pub(in crate::judge::invariant) fn is_deserted(
        &self,
        evidence: &Evidence<'_>,
        id: OperationId,
    ) -> bool {
        let operation = evidence.operation(id);
        let returned = operation.returned.unwrap_or(NEVER);
        self.listens
            .iter()
            .filter(|listen| **listen != id)
            .all(|listen| {
                let listener = self.listeners.iter().find(|one| one.listen == *listen);
                match listener {
                    Some(listener) => {
                        // What took a name over can't be displaced any more where it is gone.
                        listener.gone < operation.start || returned < listener.begun
                    }
                    // One that failed led nobody anywhere; one that never returned may have.
                    None => {
                        let listen = evidence.operation(*listen);
                        !listen.is_pending() || returned < listen.start
                    }
                }
            })
    }

    /// The last to have listened before this began, if all who did were gone by then.
    pub(in crate::judge::invariant) fn former(&self, operation: &Operation) -> Option<&Listener> {
        let before = self
            .listeners
            .iter()
            .filter(|one| one.begun < operation.start);
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
        begun: operation.start,
        from: operation.returned.unwrap_or(NEVER),
        until,
        gone,
        displaced: None,
        closed: closed.map(|(id, _)| id),
        orderly: closed.is_some() || (exited && has_finished(evidence, listen.process)),
    })
}

/// Whether a process came to the end of its steps, where ends are closed as the library says.
fn has_finished(evidence: &Evidence<'_>, process: ProcessIndex) -> bool {
    let last = evidence.history.processes[process].operations.last();
    last.is_some_and(|last| last.kind == OperationKind::Exit && !last.is_pending())
}

/// Whether this `listen` was to take the name over.
pub(in crate::judge::invariant) fn replaces(evidence: &Evidence<'_>, listen: OperationId) -> bool {
    let step = evidence.step(evidence.operation(listen).step);
    matches!(
        step.map(|step| &step.action),
        Some(Action::Listen { replace: true, .. })
    )
}
