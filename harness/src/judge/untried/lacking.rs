//! What a run lacks that doesn't put a clause to the test, by clause.

mod queue;

/// Returns what a run lacks in which no invariant saw the clause broken or upheld.
pub(crate) fn lacking(clause: &str) -> &'static str {
    let entry = entries().find(|(of, _)| *of == clause);
    entry.map_or("no operation of this run is about it", |(_, lacks)| lacks)
}

/// Returns what runs lack, for every clause.
pub(super) fn entries() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    LACKING.iter().chain(queue::LACKING)
}

/// Those of other subjects than queues.
const LACKING: &[(&str, &str)] = &[
    // Processes.
    (
        "proc.isolation.memory",
        "no process printed a variable that another process had changed",
    ),
    (
        "proc.isolation.snapshot-at-send",
        "no process changed a variable after it had sent its value, or the message didn't arrive",
    ),
    (
        "proc.isolation.snapshot-at-put",
        "no process changed a variable after it had put its value, or the item didn't arrive",
    ),
    (
        "proc.exit.status-reported",
        "no process exited in a way that its case states",
    ),
    (
        "proc.join.bounded",
        "no process joined another one with a time limit",
    ),
    (
        "proc.orphan.sees-eof",
        "no process received the end of stream after the parent from which it receives had died",
    ),
    // Kills.
    (
        "fault.kill.survivors-go-on",
        "no sweep killed a process at a random moment, or no other process put or got after that",
    ),
    // Signals.
    (
        "pipe.frame.fragmented-header",
        "no receive followed a message that `raw` wrote in parts",
    ),
    (
        "pipe.frame.eintr",
        "no signal arrived during a send, a receive or a poll",
    ),
    (
        "stream.call.eintr",
        "no signal arrived during a write, a read or a poll",
    ),
    (
        "queue.call.eintr",
        "no signal arrived during a put or a get",
    ),
    (
        "name.call.eintr",
        "no signal arrived during an accept or a connect",
    ),
    // Pipes.
    (
        "pipe.send.before-receiver",
        "no process sent a message before it started the receiver",
    ),
    (
        "pipe.order.single-writer",
        "no two messages of one writer were received",
    ),
    ("pipe.frame.boundaries-preserved", "no message was received"),
    ("pipe.frame.zero-length", "no empty message was received"),
    (
        "pipe.frame.zero-length-mixed",
        "no empty message was received besides other messages",
    ),
    (
        "pipe.frame.larger-than-buffer",
        "no message larger than a buffer was received",
    ),
    (
        "pipe.frame.edge-lengths",
        "no message of a length at which something changes was received",
    ),
    (
        "pipe.frame.exact-read-buffer",
        "no message that may fill a buffer exactly was received while no other message was there",
    ),
    (
        "pipe.frame.short-buffer",
        "no process received again after a message that didn't fit into its buffer",
    ),
    (
        "pipe.frame.count-equals-stored",
        "no message was received into a buffer that it fits into",
    ),
    (
        "pipe.dir.concurrent-read-write",
        "no thread sent while another thread certainly waited in a receive on the same end",
    ),
    (
        "pipe.dir.simplex-roles",
        "no process used an end of a one-way pipe in the wrong direction",
    ),
    (
        "pipe.dir.two-endpoints",
        "no message was received while the other direction of its pipe was in use too",
    ),
    (
        "pipe.dir.mutual-flood",
        "the two ends took all that was sent",
    ),
    (
        "pipe.dir.half-close",
        "no end of stream was received after one direction was closed",
    ),
    (
        "pipe.eof.after-writer-drop",
        "no receive returned end of stream",
    ),
    (
        "pipe.eof.drain-first",
        "no receive returned end of stream after a message",
    ),
    (
        "pipe.eof.sticky",
        "no process received again after end of stream",
    ),
    (
        "pipe.eof.reported-as-eof",
        "no receive returned end of stream, or an error in its place",
    ),
    (
        "pipe.eof.on-writer-sigkill",
        "no receive returned end of stream after a writer was killed",
    ),
    ("pipe.eof.sentinel-is-data", "no None was received"),
    (
        "pipe.eof.own-writer-copy",
        "no process received while only it itself held a writing end",
    ),
    (
        "pipe.eof.poll-ready",
        "no poll certainly began at the end of stream",
    ),
    (
        "pipe.eof.latency-bound",
        "no process certainly waited in a receive when the last writer left",
    ),
    (
        "pipe.eof.not-hidden-by-sibling",
        "no other process was alive at the end",
    ),
    (
        "pipe.inherit.cloexec-default",
        "no end of stream was received while a spawned process without an end was alive",
    ),
    (
        "pipe.inherit.grandchild",
        "no process received while only a grandchild held a copy of the writing end",
    ),
    (
        "pipe.peer.send-after-close",
        "no process sent, twice if need be, after the last reader had certainly left",
    ),
    (
        "pipe.peer.no-sigpipe-death",
        "no process went on after a send that reported that the last reader had left",
    ),
    (
        "pipe.peer.own-end-closed",
        "no process used an end that it had closed itself",
    ),
    (
        "pipe.peer.blocked-writer-wakes",
        "no writer was certainly blocked in a send when the last reader left",
    ),
    (
        "pipe.eof.wakes-all-readers",
        "no two readers certainly waited when the last writer left",
    ),
    (
        "pipe.err.send-reports",
        "no process sent a message that can't be encoded",
    ),
    (
        "pipe.err.recv-consumes-one",
        "no message was received that was sent after a message that can't be decoded",
    ),
    ("pipe.poll.lower-bound", "no timed receive or poll gave up"),
    (
        "pipe.poll.wait-returns-all",
        "no poll of several pipes met one that certainly held a message",
    ),
    (
        "pipe.poll.idempotent",
        "no process polled again after a poll that was ready",
    ),
    (
        "pipe.poll.try-never-blocks",
        "no process received or polled without waiting",
    ),
    // Streams.
    ("stream.order.bytes", "no bytes were read"),
    ("stream.content.exact", "no bytes were read"),
    (
        "stream.write.partial",
        "no write took only a part of its bytes",
    ),
    (
        "stream.read.short",
        "no read returned fewer bytes than were written or asked for",
    ),
    (
        "stream.end.after-last-writer",
        "no read returned end of stream",
    ),
    (
        "stream.end.drain-first",
        "no read returned end of stream after bytes",
    ),
    (
        "stream.end.sticky",
        "no process read again after end of stream",
    ),
    (
        "stream.end.reported-as-end",
        "no read returned end of stream, or an error in its place",
    ),
    (
        "stream.end.half-close",
        "no end of stream was read after one direction was closed",
    ),
    (
        "stream.peer.write-after-reader-gone",
        "no process wrote, twice if need be, after the last reader had certainly left",
    ),
    // Waiting, values and what is left.
    (
        "async.cancel-safe",
        "no call gave up before a later message was received",
    ),
    ("value.text", "no text was received"),
    ("value.bytes", "no bytes were received"),
    ("value.int", "no integer was received"),
    ("value.float", "no float was received"),
    ("value.null-vs-missing", "no None was received"),
    ("value.nesting", "no list or map was received"),
    (
        "leak.handles.steady",
        "no process's handles were counted before its first end and after its last",
    ),
    ("leak.helper-processes", "the case has no channel"),
    ("leak.names.after-kill", "no process was killed"),
    ("live.deadline", "no operation returned"),
    // Faults.
    (
        "fault.kill.mid-message",
        "no sender was killed, or no other process received",
    ),
    (
        "fault.kill.blocked-on-dead-consumer",
        "no put failed after every consumer was killed",
    ),
    (
        "fault.kill.holding-write-lock",
        "no process was killed inside a put before another process put",
    ),
    (
        "fault.kill.holding-read-lock",
        "no process was killed inside a get before another process got",
    ),
    (
        "fault.stop.timeouts-hold",
        "no other process made a timed call while one was stopped",
    ),
    // Endpoints.
    (
        "name.connect.absent",
        "no process connected while no process listened",
    ),
    (
        "name.connect.bounded",
        "no timed connect was accepted or gave up",
    ),
    (
        "name.bind.live",
        "no process listened at a name at which another process certainly listened",
    ),
    (
        "name.bind.stale",
        "no process listened at a name whose listener had died",
    ),
    (
        "name.unlink.own-only",
        "no listener closed while another one listened at the same name",
    ),
    (
        "name.drop.unlinks",
        "no listener was closed whose name can be seen to be removed",
    ),
    (
        "name.length",
        "no process listened at a name that is too long",
    ),
    (
        "name.permissions",
        "no process listened at a name with a chosen mode",
    ),
    (
        "name.accept.queued",
        "no client was accepted that had certainly waited",
    ),
    (
        "name.accept.dead-on-arrival",
        "no client had certainly left before it was accepted",
    ),
    (
        "name.accept.nonblocking",
        "no accept that doesn't wait reported that no client had connected",
    ),
    ("name.accept.cancellable", "no timed accept gave up"),
    ("name.reconnect", "no process connected twice"),
    ("sec.access.peer", "no client was accepted"),
    (
        "sec.auth.mismatch",
        "no client connected with a right or a wrong key",
    ),
    (
        "sec.auth.one-sided",
        "no client connected without the key of the endpoint, or with a key that it doesn't want",
    ),
    (
        "sec.auth.silent-client",
        "no process called the endpoint while a client without a key was connected",
    ),
    (
        "wire.length.negative",
        "no process received after a negative length was written to its connection",
    ),
    (
        "wire.length.huge",
        "no process received after a length that no message has was written to its connection",
    ),
    (
        "wire.truncated",
        "no process received after a truncated message was written to its connection",
    ),
    (
        "wire.garbage",
        "no process was served on another connection after malformed bytes were written",
    ),
];
