"""The queues: SimpleQueue, Queue and JoinableQueue."""

import os
import sys

from ipc_conformance_kit import limit_of

from .backend import Backend

# What every queue offers.
SHARED = (
    "several-producers",
    "several-consumers",
    "shared-items",
    "room-without-consumers",
    "boundaries",
    "zero-length",
    "values",
    "encoding",
    "threads",
    "several-channels",
    "open-in-peer",
    "is-empty",
)


class SimpleQueue(Backend):
    kind = "queue"
    about = "multiprocessing.SimpleQueue"
    native = (*SHARED, "free-exit", "linearizable", "causal", "snapshot-at-put")

    @property
    def starts(self):
        # Its locks belong to one context: "A SemLock created in a fork context is being shared with a
        # process in a spawn context."
        return [self.method]

    @property
    def largest_depth(self):
        """What fits into its pipe: "It is a simplified Queue type, very close to a locked Pipe"."""
        room = room_of_a_pipe()
        # Each item has a header and what pickle adds, and begins a new page if it doesn't fit into the last.
        return {"items": room // 128, "bytes": room // 2}

    def open(self, channel):
        return {"queue": self.context.SimpleQueue()}

    def put(self, end, value, wait, codec):
        end.put(value)

    def get(self, end, wait, codec):
        return end.get()

    def let_go(self, end):
        # The creator of a queue keeps it, because closing it would remove its named locks for others too.
        pass

    @property
    def closes(self):
        # "Added in version 3.9."
        return sys.version_info >= (3, 9)

    def close(self, end):
        if self.closes:
            end.close()


class Queue(SimpleQueue):
    about = "multiprocessing.Queue"
    largest_depth = None
    # Without "free-exit": "a process that has put items in a queue will wait before terminating until all
    # the buffered items are fed by the "feeder" thread to the underlying pipe". Without
    # "gone-without-consumers": put will "block if necessary until a free slot is available".
    is_bounded = puts_waiting = gets_waiting = closes = True
    native = (
        *SHARED,
        "try-get",
        "try-put",
        "timed-get",
        "timed-put",
        "capacity",
        # "Note that this may raise NotImplementedError on platforms like macOS where sem_getvalue() is not
        # implemented."
        *([] if sys.platform == "darwin" else ["size"]),
        "is-full",
    )

    def open(self, channel):
        return {"queue": getattr(self.context, type(self).__name__)(channel["capacity"] or 0)}

    def put(self, end, value, wait, codec):
        end.put_nowait(value) if wait == "never" else end.put(value, timeout=limit_of(wait))

    def get(self, end, wait, codec):
        return end.get_nowait() if wait == "never" else end.get(timeout=limit_of(wait))

    def finish(self, end):
        end.join_thread()


class JoinableQueue(Queue):
    about = "multiprocessing.JoinableQueue"
    is_joinable = True
    native = (*Queue.native, "joinable")
    # Whether steps mark items as done.
    has_marks = False

    def get(self, end, wait, codec):
        value = super().get(end, wait, codec)
        if not self.has_marks:
            # "You must call JoinableQueue.task_done() for each task removed from the queue."
            end.task_done()
        return value


def room_of_a_pipe():
    """Returns how many bytes a new pipe holds."""
    if sys.platform != "linux":
        # The least that other systems give to a pipe.
        return 4096
    import fcntl

    F_GETPIPE_SZ = 1032  # Python has the name since 3.10.
    ends = os.pipe()
    try:
        return fcntl.fcntl(ends[1], F_GETPIPE_SZ)
    finally:
        for end in ends:
            os.close(end)
