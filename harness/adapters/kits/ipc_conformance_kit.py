"""A kit for adapters in Python: write a class for your library, and the kit does the rest.

Copy this file next to your adapter. It needs nothing but Python 3.8 or newer.

    import os
    from ipc_conformance_kit import Stream, run

    class OsPipe(Stream):
        name = "example/os.pipe"
        native = ["end-on-close"]

        @classmethod
        def create(cls, channel):
            rx, tx = os.pipe()
            return {"rx": rx, "tx": tx}

        def __init__(self, end):
            self.fd = end.fd

        def write(self, data):
            while data:
                data = data[os.write(self.fd, data):]

        def read(self):
            return os.read(self.fd, 65536)

        def close(self):
            os.close(self.fd)

    if __name__ == "__main__":
        run(OsPipe)

Try it with `ipc-conformance adapter check 'python3 mine.py'`. `python3 mine.py --trace` prints the
conversation with the harness to standard error.

The sections of this file:

    1. What an author writes     Queue, Pipe, Stream, Inbox, run
    2. Values and payloads       what messages carry, and how they look in the protocol
    3. What isn't supported      found before anything starts
    4. Processes                 how they start, and what they hold
    5. Peers                     the processes that run the steps of a plan
    6. The front                 the process that talks to the harness

A library that starts processes itself needs more than a class. Its adapter can subclass `Front` and
`Run`, `Reporter` and `Thread`.
"""

import collections
import functools
import itertools
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

VERSION = "0.10"

# ---------------------------------------------------------------------------------------------
# 1. What an author writes
# ---------------------------------------------------------------------------------------------


class Backend:
    """A process's end of a channel, over the library. Subclass Queue, Pipe or Stream.

    Define the calls that the library has, and only those:

        put(data), get()                          a Queue; send and recv for a Pipe, write and read
                                                  for a Stream. They wait as long as they must.
        try_put(data), try_get()                  return at once
        timed_put(data, seconds), timed_get(seconds)
        poll(seconds)                             whether something can be received; seconds is 0
                                                  for at once, and None for without a limit
        close(), half_close()
        create(channel), remove(channel)          class methods, once for each channel

    Call the library as its documents say: no retry, no buffer, no translation of errors. What you
    add yourself, list in `composed`.
    """

    kind = None
    name = None  # the column's name, as in "posix_ipc/MessageQueue"
    about = None  # how the library is used, for people; the first line of the docstring by default
    library = None  # the name of its package; the version is found from it
    version = None

    # The capabilities of the library's own interface, and those that the class adds. The kit adds
    # what follows from the methods, so list only the others.
    native = ()
    composed = ()
    largest_message = None
    largest_capacity = None
    largest_depth = None

    # Whether the library takes Python's values. Otherwise it gets bytes, which the kit encodes.
    takes_values = False

    # Whether opening one end waits until another process opens the other one.
    connects = False

    # Which outcome an exception is: a class of exceptions or a number of `errno`, to `empty`,
    # `full`, `timeout`, `end`, `gone`, `closed` or `refused`. EOFError is `end` and BrokenPipeError
    # is `gone` if this table doesn't say otherwise; any other exception is an `error`.
    errors = {}

    @classmethod
    def create(cls, channel):
        """Creates a channel, before any process starts.

        Returns a descriptor, or an object with `fileno()`, for each side: {"rx": …, "tx": …} or
        {"queue": …}; {"a": …, "b": …} if `channel.duplex`. Or nothing if a name is enough.
        """

    def __init__(self, end):
        """Opens an end: by `end.fd`, by `end.name`, or below `end.path`."""

    @classmethod
    def remove(cls, channel):
        """Removes what `create` made, after all processes have exited."""


class Queue(Backend):
    """Whole items, from any number of producers to any number of consumers."""

    kind = "queue"
    PUT, GET = "put", "get"


class Pipe(Backend):
    """Whole messages between two ends."""

    kind = "pipe"
    PUT, GET = "send", "recv"


class Stream(Backend):
    """Bytes between two ends, without boundaries. Reading b"" is the end of the stream."""

    kind = "stream"
    PUT, GET = "write", "read"


class Channel:
    """What a class may know about a channel."""

    def __init__(self, plan, index, prefix):
        channel = plan["channels"][index]
        self.capacity = channel.get("capacity")
        self.duplex = channel["duplex"]
        # A name that nothing else on this machine has, and a path in a folder of this run.
        self.name = f"{os.path.basename(prefix)}-{index}"
        self.path = os.path.join(prefix, str(index))


class End:
    """What a class may know about the end that it opens."""

    def __init__(self, channel, side, fd):
        self.channel = channel
        self.name = channel.name
        self.path = channel.path
        self.side = side
        self.fd = fd


class Inbox:
    """Keeps what a library pushes until a step asks for it. List `poll`, `try-get` and `timed-get`
    in `composed` if they use it, because the library has none of them."""

    def __init__(self):
        self.items = collections.deque()
        self.error = None
        self.changed = threading.Condition()

    def put(self, item):
        """Adds an item. The library's callback calls it."""
        with self.changed:
            self.items.append(item)
            self.changed.notify_all()

    def end(self, error=None):
        """Says that nothing more arrives: after the last item, `get` raises this exception."""
        with self.changed:
            self.error = error or EOFError()
            self.changed.notify_all()

    def poll(self, seconds=None):
        with self.changed:
            return self.changed.wait_for(lambda: self.items or self.error is not None, seconds)

    def get(self, seconds=None):
        """Returns the oldest item. Raises TimeoutError if there is none in time."""
        with self.changed:
            if not self.poll(seconds):
                raise TimeoutError
            if not self.items:
                raise self.error
            return self.items.popleft()


def run(*backends):
    """Runs the adapter: hosts these classes until the harness stops it."""
    arguments = sys.argv[1:]
    hosted = {backend.name: backend for backend in backends}
    if arguments[:1] == ["--peer"]:
        Peer(hosted, json.loads(arguments[1])).run()
    elif arguments in ([], ["--trace"]):
        Front(hosted, is_traced=bool(arguments)).serve()
    else:
        sys.exit(f"usage: {sys.argv[0]} [--trace]\nThe harness starts this program.")


