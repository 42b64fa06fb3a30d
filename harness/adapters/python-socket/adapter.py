"""Python's socket.socketpair as a stream, with the Python kit."""

import select
import socket

from ipc_conformance_kit import Stream, run


class SocketPair(Stream):
    """socket.socketpair, connected Unix sockets of SOCK_STREAM"""

    name = "python-socket/socketpair"
    native = """
        duplex end-on-close several-channels snapshot-at-put open-in-peer backpressure
    """.split()
    # "A timeout error is raised if the timeout period value has elapsed before the operation has
    # completed", and in non-blocking mode an operation that can't be completed at once fails.
    errors = {socket.timeout: "timeout", BlockingIOError: "empty", ConnectionResetError: "gone"}

    @classmethod
    def create(cls, channel):
        a, b = socket.socketpair()
        if channel.duplex:
            return {"a": a, "b": b}
        return {"rx": a, "tx": b}

    def __init__(self, end):
        self.socket = socket.socket(fileno=end.fd)

    def write(self, data):
        self.socket.sendall(data)

    def read(self):
        return self.socket.recv(65536)

    def try_read(self):
        return self.timed_read(0)

    def timed_read(self, seconds):
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(65536)
        finally:
            self.socket.settimeout(None)

    def poll(self, seconds):
        return select.select([self.socket], [], [], seconds)[0]

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def close(self):
        self.socket.close()


if __name__ == "__main__":
    run(SocketPair)
