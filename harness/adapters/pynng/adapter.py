"""The Push0 and Pull0 sockets of pynng, with the Python kit.

The quotes are from the documentation of pynng.Socket, and from the manual of nng.
"""

import select

import pynng
from ipc_conformance_kit import Pipe, run


class PushPull(Pipe):
    """pynng.Push0 and pynng.Pull0 over ipc://"""

    name = "pynng/PushPull"
    library = "pynng"
    native = ["boundaries", "several-producers", "several-channels", "snapshot-at-put"]
    # "If no peer is available to receive a message, then the send operation will wait until one is
    # available": the reader must not be started by a later step of the sender.
    connects = True
    # "If a socket takes longer than the specified time, raises a pynng.exceptions.Timeout." "If no data is
    # ready on the socket, the function will raise pynng.TryAgain." "If the socket cannot perform that
    # operation, the exception pynng.NotSupported is raised."
    errors = {
        **dict.fromkeys([pynng.Timeout, pynng.TryAgain], "timeout"),
        pynng.NotSupported: "refused",
        pynng.Closed: "closed",
    }

    def __init__(self, end):
        address = "ipc://" + end.path
        if end.side == "rx":
            # "Messages larger than this size will be silently dropped. A size of 0 indicates unlimited size."
            self.socket = pynng.Pull0(listen=address, recv_max_size=0)
        else:
            # "The dial is retried periodically in the background until it is successful."
            self.socket = pynng.Push0(dial=address, block_on_dial=False)

    def send(self, data):
        self.socket.send(data)

    def try_send(self, data):
        self.socket.send(data, block=False)

    def timed_send(self, data, seconds):
        self.socket.send_timeout = int(seconds * 1000)
        self.socket.send(data)

    def recv(self):
        return self.socket.recv()

    def try_recv(self):
        return self.socket.recv(block=False)

    def timed_recv(self, seconds):
        self.socket.recv_timeout = int(seconds * 1000)
        try:
            return self.socket.recv()
        finally:
            self.socket.recv_timeout = -1

    def poll(self, seconds):
        return select.select([self.socket.recv_fd], [], [], seconds)[0]

    def close(self):
        self.socket.close()


if __name__ == "__main__":
    run(PushPull)
