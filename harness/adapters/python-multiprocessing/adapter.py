"""Starts the adapter for CPython's multiprocessing. Its package has all the rest."""

import os
import sys

if __name__ == "__main__":
    # The package is imported as modules, which are compiled once. What this file held, every new
    # interpreter would compile again and run a second time.
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    sys.dont_write_bytecode = False
    from multiprocessing_adapter.front import main

    del sys.modules["__main__"].__file__
    sys.exit(main(sys.argv[1:]))
