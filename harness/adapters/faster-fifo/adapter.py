"""The queue of faster-fifo, with the adapter of multiprocessing, by which its processes start.

The quotes are from faster-fifo's README.md and docstrings.
"""

import os
import sys
from importlib import metadata

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "python-multiprocessing"))

from multiprocessing_adapter import front, queues  # noqa: E402

import faster_fifo  # noqa: E402

# "specify the size of the circular buffer in the ctor"
SIZE = 1000 * 1000


class Queue(queues.Queue):
    library = "faster-fifo"
    about = "faster_fifo.Queue"
    version = metadata.version("faster-fifo")
    methods = ("fork",)
    # "close should be preferably called by only one process", and so isn't for one process's end.
    is_bounded = closes = False
    # "this implementation does not use a background thread": free-exit.
    native = (*queues.SHARED, "free-exit", "try-get", "try-put", "timed-get", "timed-put", "size")
    # "Based on a circular buffer". Pickles of items are longer than the items.
    largest_message = SIZE // 2
    largest_depth = {"items": SIZE // 200, "bytes": SIZE // 2}

    def __init__(self, method):
        self.method = method
        self.name = "faster-fifo/Queue"

    def open(self, channel):
        return {"queue": faster_fifo.Queue(SIZE)}

    def put(self, end, value, wait, codec):
        limit = queues.limit_of(wait)
        end.put(value) if limit is None else end.put(value, block=limit > 0, timeout=limit)

    def get(self, end, wait, codec):
        limit = queues.limit_of(wait)
        return end.get() if limit is None else end.get(block=limit > 0, timeout=limit)


KINDS = (Queue,)

if __name__ == "__main__":
    front.host(__file__)
