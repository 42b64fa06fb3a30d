"""Tests of the Python kit that need no process: run `python3 -m unittest` in this folder."""

import errno
import json
import os
import threading
import unittest
import zlib

import ipc_conformance_kit as kit

VECTORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "vectors")


def vectors(name):
    with open(os.path.join(VECTORS, name + ".json"), encoding="utf-8") as file:
        return json.load(file)


class Payloads(unittest.TestCase):
    def test_payloads_are_those_of_the_harness(self):
        for vector in vectors("payloads"):
            with self.subTest(number=vector["number"], size=vector["size"]):
                data = kit.payload(vector["number"], vector["size"])
                self.assertEqual(len(data), vector["size"])
                self.assertEqual(data[-16:].hex(), vector["tail"])
                self.assertEqual(zlib.adler32(data), vector["adler32"])

    def test_only_a_long_payload_is_known_by_its_number(self):
        for vector in vectors("payloads"):
            data = kit.payload(vector["number"], vector["size"])
            is_long = vector["size"] >= kit.SURELY_PAYLOAD
            self.assertEqual(kit.number_of(data), vector["number"] if is_long else None)

    def test_a_changed_byte_is_detected_at_any_place(self):
        for at in (8, 15, 16, 4096):
            changed = bytearray(kit.payload(5, 4097))
            changed[at] ^= 0x10
            self.assertIsNone(kit.number_of(bytes(changed)))


class Values(unittest.TestCase):
    def test_a_value_keeps_its_item(self):
        for vector in vectors("values"):
            with self.subTest(item=vector["item"]):
                self.assertEqual(kit.item_of(kit.value_of(vector["item"])), vector["item"])

    def test_a_value_is_shown_as_the_harness_shows_it(self):
        for vector in vectors("values"):
            with self.subTest(item=vector["item"]):
                self.assertEqual(kit.readable(kit.value_of(vector["item"])), vector["shown"])

    def test_values_are_the_same_item_if_their_kinds_and_contents_are(self):
        nan, other_nan = float("nan"), -float("nan")
        for one, other in ((nan, other_nan), ([1, nan], [1, nan]), ({"a": b""}, {"a": b""})):
            self.assertEqual(kit.item_of(one), kit.item_of(other))
        for one, other in ((True, 1), (1, 1.0), (0.0, -0.0), ("", b""), ([True], [1])):
            self.assertNotEqual(kit.item_of(one), kit.item_of(other))

    def test_a_value_that_is_no_item_is_an_error(self):
        for value in ({1, 2}, object()):
            self.assertRaises(TypeError, kit.item_of, value)
        self.assertEqual(kit.item_of(bytearray(b"a")), {"bytes": "61"})

    def test_the_encoding_keeps_every_value(self):
        for vector in vectors("values"):
            with self.subTest(item=vector["item"]):
                value = kit.value_of(vector["item"])
                kept = kit.decode(kit.encode(value, "tagged"), "tagged")
                self.assertEqual(kit.item_of(kept), vector["item"])

    def test_bytes_that_encode_no_value_are_reported_as_bytes(self):
        for data in (b"", b"{", b"\xff", b'{"int":1,"bool":true}', b"[]", b"3"):
            self.assertEqual(kit.decode(data, "tagged"), data)
        self.assertEqual(kit.decode(b"\xff", "text"), b"\xff")


class Mine(kit.Queue):
    """My queue"""

    name = "mine/Queue"
    native = ["capacity"]
    composed = ["timed-get"]
    errors = {OSError: "closed", errno.EAGAIN: "empty"}

    def put(self, data):
        pass

    def get(self):
        pass

    def timed_get(self, seconds):
        pass


def plan(action=None, **channel):
    steps = [{"id": 0, "watched": False, "action": action}] if action else []
    channel = {"kind": "queue", "duplex": False, "codec": "bytes", **channel}
    return {"channels": [channel], "processes": [{"start": "spawn", "ends": [], "steps": steps}]}


