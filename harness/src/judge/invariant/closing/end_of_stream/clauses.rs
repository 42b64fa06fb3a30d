//! The clauses about the end of each kind of channel.

use crate::backend::Kind;

pub(super) const BY_CLOSE: &str = "queue.end.by-close";

/// Returns the clauses about the end of this kind of channel.
pub(super) fn of_kind(kind: Kind) -> &'static Clauses {
    match kind {
        Kind::Queue => &QUEUE,
        Kind::Stream => &STREAM,
        Kind::Pipe | Kind::Endpoint | Kind::Process => &PIPE,
    }
}

/// The clauses about the end of one kind of channel.
pub(super) struct Clauses {
    pub(super) after: &'static str,
    pub(super) drain: &'static str,
    pub(super) sticky: &'static str,
    pub(super) reported: &'static str,
}

pub(super) const PIPE: Clauses = Clauses {
    after: "pipe.eof.after-writer-drop",
    drain: "pipe.eof.drain-first",
    sticky: "pipe.eof.sticky",
    reported: "pipe.eof.reported-as-eof",
};
pub(super) const STREAM: Clauses = Clauses {
    after: "stream.end.after-last-writer",
    // The invariant `stream` judges whether all bytes arrived.
    drain: "stream.end.drain-first",
    sticky: "stream.end.sticky",
    reported: "stream.end.reported-as-end",
};
const QUEUE: Clauses = Clauses {
    after: BY_CLOSE,
    drain: BY_CLOSE,
    sticky: BY_CLOSE,
    reported: BY_CLOSE,
};
