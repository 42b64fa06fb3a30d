"""Tests of the adapter that need no process: run `python3 -m unittest` in this folder."""

import json
import multiprocessing
import multiprocessing.connection
import queue
import sys
import unittest
from unittest import mock

import adapter

MASK = (1 << 64) - 1


def one_word_at_a_time(number, size):
    """Returns a payload, computed word by word as its definition says."""
    data = number.to_bytes(8, "little")
    state = number * 0xD1290D3B1E6D92F5 & MASK
    while len(data) < size:
        state = state + 0x9E3779B97F4A7C15 & MASK
        mixed = (state ^ state >> 31) * 0xBF58476D1CE4E5B9 & MASK
        data += (mixed ^ mixed >> 29).to_bytes(8, "little")
    return data[:size]


class Payloads(unittest.TestCase):
    def test_a_payload_is_the_same_in_blocks_and_word_by_word(self):
        # Sizes around the starts of words and of blocks of words.
        block = 8 * adapter.LANES
        for size in (0, 1, 7, 8, 9, 16, 17, 527, 528, 529, block + 7, block + 8, block + 9, 3 * block):
            for number in (0, 1, 255, 1 << 63):
                with self.subTest(size=size, number=number):
                    self.assertEqual(adapter.payload(number, size), one_word_at_a_time(number, size))

    def test_a_payload_contains_its_number(self):
        for size in (9, 65, 65537):
            self.assertEqual(adapter.number_of(adapter.payload(5, size)), 5)

    def test_a_changed_byte_is_detected_at_any_place(self):
        whole = adapter.payload(5, 4097)
        for place in (8, 15, 16, 4096):
            with self.subTest(place=place):
                changed = bytearray(whole)
                changed[place] ^= 0x10
                self.assertIsNone(adapter.number_of(bytes(changed)))


class Items(unittest.TestCase):
    ITEMS = (
        "none",
        {"bool": True},
        {"int": -(1 << 63)},
        {"big-int": "9223372036854775808"},
        {"big-int": "-" + "9" * 5000},
        {"float": "-0.0"},
        {"float": "nan"},
        {"float": "1e300"},
        {"float": "5e-324"},
        {"text": "NUL \0, é decomposed, \U0001f600"},
        {"bytes": "000a0d1aff"},
        {"list": ["none", {"list": []}]},
        {"map": {"key": {"map": {}}}},
        {"payload": {"number": 3, "size": 65537}},
    )

    def test_an_item_survives_a_round_trip(self):
        for item in self.ITEMS:
            with self.subTest(item=item):
                told = json.loads(adapter.item_of(adapter.value_of(item)))
                self.assertEqual(told, item)

    def test_a_short_payload_is_reported_as_bytes(self):
        self.assertEqual(adapter.item_of(adapter.payload(1, 9)), '{"bytes":"%s"}' % adapter.payload(1, 9).hex())

    def test_a_value_that_is_no_item_is_an_error(self):
        self.assertRaises(TypeError, adapter.item_of, {1, 2})

    def test_items_are_the_same_if_kind_and_value_are(self):
        nan, other_nan = float("nan"), -float("nan")
        for one, other in ((nan, other_nan), ([1, nan], [1, nan]), ({"a": b""}, {"a": b""})):
            self.assertTrue(adapter.same(one, other), (one, other))
        for one, other in ((True, 1), (1, 1.0), (0.0, -0.0), ("", b""), ([True], [1]), ({}, {"a": None})):
            self.assertFalse(adapter.same(one, other), (one, other))

    def test_items_are_printed_in_readable_form(self):
        for value, text in (
            (None, "None"),
            (True, "true"),
            (-1, "-1"),
            (1e16, "1e16"),
            (1e-5, "1e-5"),
            (3.0, "3.0"),
            ("$cash", "$cash"),
            ([None, "two"], '[None, "two"]'),
            ({"b": 1, "a": "x"}, '{a: "x", b: 1}'),
            (b"\0\xff", "0x00ff"),
            (adapter.payload(7, 100), "#7 (100 bytes)"),
        ):
            self.assertEqual(adapter.readable(value), text)