class Declarations(unittest.TestCase):
    def test_capabilities_follow_from_the_methods(self):
        capabilities = kit.declared(Mine)["capabilities"]
        self.assertIn("capacity", capabilities["native"])
        self.assertEqual(capabilities["composed"], ["timed-get", "timed-join", "values"])
        self.assertNotIn("timed-get", capabilities["native"])

    def test_the_first_line_of_the_docstring_is_about_it(self):
        self.assertEqual(kit.declared(Mine)["about"], "My queue")

    def test_what_a_class_lacks_is_unsupported(self):
        end, never = {"channel": 0, "side": "queue"}, "never"
        cases = [
            (plan(kind="pipe"), "mine/Queue hosts no pipe"),
            (plan(opener=0), "mine/Queue doesn't declare `open-in-peer`"),
            (plan({"put": {"end": end, "wait": never}}), "mine/Queue has no try_put"),
            (plan({"close": {"end": end}}), "mine/Queue has no close"),
            (plan({"raw": {"end": end}}), "the kit has no step `raw`"),
            (plan({"get": {"end": end, "wait": {"for": {}}, "each": []}}), None),
            (plan(capacity=5), None),
        ]
        for what, expected in cases:
            self.assertEqual(kit.objection(what, Mine), expected)

    def test_an_end_that_is_opened_by_its_name_is_for_one_process(self):
        what, end = plan(kind="stream"), {"end": {"channel": 0, "side": "tx"}}
        what["processes"] = [{"start": "spawn", "ends": [end], "steps": []}] * 2
        by_name = type("Named", (kit.Stream,), {"name": "mine/Stream"})
        inherited = type("Inherited", (by_name,), {"create": classmethod(lambda cls, channel: {})})
        self.assertEqual(kit.objection(what, by_name), "mine/Stream has one tx for each channel")
        self.assertIsNone(kit.objection(what, inherited))

    def test_ends_that_wait_for_each_other_belong_to_no_started_process(self):
        what, end = plan(kind="stream"), {"end": {"channel": 0, "side": "rx"}}
        what["processes"][0].update(starter=0, ends=[end])
        connecting = type("C", (kit.Stream,), {"name": "mine/Stream", "connects": True})
        why = "mine/Stream connects its ends before a step can start a process"
        self.assertEqual(kit.objection(what, connecting), why)

    def test_steps_inside_steps_are_checked(self):
        inner = {"id": 1, "watched": False, "action": {"no-such": {}}}
        for outer in (
            {"repeat": {"count": 1, "steps": [inner]}},
            {"threads": {"threads": [[inner]]}},
        ):
            self.assertEqual(kit.objection(plan(outer), Mine), "the kit has no step `no-such`")


class Outcomes(unittest.TestCase):
    def test_the_number_of_an_error_comes_before_its_class(self):
        self.assertEqual(kit.outcome_of(OSError(errno.EAGAIN, ""), Mine.errors), "empty")
        self.assertEqual(kit.outcome_of(OSError(errno.EBADF, ""), Mine.errors), "closed")

    def test_the_nearest_class_decides(self):
        self.assertEqual(kit.outcome_of(BrokenPipeError(), Mine.errors), "gone")
        self.assertEqual(kit.outcome_of(EOFError(), {}), "end")

    def test_any_other_exception_is_an_error(self):
        self.assertEqual(kit.outcome_of(KeyError(), Mine.errors), "error")


class Handles(unittest.TestCase):
    @unittest.skipIf(kit.open_handles() is None, "this system doesn't say which handles are open")
    def test_a_handle_that_is_left_open_is_counted(self):
        process = kit.Reporter(1, {"seed": 0}, 0)
        self.assertIsNone(process.handles_left())
        process.count_handles()
        rx, tx = os.pipe()
        self.addCleanup(os.close, tx)
        self.assertEqual(process.handles_left(), 2)
        os.close(rx)
        self.assertEqual(process.handles_left(), 1)

    def test_only_the_exit_reports_them(self):
        thread = kit.Thread(None, 0)
        self.assertEqual(thread.result("exit", 0), {"handles": 0})
        self.assertEqual(thread.result("exit", None), {})
        self.assertEqual(thread.result("close", None), {})


class Inboxes(unittest.TestCase):
    def test_items_come_before_the_end(self):
        inbox = kit.Inbox()
        inbox.put(b"1")
        inbox.end()
        self.assertEqual(inbox.get(), b"1")
        with self.assertRaises(EOFError):
            inbox.get()

    def test_a_get_wakes_up(self):
        inbox = kit.Inbox()
        pushing = threading.Thread(target=inbox.put, args=(b"1",))
        pushing.start()
        self.assertEqual(inbox.get(), b"1")
        pushing.join()

    def test_an_empty_inbox_times_out(self):
        with self.assertRaises(TimeoutError):
            kit.Inbox().get(0)


if __name__ == "__main__":
    unittest.main()
