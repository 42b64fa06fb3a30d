/** Tests of the JavaScript kit that need no process: run `node --test` in this folder. */

import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";
import * as kit from "./ipc-conformance-kit.mjs";

const vectors = (name) => kit.loads(fs.readFileSync(new URL(`vectors/${name}.json`, import.meta.url), "utf8"));

function adler32(bytes) {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return b * 65536 + a;
}

test("payloads are those of the harness", () => {
  for (const { number, size, adler32: sum, tail } of vectors("payloads")) {
    const data = kit.payload(number, size);
    assert.equal(data.length, size);
    assert.equal(data.subarray(-16).toString("hex"), tail);
    assert.equal(adler32(data), sum);
    assert.equal(kit.numberOf(data), size >= 65 ? number : undefined);
  }
});

test("a changed byte is detected at any place", () => {
  for (const at of [8, 15, 16, 4096]) {
    const changed = kit.payload(5, 4097);
    changed[at] ^= 0x10;
    assert.equal(kit.numberOf(changed), undefined);
  }
});

test("an item is shown as the harness shows it", () => {
  for (const { item, shown } of vectors("values")) assert.equal(kit.readable(item), shown);
});

test("the encoding keeps every item", () => {
  for (const { item } of vectors("values")) {
    const kept = kit.decode(kit.encode(item, "tagged"), "tagged");
    assert.equal(kit.dumps(kept), kit.dumps(item));
  }
});

test("a value keeps its item, except for a float that is an integer", () => {
  for (const { item } of vectors("values")) {
    const isInteger = kit.dumps(item).includes('"2.0"');
    if (!isInteger) assert.equal(kit.dumps(kit.itemOf(kit.valueOf(item))), kit.dumps(item));
  }
});

test("bytes that encode no item are reported as bytes", () => {
  for (const text of ["", "{", '{"int":1,"bool":true}', "[]", "3", "null"]) {
    const data = Buffer.from(text);
    assert.deepEqual(kit.decode(data, "tagged"), { bytes: data.toString("hex") });
  }
  assert.deepEqual(kit.decode(Buffer.from([0xff]), "text"), { bytes: "ff" });
});

test("integers of any size survive as JSON", () => {
  for (const text of ['{"a":9223372036854775807}', '["1234567890123456789",1.5,-18446744073709551615]', "1e300"]) {
    assert.equal(kit.dumps(kit.loads(text)), text.replace("1e300", "1e+300"));
  }
});

class Mine extends kit.Queue {
  static name = "mine/Queue";
  static native = ["capacity"];
  static composed = ["timed-get"];
  put() {}
  get() {}
  timedGet() {}
}

const plan = (action, channel = {}) => ({
  channels: [{ kind: "queue", duplex: false, codec: "bytes", ...channel }],
  processes: [{ start: "spawn", ends: [], steps: action ? [{ id: 0, watched: false, action }] : [] }],
});

test("capabilities follow from the methods", () => {
  const { native, composed } = kit.declared(Mine).capabilities;
  assert.ok(native.includes("capacity") && native.includes("spawn"));
  assert.ok(!native.includes("timed-get"));
  assert.deepEqual(composed, ["timed-get", "timed-join", "values"]);
});

test("what a class lacks is unsupported", () => {
  const cases = [
    [plan(undefined, { kind: "pipe" }), "mine/Queue hosts no pipe"],
    [plan(undefined, { opener: 0 }), "mine/Queue doesn't declare `open-in-peer`"],
    [plan({ put: { wait: "never" } }), "mine/Queue has no tryPut"],
    [plan({ close: {} }), "mine/Queue has no close"],
    [plan({ repeat: { steps: [{ action: { threads: {} } }] } }), "the kit has no step `threads`"],
    [plan({ get: { wait: { for: {} }, each: [] } }), undefined],
    [plan(undefined, { capacity: 5 }), undefined],
  ];
  for (const [what, expected] of cases) assert.equal(kit.objection(what, Mine), expected);
});

test("the code of an error comes before its name", () => {
  const error = Object.assign(new TypeError("full"), { code: "EAGAIN" });
  assert.equal(kit.outcomeOf(error, { EAGAIN: "full", TypeError: "refused" }), "full");
  assert.equal(kit.outcomeOf(error, { TypeError: "refused" }), "refused");
  assert.equal(kit.outcomeOf(error, {}), "error");
  assert.equal(kit.outcomeOf(new kit.Timeout(), {}), "timeout");
});

test("an inbox gives its items, and then the end", async () => {
  const inbox = new kit.Inbox();
  const first = inbox.get();
  inbox.put(1);
  inbox.put(2);
  inbox.end();
  assert.deepEqual([await first, await inbox.get(), await inbox.get()], [1, 2, undefined]);
});

test("an empty inbox times out", async () => {
  await assert.rejects(new kit.Inbox().get(0), kit.Timeout);
  await assert.rejects(new kit.Inbox().get(1), kit.Timeout);
});
