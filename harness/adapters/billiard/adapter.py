"""The queues and pipes of billiard, with the adapter of multiprocessing, of which it is a fork.

The quotes are from billiard's Doc/library/multiprocessing.rst.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "python-multiprocessing"))

from multiprocessing_adapter import connections, front, queues  # noqa: E402

import billiard  # noqa: E402
import billiard.connection  # noqa: E402


class Billiard:
    """A column of billiard. Its processes start by fork, as Celery's do."""

    library = "billiard"
    version = billiard.__version__
    methods = starts = ("fork",)
    context_of = staticmethod(billiard.get_context)

    def __init__(self, method):
        self.method = method
        self.name = "billiard/" + type(self).__name__
        self.about = "billiard." + type(self).__name__


class Queue(Billiard, queues.Queue):
    pass


class JoinableQueue(Billiard, queues.JoinableQueue):
    pass


class SimpleQueue(Billiard, queues.SimpleQueue):
    # The document has no `close` for it.
    closes = False


class Pipe(Billiard, connections.Pipe):
    wait = staticmethod(billiard.connection.wait)


KINDS = (Queue, SimpleQueue, JoinableQueue, Pipe)

if __name__ == "__main__":
    front.host(__file__)
