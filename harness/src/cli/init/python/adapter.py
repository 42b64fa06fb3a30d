"""Hosts the toy library. Replace `toy` by your own library, call by call."""

import toy
from ipc_conformance_kit import Pipe, run


class ToyPipe(Pipe):
    """a pipe of messages with their lengths"""

    name = "toy/pipe"
    # What the library itself can do. The kit adds what follows from the methods of this class.
    # `ipc-conformance adapter schema from-adapter` has a sentence for each capability.
    native = ["boundaries", "zero-length", "end-on-close", "backpressure", "several-channels"]
    # Which outcome an exception of the library is; EOFError is the end.
    errors = {BrokenPipeError: "gone", toy.Closed: "closed"}

    @classmethod
    def create(cls, channel):
        rx, tx = toy.pipe()
        return {"rx": rx, "tx": tx}

    def __init__(self, end):
        self.end = toy.End(end.fd)

    def send(self, data):
        self.end.send(data)

    def recv(self):
        return self.end.recv()

    def close(self):
        self.end.close()


if __name__ == "__main__":
    run(ToyPipe)
