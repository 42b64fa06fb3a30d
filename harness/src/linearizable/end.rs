//! The end of the stream is told when everybody has closed and everything was got, and for ever.
//!
//! What was told the end at one moment stays so: nothing is put behind it, and nothing is got. So it
//! is the first to return that matters: whatever happened, happened before that.

use super::completion::Completion;
use super::violation::{Found, Pattern};
use super::{History, Kind, NEVER, Operation};

/// Judges the end, where one was told; and if so, nothing returns later than that any more.
pub(super) fn check(history: &History, completion: &mut Completion, found: &mut Found) {
    let Some(first) = completion.ends.iter().min_by_key(|told| told.end).copied() else {
        return;
    };
    for writer in Peers::of(history).not_closed_by(first.end) {
        found.add(Pattern::EarlyEnd, [first.operation, writer]);
    }
    for item in &completion.items {
        if first.end < item.put_start {
            found.add(Pattern::EarlyEnd, [first.operation, item.put]);
        } else if !item.leaves() {
            found.add(Pattern::Lost, [item.put, first.operation]);
        } else if first.end < item.get_start {
            found.add(Pattern::AfterEnd, [first.operation, item.get]);
        }
    }
    completion.close(first.end);
}

/// What everybody did that matters for the end.
#[derive(Debug, Default)]
pub(super) struct Peers(Vec<Peer>);

#[derive(Clone, Debug, Default)]
struct Peer {
    put: Option<u32>,
    gets: bool,
    closed: Option<u64>,
    died: Option<u64>,
}

impl Peers {
    fn of(history: &History) -> Peers {
        let mut peers = Peers::default();
        for (index, operation) in (0..).zip(&history.operations) {
            peers.see(index, operation);
        }
        peers
    }

    pub(super) fn see(&mut self, index: u32, operation: &Operation) {
        let place = operation.peer as usize;
        if self.0.len() <= place {
            self.0.resize(place + 1, Peer::default());
        }
        let peer = &mut self.0[place];
        let since = Some(operation.start);
        match operation.kind {
            Kind::Put => peer.put = Some(index),
            Kind::Get => peer.gets = true,
            Kind::Close => peer.closed = peer.closed.max(since),
        }
        if operation.end == NEVER {
            peer.died = peer.died.max(since);
        }
    }

    /// One operation of everybody who put something, and can't have closed by then.
    ///
    /// Who has died in an operation may have closed since that began. Somebody who neither puts nor
    /// gets closes for all who don't close themselves.
    pub(super) fn not_closed_by(&self, end: u64) -> impl Iterator<Item = u32> {
        let others = self
            .0
            .iter()
            .filter(|peer| peer.put.is_none() && !peer.gets);
        let for_all = others.filter_map(|peer| peer.closed).min();
        let is_late = move |peer: &&Peer| {
            let closed = peer.closed.or(peer.died).or(for_all);
            closed.is_none_or(|closed| end < closed)
        };
        self.0.iter().filter(is_late).filter_map(|peer| peer.put)
    }
}
