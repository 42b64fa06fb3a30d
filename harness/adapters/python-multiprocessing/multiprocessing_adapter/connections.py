"""The connections of a pipe, and the bytes below their messages."""

import array
import os
import struct
import sys
from multiprocessing import connection

from ipc_conformance_kit import NotReady, limit_of

from .backend import Backend

# The type codes of arrays, by the length of their elements in bytes.
INTEGERS = {1: "B", 2: "H", 4: "I", 8: "Q"}


class Pipe(Backend):
    kind = "pipe"
    about = "multiprocessing.Pipe"
    polls = gets_waiting = True
    # By the descriptor that fileno() returns. On Windows it is a handle, which os.write doesn't take.
    has_bytes = sys.platform != "win32"
    # "Very large pickles (approximately 32 MiB+, though it depends on the OS) may raise a
    # ValueError exception."
    largest_message = 32 << 20
    # There is no recv that tries or has a timeout: this adapter adds it, by poll and then recv.
    composed = ("try-get", "timed-get")
    native = (
        *(["raw"] if has_bytes else []),
        "poll",
        "duplex",
        "boundaries",
        "zero-length",
        "end-on-close",
        "backpressure",
        "snapshot-at-put",
        "values",
        "encoding",
        "threads",
        "poll-several",
        "several-channels",
        "open-in-peer",
        "buffer",
    )

    def open(self, channel):
        if channel["duplex"]:
            a, b = self.context.Pipe()
            return {"a": a, "b": b}
        rx, tx = self.context.Pipe(duplex=False)
        return {"rx": rx, "tx": tx}

    def put(self, end, value, wait, codec):
        end.send_bytes(value) if codec == "bytes" else end.send(value)

    def get(self, end, wait, codec):
        if wait != "deadline":
            self.poll(end, wait)
        return end.recv_bytes() if codec == "bytes" else end.recv()

    def get_into(self, end, wait, buffer):
        if wait != "deadline":
            self.poll(end, wait)
        into = array.array(INTEGERS[buffer["element"]], bytes(buffer["bytes"]))
        count = end.recv_bytes_into(into)
        return into.tobytes()[:count]

    # Waits for several connections.
    wait = staticmethod(connection.wait)

    def poll(self, end, wait):
        ready = end.poll() if wait == "never" else end.poll(limit_of(wait))
        if not ready:
            raise NotReady


def raw_bytes(what):
    """Returns the bytes that a raw write writes."""
    length = what.get("length")
    header = b"" if length is None else header_for(length)
    return (header + bytes.fromhex(what["bytes"]))[what.get("from", 0) : what.get("to")]


def header_for(length):
    """Returns what the library writes before a message of this length."""
    if length > 0x7FFFFFFF:
        return struct.pack("!i", -1) + struct.pack("!Q", length)
    return struct.pack("!i", length)


def write_all(descriptor, data):
    while data:
        data = data[os.write(descriptor, data) :]
