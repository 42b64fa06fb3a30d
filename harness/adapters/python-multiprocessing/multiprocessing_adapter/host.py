"""The host of a start method: it creates the channels of a run and starts its processes."""

import json
from multiprocessing import connection

import ipc_conformance_kit as kit
from ipc_conformance_kit import dumps

from .columns import backends
from .handover import close_except, given_to
from .methods import METHODS
from .peers import become, exit_of, process_for


def be_host(inbox, outbox):
    """Runs the host of a start method until its inbox is closed."""
    host = Host(inbox, outbox)
    become(host)
    host.serve()


class Host:
    def __init__(self, inbox, outbox):
        self.inbox = inbox
        self.outbox = outbox
        self.run = None

    def serve(self):
        while True:
            links = self.run.links if self.run else {}
            for ready in connection.wait([self.inbox, *links]):
                if ready is self.inbox:
                    try:
                        message = json.loads(ready.recv_bytes())
                    except (EOFError, OSError):
                        self.stop()
                        return
                    self.hear(message)
                elif self.run is not None:
                    self.run.receive(ready)
            if self.run is not None and not self.run.links:
                self.run.close()
                self.run.tell({"done": {"run": self.run.number}})
                self.run = None

    def stop(self):
        if self.run is not None:
            self.run.end()
            while self.run.links:
                for ready in connection.wait(list(self.run.links)):
                    self.run.receive(ready)

    def write(self, line):
        try:
            self.outbox.send_bytes(line)
        except OSError:
            # The front is gone, and the inbox will report that too.
            pass

    def hear(self, message):
        ((word, what),) = message.items()
        if word == "run":
            backend = backends(METHODS)[what["backend"]]
            self.run = Run(self.write, what["run"], backend, what["plan"])
            self.run.start()
        elif self.run is not None and self.run.number == what["run"]:
            if word == "end":
                self.run.end()
            else:
                self.run.answer(what["process"], [what["thread"], what["happened"]])

    def leave(self, given):
        """Called in a fork of this process: closes everything that the new process doesn't own."""
        self.inbox.close()
        self.outbox.close()
        self.run.leave(given)


class Run(kit.Run):
    """A run under way."""

    exit_of = staticmethod(exit_of)

    def __init__(self, write, number, backend, plan):
        super().__init__(number, plan)
        self.write = write
        self.backend = backend
        self.ends = {}
        # The host's ends of the links, and the processes' ends.
        self.links = {}
        self.given = {}

    def start(self):
        try:
            self.open_channels()
            self.start_processes()
        except Exception as error:
            self.fail("%s: %s" % (type(error).__name__, error))
        for link in self.given.values():
            link.close()
        for end in self.ends.values():
            self.backend.let_go(end)

    def open_channels(self):
        for index, channel in enumerate(self.plan["channels"]):
            if channel["opener"] is None and channel.get("endpoint") is None:
                for side, end in self.backend.open(channel).items():
                    self.ends[index, side] = end

    def start_processes(self):
        for process in self.left:
            here, there = connection.Pipe()
            self.links[here] = process
            self.given[process] = there
        for root in self.roots:
            name = self.backend.name
            given = given_to(root, self.number, self.plan, name, self.ends, self.given)
            process = process_for(given, self.backend.context)
            process.start()
            self.started[root] = process

    def receive(self, link):
        """Handles what a process reports, or the end of its link: it has ended."""
        process = self.links.get(link)
        if process is None:
            return
        try:
            line = link.recv_bytes()
        except (EOFError, OSError):
            del self.links[link]
            link.close()
            self.bury(process)
        else:
            self.hear(process, line)

    def alive(self, process, pid):
        super().alive(process, pid)
        # It holds only its own ends now.
        self.ready(process)

    def answer(self, process, message):
        for link, other in self.links.items():
            if other == process:
                try:
                    link.send_bytes(dumps(message).encode())
                except OSError:
                    # The process is gone, and its link will report that.
                    pass

    def close(self):
        self.ends.clear()
        self.backend.tidy()

    def leave(self, given):
        for link in self.links:
            link.close()
        close_except(self.given.values(), given)
        for name, end in self.ends.items():
            if name not in given["ends"]:
                self.backend.let_go(end)
        self.ends.clear()
