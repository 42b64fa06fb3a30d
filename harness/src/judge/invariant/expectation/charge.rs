//! Says which clause a deviation from the case's expectation breaks.

use crate::backend::{Kind, Outcome, Wait};
use crate::history::OperationKind;
use crate::plan::Limit;

/// An operation whose outcome isn't what the case expects.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deviation<'a> {
    pub(crate) kind: Kind,
    pub(crate) operation: OperationKind,
    pub(crate) wait: Wait,
    /// Whether the channel is a queue for which the case chose a capacity.
    pub(crate) bounded: bool,
    /// The limit of a get.
    pub(crate) limit: Option<&'a Limit>,
    /// The expected outcomes.
    pub(crate) expected: &'a [Outcome],
    /// The actual outcome.
    pub(crate) actual: Outcome,
    /// Whether an earlier operation on the same end returned the end of stream.
    pub(crate) after_end: bool,
    /// Whether a process that doesn't hold the writing end was alive.
    pub(crate) bystander: bool,
    /// Whether some process was forked and so may have copies of ends.
    pub(crate) forked: bool,
}

/// Every clause that [`Deviation::clause`] can return.
pub(crate) const CLAUSES: &[&str] = &[
    "queue.cap.maxsize",
    "queue.cap.unbounded",
    "queue.put.nowait",
    "queue.put.timeout",
    "queue.put.no-spurious-full",
    "queue.get.nowait",
    "queue.get.timeout",
    "queue.get.no-spurious-empty",
    "queue.close.then-use",
    "queue.end.by-close",
    "queue.order.fifo-per-producer",
    "queue.mpmc.exactly-once",
    "pipe.order.single-writer",
    "pipe.frame.boundaries-preserved",
    "pipe.eof.after-writer-drop",
    "pipe.eof.drain-first",
    "pipe.eof.sticky",
    "pipe.eof.reported-as-eof",
    "pipe.eof.not-hidden-by-sibling",
    "pipe.peer.send-after-close",
    "pipe.peer.own-end-closed",
    "pipe.poll.lower-bound",
    "stream.end.after-last-writer",
    "stream.end.drain-first",
    "stream.end.sticky",
    "stream.end.reported-as-end",
    "stream.peer.write-after-reader-gone",
    "name.connect.bounded",
];

