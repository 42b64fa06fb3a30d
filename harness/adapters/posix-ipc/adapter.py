"""The message queues of posix_ipc, with the Python kit. The quotes are from its USAGE.md."""

import posix_ipc
from ipc_conformance_kit import Queue, run

# "The default value for a message queue's max_messages attribute. This can be quite small under
# Linux (e.g. 10) but is usually LONG_MAX everywhere else."
DEPTH = posix_ipc.QUEUE_MESSAGES_MAX_DEFAULT


class MessageQueue(Queue):
    """posix_ipc.MessageQueue"""

    name = "posix-ipc/MessageQueue"
    library = "posix_ipc"
    native = """
        boundaries zero-length capacity several-producers several-consumers shared-items free-exit
        room-without-consumers several-channels strict-empty linearizable causal snapshot-at-put
        threads open-in-peer
    """.split()
    largest_message = posix_ipc.QUEUE_MESSAGE_SIZE_MAX_DEFAULT
    largest_capacity = DEPTH
    largest_depth = {"items": DEPTH}
    # BusyError: "Raised when a call times out." ExistentialError: "an error related to the
    # existence or non-existence of an IPC object"; a closed one "does not exist", as it says.
    errors = {posix_ipc.BusyError: "timeout", posix_ipc.ExistentialError: "closed"}

    @classmethod
    def create(cls, channel):
        flags, depth = posix_ipc.O_CREX, channel.capacity or DEPTH
        posix_ipc.MessageQueue("/" + channel.name, flags, max_messages=depth).close()

    @classmethod
    def remove(cls, channel):
        posix_ipc.unlink_message_queue("/" + channel.name)

    def __init__(self, end):
        self.queue = posix_ipc.MessageQueue("/" + end.name)

    def put(self, data):
        self.queue.send(data)

    def try_put(self, data):
        self.queue.send(data, 0)

    def timed_put(self, data, seconds):
        self.queue.send(data, seconds)

    def get(self):
        return self.queue.receive()[0]

    def try_get(self):
        return self.queue.receive(0)[0]

    def timed_get(self, seconds):
        return self.queue.receive(seconds)[0]

    def close(self):
        self.queue.close()


if __name__ == "__main__":
    run(MessageQueue)