def refuse_without_library(kind, error, trace):
    """Tells the harness which module is missing, if the adapter can't import its library."""
    sys.__excepthook__(kind, error, trace)
    if isinstance(error, ImportError):
        print(json.dumps({"refused": {"why": str(error)}}), flush=True)


# ---------------------------------------------------------------------------------------------
# 2. Values and payloads
# ---------------------------------------------------------------------------------------------

MASK = (1 << 64) - 1
SEED, WEYL, MIX = 0xD1290D3B1E6D92F5, 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9

# Bytes of at least this length don't match a payload by accident.
SURELY_PAYLOAD = 65

# Words of a long payload are computed together: one integer has a lane of 128 bits for each word,
# so that one multiplication multiplies all of them.
LANES = 4096

# The items that are words, and their values. An adapter that declares `encoding` adds the values
# `unsendable` and `undecodable`, which its library must fail to encode and to decode.
WORDS = {"none": None}

# The adapter's own way to carry text and values over a library that carries bytes.
BYTES_TAG = b"b"


@functools.lru_cache(maxsize=4)
def payload(number, size):
    """Returns the bytes of a payload: its number in eight bytes, then a pattern derived from it."""
    return b"".join(payload_parts(number, size))[:size]


def payload_parts(number, size):
    yield number.to_bytes(8, "little")
    state = number * SEED & MASK
    words = max(0, size - 1) // 8
    while words > 64:
        yield block(state)
        state = state + LANES * WEYL & MASK
        words -= LANES
    for n in range(1, words + 1):
        yield word(state + n * WEYL & MASK)


def word(state):
    """Returns the word for a state of the generator."""
    mixed = (state ^ state >> 31) * MIX & MASK
    return (mixed ^ mixed >> 29).to_bytes(8, "little")


def block(state):
    """Returns the words for the next LANES states."""
    weyl, ones, low = lanes()
    state = weyl + state * ones & low
    mixed = (state ^ state >> 31 & low) * MIX & low
    words = (mixed ^ mixed >> 29 & low).to_bytes(16 * LANES, "little")
    return memoryview(words).cast("Q")[::2].tobytes()


@functools.lru_cache(maxsize=1)
def lanes():
    """Returns the steps of the generator, a one in each lane, and the low half of each lane."""
    weyl = b"".join((n * WEYL & MASK).to_bytes(16, "little") for n in range(1, LANES + 1))
    ones = (1).to_bytes(16, "little") * LANES
    low = MASK.to_bytes(16, "little") * LANES
    return tuple(int.from_bytes(lane, "little") for lane in (weyl, ones, low))


def number_of(data):
    """Returns the number of this payload, or None if the bytes are no payload."""
    number = int.from_bytes(data[:8], "little")
    if len(data) < SURELY_PAYLOAD or data[8:16] != payload(number, 16)[8:]:
        return None
    return number if payload(number, len(data)) == data else None


def value_of(item):
    """Returns the value of an item."""
    if isinstance(item, str):
        return WORDS[item]
    ((kind, content),) = item.items()
    if kind == "big-int":
        return int(content)
    if kind == "float":
        return float(content)
    if kind == "bytes":
        return bytes.fromhex(content)
    if kind == "list":
        return [value_of(each) for each in content]
    if kind == "map":
        return {key: value_of(each) for key, each in content.items()}
    if kind == "payload":
        return payload(content["number"], content["size"])
    return content


def item_of(value):
    """Returns the item for a value."""
    for word_, one in WORDS.items():
        if value is one:
            return word_
    if isinstance(value, bool):
        return {"bool": value}
    if isinstance(value, int):
        fits = -(1 << 63) <= value < 1 << 63
        return {"int": value} if fits else {"big-int": str(value)}
    if isinstance(value, float):
        return {"float": decimal(value)}
    if isinstance(value, str):
        return {"text": value}
    if isinstance(value, (list, tuple)):
        return {"list": [item_of(each) for each in value]}
    if isinstance(value, dict):
        return {"map": {key: item_of(each) for key, each in value.items()}}
    # A value of another type is a TypeError here.
    data = value if isinstance(value, bytes) else bytes(memoryview(value))
    number = number_of(data)
    return {"bytes": data.hex()} if number is None else payload_item(number, len(data))


def payload_item(number, size):
    return {"payload": {"number": number, "size": size}}


def decimal(number):
    """Returns the shortest digits for this number."""
    if number != number:
        return "nan"
    digits, exponential, exponent = repr(number).partition("e")
    return digits + exponential + str(int(exponent)) if exponential else digits


def readable(value, is_nested=False):
    """Returns a value as a `print` step shows it; text is quoted inside lists and maps."""
    if value is None:
        return "None"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return decimal(value)
    if isinstance(value, str):
        return quoted(value) if is_nested else value
    if isinstance(value, list):
        return "[{}]".format(", ".join(readable(each, True) for each in value))
    if isinstance(value, dict):
        entries = (f"{key}: {readable(value[key], True)}" for key in sorted(value))
        return "{{{}}}".format(", ".join(entries))
    if isinstance(value, bytes):
        number = number_of(value)
        return "0x" + value.hex() if number is None else f"#{number} ({len(value)} bytes)"
    return str(value)


def quoted(text):
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}
    return '"{}"'.format("".join(escapes.get(each, each) for each in text))


def encode(value, codec):
    """Returns a value as bytes, for a library that carries bytes."""
    if codec == "bytes":
        return value
    if codec == "text":
        return value.encode()
    return BYTES_TAG + value if isinstance(value, bytes) else dumps(item_of(value)).encode()


def decode(data, codec):
    """Returns the value that these bytes encode, or the bytes if they encode none."""
    data = bytes(data)
    try:
        if codec == "text":
            return data.decode()
        if codec == "tagged" and data.startswith(BYTES_TAG):
            return data[len(BYTES_TAG) :]
        return value_of(json.loads(data)) if codec == "tagged" else data
    except (ValueError, TypeError, AttributeError):
        return data


dumps = json.JSONEncoder(separators=(",", ":")).encode

if hasattr(sys, "set_int_max_str_digits"):
    sys.set_int_max_str_digits(0)


# ---------------------------------------------------------------------------------------------
# 3. What isn't supported
# ---------------------------------------------------------------------------------------------


