"""A toy library: a pipe of messages between processes. It has one bug; replace it by your own."""

import os
import struct


def pipe():
    """Returns the descriptors of a new pipe: for its receiving end and its sending end."""
    return os.pipe()


class Closed(Exception):
    """The end has been closed."""


class End:
    """One end of a pipe."""

    def __init__(self, fd):
        self.fd = fd
        self.is_closed = False

    def send(self, message):
        """Sends a message: its length in four bytes, then its bytes."""
        # The bug: it doesn't check `is_closed`, and the descriptor may be another file's by now.
        data = struct.pack("!I", len(message)) + message
        while data:
            data = data[os.write(self.fd, data) :]

    def recv(self):
        """Returns the next message, or raises EOFError after the last one."""
        if self.is_closed:
            raise Closed
        (length,) = struct.unpack("!I", self.read(4))
        return self.read(length)

    def read(self, length):
        """Returns exactly this number of bytes."""
        data = b""
        while len(data) < length:
            more = os.read(self.fd, length - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def close(self):
        os.close(self.fd)
        self.is_closed = True