class Outcomes(unittest.TestCase):
    def test_exceptions_map_to_the_documented_outcomes(self):
        closed = OSError("handle is closed")
        for error, kind, wait, outcome in (
            (adapter.NotReady(), "poll", "never", "empty"),
            (queue.Empty(), "get", "never", "empty"),
            (queue.Empty(), "get", {"for": {}}, "timeout"),
            (queue.Full(), "put", "never", "full"),
            (queue.Full(), "put", {"for": {}}, "timeout"),
            (EOFError(), "get", "deadline", "end"),
            (closed, "get", "deadline", "closed"),
            (closed, "put", "deadline", "closed"),
            (ValueError("Queue <Queue> is closed"), "put", "deadline", "closed"),
            (OSError("connection is write-only"), "get", "deadline", "refused"),
            (BrokenPipeError(32, "Broken pipe"), "put", "deadline", "gone"),
            (ConnectionResetError(104, "reset"), "put", "deadline", "gone"),
        ):
            with self.subTest(error=error, kind=kind):
                self.assertEqual(adapter.outcome_of(error, kind, wait)[0], outcome)

    def test_a_denied_client_differs_from_one_that_has_left(self):
        wrong = multiprocessing.AuthenticationError("digest received was wrong")
        for error, kind, outcome in (
            (wrong, "accept", "denied"),
            (wrong, "connect", "denied"),
            (EOFError(), "accept", "gone"),
            (ConnectionResetError(104, "reset"), "connect", "gone"),
            (ConnectionRefusedError(111, "refused"), "connect", "absent"),
            (OSError("listener is closed"), "accept", "closed"),
            (OSError("AF_UNIX path too long"), "listen", "refused"),
        ):
            with self.subTest(error=error, kind=kind):
                self.assertEqual(adapter.outcome_of(error, kind, "deadline"), (outcome, True))

    def test_the_text_of_a_closed_listener_is_the_librarys(self):
        listener = multiprocessing.connection.Listener()
        listener.close()
        with self.assertRaises(OSError) as raised:
            listener.accept()
        self.assertEqual(adapter.outcome_of(raised.exception, "accept", "deadline"), ("closed", True))

    def test_errors_that_are_not_documented_as_the_end_are_errors(self):
        for error in (
            ConnectionResetError(104, "reset"),
            BrokenPipeError(32, "Broken pipe"),
            OSError("got end of file during message"),
            EOFError("Ran out of input"),
        ):
            self.assertEqual(adapter.outcome_of(error, "get", "deadline")[0], "error")


class Plans(unittest.TestCase):
    def plan(self, *steps, kind="queue", capacity=None):
        ends = [{"end": {"channel": 0, "side": "queue"}, "puts": True, "gets": True}]
        process = {"starter": None, "start": "spawn", "ends": ends}
        process["steps"] = [{"id": n, "watched": False, "action": one} for n, one in enumerate(steps)]
        channel = {"kind": kind, "capacity": capacity, "duplex": False, "codec": "tagged", "opener": None}
        return {"channels": [channel], "processes": [process], "fault": None}

    def objection(self, plan, name="Queue"):
        return adapter.objection(plan, adapter.backends(["spawn"])["cpython-spawn/" + name])

    def test_a_plan_that_multiprocessing_can_run_has_no_objection(self):
        get = {"get": {"end": None, "limit": {"count": 1}, "each": [], "into": None, "wait": "never"}}
        self.assertIsNone(self.objection(self.plan(get, capacity=3)))

    def test_a_plan_that_it_can_not_run_has_an_objection(self):
        end = {"channel": 0, "side": "queue"}
        never = {"put": {"end": end, "source": {"items": []}, "wait": "never"}}
        inside = {"repeat": {"count": 1, "steps": [{"id": 9, "watched": False, "action": never}]}}
        exit_ = {"threads": {"threads": [[{"id": 9, "watched": False, "action": {"exit": {"code": 0}}}]]}}
        for plan, name in (
            (self.plan(kind="stream"), "Queue"),
            (self.plan(capacity=1), "SimpleQueue"),
            (self.plan(never), "SimpleQueue"),
            (self.plan(inside), "SimpleQueue"),
            (self.plan({"half-close": {"end": end}}), "Queue"),
            (self.plan({"teleport": {}}), "Queue"),
            (self.plan("teleport"), "Queue"),
            (self.plan(exit_), "Queue"),
        ):
            self.assertIsNotNone(self.objection(plan, name), plan)

    @unittest.skipIf(sys.platform == "win32", "named pipes have no backlog")
    def test_a_listener_has_the_backlog_of_the_case(self):
        for asked, backlog in ((None, adapter.Name.BACKLOG), (3, 3)):
            plan = self.plan(kind="endpoint")
            plan["channels"][0]["backlog"] = asked
            self.assertIsNone(self.objection(plan, "Listener"))
            listener = adapter.Listener("spawn")
            self.addCleanup(listener.tidy)
            name = listener.open(dict(plan["channels"][0], name="e"))["name"]
            self.assertEqual(name.backlog, backlog)
            with mock.patch("multiprocessing.connection.Listener") as made:
                name.listen()
            made.assert_called_once_with(name.address, backlog=backlog, authkey=None)

    def test_a_listener_has_the_key_of_the_endpoint_and_a_client_that_of_its_step(self):
        for key, authkey in ((None, None), ("open sesame", b"open sesame")):
            channel = dict(self.plan(kind="endpoint")["channels"][0], name="e", key=key)
            listener = adapter.Listener("spawn")
            self.addCleanup(listener.tidy)
            name = listener.open(channel)["name"]
            with mock.patch("multiprocessing.connection.Listener") as made:
                name.listen()
            self.assertEqual(made.call_args[1]["authkey"], authkey)
            with mock.patch("multiprocessing.connection.Client") as made:
                name.connect(adapter.authkey("guessed"))
            made.assert_called_once_with(name.address, authkey=b"guessed")

    def test_only_a_listener_has_a_backlog(self):
        plan = self.plan()
        plan["channels"][0]["backlog"] = 3
        self.assertIn("how many clients wait", self.objection(plan))

    def test_only_descendants_of_the_opener_have_its_ends(self):
        plan = self.plan({"open": {"channel": 0}})
        plan["processes"].append(dict(plan["processes"][0], steps=[]))
        self.assertIsNotNone(self.objection(plan))
        plan["processes"][1]["starter"] = 0
        self.assertIsNone(self.objection(plan))


if __name__ == "__main__":
    unittest.main()