def declared(backend):
    """Returns what `ready` says about a backend."""
    # The library starts no processes, so the kit joins them.
    native, composed = {"spawn", *backend.native}, {"timed-join", *backend.composed}
    if hasattr(signal, "SIGUSR1"):
        native.add("signals")
    methods = {
        "try_" + backend.PUT: "try-put",
        "try_" + backend.GET: "try-get",
        "timed_" + backend.PUT: "timed-put",
        "timed_" + backend.GET: "timed-get",
        "poll": "poll",
        "half_close": "half-close",
    }
    native |= {methods[method] for method in methods if hasattr(backend, method)}
    if backend.kind != "stream" and not backend.takes_values:
        composed.add("values")
    about = backend.about or (backend.__doc__ or backend.name).split("\n")[0]
    version = backend.version or version_of(backend.library)
    return introduction(backend, about, version, sorted(native - composed), sorted(composed))


def introduction(backend, about, version, native, composed):
    """Returns what `ready` says about a backend that offers these capabilities."""
    return {
        "kind": backend.kind,
        "name": backend.name,
        "about": about,
        "library": backend.library,
        "version": version,
        "capabilities": {
            "native": native,
            "composed": composed,
            "largest-message": backend.largest_message,
            "largest-capacity": backend.largest_capacity,
            "largest-depth": backend.largest_depth,
        },
    }


def version_of(library):
    """Returns the version of an installed package, or None."""
    from importlib import metadata

    try:
        return metadata.version(library) if library else None
    except metadata.PackageNotFoundError:
        return None


def objection(plan, backend):
    """Returns why this backend can't run this plan, or None if it can."""
    for index in range(len(plan["channels"])):
        why = objection_to_channel(plan, index, backend)
        if why is not None:
            return why
    for process in plan["processes"]:
        if process["start"] != "spawn":
            return f"the kit can't start a process by {process['start']}"
        if process.get("starter") is not None and os.name == "nt":
            return "the kit can't start a process from another one on Windows"
        for word_, what, is_in_thread in all_steps(process["steps"]):
            why = objection_to_step(backend, word_, what, is_in_thread)
            if why is not None:
                return why
    return None


def objection_to_channel(plan, index, backend):
    channel, offered = plan["channels"][index], {*backend.native, *backend.composed}
    if channel["kind"] != backend.kind:
        return f"{backend.name} hosts no {channel['kind']}"
    needs = {
        "duplex": channel["duplex"],
        "capacity": channel.get("capacity") is not None,
        "open-in-peer": channel.get("opener") is not None,
    }
    for capability in needs:
        if needs[capability] and capability not in offered:
            return f"{backend.name} doesn't declare `{capability}`"
    started = [one for one in plan["processes"] if one.get("starter") is not None]
    late = [one["end"]["channel"] for each in started for one in each["ends"]]
    if backend.connects and index in late:
        return f"{backend.name} connects its ends before a step can start a process"
    # Several processes can inherit one end, but not open it by its name.
    is_named = backend.create.__func__ is Backend.create.__func__
    given = [place(one["end"]) for process in plan["processes"] for one in process["ends"]]
    for side, capability in (("tx", "several-producers"), ("rx", "several-consumers")):
        if is_named and given.count((index, side)) > 1 and capability not in offered:
            return f"{backend.name} has one {side} for each channel"
    return None


def objection_to_step(backend, word_, what, is_in_thread):
    if not hasattr(Thread, step_method(word_)):
        return f"the kit has no step `{word_}`"
    if word_ in ("put", "get"):
        method = method_of(backend, word_, what["wait"])
        return None if hasattr(backend, method) else f"{backend.name} has no {method}"
    if word_ in ("poll", "close", "half-close"):
        method = word_.replace("-", "_")
        if not hasattr(backend, method):
            return f"{backend.name} has no {method}"
        if word_ == "poll" and len(what["ends"]) > 1:
            return "the kit polls one end at a time"
    if word_ == "exit" and is_in_thread:
        return "sys.exit ends a process only from its main thread"
    return None


def signals_to(plan, process):
    """Returns the names of the signals that steps send to a process."""
    steps = (step for each in plan["processes"] for step in all_steps(each["steps"]))
    return {
        what["signal"]
        for word_, what, _ in steps
        if word_ == "signal" and process in what["processes"]
    }


def all_steps(steps, is_in_thread=False):
    """Yields these steps and the steps inside them: for each its word, its fields, and whether a
    thread other than the main one runs it."""
    for step in steps:
        action = step["action"]
        ((word_, what),) = action.items() if isinstance(action, dict) else [(action, {})]
        yield word_, what, is_in_thread
        yield from all_steps(what.get("each") or what.get("steps") or [], is_in_thread)
        for thread in what.get("threads") or []:
            yield from all_steps(thread, True)


def step_method(word_):
    return "do_" + word_.replace("-", "_")


def method_of(backend, kind, wait):
    """Returns the name of the method for a put or a get that waits in this way."""
    verb = backend.PUT if kind == "put" else backend.GET
    return {"deadline": "", "never": "try_"}.get(
        wait if isinstance(wait, str) else "", "timed_"
    ) + verb


def limit_of(wait):
    """Returns how many seconds a wait lasts at most: 0 for a try, and None for no limit."""
    return {"deadline": None, "never": 0}[wait] if isinstance(wait, str) else seconds_of(wait["for"])


def seconds_of(duration):
    return duration["secs"] + duration["nanos"] / 1e9


# ---------------------------------------------------------------------------------------------
# 4. Processes
# ---------------------------------------------------------------------------------------------

# The exit code of a peer when the adapter itself has failed or is gone.
TROUBLE = 70


def place(end):
    """Returns the key for an end of a plan."""
    return end["channel"], end["side"]


def own_ends(plan, process):
    """Returns the ends that the plan gives to this process."""
    return {place(given["end"]) for given in plan["processes"][process]["ends"]}


def family_of(plan, process):
    """Returns a process and all its descendants."""
    family = [process]
    for starter in family:
        family += [
            n for n, other in enumerate(plan["processes"]) if other.get("starter") == starter
        ]
    return family


def ends_of(plan, processes):
    """Returns the ends that the plan gives to any of these processes."""
    return set().union(*(own_ends(plan, process) for process in processes))


def descriptors_of(sides):
    """Returns the descriptor for each side of what `create` returned, which it takes over."""
    return {side: descriptor_of(end) for side, end in (sides or {}).items()}


