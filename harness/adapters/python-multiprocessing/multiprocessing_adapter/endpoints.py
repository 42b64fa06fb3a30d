"""Endpoints, and the connections that `accept` and `connect` make at them."""

import os
import shutil
import sys
import tempfile
from multiprocessing import connection

from ipc_conformance_kit import clock

from .connections import Pipe


class Listener(Pipe):
    """Endpoints, whose connections are ends like those of a pipe."""

    kind = "endpoint"
    about = "multiprocessing.connection.Listener and Client"
    # For a named pipe it accepts a backlog too, and ignores it.
    has_backlog = sys.platform != "win32"
    native = (
        *(one for one in Pipe.native if one not in ("duplex", "open-in-peer")),
        "unlinks-name",
        "authentication",
        *(["backlog"] if has_backlog else []),
    )

    def __init__(self, method):
        super().__init__(method)
        self.folders = []

    def open(self, channel):
        name = channel["name"].rjust(channel.get("length") or 0, "x")
        backlog = channel.get("backlog") or Name.BACKLOG
        key = authkey(channel.get("key"))
        if sys.platform == "win32":
            return {"name": Name(r"\\.\pipe\%d-%d-%s" % (os.getpid(), clock(), name), backlog, key)}
        folder = tempfile.mkdtemp(prefix="ipc-")
        self.folders.append(folder)
        return {"name": Name(os.path.join(folder, name), backlog, key)}

    def let_go(self, end):
        # A name is not a handle.
        if not isinstance(end, Name):
            super().let_go(end)

    def tidy(self):
        for folder in self.folders:
            shutil.rmtree(folder, ignore_errors=True)
        self.folders.clear()


class Name:
    """A process's view of an endpoint: its address, its key, and its listener, if it has one."""

    # How many clients may wait to be accepted if the case doesn't say. The library's default of one is
    # too small for several clients at once.
    BACKLOG = 64

    def __init__(self, address, backlog, key):
        self.address = address
        self.backlog = backlog
        self.key = key
        self.listener = None

    def __getstate__(self):
        # A listener stays in its process. It can't be pickled.
        return {**self.__dict__, "listener": None}

    def listen(self):
        self.listener = connection.Listener(self.address, backlog=self.backlog, authkey=self.key)

    def accept(self):
        return self.listener.accept()

    def connect(self, key):
        return connection.Client(self.address, authkey=key)

    def close(self):
        if self.listener is not None:
            self.listener.close()


class NotMade:
    """A connection that `accept` or `connect` failed to make. Its use fails like that of a closed one."""

    def __getattr__(self, name):
        raise OSError("handle is closed")


def authkey(key):
    """Returns a key of a plan in the form that multiprocessing takes."""
    return None if key is None else key.encode()
