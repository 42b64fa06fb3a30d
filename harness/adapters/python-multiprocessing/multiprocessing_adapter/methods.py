"""The start methods of multiprocessing."""

import multiprocessing

METHODS = ("spawn", "fork", "forkserver")

# The fork server imports this module once, and its forks needn't.
PRELOADED = "multiprocessing_adapter.peers"


def context_of(method):
    """Returns the context of multiprocessing for a start method."""
    context = multiprocessing.get_context(method)
    if method == "forkserver":
        context.set_forkserver_preload([PRELOADED])
    return context


def available_methods():
    return [method for method in METHODS if method in multiprocessing.get_all_start_methods()]
