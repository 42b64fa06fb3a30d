"""What a column declares and does, and the column without a channel."""

import signal
import sys

from ipc_conformance_kit import introduction

from .methods import METHODS, available_methods, context_of


def python_version():
    """Returns the version as Python writes it, such as 3.12.3 or 3.13.0rc1."""
    return sys.version.split()[0]


class Backend:
    """One class of channel with one start method."""

    kind = "process"
    about = "multiprocessing.Process"
    # The library is a part of Python, and has its version.
    library = "multiprocessing"
    # The start methods for which it is a column.
    methods = METHODS
    is_bounded = polls = puts_waiting = gets_waiting = has_backlog = has_bytes = is_joinable = False
    closes = True
    largest_message = largest_depth = None
    native = composed = ()

    def __init__(self, method):
        self.method = method
        self.name = "cpython-%s/%s" % (method, type(self).__name__)

    # The library's context for a start method.
    context_of = staticmethod(context_of)

    @property
    def context(self):
        return self.context_of(self.method)

    @property
    def version(self):
        return python_version()

    @property
    def starts(self):
        """The start methods for processes that hold such channels."""
        return available_methods()

    @property
    def largest_capacity(self):
        if not self.is_bounded:
            return None
        from multiprocessing.synchronize import SEM_VALUE_MAX

        return SEM_VALUE_MAX

    def declared(self):
        about = "%s, start method %s" % (self.about, self.method)
        signals = ["signals"] if hasattr(signal, "SIGUSR1") else []
        native = [*self.native, "timed-join", *signals, *self.starts]
        return introduction(self, about, self.version, native, list(self.composed))

    def open(self, channel):
        """Creates a channel and returns an object for each of its sides."""
        raise NotImplementedError(self.name)

    def close(self, end):
        """Closes an end, for a step or at exit."""
        end.close()

    def let_go(self, end):
        """Closes this process's copy of an end that it held only for other processes."""
        end.close()

    def finish(self, end):
        """Waits for items that this process has put, if the library does that at exit."""

    def tidy(self):
        """Removes what it created for a run that has ended."""


class Process(Backend):
    """Processes without a channel."""
