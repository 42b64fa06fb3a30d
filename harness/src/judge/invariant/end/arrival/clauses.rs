//! What the promises about the end are called, for each kind of channel.

pub(super) const BY_CLOSE: &str = "queue.end.by-close";

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
    // Whether all bytes came is for the invariant `stream` to say.
    drain: "stream.end.drain-first",
    sticky: "stream.end.sticky",
    reported: "stream.end.reported-as-end",
};
pub(super) const QUEUE: Clauses = Clauses {
    after: BY_CLOSE,
    drain: BY_CLOSE,
    sticky: BY_CLOSE,
    reported: BY_CLOSE,
};
