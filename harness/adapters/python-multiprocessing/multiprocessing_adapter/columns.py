"""All columns that this adapter hosts, or those of an adapter for another library."""

from . import elsewhere
from .backend import Process
from .connections import Pipe
from .endpoints import Listener
from .queues import JoinableQueue, Queue, SimpleQueue

KINDS = (Queue, SimpleQueue, JoinableQueue, Pipe, Listener, Process)


def backends(methods):
    """Returns all hosted backends, by name."""
    kinds = elsewhere.kinds() or KINDS
    hosted = [kind(method) for method in methods for kind in kinds if method in kind.methods]
    return {backend.name: backend for backend in hosted}
