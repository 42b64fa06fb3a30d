//! What a run lacks that doesn't put a clause of queues to the test.

pub(super) const LACKING: &[(&str, &str)] = &[
    (
        "queue.order.fifo-per-producer",
        "no two items of one producer were received",
    ),
    (
        "queue.order.causal",
        "no item that was put after its producer had learned of another put was received with that item",
    ),
    (
        "queue.order.linearizable",
        "no two items of different producers were received that were certainly put one after the other",
    ),
    (
        "queue.close.frees-handles",
        "no process that made a queue counted its handles at its exit",
    ),
    (
        "queue.put.before-consumers",
        "no process put an item before it started the consumers",
    ),
    ("queue.mpmc.exactly-once", "no item was received"),
    ("queue.mpmc.progress", "no item was received"),
    (
        "queue.sentinel.one-per-consumer",
        "no end marker was received",
    ),
    (
        "queue.sentinel.after-producers",
        "no end marker that was put after all producers had exited was received",
    ),
    ("queue.cap.maxsize", "no put began while the queue was full"),
    (
        "queue.cap.unbounded",
        "no put into a queue without a chosen capacity returned",
    ),
    ("queue.put.nowait", "no put that doesn't wait reported full"),
    ("queue.put.timeout", "no timed put gave up"),
    ("queue.put.no-spurious-full", "no put reported full"),
    (
        "queue.get.nowait",
        "no get that doesn't wait reported empty",
    ),
    ("queue.get.timeout", "no timed get gave up"),
    ("queue.get.no-spurious-empty", "no get reported empty"),
    ("queue.end.by-close", "no get returned the end of the queue"),
    (
        "queue.get.close-wakes-blocked",
        "no consumer certainly waited when the last producer closed the queue",
    ),
    (
        "queue.join.balance",
        "no join of a queue to which items had been put returned",
    ),
    (
        "queue.join.dead-consumer",
        "no join waited for an item whose consumer had died",
    ),
    (
        "queue.join.too-many",
        "no process marked an item as done after all were marked",
    ),
    (
        "queue.obs.empty-full",
        "no process asked whether the queue is empty or full while no process put or got",
    ),
    (
        "queue.obs.qsize",
        "no process asked for the size of the queue while no process put or got",
    ),
    (
        "queue.close.local",
        "no process used the queue after another process had closed it",
    ),
    (
        "queue.close.then-use",
        "no process used the queue after it had closed it itself",
    ),
    (
        "queue.close.flushes",
        "no item was received after its producer had closed the queue",
    ),
    (
        "queue.flush.normal-exit",
        "no item was received after its producer had returned",
    ),
    (
        "queue.flush.exit-call",
        "no item was received after its producer had called exit",
    ),
    (
        "queue.exit.undrained",
        "no item was received after the last put of its producer, which then exited",
    ),
    (
        "queue.feeder.reader-gone",
        "no producer exited after every consumer had left",
    ),
    (
        "queue.err.put-reports",
        "no process put an item that can't be encoded",
    ),
    (
        "queue.err.put-spares-others",
        "no item was received that was put after an item that can't be encoded",
    ),
    (
        "queue.err.get-consumes-one",
        "no item was received that was put after an item that can't be decoded",
    ),
];
