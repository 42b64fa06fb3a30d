"""The steps on ends. The kit runs all others."""

import functools

import ipc_conformance_kit as kit
from ipc_conformance_kit import WORDS, NotReady, clock, limit_of, place

from .connections import raw_bytes, write_all
from .endpoints import NotMade, authkey
from .items import FAILING
from .outcomes import Says, failure_of

WORDS.update(FAILING)


class Thread(kit.Thread):
    """One sequence of steps of a peer."""

    def failure(self, error, kind, wait):
        return failure_of(error, kind, wait)

    def result(self, kind, value):
        return super().result("get" if kind == "size" else kind, value)

    def put_call(self, what, value):
        end, wait = what["end"], what["wait"]
        put = self.peer.backend.put
        return functools.partial(put, self.end_of(end), value, wait, self.codec_of(end))

    def get_call(self, what):
        end, wait, backend = what["end"], what["wait"], self.peer.backend
        if what.get("buffer") is not None:
            return functools.partial(backend.get_into, self.end_of(end), wait, what["buffer"])
        return functools.partial(backend.get, self.end_of(end), wait, self.codec_of(end))

    def do_poll(self, step, what):
        ends, wait = what["ends"], what["wait"]
        polled = [self.end_of(end) for end in ends]
        if len(ends) == 1:
            poll = functools.partial(self.peer.backend.poll, *polled, wait)
            self.operate(step, "poll", poll, *ends, wait)
            return
        operations = [self.begin(step, "poll", end, wait) for end in ends]
        try:
            ready = self.peer.backend.wait(polled, limit_of(wait))
        except Exception as error:
            at, said = clock(), self.failure(error, "poll", wait)
            for operation, end in zip(operations, ends):
                self.end(operation, end, at, **said)
            return
        at = clock()
        missing = self.failure(NotReady(), "poll", "never" if ready else wait)
        for operation, end, one in zip(operations, ends, polled):
            self.end(operation, end, at, **({"outcome": "ok"} if one in ready else missing))

    def do_task_done(self, step, what):
        end = what["end"]
        self.operate(step, "task-done", self.end_of(end).task_done, end)

    def do_join_queue(self, step, what):
        end = what["end"]
        self.operate(step, "join-queue", self.end_of(end).join, end)

    def do_hint(self, step, what):
        end, hint = what["end"], what["hint"]
        asked = self.end_of(end)

        def says(answer, outcome):
            if answer:
                raise Says(outcome)

        calls = {
            "size": lambda: asked.qsize(),
            "is-empty": lambda: says(asked.empty(), "empty"),
            "is-full": lambda: says(asked.full(), "full"),
        }
        self.operate(step, hint, calls[hint], end)

    def do_close(self, step, what):
        end = what["end"]
        close = functools.partial(self.peer.backend.close, self.end_of(end))
        self.operate(step, "close", close, end)

    # A connection closes only as a whole.
    do_half_close = None

    def do_listen(self, step, what):
        end = what["end"]
        self.operate(step, "listen", self.end_of(end).listen, end)

    def do_accept(self, step, what):
        end = what["end"]
        self.bind(what["into"], *self.operate(step, "accept", self.end_of(end).accept, end))

    def do_connect(self, step, what):
        end, key = what["end"], authkey(what.get("key"))
        connect = functools.partial(self.end_of(end).connect, key)
        self.bind(what["into"], *self.operate(step, "connect", connect, end))

    def bind(self, name, ok, made):
        """Gives this name to the connection that `accept` or `connect` made."""
        if ok:
            self.peer.ends[place(name)] = made
        else:
            self.peer.ends.setdefault(place(name), NotMade())

    def do_raw(self, step, what):
        end, data = what["end"], raw_bytes(what)
        self.operate(step, "raw", lambda: write_all(self.end_of(end).fileno(), data), end)
