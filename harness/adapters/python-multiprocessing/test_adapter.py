"""Tests of the adapter without the harness: run `python3 -m unittest` in this folder."""

import ast
import multiprocessing
import multiprocessing.connection
import os
import pickle
import queue
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

import multiprocessing_adapter
from multiprocessing_adapter import FOLDER, KITS, columns, connections, endpoints, objections
from multiprocessing_adapter.outcomes import outcome_of

import ipc_conformance_kit as kit


class Imports(unittest.TestCase):
    def test_the_kit_is_found_from_any_folder(self):
        # As a fork server does it: it knows only the folder of the adapter.
        code = "import sys; sys.path.append(sys.argv[1]); import multiprocessing_adapter.peers"
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-B", "-E", "-S", "-c", code, FOLDER]
            subprocess.run(command, cwd=folder, check=True)

    def test_a_module_uses_only_modules_above_it(self):
        listed = multiprocessing_adapter.__doc__.partition("in this list:\n")[2].strip().split("\n")
        above = []
        for name in (line.split()[0] for line in listed):
            file = os.path.join(FOLDER, "multiprocessing_adapter", name + ".py")
            with self.subTest(module=name), open(file, encoding="utf-8") as source:
                used = [
                    node.module or "__init__"
                    for node in ast.walk(ast.parse(source.read()))
                    if isinstance(node, ast.ImportFrom) and node.level == 1
                ]
                self.assertLessEqual(set(used), {"__init__", *above})
            above.append(name)
        files = os.listdir(os.path.join(FOLDER, "multiprocessing_adapter"))
        modules = {file[: -len(".py")] for file in files if file.endswith(".py")}
        self.assertEqual(modules, {"__init__", *above})

    def test_the_kit_is_the_one_beside_the_adapters(self):
        self.assertEqual(kit.__file__.rpartition("ipc_conformance_kit")[0].rstrip("\\/"), KITS)


class Items(unittest.TestCase):
    def test_an_item_that_fails_has_a_word(self):
        for word in ("none", "unsendable", "undecodable"):
            self.assertEqual(kit.item_of(kit.value_of(word)), word)

    def test_the_library_fails_to_encode_or_decode_it(self):
        with self.assertRaises(pickle.PicklingError):
            pickle.dumps(kit.value_of("unsendable"))
        with self.assertRaises(pickle.UnpicklingError):
            pickle.loads(pickle.dumps(kit.value_of("undecodable")))

    def test_a_raw_write_is_a_part_of_the_header_and_the_bytes(self):
        for fields, data in (
            ({}, b"ab"),
            ({"length": 2}, b"\0\0\0\2ab"),
            ({"length": 2, "to": 5}, b"\0\0\0\2a"),
            ({"length": 2, "from": 3}, b"\2ab"),
            ({"length": -1}, b"\xff\xff\xff\xffab"),
            ({"length": 1 << 32}, b"\xff\xff\xff\xff\0\0\0\1\0\0\0\0ab"),
        ):
            self.assertEqual(connections.raw_bytes({"bytes": "6162", **fields}), data)


class Outcomes(unittest.TestCase):
    def test_exceptions_map_to_the_documented_outcomes(self):
        closed = OSError("handle is closed")
        for error, kind, wait, outcome in (
            (kit.NotReady(), "poll", "never", "empty"),
            (kit.Alive(), "join", "never", "timeout"),
            (kit.Alive(), "join", {"for": {}}, "timeout"),
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
                self.assertEqual(outcome_of(error, kind, wait)[0], outcome)

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
                self.assertEqual(outcome_of(error, kind, "deadline"), (outcome, True))

    def test_the_text_of_a_closed_listener_is_the_librarys(self):
        listener = multiprocessing.connection.Listener()
        listener.close()
        with self.assertRaises(OSError) as raised:
            listener.accept()
        self.assertEqual(outcome_of(raised.exception, "accept", "deadline"), ("closed", True))

    def test_errors_that_are_not_documented_as_the_end_are_errors(self):
        for error in (
            ConnectionResetError(104, "reset"),
            BrokenPipeError(32, "Broken pipe"),
            OSError("got end of file during message"),
            EOFError("Ran out of input"),
        ):
            self.assertEqual(outcome_of(error, "get", "deadline")[0], "error")


class Plans(unittest.TestCase):
    def plan(self, *steps, kind="queue", capacity=None):
        ends = [{"end": {"channel": 0, "side": "queue"}, "puts": True, "gets": True}]
        process = {"starter": None, "start": "spawn", "ends": ends}
        process["steps"] = [{"id": n, "watched": False, "action": one} for n, one in enumerate(steps)]
        channel = {"kind": kind, "capacity": capacity, "duplex": False, "codec": "tagged", "opener": None}
        return {"channels": [channel], "processes": [process], "fault": None}

    def objection(self, plan, name="Queue"):
        return objections.objection(plan, columns.backends(["spawn"])["cpython-spawn/" + name])

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
        for asked, backlog in ((None, endpoints.Name.BACKLOG), (3, 3)):
            plan = self.plan(kind="endpoint")
            plan["channels"][0]["backlog"] = asked
            self.assertIsNone(self.objection(plan, "Listener"))
            listener = endpoints.Listener("spawn")
            self.addCleanup(listener.tidy)
            name = listener.open(dict(plan["channels"][0], name="e"))["name"]
            self.assertEqual(name.backlog, backlog)
            with mock.patch("multiprocessing.connection.Listener") as made:
                name.listen()
            made.assert_called_once_with(name.address, backlog=backlog, authkey=None)

    def test_a_listener_has_the_key_of_the_endpoint_and_a_client_that_of_its_step(self):
        for key, authkey in ((None, None), ("open sesame", b"open sesame")):
            channel = dict(self.plan(kind="endpoint")["channels"][0], name="e", key=key)
            listener = endpoints.Listener("spawn")
            self.addCleanup(listener.tidy)
            name = listener.open(channel)["name"]
            with mock.patch("multiprocessing.connection.Listener") as made:
                name.listen()
            self.assertEqual(made.call_args[1]["authkey"], authkey)
            with mock.patch("multiprocessing.connection.Client") as made:
                name.connect(endpoints.authkey("guessed"))
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