def descriptor_of(end):
    if isinstance(end, int):
        return end
    fd = os.dup(end.fileno())
    end.close()
    return fd


class Link:
    """The two pipes between the front and a peer: answers to the peer, and reports from it."""

    def __init__(self, answers, reports):
        self.answers = answers
        self.reports = reports

    def close(self):
        os.close(self.answers)
        os.close(self.reports)


def start(process, plan, held, links):
    """Starts a process of the plan: this program again. It inherits the ends of its family in
    `held`, and a link for itself and for each of its descendants. Nothing else is inheritable."""
    family = family_of(plan, process)
    needed = ends_of(plan, family)
    ends = [
        (channel, side, fd) for (channel, side), fd in held.items() if (channel, side) in needed
    ]
    later = [(index, links[index].answers, links[index].reports) for index in family[1:]]
    inherited = [fd for _, _, fd in ends] + [fd for _, *both in later for fd in both]
    given = dumps({"process": process, "ends": ends, "links": later})
    command = [sys.executable, os.path.abspath(sys.argv[0]), "--peer", given]
    link = links[process]
    return subprocess.Popen(command, stdin=link.answers, stdout=link.reports, pass_fds=inherited)


def open_handles():
    """Returns how many descriptors this process has open, or None if the system doesn't say."""
    for folder in ("/proc/self/fd", "/dev/fd"):
        if os.path.isdir(folder):
            return len(os.listdir(folder))
    return None


def exit_of(process, seconds=None):
    """Waits for a process that this one started, and returns how it exited. Raises `Alive` if it is alive
    after this time."""
    try:
        return exit_with(process.wait(seconds))
    except subprocess.TimeoutExpired:
        raise Alive from None


def exit_with(code):
    """Returns how a process exited, from its exit code."""
    if code >= 1 << 31:
        # Windows reports the code without a sign, and the harness's kills have such a code.
        code -= 1 << 32
    elif code < 0 and os.name != "nt":
        return {"signal": -code}
    return {"code": code}


# ---------------------------------------------------------------------------------------------
# 5. Peers
# ---------------------------------------------------------------------------------------------

# The step of operations without a step: the exit after the last step.
NO_STEP = 4294967295

# The machine's monotonic clock in nanoseconds, as the harness reads it.
clock = time.perf_counter_ns


class Impossible(Exception):
    """What a step waits for can't happen any more."""


class Trouble(Exception):
    """A step can't be done for a reason that isn't the library's."""


class NotReady(Exception):
    """A poll found nothing to receive. The library raised no exception."""


class Alive(Exception):
    """A join found that its process is alive. The library raised no exception."""


class Reporter:
    """This process, as a process of a plan: it reports to the harness, and asks it. A subclass has
    `tell(message)`, which hands over a message before it returns, and `hear()`, which returns the
    next answer: the number of a thread, and whether what it waits for has happened."""

    def __init__(self, number, plan, me):
        self.number = number
        self.plan = plan
        self.me = me
        self.telling = threading.Lock()
        self.answered = threading.Condition()
        self.answers = {}
        self.is_listening = False
        # The processes that it has started and not waited for.
        self.children = {}
        # Those that it has waited for.
        self.joined = set()
        self.operations = itertools.count()
        self.delays = Delays(plan["seed"], me)
        self.exposure = Exposure(plan.get("fault"), me)
        self.handles_before = None

    def say(self, message, **fields):
        with self.telling:
            self.tell({message: {"run": self.number, "process": self.me, **fields}})

    def ask(self, thread, what):
        """Sends a request, and waits until the harness reports that it has happened."""
        self.say("ask", thread=thread, what=what)
        if not self.answer(thread):
            raise Impossible("it can't happen any more, or it happened too early")

    def answer(self, thread):
        """Returns the reply for this thread. One of the waiting threads reads them for all."""
        with self.answered:
            while thread not in self.answers:
                if self.is_listening:
                    self.answered.wait()
                    continue
                self.is_listening = True
                self.answered.release()
                try:
                    receiver, happened = self.hear()
                finally:
                    self.answered.acquire()
                self.answers[receiver] = happened
                self.is_listening = False
                self.answered.notify_all()
            return self.answers.pop(thread)

    def say_alive(self):
        """Reports that this process is alive, once it handles the signals that steps send to it."""
        for name in signals_to(self.plan, self.me):
            signal.signal(getattr(signal, "SIG" + name.upper()), lambda *_: None)
        self.say("alive", pid=os.getpid())

    def attempt(self, call, *arguments):
        """Makes a call in which the adapter itself may fail, which ends the run."""
        try:
            call(*arguments)
        except Exception as error:
            why = str(error)
            if not isinstance(error, Trouble):
                sys.__excepthook__(*sys.exc_info())
                why = f"{type(error).__name__}: {why}"
            group = self.plan["processes"][self.me]["group"]
            with self.telling:
                self.tell({"failed": {"run": self.number, "why": f"{group}: {why}"}})
            os._exit(TROUBLE)

    def count_handles(self):
        """Counts the open handles before the first end. A process that is given ends can't."""
        self.handles_before = open_handles()

    def handles_left(self):
        """Returns how many more handles than before its first end it has open, if it counted them."""
        if self.handles_before is None:
            return None
        return max(0, open_handles() - self.handles_before)

    def wait_for(self, child, seconds=None):
        """Waits until a process that this one started exits. Raises `Alive` if it is alive after this time."""
        if child in self.joined:
            return
        process = self.children.get(child)
        if process is None:
            raise Impossible("it isn't running")
        exit_ = self.exit_of(process, seconds)
        del self.children[child]
        self.joined.add(child)
        with self.telling:
            self.tell({"exited": {"run": self.number, "process": child, "exit": exit_}})


