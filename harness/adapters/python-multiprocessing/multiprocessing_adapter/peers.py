"""The processes of a plan."""

import io
import json
import os
import sys
from multiprocessing import resource_tracker

from ipc_conformance_kit import (
    NO_STEP,
    TROUBLE,
    Alive,
    Impossible,
    Reporter,
    all_steps,
    dumps,
    ends_of,
    exit_with,
    own_ends,
    value_of,
)

from .columns import backends
from .handover import close_except, given_to
from .methods import METHODS
from .steps import Thread

# The variables of this process, once it is a peer. They are global in this module: a fork copies them,
# and a fresh interpreter has none until it reads the plan's initial values.
variables = None

# What this process is, its host or its peer, and what the processes were from which it was forked.
# The latter are kept, because their open ends stay open in the fork until they are closed.
current = None
ancestors = []


def become(one):
    """Makes this process a host or a peer."""
    global current
    current = one


def live(given):
    """Runs a process of a plan."""
    global variables
    if current is not None:
        ancestors.append(current)
        current.leave(given)
    peer = Peer(given)
    become(peer)
    if variables is None:
        initial = peer.plan["processes"][peer.me]["vars"]
        variables = {name: value_of(item) for name, item in initial.items()}
    peer.run()


def process_for(given, context):
    """Returns the process for what it is given, before it is started."""
    return context.Process(target=live, args=(given,))


def exit_of(process, seconds=None):
    """Waits for a process that this one started, and returns how it exited. Raises `Alive` if it is alive
    after this time."""
    process.join(seconds)
    # "Check the process's exitcode to determine if it terminated."
    code = process.exitcode
    if code is None and seconds is not None:
        raise Alive
    process.close()
    return "unseen" if code is None else exit_with(code)


class Peer(Reporter):
    """This process as a process of a plan."""

    exit_of = staticmethod(exit_of)

    def __init__(self, given):
        super().__init__(given["run"], given["plan"], given["process"])
        self.backend = backends(METHODS)[given["backend"]]
        self.backend.has_marks = has_marks(self.plan)
        self.link = given["link"]
        # The ends of this process and of those that it has yet to start, and the links of the latter.
        self.ends = given["ends"]
        self.links = given["links"]
        self.own = own_ends(self.plan, self.me)
        self.kept = []

    @property
    def variables(self):
        return variables

    # Reports to the harness, and its replies. Both exit if the harness is gone.

    def tell(self, message):
        try:
            self.link.send_bytes(dumps(message).encode())
        except OSError:
            os._exit(TROUBLE)

    def hear(self):
        try:
            return json.loads(self.link.recv_bytes())
        except (EOFError, OSError):
            os._exit(TROUBLE)

    def print(self, line):
        print(line, flush=True)

    # From start to exit.

    def run(self):
        sys.stdout = Told(self, "stdout").text()
        sys.stderr = Told(self, "stderr").text()
        self.say_alive()
        process = self.plan["processes"][self.me]
        if process["starter"] is None:
            # Wait until all other processes have closed the ends that aren't theirs.
            self.answer(0)
        thread = Thread(self, 0)
        if self.backend.closes and not self.ends and not self.links:
            self.count_handles()
        self.attempt(thread.steps, process["steps"])
        self.attempt(thread.operate, NO_STEP, "exit", self.finish)

    def finish(self):
        """Closes open ends as the library does, and waits for the processes that it started."""
        ends = [self.ends[name] for name in sorted(self.own) if name in self.ends]
        for end in ends:
            self.backend.close(end)
        for child in list(self.children):
            self.wait_for(child)
        for end in ends:
            self.backend.finish(end)
        return self.handles_left()

    def count_handles(self):
        if os.name == "posix":
            # The library starts this process for its own use, once, and keeps a pipe to it.
            resource_tracker.ensure_running()
        super().count_handles()

    # Ends and children.

    def open_channel(self, index):
        sides = self.backend.open(self.plan["channels"][index])
        needed = self.own | ends_of(self.plan, self.links)
        for side, end in sides.items():
            if (index, side) in needed:
                self.ends[index, side] = end
            else:
                self.let_go(end)

    def start(self, child):
        if child not in self.links:
            raise Impossible("it was started before")
        given = given_to(child, self.number, self.plan, self.backend.name, self.ends, self.links)
        start = self.plan["processes"][child]["start"]
        process = process_for(given, self.backend.context_of(start))
        process.start()
        self.children[child] = process
        self.let_go_of(given)

    def let_go(self, end):
        self.backend.let_go(end)
        self.kept.append(end)

    def let_go_of(self, given):
        """Closes what it held only for a process that it has now started."""
        for index in [given["process"], *given["links"]]:
            self.links.pop(index).close()
        needed = self.own | ends_of(self.plan, self.links)
        for name in [name for name in self.ends if name not in needed]:
            self.let_go(self.ends.pop(name))

    def leave(self, given):
        """Called in a fork of this process: closes the links to the harness, and nothing else."""
        self.link.close()
        close_except(self.links.values(), given)


def has_marks(plan):
    """Returns whether steps mark items as done, or wait until all are marked."""
    steps = (step for each in plan["processes"] for step in all_steps(each["steps"]))
    return any(word in ("task-done", "join-queue") for word, _, _ in steps)


class Told(io.RawIOBase):
    """A standard stream whose output is sent to the harness."""

    def __init__(self, peer, stream):
        self.peer = peer
        self.stream = stream

    def text(self):
        return io.TextIOWrapper(
            io.BufferedWriter(self),
            encoding="utf-8",
            errors="backslashreplace",
            newline="\n",
            line_buffering=True,
        )

    def writable(self):
        return True

    def write(self, data):
        data = bytes(data)
        self.peer.say("output", stream=self.stream, bytes=data.hex())
        return len(data)
