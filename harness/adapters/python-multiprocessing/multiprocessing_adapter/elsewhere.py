"""The columns of an adapter for another library, which starts processes as multiprocessing does."""

import functools
import importlib.util
import os

# The variable with the file of that adapter. All processes of this one inherit it.
VARIABLE = "IPC_CONFORMANCE_COLUMNS"


@functools.lru_cache(maxsize=None)
def kinds():
    """Returns the classes in that adapter's `KINDS`, or None if there is no such adapter."""
    file = os.environ.get(VARIABLE)
    if file is None:
        return None
    found = importlib.util.spec_from_file_location("columns_elsewhere", file)
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module.KINDS