class Peer(Reporter):
    """A process that holds ends of the author's class."""

    exit_of = staticmethod(exit_of)

    def __init__(self, hosted, given):
        # Only the protocol may use these two, so what the library prints goes to standard error.
        self.reports = os.dup(1)
        self.answers_in = os.fdopen(os.dup(0), "rb")
        os.dup2(2, 1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)

        self.tell({"hello": given["process"]})
        job = self.hear()
        super().__init__(job["run"], job["plan"], given["process"])
        self.prefix = job["prefix"]
        self.backend = hosted[job["backend"]]
        # Descriptors of ends, for this process and for those that it has yet to start.
        self.held = {(channel, side): fd for channel, side, fd in given["ends"]}
        self.links = {index: Link(*both) for index, *both in given["links"]}
        for fd in [
            *self.held.values(),
            *(fd for link in self.links.values() for fd in vars(link).values()),
        ]:
            os.set_inheritable(fd, False)
        self.own = own_ends(self.plan, self.me)
        self.ends = {}
        # The names of those that a step has closed.
        self.closed = set()
        initial = self.plan["processes"][self.me]["vars"]
        self.variables = {name: value_of(item) for name, item in initial.items()}

    # Reports to the front, and its answers.

    def tell(self, message):
        data = (dumps(message) + "\n").encode()
        try:
            while data:
                data = data[os.write(self.reports, data) :]
        except OSError:
            os._exit(TROUBLE)

    def hear(self):
        line = self.answers_in.readline()
        if not line:
            os._exit(TROUBLE)
        return json.loads(line)

    def print(self, line):
        data = (line + "\n").encode("utf-8", "backslashreplace")
        self.say("output", stream="stdout", bytes=data.hex())

    # From start to exit.

    def run(self):
        self.say_alive()
        self.attempt(self.live)

    def live(self):
        process = self.plan["processes"][self.me]
        for channel, side in sorted(self.own):
            if self.plan["channels"][channel].get("opener") != self.me:
                self.open_end(channel, side)
        self.say("attached")
        if process.get("starter") is None:
            # The steps begin when every process that the front starts has its ends.
            self.answer(0)
        if hasattr(self.backend, "close") and not (self.ends or self.held or self.links):
            self.count_handles()
        thread = Thread(self, 0)
        thread.steps(process["steps"])
        thread.operate(NO_STEP, "exit", self.finish)

    def finish(self):
        """Closes open ends as the library does, and waits for the processes that it started."""
        for name in sorted(self.ends.keys() - self.closed):
            if hasattr(self.backend, "close"):
                self.ends[name].close()
        for child in list(self.children):
            self.wait_for(child)
        return self.handles_left()

    # Ends and children.

    def open_end(self, channel, side):
        """Opens an end of this process."""
        fd = self.held.get((channel, side))
        if fd is not None and (channel, side) in ends_of(self.plan, self.links):
            # A child needs the descriptor even if this process closes its end before.
            fd = os.dup(fd)
        else:
            self.held.pop((channel, side), None)
        about = Channel(self.plan, channel, self.prefix)
        self.ends[channel, side] = self.backend(End(about, side, fd))

    def open_channel(self, channel):
        about = Channel(self.plan, channel, self.prefix)
        for side, fd in descriptors_of(self.backend.create(about)).items():
            self.held[channel, side] = fd
        for owned, side in sorted(self.own):
            if owned == channel:
                self.open_end(channel, side)
        self.let_go()

    def start(self, child):
        if child not in self.links:
            raise Impossible("it was started before")
        self.children[child] = start(child, self.plan, self.held, self.links)
        for index in family_of(self.plan, child):
            self.links.pop(index).close()
        self.let_go()

    def let_go(self):
        """Closes the descriptors that it held only for processes that have been started."""
        needed = ends_of(self.plan, self.links)
        for end in [end for end in self.held if end not in needed]:
            os.close(self.held.pop(end))


class Delays:
    """Pauses before operations. They follow from a seed and make schedules differ."""

    RARITY = 4
    LONGEST = 300e-6

    def __init__(self, seed, process):
        self.state = seed and (seed ^ (process + 1) * WEYL) & MASK

    def pause(self):
        if self.state:
            self.state = self.state * 6364136223846793005 + 1442695040888963407 & MASK
            if self.state >> 33 & self.RARITY - 1 == 0:
                time.sleep(self.LONGEST * (self.state >> 40) / (1 << 24))


class Exposure:
    """Finds the operation of this process at which a sweep injects its fault."""

    def __init__(self, point, process):
        self.point = point if point and point["process"] == process else None
        self.returned = 0

    def due(self, moment):
        """Returns the fault for this moment, before or after an operation, or None."""
        at, self.returned = self.returned, self.returned + (moment == "after")
        if self.point and (self.point["operation"], self.point["moment"]) == (at, moment):
            return self.point["fault"]
        return None


