"""All columns that this adapter hosts."""

from .backend import Process
from .connections import Pipe
from .endpoints import Listener
from .queues import JoinableQueue, Queue, SimpleQueue


def backends(methods):
    """Returns all hosted backends, by name."""
    kinds = (Queue, SimpleQueue, JoinableQueue, Pipe, Listener, Process)
    hosted = [kind(method) for method in methods for kind in kinds]
    return {backend.name: backend for backend in hosted}
