//! The writers of a lane, and the receives that should have returned end of stream.

use crate::backend::{Capability, Kind, Outcome};
use crate::history::fate::Fates;
use crate::history::holders::Holder;
use crate::history::pairing::{Entry, Traffic};
use crate::history::rest::LATENESS;
use crate::history::{Ending, OperationKind};
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::witness::NOTHING_CAME;
use crate::plan::End;

/// Returns every lane of a pipe, stream or queue on which something was sent or received.
pub(super) fn lanes<'a>(evidence: &'a Evidence<'a>) -> impl Iterator<Item = LaneEnd<'a>> {
    let lanes = evidence.lanes();
    let lanes = lanes.filter(|(traffic, _)| match traffic.kind {
        Kind::Pipe | Kind::Stream | Kind::Queue => true,
        Kind::Endpoint | Kind::Process => false,
    });
    lanes.map(move |(traffic, fates)| LaneEnd {
        evidence,
        traffic,
        fates,
        sender: traffic.lane.sending(),
    })
}

/// One lane, and the processes that keep it from ending.
pub(super) struct LaneEnd<'a> {
    evidence: &'a Evidence<'a>,
    pub(super) traffic: &'a Traffic,
    pub(super) fates: &'a Fates,
    /// The end that writers hold.
    pub(super) sender: End,
}

impl<'a> LaneEnd<'a> {
    /// Returns the processes after which the lane ends.
    pub(super) fn writers(&self) -> impl Iterator<Item = &'a Holder> + Clone + use<'a> {
        self.evidence.holders().writers(self.sender)
    }

    pub(super) fn has_writers(&self) -> bool {
        self.writers().next().is_some()
    }

    /// Whether everything was received.
    pub(super) fn is_drained(&self) -> bool {
        if self.traffic.kind != Kind::Stream {
            return self.fates.missing.is_empty();
        }
        let length = |entries: &[Entry]| -> u64 {
            let certain = entries.iter().filter(|entry| entry.certain);
            certain.map(|entry| entry.content.length()).sum()
        };
        length(&self.traffic.gets) >= length(&self.traffic.puts)
    }

    /// Whether a put may have been cut short, after which an error is a correct answer.
    pub(super) fn was_cut_short(&self) -> bool {
        self.traffic.puts.iter().any(|put| !put.certain)
    }

    /// Whether an earlier receive of the same process returned the end.
    pub(super) fn is_after_end(&self, get: &Entry) -> bool {
        let before =
            |end: &Entry| end.process() == get.process() && end.id().index < get.id().index;
        self.traffic.ends.iter().any(before)
    }

    /// Returns the receives that should have returned the end, because every writer was gone and
    /// everything received when they started or waited; each with its actual result.
    pub(super) fn overdue(&self) -> Vec<(&'a Entry, &'static str)> {
        if !self.has_writers() || !self.is_drained() || !self.is_promised() {
            return Vec::new();
        }
        let returned = self.traffic.misses.iter().filter_map(|get| {
            let outcome = self.evidence.operation(get.id()).outcome?;
            let are_gone = self.writers().all(|writer| writer.gone < get.start);
            let not_yet = matches!(outcome, Outcome::Empty | Outcome::Timeout);
            let is_overdue = not_yet && are_gone && self.had_to_show(get);
            (is_overdue && !self.is_after_end(get)).then_some((get, outcome.word()))
        });
        let waiting = self.waiting().map(|get| (get, NOTHING_CAME));
        returned.chain(waiting).collect()
    }

    /// Whether the end had to show by the return of this receive, if all writers were gone before it. A
    /// process that keeps the items of a queue may learn later of a writer that exited without closing.
    fn had_to_show(&self, get: &Entry) -> bool {
        let has_closed = |writer: &Holder| {
            let mut operations = self.evidence.history.processes[writer.process]
                .operations
                .iter();
            operations.any(|one| one.kind == OperationKind::Close && one.end == Some(self.sender))
        };
        self.traffic.kind != Kind::Queue
            || self.writers().all(has_closed)
            || get.returned - get.start >= LATENESS
    }

    /// Whether the backend promises an end at all. Not every queue has one.
    fn is_promised(&self) -> bool {
        self.traffic.kind != Kind::Queue || self.evidence.capabilities.has(Capability::EndOnClose)
    }

    /// Returns the receives that still waited when the harness ended a stalled run, although all
    /// writers were gone.
    fn waiting(&self) -> impl Iterator<Item = &'a Entry> {
        let ended = self.evidence.ended();
        let stalled = self.evidence.history.ending == Ending::Stalled && !self.was_cut_short();
        let released = |writer: &Holder| writer.released && writer.until <= ended;
        let over = stalled && self.writers().all(released);
        let evidence = self.evidence;
        self.traffic.takers.iter().filter(move |get| {
            let operation = evidence.operation(get.id());
            let expected = evidence.expected(operation);
            let may_stay = expected.is_some_and(|one| one.may_wait_for_ever(self.traffic.kind));
            over && operation.is_pending() && evidence.was_ended(get.process()) && !may_stay
        })
    }
}
