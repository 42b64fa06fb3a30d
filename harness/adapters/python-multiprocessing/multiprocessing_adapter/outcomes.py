"""Which outcome an exception of the library is."""

import errno
import multiprocessing
import pickle
import queue
import sys

from ipc_conformance_kit import Alive, NotReady, error_of


class Says(Exception):
    """A queue says that it is empty or full."""


def failure_of(error, kind, wait):
    """Returns what `returned` says about an operation that raised this exception."""
    outcome, is_definite = outcome_of(error, kind, wait)
    if isinstance(error, (Alive, NotReady, Says)):
        # These are no exceptions of the library, so there is no error to report.
        return {"outcome": outcome}
    return {"outcome": outcome, "error": error_of(error, is_definite)}


def outcome_of(error, kind, wait):
    """Returns the outcome that the library documents for an exception, and whether the call definitely
    had no effect."""
    if isinstance(error, Alive):
        return "timeout", True
    waited = "empty" if wait == "never" else "timeout"
    if isinstance(error, (queue.Empty, NotReady)):
        return waited, True
    if isinstance(error, Says):
        return str(error), True
    if isinstance(error, queue.Full):
        return "full" if wait == "never" else "timeout", True
    said = str(error)
    if kind in ("listen", "accept", "connect"):
        return outcome_of_meeting(error), True
    if isinstance(error, OSError) and error.errno is None:
        if said == "handle is closed":
            return "closed", True
        if said in ("connection is read-only", "connection is write-only"):
            return "refused", True
    if isinstance(error, ValueError):
        if said.startswith("Queue ") and said.endswith(" is closed"):
            return "closed", True
        if kind in ("put", "task-done"):
            return "refused", True
    if isinstance(error, pickle.PicklingError) and kind == "put":
        return "refused", True
    if isinstance(error, pickle.UnpicklingError) or type(error).__name__ == "BufferTooShort":
        # The message has been received.
        return "error", False
    # Unpickling a truncated message raises EOFError too, but with a text.
    if isinstance(error, EOFError) and kind == "get" and not error.args:
        return "end", True
    if isinstance(error, (BrokenPipeError, ConnectionResetError)) and kind == "put":
        # A message that wasn't written to its last byte is never received.
        return "gone", True
    # Errors that don't come from the system occur before anything is written.
    return "error", not isinstance(error, OSError)


def outcome_of_meeting(error):
    """Returns the outcome for an exception of listen, accept or connect."""
    if isinstance(error, (FileNotFoundError, ConnectionRefusedError)):
        return "absent"
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return "taken"
    if isinstance(error, PermissionError):
        # Windows denies creating the first instance of a named pipe if there already is one.
        return "taken" if sys.platform == "win32" else "denied"
    if isinstance(error, multiprocessing.AuthenticationError):
        return "denied"
    if isinstance(error, (EOFError, ConnectionResetError, BrokenPipeError)):
        # The other side has closed during the authentication.
        return "gone"
    if isinstance(error, OSError) and str(error) == "listener is closed":
        return "closed"
    if isinstance(error, OSError) and str(error) == "AF_UNIX path too long":
        return "refused"
    return "error"
