"""The PUSH and PULL sockets of pyzmq, with the Python kit.

The quotes are from zmq_socket(3) and zmq_recv(3).
"""

import errno

import zmq
from ipc_conformance_kit import Pipe, run


class PushPull(Pipe):
    """zmq.PUSH and zmq.PULL over ipc://"""

    name = "pyzmq/PushPull"
    library = "pyzmq"
    # "0MQ sockets transfer discrete messages." Without `end-on-close`: "the timings of the physical
    # connection setup and tear down, reconnect and effective delivery are transparent to the user".
    native = [
        "boundaries",
        "zero-length",
        "several-producers",
        "several-channels",
        "snapshot-at-put",
    ]
    # The library's call is one for several sockets: this class polls one, and then receives.
    composed = ["timed-get"]
    # ENOTSUP: "not supported by this socket type". ENOTSOCK: "The provided socket was invalid."
    errors = {zmq.Again: "timeout", zmq.ENOTSUP: "refused", errno.ENOTSOCK: "closed"}

    def __init__(self, end):
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.PULL if end.side == "rx" else zmq.PUSH)
        address = "ipc://" + end.path
        self.socket.bind(address) if end.side == "rx" else self.socket.connect(address)

    def send(self, data):
        self.socket.send(data)

    def try_send(self, data):
        self.socket.send(data, zmq.NOBLOCK)

    def recv(self):
        return self.socket.recv()

    def try_recv(self):
        return self.socket.recv(zmq.NOBLOCK)

    def timed_recv(self, seconds):
        self.poll(seconds)
        return self.try_recv()

    def poll(self, seconds):
        return self.socket.poll(None if seconds is None else seconds * 1000)

    def close(self):
        # "Only after all messages are delivered or discarded by reaching the socket's LINGER timeout
        # (default: forever) will the underlying sockets be closed."
        self.socket.close(linger=1000)


if __name__ == "__main__":
    run(PushPull)
