//! When each peer closed, exited or was killed.

use super::history::{Kind, NEVER, Operation};

/// What each peer did that matters for the end of the stream.
#[derive(Debug, Default)]
pub(super) struct Closings(Vec<PeerSummary>);

#[derive(Clone, Debug, Default)]
struct PeerSummary {
    /// The number of its last put.
    put: Option<u32>,
    gets: bool,
    /// The start of its last close.
    closed: Option<u64>,
    /// The start of the last operation that never returned.
    died: Option<u64>,
}

impl Closings {
    /// Adds an operation; `number` stands for it in [`Closings::not_closed_by`].
    pub(super) fn add(&mut self, number: u32, operation: &Operation) {
        let place = operation.peer as usize;
        if self.0.len() <= place {
            self.0.resize(place + 1, PeerSummary::default());
        }
        let peer = &mut self.0[place];
        let since = Some(operation.start);
        match operation.kind {
            Kind::Put => peer.put = Some(number),
            Kind::Get => peer.gets = true,
            Kind::Close => peer.closed = peer.closed.max(since),
        }
        if operation.end == NEVER {
            peer.died = peer.died.max(since);
        }
    }

    /// Returns a put of each peer that put an item and can't have closed by this stamp.
    ///
    /// A peer that died in an operation may have closed at any time since that operation began. A peer
    /// that neither puts nor gets closes for all peers that don't close themselves.
    pub(super) fn not_closed_by(&self, end: u64) -> impl Iterator<Item = u32> {
        let others = self
            .0
            .iter()
            .filter(|peer| peer.put.is_none() && !peer.gets);
        let for_all = others.filter_map(|peer| peer.closed).min();
        let is_late = move |peer: &&PeerSummary| {
            let closed = peer.closed.or(peer.died).or(for_all);
            closed.is_none_or(|closed| end < closed)
        };
        self.0.iter().filter(is_late).filter_map(|peer| peer.put)
    }
}
