"""The front: it reads messages from the harness and writes the replies."""

import argparse
import multiprocessing
import os
import sys
import threading
from multiprocessing import connection

import ipc_conformance_kit as kit
from ipc_conformance_kit import dumps, let_import_from

from . import FOLDER, __doc__ as about, elsewhere
from .backend import python_version
from .columns import backends
from .host import be_host
from .methods import available_methods
from .objections import objection


class Front(kit.Front):
    def __init__(self, methods):
        super().__init__(backends(methods))
        # A fork server imports this package at its start, for all of its forks.
        let_import_from(FOLDER)
        self.hosts = {}
        self.current = None

    def hear_start(self, what):
        if sys.implementation.name != "cpython" or sys.version_info < (3, 8):
            why = "this adapter needs CPython 3.8 or newer, not %s" % sys.version
            self.tell({"refused": {"why": why}})
            return True
        return super().hear_start(what)

    def ready(self):
        runtime = "CPython %s" % python_version()
        return {
            "version": kit.VERSION,
            "name": os.path.basename(os.path.dirname(os.path.abspath(sys.argv[0]))),
            "about": "%s, %s" % (runtime, self.library()),
            "runtime": runtime,
            "backends": [backend.declared() for backend in self.hosted.values()],
        }

    def library(self):
        return next(iter(self.hosted.values())).library

    def objection(self, plan, backend):
        return objection(plan, backend)

    def begin(self, number, backend, plan):
        if backend.method not in self.hosts:
            self.hosts[backend.method] = self.new_host(backend.method)
        self.current = self.hosts[backend.method][0]
        # The number of the current run, until `done` is sent.
        self.run = number
        self.pass_on({"run": {"run": number, "backend": backend.name, "plan": plan}})

    def hear_answer(self, what):
        self.pass_on({"answer": what})

    def hear_end(self, what):
        self.pass_on({"end": what})

    def pass_on(self, message):
        self.current.send_bytes(dumps(message).encode())

    def stop(self):
        hosts, self.hosts, self.run = list(self.hosts.values()), {}, None
        for inbox, _, _ in hosts:
            inbox.close()
        for _, process, relay in hosts:
            process.join()
            relay.join()

    def new_host(self, method):
        """Starts a fresh interpreter, so that no start method sees what another one left behind."""
        (inbox, to), (from_, outbox) = (connection.Pipe(duplex=False) for _ in range(2))
        process = multiprocessing.get_context("spawn").Process(target=be_host, args=(inbox, outbox))
        process.start()
        inbox.close()
        outbox.close()
        relay = threading.Thread(target=self.relay, args=(method, from_), daemon=True)
        relay.start()
        return to, process, relay

    def relay(self, method, from_):
        """Passes on the messages of a host until it is gone."""
        while True:
            try:
                line = from_.recv_bytes()
            except (EOFError, OSError):
                break
            if line.startswith(b'{"done"'):
                self.run = None
            self.write(line)
        if self.run is not None:
            self.hosts.pop(method, None)
            self.tell({"failed": {"run": self.run, "why": "the host of its processes has died"}})
            self.tell({"done": {"run": self.run}})


def methods_of(words):
    """Returns the start methods that these arguments ask for."""
    known = available_methods()

    def some(text):
        methods = text.split(",")
        if not set(methods) <= set(known):
            raise argparse.ArgumentTypeError("this system has %s" % ", ".join(known))
        return methods

    parser = argparse.ArgumentParser(prog="adapter.py", description=about.split("\n")[0])
    asked = "start methods whose columns are hosted, separated by commas; all by default"
    parser.add_argument("--start-method", type=some, default=known, metavar="METHOD", help=asked)
    return parser.parse_args(words).start_method


def main(words):
    methods = methods_of(words)
    if sys.platform == "win32":
        import msvcrt

        for descriptor in (0, 1):
            msvcrt.setmode(descriptor, os.O_BINARY)
    Front(methods).serve()
    return 0


def host(file):
    """Runs this adapter with the columns of a file, which is the main module."""
    os.environ[elsewhere.VARIABLE] = os.path.abspath(file)
    # A new interpreter must not run the file again as its main module.
    del sys.modules["__main__"].__file__
    sys.exit(main(sys.argv[1:]))