class Thread:
    """One sequence of steps of a peer. Each `do_` method is a step of the plan."""

    def __init__(self, peer, number, item=None, round_=None):
        self.peer = peer
        self.number = number
        self.item = item
        self.round = round_

    def steps(self, steps):
        for step in steps:
            ((word_, what),) = step["action"].items()
            getattr(self, step_method(word_))(step["id"], what)
            if step["watched"]:
                self.peer.say("step-done", step=step["id"])

    # Operations.

    def operate(self, step, kind, call, end=None, wait="deadline", **fields):
        """Does one operation, reports it, and returns whether it succeeded and its result."""
        operation = self.begin(step, kind, end, wait, **fields)
        try:
            value = call()
        except Trouble:
            raise
        except Exception as error:
            self.end(operation, end, clock(), **self.failure(error, kind, wait))
            return False, None
        at = clock()
        self.end(operation, end, at, outcome="ok", **self.result(kind, value))
        return True, value

    def result(self, kind, value):
        """Returns the fields for what a call has returned."""
        if kind == "exit" and value is not None:
            return {"handles": value}
        return {"item": item_of(value)} if kind == "get" else {}

    def begin(self, step, kind, end=None, wait="deadline", **fields):
        """Reports that an operation begins, and returns its number."""
        peer = self.peer
        if end is not None:
            fields["end"] = end
            peer.delays.pause()
            self.suffer("before")
        if wait != "deadline":
            fields["timed"] = True
        where = {
            "run": peer.number,
            "process": peer.me,
            "thread": self.number,
            "step": step,
            "kind": kind,
        }
        with peer.telling:
            operation = next(peer.operations)
            peer.tell({"began": {**where, "operation": operation, **fields, "at": clock()}})
        return operation

    def end(self, operation, end, at, **fields):
        """Reports that an operation has returned."""
        self.peer.say("returned", operation=operation, at=at, **fields)
        if end is not None:
            self.suffer("after")

    def suffer(self, moment):
        """Asks the harness for the fault that the plan injects now, if any."""
        fault = self.peer.exposure.due(moment)
        if fault is not None:
            self.peer.ask(self.number, {fault: [self.peer.me]})

    def failure(self, error, kind, wait):
        """Returns the outcome of an exception, by the class's table."""
        waited = {"deadline": "timeout", "never": "full" if kind == "put" else "empty"}
        waited = waited.get(wait if isinstance(wait, str) else "", "timeout")
        if isinstance(error, NotReady):
            return {"outcome": waited}
        if isinstance(error, Alive):
            return {"outcome": "timeout"}
        outcome = outcome_of(error, self.peer.backend.errors)
        return {
            "outcome": waited if outcome in ("empty", "full", "timeout") else outcome,
            # A call that failed in a way that the library doesn't document may have had an effect.
            "error": error_of(error, is_definite=outcome != "error"),
        }

    # Steps on ends.

    def end_of(self, end):
        found = self.peer.ends.get(place(end))
        if found is None:
            raise Trouble(f"it was given no end {end['side']} of channel {end['channel']}")
        return found

    def call(self, kind, end, wait, *arguments):
        """Returns the library's call for a put or a get that waits in this way."""
        call = getattr(self.end_of(end), method_of(self.peer.backend, kind, wait))
        limit = [seconds_of(wait["for"])] if isinstance(wait, dict) else []
        return functools.partial(call, *arguments, *limit)

    def codec_of(self, end):
        return self.peer.plan["channels"][end["channel"]]["codec"]

    def put_call(self, what, value):
        """Returns the call that puts this value."""
        end = what["end"]
        data = value if self.peer.backend.takes_values else encode(value, self.codec_of(end))
        return self.call("put", end, what["wait"], data)

    def get_call(self, what):
        """Returns the call that gets a value."""
        end = what["end"]
        return functools.partial(self.get, self.call("get", end, what["wait"]), end)

    def do_put(self, step, what):
        end, wait = what["end"], what["wait"]
        for value, item in self.values(what["source"]):
            put = self.put_call(what, value)
            if not self.operate(step, "put", put, end, wait, item=item)[0]:
                break

    def do_get(self, step, what):
        get, limit = self.get_call(what), what["limit"]
        last = [item_of(self.resolve(value)) for value in limit.get("until", [])]
        rounds = range(limit["count"]) if "count" in limit else itertools.count()
        for _ in rounds:
            ok, value = self.operate(step, "get", get, what["end"], what["wait"])
            if not ok:
                break
            if what.get("into") is not None:
                self.peer.variables[what["into"]] = value
            if last and item_of(value) in last:
                break
            if what["each"]:
                outer, self.item = self.item, (value,)
                self.steps(what["each"])
                self.item = outer

    def get(self, call, end):
        backend, data = self.peer.backend, call()
        if backend.kind == "stream" and not data:
            raise EOFError
        if backend.takes_values:
            return data
        return decode(data, self.codec_of(end))

    def do_poll(self, step, what):
        (end,), wait = what["ends"], what["wait"]
        seconds = limit_of(wait)

        def poll():
            if not self.end_of(end).poll(seconds):
                raise NotReady

        self.operate(step, "poll", poll, end, wait)

    def do_close(self, step, what):
        # Later calls on a closed end are up to the library.
        self.operate(step, "close", self.end_of(what["end"]).close, what["end"])
        self.peer.closed.add(place(what["end"]))

    def do_half_close(self, step, what):
        self.operate(step, "half-close", self.end_of(what["end"]).half_close, what["end"])

    def do_open(self, step, what):
        self.operate(step, "open", functools.partial(self.peer.open_channel, what["channel"]))

    # Steps on processes.

    def do_start(self, step, what):
        for process in what["processes"]:
            self.operate(step, "start", functools.partial(self.peer.start, process))

    def do_join(self, step, what):
        wait = what.get("wait", "deadline")
        for process in what["processes"]:
            join = functools.partial(self.peer.wait_for, process, limit_of(wait))
            self.operate(step, "join", join, wait=wait)

    def do_exit(self, step, what):
        self.begin(step, "exit")
        sys.exit(what["code"])

    def do_crash(self, step, what):
        self.begin(step, "crash")
        if what["how"] == "abort":
            os.abort()
        if what["how"] == "exit":
            os._exit(1)
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

    def do_idle(self, step, what):
        if what.get("time") is None:
            self.operate(step, "idle", threading.Event().wait)
        else:
            rest = functools.partial(time.sleep, seconds_of(what["time"]))
            self.operate(step, "idle", rest, timed=True)

    def do_threads(self, step, what):
        started = []
        for number, steps in enumerate(what["threads"], 1):
            thread = type(self)(self.peer, number, self.item, self.round)
            started.append(threading.Thread(target=self.peer.attempt, args=(thread.steps, steps)))
        for thread in started:
            thread.start()
        for thread in started:
            thread.join()

    # Steps that are up to the harness, because it sees what all processes do.

    def ask(self, step, kind, what):
        self.operate(step, kind, functools.partial(self.peer.ask, self.number, {kind: what}))

    def do_kill(self, step, what):
        asked = {"terminate" if what.get("terminates") else "kill": what["processes"]}
        self.operate(step, "kill", functools.partial(self.peer.ask, self.number, asked))

    def do_pause(self, step, what):
        self.ask(step, "pause", what["processes"])

    def do_resume(self, step, what):
        self.ask(step, "resume", what["processes"])

    def do_signal(self, step, what):
        self.ask(step, "signal", what)

    def do_barrier(self, step, what):
        self.ask(step, "barrier", what["name"])

    def do_await(self, step, what):
        self.ask(step, "await", what["event"])

    # Steps on values.

    def do_repeat(self, step, what):
        outer = self.round
        for self.round in range(what["count"]):
            self.steps(what["steps"])
        self.round = outer

    def do_set(self, step, what):
        for name, value in what["vars"].items():
            self.peer.variables[name] = self.resolve(value)

    def do_print(self, step, what):
        line = "".join(
            piece["text"] if "text" in piece else readable(self.look_up(piece["reference"]))
            for piece in what["text"]
        )
        self.operate(step, "print", functools.partial(self.peer.print, line), text=line)

    def look_up(self, name):
        if name == "item" and self.item is not None:
            return self.item[0]
        if name == "n" and self.round is not None:
            return self.round
        if name in self.peer.variables:
            return self.peer.variables[name]
        raise Trouble(f"${name} is not defined here")

    def resolve(self, value):
        """Returns the value that a plan's value stands for."""
        ((kind, content),) = value.items()
        if kind == "literal":
            return value_of(content)
        if kind == "reference":
            return self.look_up(content)
        number = self.resolve(content["number"])
        # A reply repeats the payload of its request.
        return number if isinstance(number, bytes) else payload(number, content["size"])

    def values(self, source):
        """Yields each value that a put puts, and its item. Only the plan knows that a short one is
        a payload."""
        for value in source.get("items", []):
            literal = value.get("literal")
            number = self.resolve(value["sized"]["number"]) if "sized" in value else None
            if isinstance(literal, dict) and "payload" in literal:
                yield value_of(literal), literal
            elif isinstance(number, int):
                size = value["sized"]["size"]
                yield payload(number, size), payload_item(number, size)
            else:
                resolved = self.resolve(value)
                yield resolved, item_of(resolved)
        count = source.get("count", {"from": 0, "count": 0})
        size = count.get("size")
        for number in range(count["from"], count["from"] + count["count"]):
            if size is None:
                yield number, item_of(number)
            else:
                yield payload(number, size), payload_item(number, size)