impl Deviation<'_> {
    /// Returns the clause that it breaks, or none if the case's own list must decide.
    pub(crate) fn clause(&self) -> Option<&'static str> {
        match (self.kind, self.operation) {
            (Kind::Queue, OperationKind::Put) => self.of_put_to_queue(),
            (Kind::Queue, OperationKind::Get) => self.of_get_from_queue(),
            (Kind::Pipe, OperationKind::Put) => self.of_send(),
            (Kind::Pipe, OperationKind::Get | OperationKind::Poll) => self.of_receive(),
            (Kind::Stream, OperationKind::Get) => self.of_read(),
            (Kind::Stream, OperationKind::Put) => self.of_write(),
            (_, OperationKind::Connect) => self.of_connect(),
            _ => None,
        }
    }

    fn expects(&self, outcome: Outcome) -> bool {
        self.expected.contains(&outcome)
    }

    fn of_put_to_queue(&self) -> Option<&'static str> {
        use Outcome::{Closed, Full, Ok, Pending, Timeout};
        if self.expects(Closed) {
            return Some("queue.close.then-use");
        }
        let cannot = self.expects(Full) || self.expects(Timeout) || self.expects(Pending);
        match (cannot, self.wait, self.actual) {
            (true, _, Ok) => Some("queue.cap.maxsize"),
            (true, Wait::Never, _) => Some("queue.put.nowait"),
            (true, Wait::For(_), _) => Some("queue.put.timeout"),
            (_, _, Full | Timeout) if self.expects(Ok) && !self.bounded => {
                Some("queue.cap.unbounded")
            }
            (_, _, Full | Timeout) if self.expects(Ok) => Some("queue.put.no-spurious-full"),
            _ => None,
        }
    }

    fn of_get_from_queue(&self) -> Option<&'static str> {
        use Outcome::{Closed, Empty, End, Ok, Timeout};
        if self.expects(Closed) {
            return Some("queue.close.then-use");
        }
        if self.expects(End) || self.actual == End {
            return Some("queue.end.by-close");
        }
        match (self.wait, self.actual) {
            (Wait::Never, Empty) if self.expects(Ok) => Some("queue.get.no-spurious-empty"),
            (Wait::Never, _) if self.expects(Empty) => Some("queue.get.nowait"),
            (Wait::For(_), _) if self.expects(Timeout) => Some("queue.get.timeout"),
            (Wait::For(_), Timeout) => Some("queue.get.timeout"),
            _ => None,
        }
    }

    fn of_send(&self) -> Option<&'static str> {
        if self.expects(Outcome::Closed) {
            Some("pipe.peer.own-end-closed")
        } else if self.expects(Outcome::Gone) || self.actual == Outcome::Gone {
            Some("pipe.peer.send-after-close")
        } else {
            None
        }
    }

    fn of_write(&self) -> Option<&'static str> {
        let gone = self.expects(Outcome::Gone) || self.actual == Outcome::Gone;
        gone.then_some("stream.peer.write-after-reader-gone")
    }

    /// A connect that succeeded has a pipe as its channel; one that failed has the endpoint.
    fn of_connect(&self) -> Option<&'static str> {
        let timed_out = self.expects(Outcome::Timeout) || self.actual == Outcome::Timeout;
        let is_timed = matches!(self.wait, Wait::For(_));
        (is_timed && timed_out).then_some("name.connect.bounded")
    }

    fn of_receive(&self) -> Option<&'static str> {
        use Outcome::{Closed, Denied, Empty, End, Error, Gone, Ok, Refused, Timeout};
        if self.expects(Closed) {
            return Some("pipe.peer.own-end-closed");
        }
        if self.expects(End) {
            return Some(match self.actual {
                _ if self.after_end => "pipe.eof.sticky",
                Error | Gone | Denied | Refused => "pipe.eof.reported-as-eof",
                Ok => "pipe.frame.boundaries-preserved",
                _ if self.bystander && !self.forked => "pipe.eof.not-hidden-by-sibling",
                _ => "pipe.eof.after-writer-drop",
            });
        }
        match self.actual {
            // The end instead of an item, or while a writer holds its end.
            End if self.expects(Ok) && self.limit.is_some() => Some("pipe.eof.drain-first"),
            End => Some("pipe.eof.after-writer-drop"),
            Error if self.expects(Ok) => Some("pipe.frame.boundaries-preserved"),
            _ if self.expects(Timeout) || self.expects(Empty) => Some("pipe.poll.lower-bound"),
            _ => None,
        }
    }

    fn of_read(&self) -> Option<&'static str> {
        use Outcome::{Denied, End, Error, Gone, Ok, Refused};
        match (self.expects(End), self.actual) {
            (true, _) if self.after_end => Some("stream.end.sticky"),
            (true, Error | Gone | Denied | Refused) => Some("stream.end.reported-as-end"),
            (true, _) => Some("stream.end.after-last-writer"),
            (false, End) if self.expects(Ok) => Some("stream.end.drain-first"),
            (false, End) => Some("stream.end.after-last-writer"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use std::time::Duration;

    use crate::backend::Kind::{Endpoint, Pipe, Queue, Stream};
    use crate::backend::Outcome::{Absent, Closed, Empty, End, Error, Full, Gone, Ok, Timeout};
    use crate::history::OperationKind::{Connect, Get, Put};
    use Wait::{Deadline, Never};

    const TIMED: Wait = Wait::For(Duration::from_millis(200));

    #[rstest]
    #[case(Queue, Put, Never, Full, Ok, Some("queue.cap.maxsize"))]
    #[case(Queue, Put, TIMED, Timeout, Ok, Some("queue.cap.maxsize"))]
    #[case(Queue, Put, Never, Full, Timeout, Some("queue.put.nowait"))]
    #[case(Queue, Put, TIMED, Timeout, Full, Some("queue.put.timeout"))]
    #[case(Queue, Put, Never, Ok, Full, Some("queue.put.no-spurious-full"))]
    #[case(Queue, Put, Deadline, Ok, Error, None)]
    #[case(Queue, Get, Never, Ok, Empty, Some("queue.get.no-spurious-empty"))]
    #[case(Queue, Get, Never, Empty, Ok, Some("queue.get.nowait"))]
    #[case(Queue, Get, TIMED, Timeout, Empty, Some("queue.get.timeout"))]
    #[case(Queue, Get, TIMED, Ok, Timeout, Some("queue.get.timeout"))]
    #[case(Queue, Put, Deadline, Closed, Ok, Some("queue.close.then-use"))]
    #[case(Queue, Get, Never, Closed, Empty, Some("queue.close.then-use"))]
    #[case(Queue, Get, Deadline, End, Ok, Some("queue.end.by-close"))]
    #[case(Queue, Get, Deadline, Ok, End, Some("queue.end.by-close"))]
    #[case(Pipe, Put, Deadline, Gone, Ok, Some("pipe.peer.send-after-close"))]
    #[case(Pipe, Put, Deadline, Ok, Gone, Some("pipe.peer.send-after-close"))]
    #[case(Pipe, Put, Deadline, Closed, Ok, Some("pipe.peer.own-end-closed"))]
    #[case(Pipe, Get, Deadline, End, Error, Some("pipe.eof.reported-as-eof"))]
    #[case(Pipe, Get, TIMED, End, Timeout, Some("pipe.eof.after-writer-drop"))]
    #[case(Pipe, Get, Deadline, End, Ok, Some("pipe.frame.boundaries-preserved"))]
    #[case(Pipe, Get, Deadline, Ok, End, Some("pipe.eof.drain-first"))]
    #[case(Pipe, Get, TIMED, Timeout, End, Some("pipe.eof.after-writer-drop"))]
    #[case(
        Stream,
        Put,
        Deadline,
        Gone,
        Ok,
        Some("stream.peer.write-after-reader-gone")
    )]
    #[case(Stream, Put, Deadline, Ok, Error, None)]
    #[case(Stream, Get, Deadline, End, Error, Some("stream.end.reported-as-end"))]
    #[case(Stream, Get, Deadline, Ok, End, Some("stream.end.drain-first"))]
    #[case(Pipe, Connect, TIMED, Timeout, Ok, Some("name.connect.bounded"))]
    #[case(Endpoint, Connect, TIMED, Timeout, Error, Some("name.connect.bounded"))]
    #[case(Endpoint, Connect, TIMED, Ok, Timeout, Some("name.connect.bounded"))]
    #[case(Endpoint, Connect, TIMED, Ok, Absent, None)]
    #[case(Endpoint, Connect, Deadline, Ok, Error, None)]
    fn a_deviation_is_charged_to_a_clause(
        #[case] kind: Kind,
        #[case] operation: OperationKind,
        #[case] wait: Wait,
        #[case] expected: Outcome,
        #[case] actual: Outcome,
        #[case] clause: Option<&str>,
    ) {
        let deviation = Deviation {
            kind,
            operation,
            wait,
            bounded: true,
            limit: Some(&Limit::Count(1)),
            expected: &[expected],
            actual,
            after_end: false,
            bystander: false,
            forked: false,
        };
        assert_eq!(deviation.clause(), clause);
        assert!(clause.is_none_or(|clause| CLAUSES.contains(&clause)));
    }

    #[test]
    fn full_from_a_queue_without_capacity_breaks_the_clause_about_that() {
        let deviation = Deviation {
            kind: Queue,
            operation: Put,
            wait: TIMED,
            bounded: false,
            limit: None,
            expected: &[Ok],
            actual: Timeout,
            after_end: false,
            bystander: false,
            forked: false,
        };
        assert_eq!(deviation.clause(), Some("queue.cap.unbounded"));
    }

    #[rstest]
    #[case::spawned(false, "pipe.eof.not-hidden-by-sibling")]
    #[case::forked(true, "pipe.eof.after-writer-drop")]
    fn a_missing_end_beside_a_spawned_process_is_charged_to_hiding(
        #[case] forked: bool,
        #[case] clause: &str,
    ) {
        let deviation = Deviation {
            kind: Pipe,
            operation: Get,
            wait: TIMED,
            bounded: false,
            limit: None,
            expected: &[End],
            actual: Timeout,
            after_end: false,
            bystander: true,
            forked,
        };
        assert_eq!(deviation.clause(), Some(clause));
    }
}