def error_of(error, is_definite):
    """Returns what `returned` says about an exception."""
    code = getattr(error, "winerror", None) or getattr(error, "errno", None)
    return {
        "kind": type(error).__name__,
        "code": code if isinstance(code, int) else None,
        "message": str(error),
        "definite": is_definite,
    }


def outcome_of(error, errors):
    """Returns the outcome that a table gives to an exception: by the number of an OSError, or by
    the nearest class."""
    table = {EOFError: "end", BrokenPipeError: "gone", **errors}
    keys = [getattr(error, "errno", None), *type(error).__mro__]
    return next((table[key] for key in keys if key in table), "error")


# ---------------------------------------------------------------------------------------------
# 6. The front
# ---------------------------------------------------------------------------------------------


class Front:
    """Reads the harness's messages, and passes on what the peers report."""

    def __init__(self, hosted, is_traced=False):
        self.hosted = hosted
        self.is_traced = is_traced
        self.run = None
        self.writing = threading.Lock()
        # Only the protocol may use standard output, so prints go to standard error.
        self.output = os.dup(1)
        os.dup2(2, 1)
        # For peers that don't stand beside the kit.
        let_import_from(os.path.dirname(os.path.abspath(__file__)))

    def serve(self):
        """Handles messages until `stop` or the end of the input."""
        # Ctrl-C reaches all processes; the harness then ends those that it has started.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for line in sys.stdin.buffer:
            self.trace("to adapter  ", line)
            try:
                ((word_, what),) = json.loads(line).items()
                if word_ == "stop":
                    break
                if word_ not in ("start", "run", "answer", "end"):
                    raise ValueError(f"no message is called {word_}")
                if getattr(self, "hear_" + word_)(what):
                    break
            except Exception as error:
                why = f"not a message: {type(error).__name__}: {error}"
                self.tell({"error": {"why": why}})
        self.stop()

    def stop(self):
        """Ends what is still under way."""
        if self.run is not None:
            self.run.end()
            self.run.wait()

    def hear_start(self, what):
        if what["version"] != VERSION:
            asked = what["version"]
            why = f"this adapter speaks version {VERSION} of the protocol, not {asked}"
            self.tell({"refused": {"why": why}})
            return True
        self.tell({"ready": self.ready()})
        return False

    def ready(self):
        import platform

        backends = [declared(backend) for backend in self.hosted.values()]
        runtime = f"{platform.python_implementation()} {platform.python_version()}"
        names = [
            " ".join([one["library"] or one["name"], one["version"] or ""]) for one in backends
        ]
        about = ", ".join(dict.fromkeys([runtime, *(name.strip() for name in names)]))
        name = os.path.basename(os.path.dirname(os.path.abspath(sys.argv[0])))
        ready = {"version": VERSION, "name": name, "about": about, "runtime": runtime}
        return {**ready, "backends": backends}

    def hear_run(self, what):
        number, plan = what["run"], what["plan"]
        backend = self.hosted.get(what["backend"]["name"])
        if backend is None or backend.kind != what["backend"]["kind"]:
            why = "this adapter hosts no {kind} {name}".format(**what["backend"])
        else:
            why = self.objection(plan, backend)
        if why is None:
            self.begin(number, backend, plan)
        else:
            self.tell({"unsupported": {"run": number, "why": why}})
            self.tell({"done": {"run": number}})

    def objection(self, plan, backend):
        return objection(plan, backend)

    def begin(self, number, backend, plan):
        self.run = Spawned(self, number, backend, plan)
        self.run.start()

    def hear_answer(self, what):
        # A run may end before the harness knows.
        if self.run is not None:
            self.run.answer(what["process"], [what["thread"], what["happened"]])

    def hear_end(self, what):
        if self.run is not None:
            self.run.end()

    def tell(self, message):
        self.write(dumps(message).encode())

    def write(self, line):
        self.trace("from adapter", line)
        rest = memoryview(line + b"\n")
        with self.writing:
            while rest:
                rest = rest[os.write(self.output, rest) :]

    def trace(self, direction, line):
        if self.is_traced:
            sys.stderr.write("{} {}\n".format(direction, line.decode("utf-8", "replace").rstrip()))
            sys.stderr.flush()


def let_import_from(folder):
    """Lets the processes that this one starts import modules from a folder."""
    others = [path for path in [os.environ.get("PYTHONPATH")] if path]
    os.environ["PYTHONPATH"] = os.pathsep.join([folder, *others])


class Run:
    """A run under way, as its processes report it. A subclass has `write(line)`, which passes on a
    line to the harness, `answer(process, message)`, and `exit_of(process)`."""

    def __init__(self, number, plan):
        self.number = number
        self.plan = plan
        everyone = range(len(plan["processes"]))
        # The processes that the adapter itself starts, and those of them that aren't ready to begin.
        self.roots = [
            index for index in everyone if plan["processes"][index].get("starter") is None
        ]
        self.unready = set(self.roots)
        # Those that the adapter has started, and the pids of all that are alive.
        self.started = {}
        self.pids = {}
        # The processes that may have more to report, and the exits of those that others have seen.
        self.left = set(everyone)
        self.exits = {}
        self.is_ending = False

    def tell(self, message):
        self.write(dumps(message).encode())

    def hear(self, process, line):
        """Handles a line that a process reports."""
        if line.startswith(b'{"alive"'):
            self.alive(process, json.loads(line)["alive"]["pid"])
        if line.startswith(b'{"exited"'):
            # It is passed on after all that the process itself has reported.
            exited = json.loads(line)["exited"]["process"]
            if exited in self.left:
                self.exits[exited] = line
                return
        self.write(line)
        if line.startswith(b'{"failed"'):
            self.end()

    def alive(self, process, pid):
        self.pids[process] = pid
        if self.is_ending:
            send_signal(pid, "SIGKILL")

    def ready(self, process):
        """Called when a process is ready for its steps. They begin when all roots are."""
        if process in self.unready:
            self.unready.discard(process)
            if not self.unready:
                for root in self.roots:
                    self.answer(root, [0, True])

    def bury(self, process):
        """Reports the end of a process that has no more to report, and so is about to exit."""
        self.left.discard(process)
        pid = self.pids.pop(process, None)
        if process in self.unready and not self.is_ending:
            self.fail(f"process {process} died before it had begun")
        gone, started = {"run": self.number, "process": process}, self.started.get(process)
        if started is not None:
            self.tell({"exited": {**gone, "exit": self.exit_of(started)}})
            return
        # Another process has started it, and reports how it exited unless it is gone itself.
        wait_for_stranger(pid)
        self.tell({"gone": gone})
        exited = self.exits.pop(process, None)
        if exited is not None:
            self.write(exited)

    def fail(self, why):
        self.tell({"failed": {"run": self.number, "why": why}})
        self.end()

    def end(self):
        """Kills the processes that are left, and those whose pid isn't known yet as soon as it is.
        Stops all of them first, so that none continues because another is gone."""
        self.is_ending = True
        started = {index: self.started[index].pid for index in self.left & self.started.keys()}
        pids = {**started, **self.pids}
        for name in ("SIGSTOP", "SIGKILL"):
            for pid in pids.values():
                send_signal(pid, name)


class Spawned(Run):
    """A run of this kit's peers. A thread for each process passes on its reports."""

    exit_of = staticmethod(exit_of)

    def __init__(self, front, number, backend, plan):
        super().__init__(number, plan)
        self.front = front
        self.backend = backend
        self.write = front.write
        self.prefix = tempfile.mkdtemp(prefix="ipc-")
        self.job = {"run": number, "backend": backend.name, "plan": plan, "prefix": self.prefix}
        self.held = {}
        self.links = {}
        self.answers = {}
        # Guards all that the threads change.
        self.lock = threading.RLock()
        self.readers = []

    def start(self):
        with self.lock:
            for index in self.left:
                (answers, self.answers[index]), (reports_in, reports) = os.pipe(), os.pipe()
                self.links[index] = Link(answers, reports)
                reader = threading.Thread(target=self.follow, args=(index, reports_in), daemon=True)
                self.readers.append(reader)
            try:
                self.start_processes()
            except Exception as error:
                self.fail(f"{type(error).__name__}: {error}")
            for link in self.links.values():
                link.close()
            for fd in self.held.values():
                os.close(fd)
        for reader in self.readers:
            reader.start()

    def start_processes(self):
        for index, channel in enumerate(self.plan["channels"]):
            if channel.get("opener") is None:
                about = Channel(self.plan, index, self.prefix)
                for side, fd in descriptors_of(self.backend.create(about)).items():
                    self.held[index, side] = fd
        for index in self.roots:
            self.started[index] = start(index, self.plan, self.held, self.links)

    def follow(self, process, reports):
        """Passes on what a process reports, until it has exited."""
        with os.fdopen(reports, "rb") as lines:
            for line in lines:
                if line.endswith(b"\n"):
                    self.hear(process, line[:-1])
        if process in self.started:
            # Before it takes the lock.
            self.started[process].wait()
        with self.lock:
            self.bury(process)
            os.close(self.answers.pop(process))
            if not self.left:
                self.done()

    def hear(self, process, line):
        if line.startswith(b'{"hello"'):
            self.answer(process, self.job)
            return
        with self.lock:
            if line.startswith(b'{"attached"'):
                self.ready(process)
            else:
                super().hear(process, line)

    def answer(self, process, message):
        data = (dumps(message) + "\n").encode()
        try:
            while data:
                data = data[os.write(self.answers[process], data) :]
        except (KeyError, OSError):
            # The process is gone, and its reports will end.
            pass

    def done(self):
        for index in range(len(self.plan["channels"])):
            try:
                self.backend.remove(Channel(self.plan, index, self.prefix))
            except Exception as error:
                self.fail(f"remove: {type(error).__name__}: {error}")
        shutil.rmtree(self.prefix, ignore_errors=True)
        self.front.run = None
        self.front.tell({"done": {"run": self.number}})

    def end(self):
        with self.lock:
            super().end()

    def wait(self):
        for reader in self.readers:
            reader.join()


def send_signal(pid, name):
    """Sends a signal, where the system has it, to a process that may have exited meanwhile."""
    number = getattr(signal, name, signal.SIGTERM if name == "SIGKILL" else None)
    if number is not None:
        try:
            os.kill(pid, number)
        except OSError:
            pass


def wait_for_stranger(pid):
    """Waits until a process that isn't a child of this one exits, if the system can report that.
    The process is about to exit, because its reports have ended."""
    if pid is None or not hasattr(os, "pidfd_open"):
        return
    try:
        descriptor = os.pidfd_open(pid)
    except OSError:
        return
    exits = select.poll()
    exits.register(descriptor, select.POLLIN)
    exits.poll()
    os.close(descriptor)


if __name__ == "__main__":
    # `python3 ipc_conformance_kit.py ADAPTER.py` runs an adapter that doesn't stand beside the kit.
    import runpy

    sys.argv = sys.argv[1:]
    sys.excepthook = refuse_without_library
    runpy.run_path(sys.argv[0], run_name="__main__")
else:
    sys.excepthook = refuse_without_library
