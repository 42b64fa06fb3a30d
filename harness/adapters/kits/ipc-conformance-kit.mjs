/**
 * A kit for adapters in JavaScript: write a class for your library, and the kit does the rest.
 *
 * Copy this file next to your adapter. It needs nothing but Node 18 or newer. It refuses Bun and Deno:
 * each of their processes has a clock of its own.
 *
 *     import net from "node:net";
 *     import { Inbox, Stream, run } from "./ipc-conformance-kit.mjs";
 *
 *     class Net extends Stream {
 *       static name = "node/net";
 *       static native = ["end-on-close"];
 *
 *       async open(end) { … }                // by end.name, end.path or end.fd
 *       async write(data) { … }
 *       async read() { … }                   // returns undefined at the end of the stream
 *       async close() { … }
 *     }
 *
 *     run(Net);
 *
 * Try it with `ipc-conformance adapter check 'node mine.mjs'`. `node mine.mjs --trace` prints the
 * conversation with the harness to standard error.
 *
 * The sections of this file:
 *
 *     1. What an author writes     Queue, Pipe, Stream, Inbox, run
 *     2. Values and payloads       what messages carry, and how they look in the protocol
 *     3. What isn't supported      found before anything starts
 *     4. Processes                 how they start, and what they hold
 *     5. Peers                     the processes that run the steps of a plan
 *     6. The front                 the process that talks to the harness
 */

import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

const VERSION = "0.10";

// -------------------------------------------------------------------------------------------------
// 1. What an author writes
// -------------------------------------------------------------------------------------------------

/**
 * A process's end of a channel, over the library. Extend Queue, Pipe or Stream.
 *
 * Define the calls that the library has, and only those. All of them may be async:
 *
 *     put(data), get()                        a Queue; send and recv for a Pipe, write and read for a
 *                                             Stream. They wait as long as they must. A get that
 *                                             returns undefined has seen the end of the stream.
 *     tryPut(data), tryGet()                  return at once
 *     timedPut(data, ms), timedGet(ms)
 *     poll(ms)                                whether something can be received; ms is 0 for at once,
 *                                             and undefined for without a limit
 *     close(), halfClose()
 *
 * Call the library as its documents say: no retry, no buffer, no translation of errors. What you add
 * yourself, list in `composed`.
 */
class Backend {
  static kind;
  static name; // the column's name, as in "node/net"
  static about; // how the library is used, for people
  static library; // the name of its package
  static version;

  // The capabilities of the library's own interface, and those that the class adds. The kit adds what
  // follows from the methods, so list only the others.
  static native = [];
  static composed = [];
  static largestMessage = null;
  static largestCapacity = null;
  static largestDepth = null;

  // Whether the library takes JavaScript's values. Otherwise it gets buffers, which the kit encodes.
  static takesValues = false;

  // Whether opening one end waits until another process opens the other one.
  static connects = false;

  // Which outcome an error is: its `code`, or else its `name`, to `empty`, `full`, `timeout`, `end`,
  // `gone`, `closed` or `refused`. EPIPE is `gone` and the kit's Timeout is `timeout` if this table
  // doesn't say otherwise; any other error is an `error`.
  static errors = {};

  /**
   * Creates a channel, before any process starts. Returns a file descriptor for each side, as in
   * { rx, tx }, or nothing if a name is enough.
   */
  static create(_channel) {}

  /** Opens an end: by `end.fd`, by `end.name`, or at `end.path`. */
  open(_end) {}

  /** Removes what `create` made, after all processes have exited. */
  static remove(_channel) {}
}

/** Whole items, from any number of producers to any number of consumers. */
export class Queue extends Backend {
  static kind = "queue";
  static PUT = "put";
  static GET = "get";
}

/** Whole messages between two ends. */
export class Pipe extends Backend {
  static kind = "pipe";
  static PUT = "send";
  static GET = "recv";
}

/** Bytes between two ends, without boundaries. An empty buffer is the end of the stream, too. */
export class Stream extends Backend {
  static kind = "stream";
  static PUT = "write";
  static GET = "read";
}

/** What a class may know about a channel. */
class Channel {
  constructor(plan, index, prefix) {
    const { capacity, duplex } = plan.channels[index];
    this.capacity = capacity ?? undefined;
    this.duplex = duplex;
    // A name that nothing else on this machine has, and a path in a folder of this run.
    this.name = `${path.basename(prefix)}-${index}`;
    this.path = path.join(prefix, String(index));
  }
}

/** An operation ran out of time. */
export class Timeout extends Error {
  name = "Timeout";
}

/**
 * Keeps what a library pushes until a step asks for it. List `poll`, `try-get` and `timed-get` in
 * `composed` if they use it, because the library has none of them.
 */
export class Inbox {
  #items = [];
  #error = undefined;
  #isOver = false;
  #waiting = new Set();

  /** Adds an item. The library's callback calls it. */
  put(item) {
    this.#items.push(item);
    this.#wake();
  }

  /** Says that nothing more arrives: after the last item, `get` returns undefined or throws. */
  end(error) {
    this.#error ??= error;
    this.#isOver = true;
    this.#wake();
  }

  /** Returns whether there is something to get, at the latest after this time. */
  async poll(ms) {
    const isReady = () => this.#items.length > 0 || this.#isOver;
    if (isReady() || ms === 0) return isReady();
    await new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
      this.#waiting.add(() => {
        clearTimeout(timer);
        resolve();
      });
    });
    return isReady();
  }

  /** Returns the oldest item. Throws Timeout if there is none in time. */
  async get(ms) {
    while (!(await this.poll(ms))) if (ms !== undefined) throw new Timeout("nothing to receive");
    if (this.#items.length > 0) return this.#items.shift();
    if (this.#error !== undefined) throw this.#error;
    return undefined;
  }

  #wake() {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

/** Runs the adapter: hosts these classes until the harness stops it. */
export async function run(...backends) {
  const hosted = new Map(backends.map((backend) => [backend.name, backend]));
  const [option, given] = process.argv.slice(2);
  if (option === "--peer") await new Peer(hosted, JSON.parse(given)).run();
  else if (option === undefined || option === "--trace") new Front(hosted, option !== undefined).serve();
  else {
    console.error(`usage: ${process.argv[1]} [--trace]\nThe harness starts this program.`);
    process.exitCode = 2;
  }
}

/** Imports a module, or tells the harness that it is missing. */
export async function need(module) {
  try {
    return await import(module);
  } catch (error) {
    console.error(error);
    console.log(JSON.stringify({ refused: { why: error.message } }));
    process.exit();
  }
}

// -------------------------------------------------------------------------------------------------
// 2. Values and payloads
//
// The kit keeps messages as items, as the protocol has them, because a number in JavaScript doesn't
// say whether it is an integer or a float.
// -------------------------------------------------------------------------------------------------

const SEED = 0xd1290d3b1e6d92f5n;
const WEYL = 0x9e3779b97f4a7c15n;
const MIX = 0xbf58476d1ce4e5b9n;

// Bytes of at least this length don't match a payload by accident.
const SURELY_PAYLOAD = 65;

// The adapter's own way to carry text and values over a library that carries bytes.
const BYTES_TAG = Buffer.from("b");

const u64 = (number) => BigInt.asUintN(64, number);

/** Returns the bytes of a payload: its number in eight bytes, then a pattern that follows from it. */
export function payload(number, size) {
  const words = new BigUint64Array(Math.ceil(size / 8));
  let state = u64(BigInt(number) * SEED);
  words.forEach((_, n) => {
    if (n === 0) {
      words[n] = u64(BigInt(number));
      return;
    }
    state = u64(state + WEYL);
    const mixed = u64((state ^ (state >> 31n)) * MIX);
    words[n] = mixed ^ (mixed >> 29n);
  });
  return Buffer.from(words.buffer, 0, size);
}

/** Returns the number of this payload, or undefined if the bytes are no payload. */
export function numberOf(data) {
  if (data.length < SURELY_PAYLOAD) return undefined;
  const number = data.readBigUInt64LE(0);
  const isPayload = payload(number, 16).equals(data.subarray(0, 16)) && payload(number, data.length).equals(data);
  return isPayload ? narrow(number) : undefined;
}

/** Returns an integer as a number if that is exact. */
function narrow(integer) {
  return Number.isSafeInteger(Number(integer)) ? Number(integer) : BigInt(integer);
}

/** Returns the item for bytes. */
export function itemOfBytes(data) {
  const number = numberOf(data);
  return number === undefined ? { bytes: data.toString("hex") } : { payload: { number, size: data.length } };
}

function bytesOf(item) {
  const { bytes, payload: of } = item;
  return of === undefined ? Buffer.from(bytes, "hex") : payload(of.number, of.size);
}

const isBytes = (item) => item.bytes !== undefined || item.payload !== undefined;

/** Returns the JavaScript value of an item, for a library that takes values. */
export function valueOf(item) {
  if (item === "none") return null;
  if (isBytes(item)) return bytesOf(item);
  const [[kind, content]] = Object.entries(item);
  if (kind === "big-int") return BigInt(content);
  if (kind === "float") return Number(content.replace("inf", "Infinity").replace("nan", "NaN"));
  if (kind === "list") return content.map(valueOf);
  if (kind === "map") return Object.fromEntries(Object.entries(content).map(([key, each]) => [key, valueOf(each)]));
  return content;
}

/** Returns the item for a JavaScript value. */
export function itemOf(value) {
  if (value === null) return "none";
  if (typeof value === "boolean") return { bool: value };
  if (typeof value === "string") return { text: value };
  if (typeof value === "bigint") {
    return BigInt.asIntN(64, value) === value ? { int: narrow(value) } : { "big-int": String(value) };
  }
  if (typeof value === "number") {
    return Number.isSafeInteger(value) && !Object.is(value, -0) ? { int: value } : { float: decimal(value) };
  }
  if (value instanceof Uint8Array) return itemOfBytes(Buffer.from(value));
  if (Array.isArray(value)) return { list: value.map(itemOf) };
  return { map: Object.fromEntries(Object.entries(value).map(([key, each]) => [key, itemOf(each)])) };
}

/** Returns the shortest digits for this float. */
function decimal(number) {
  if (Object.is(number, -0)) return "-0.0";
  const digits = String(number).replace("Infinity", "inf").replace("NaN", "nan").replace("e+", "e");
  return /^-?\d+$/.test(digits) ? `${digits}.0` : digits;
}

/** Returns an item as a `print` step shows it; text has quotation marks only inside lists and maps. */
export function readable(item, isNested = false) {
  if (item === "none") return "None";
  const [[kind, content]] = Object.entries(item);
  if (kind === "text") return isNested ? quoted(content) : content;
  if (kind === "bytes") return `0x${content}`;
  if (kind === "payload") return `#${content.number} (${content.size} bytes)`;
  if (kind === "list") return `[${content.map((each) => readable(each, true)).join(", ")}]`;
  if (kind === "map") {
    const keys = Object.keys(content).sort();
    return `{${keys.map((key) => `${key}: ${readable(content[key], true)}`).join(", ")}}`;
  }
  return String(content);
}

const ESCAPES = { '"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0" };
const quoted = (text) => `"${[...text].map((each) => ESCAPES[each] ?? each).join("")}"`;

/** Returns an item as a buffer, for a library that carries bytes. */
export function encode(item, codec) {
  if (codec === "bytes") return bytesOf(item);
  if (codec === "text") return Buffer.from(item.text);
  return isBytes(item) ? Buffer.concat([BYTES_TAG, bytesOf(item)]) : Buffer.from(dumps(item));
}

/** Returns the item that these bytes encode, or the bytes if they encode none. */
export function decode(data, codec) {
  data = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  try {
    if (codec === "text") return { text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data) };
    if (codec === "tagged" && data[0] === BYTES_TAG[0]) return itemOfBytes(data.subarray(1));
    if (codec === "tagged") return checked(loads(data.toString()));
  } catch {
    // The bytes changed on their way. The harness sees them as they came.
  }
  return itemOfBytes(data);
}

/** Returns an item if it is one. */
function checked(item) {
  const isItem = item === "none" || (typeof item === "object" && Object.keys(item).length === 1);
  if (!isItem || Array.isArray(item)) throw new TypeError("no item");
  valueOf(item);
  return item;
}

// JSON with integers of any size: those that a number can't hold are read and written as BigInt.

export function loads(text) {
  const marked = text.replace(/("(?:[^"\\]|\\.)*")|(-?\d{16,})(?![\d.eE])/g, (all, string, digits) =>
    string !== undefined || Number.isSafeInteger(Number(digits)) ? all : `{"$integer":"${digits}"}`,
  );
  return JSON.parse(marked, (_, value) => (value?.$integer === undefined ? value : BigInt(value.$integer)));
}

export function dumps(value) {
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return `[${value.map(dumps).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${dumps(each)}`).join(",")}}`;
}

// -------------------------------------------------------------------------------------------------
// 3. What isn't supported
// -------------------------------------------------------------------------------------------------

/** Returns the method with this verb in this form, as in tryPut. */
const methodName = (form, verb) => (form === "" ? verb : form + verb[0].toUpperCase() + verb.slice(1));
const has = (backend, method) => typeof backend.prototype[method] === "function";

/** Returns what `ready` says about a backend. */
export function declared(backend) {
  // The library starts no processes, so the kit joins them.
  const composed = new Set(["timed-join", ...backend.composed]);
  const native = new Set(["spawn", ...backend.native]);
  if (process.platform !== "win32") native.add("signals");
  for (const form of ["try", "timed"]) {
    if (has(backend, methodName(form, backend.PUT))) native.add(`${form}-put`);
    if (has(backend, methodName(form, backend.GET))) native.add(`${form}-get`);
  }
  if (has(backend, "poll")) native.add("poll");
  if (has(backend, "halfClose")) native.add("half-close");
  if (backend.kind !== "stream" && !backend.takesValues) composed.add("values");
  return {
    kind: backend.kind,
    name: backend.name,
    about: backend.about ?? backend.name,
    library: backend.library,
    version: backend.version,
    capabilities: {
      native: [...native].filter((one) => !composed.has(one)).sort(),
      composed: [...composed].sort(),
      "largest-message": backend.largestMessage,
      "largest-capacity": backend.largestCapacity,
      "largest-depth": backend.largestDepth,
    },
  };
}

/** Returns why this backend can't run this plan, or undefined if it can. */
export function objection(plan, backend) {
  for (const index of plan.channels.keys()) {
    const why = objectionToChannel(plan, index, backend);
    if (why !== undefined) return why;
  }
  for (const process_ of plan.processes) {
    if (process_.start !== "spawn") return `the kit can't start a process by ${process_.start}`;
    for (const [word, what] of allSteps(process_.steps)) {
      const why = objectionToStep(backend, word, what);
      if (why !== undefined) return why;
    }
  }
  return undefined;
}

function objectionToChannel(plan, index, backend) {
  const channel = plan.channels[index];
  const offered = new Set([...backend.native, ...backend.composed]);
  if (channel.kind !== backend.kind) return `${backend.name} hosts no ${channel.kind}`;
  const needs = { duplex: "duplex", capacity: "capacity", opener: "open-in-peer" };
  for (const [key, capability] of Object.entries(needs)) {
    const isNeeded = (channel[key] ?? false) !== false;
    if (isNeeded && !offered.has(capability)) return `${backend.name} doesn't declare \`${capability}\``;
  }
  const started = plan.processes.filter(({ starter }) => (starter ?? null) !== null);
  if (backend.connects && started.some(({ ends }) => ends.some(({ end }) => end.channel === index))) {
    return `${backend.name} connects its ends before a step can start a process`;
  }
  // Several processes can inherit one end, but not open it by its name.
  const isNamed = backend.create === Backend.create;
  for (const [side, capability] of Object.entries({ tx: "several-producers", rx: "several-consumers" })) {
    const holds = ({ ends }) => ends.some(({ end }) => end.channel === index && end.side === side);
    const isShared = plan.processes.filter(holds).length > 1;
    if (isNamed && isShared && !offered.has(capability)) return `${backend.name} has one ${side} for each channel`;
  }
  return undefined;
}

function objectionToStep(backend, word, what) {
  if (!Object.hasOwn(STEPS, word)) return `the kit has no step \`${word}\``;
  const methods = { put: () => methodOf(backend, word, what.wait), get: () => methodOf(backend, word, what.wait) };
  const method = methods[word]?.() ?? { poll: "poll", close: "close", "half-close": "halfClose" }[word];
  if (method !== undefined && !has(backend, method)) return `${backend.name} has no ${method}`;
  if (word === "poll" && what.ends.length > 1) return "the kit polls one end at a time";
  return undefined;
}

/** Yields these steps and the steps inside them: for each its word and its fields. */
function* allSteps(steps) {
  for (const { action } of steps) {
    const [[word, what]] = Object.entries(action);
    yield [word, what];
    yield* allSteps(what.each ?? what.steps ?? []);
  }
}

/** Returns the name of the method for a put or a get that waits in this way. */
function methodOf(backend, kind, wait) {
  const form = { deadline: "", never: "try" }[wait] ?? "timed";
  return methodName(form, kind === "put" ? backend.PUT : backend.GET);
}

const msOf = ({ secs, nanos }) => secs * 1e3 + nanos / 1e6;

/** Returns how many milliseconds a wait lasts at most: 0 for a try, and undefined for no limit. */
const limitOf = (wait) => (typeof wait === "object" ? msOf(wait.for) : { never: 0 }[wait]);

// -------------------------------------------------------------------------------------------------
// 4. Processes
// -------------------------------------------------------------------------------------------------

// The exit code of a peer when the adapter itself has failed or is gone.
const TROUBLE = 70;

/** Returns the key for an end of a plan. */
const place = ({ channel, side }) => `${channel} ${side}`;

/** Returns the ends that the plan gives to any of these processes, each once. */
function endsOf(plan, processes) {
  const given = processes.flatMap((index) => plan.processes[index].ends.map(({ end }) => [place(end), end]));
  return new Map(given.sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Returns a process and all its descendants. */
function familyOf(plan, index) {
  const family = [index];
  for (const starter of family) {
    plan.processes.forEach((other, n) => other.starter === starter && family.push(n));
  }
  return family;
}

/**
 * Starts a process of the plan: this program again. It inherits the ends of its family in `held`, and
 * a link for itself and for each of its descendants, from number 3 on. `linkOf` returns what `stdio`
 * takes for the two directions of a link: answers to the process, and reports from it.
 */
function start(index, plan, held, linkOf) {
  const family = familyOf(plan, index);
  const stdio = [...linkOf(index), "inherit"];
  const inherit = (what) => stdio.push(what) - 1;
  const ends = [...endsOf(plan, family).keys()]
    .filter((end) => held.has(end))
    .map((end) => [end, inherit(held.get(end))]);
  const links = family.slice(1).map((child) => [child, linkOf(child).map(inherit)]);
  const given = JSON.stringify({ process: index, ends, links });
  const words = [...process.execArgv, process.argv[1], "--peer", given];
  return { child: spawn(process.execPath, words, { stdio, windowsHide: true }), links };
}

/** Returns how a process exited, from what Node says. */
function exitOf(code, signal) {
  return signal === null ? { code: code | 0 } : { signal: os.constants.signals[signal] };
}

/** Resolves when a process has exited. */
const exited = (child) =>
  new Promise((resolve) => child.once("exit", (code, signal) => resolve(exitOf(code, signal))));

/** Resolves like the promise, or to undefined after this time. */
async function within(ms, promise) {
  const given = new AbortController();
  const late = sleep(ms, undefined, { signal: given.signal }).catch(() => {});
  try {
    return await Promise.race([promise, late]);
  } finally {
    given.abort();
  }
}

/** Calls back with each line of a stream, and then at its end. */
function readLines(stream, hear, end) {
  let rest = [];
  stream.on("data", (data) => {
    for (let at; (at = data.indexOf(10)) >= 0; data = data.subarray(at + 1)) {
      const line = Buffer.concat([...rest, data.subarray(0, at)]).toString();
      rest = [];
      hear(line);
    }
    rest.push(data);
  });
  stream.on("error", () => {}); // it closes then
  stream.on("close", end);
}

/** Writes to a descriptor before it returns, so that the line survives when this process is killed. */
function writeAll(fd, text) {
  let data = Buffer.from(text);
  while (data.length > 0) {
    try {
      data = data.subarray(fs.writeSync(fd, data));
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
    }
  }
}

// -------------------------------------------------------------------------------------------------
// 5. Peers
// -------------------------------------------------------------------------------------------------

// The step of operations without a step: the exit after the last step.
const NO_STEP = 4294967295;

/** Returns the machine's monotonic clock in nanoseconds, as the harness reads it. */
const clock = () => process.hrtime.bigint();

/** What a step waits for can't happen any more. */
class Impossible extends Error {
  name = "Impossible";
}

/** A step can't be done for a reason that isn't the library's. */
class Trouble extends Error {
  name = "Trouble";
}

/** A poll found nothing to receive. It isn't the library's error, so it isn't reported as one. */
class NotReady extends Error {}

/** A join found that its process is alive. It isn't the library's error either. */
class Alive extends Error {}

/** A get saw the end of the stream. */
class EndOfStream extends Error {}

/** This process, as a process of a plan. */
class Peer {
  constructor(hosted, given) {
    this.hosted = hosted;
    this.me = given.process;
    // Descriptors of ends and links, for this process and for those that it has yet to start.
    this.held = new Map(given.ends);
    this.links = new Map(given.links);
    this.ends = new Map();
    this.closed = new Set();
    this.children = new Map();
    this.joined = new Set();
    this.operations = 0;
    this.answers = new Inbox();
  }

  // Reports to the front, and its answers.

  tell(message) {
    try {
      writeAll(1, `${dumps(message)}\n`);
    } catch {
      process.exit(TROUBLE); // the front is gone
    }
  }

  say(message, fields = {}) {
    this.tell({ [message]: { run: this.number, process: this.me, ...fields } });
  }

  /** Sends a request, and waits until the harness reports that it has happened. */
  async ask(what) {
    this.say("ask", { what });
    const [, hasHappened] = await this.answers.get();
    if (!hasHappened) throw new Impossible("it can't happen any more, or it happened too early");
  }

  // From start to exit.

  async run() {
    // Only the protocol may use standard output.
    console.log = console.info = console.debug = console.error;
    readLines(process.stdin, (line) => this.answers.put(loads(line)), () => process.exit(TROUBLE));
    this.tell({ hello: this.me });
    const { run: number, backend, plan, prefix } = await this.answers.get();
    Object.assign(this, { number, plan, prefix, backend: this.hosted.get(backend) });
    this.variables = { ...plan.processes[this.me].vars };
    this.own = endsOf(plan, [this.me]);
    this.exposure = new Exposure(plan.fault, this.me);
    this.delays = new Delays(plan.seed, this.me);
    for (const name of this.signals()) process.on(`SIG${name.toUpperCase()}`, () => {});
    this.say("alive", { pid: process.pid });
    try {
      await this.live();
    } catch (error) {
      console.error(error);
      const why = `${plan.processes[this.me].group}: ${error.name}: ${error.message}`;
      this.tell({ failed: { run: number, why } });
      process.exit(TROUBLE);
    }
    process.exit();
  }

  async live() {
    const { starter, steps } = this.plan.processes[this.me];
    for (const end of this.own.values()) {
      if (this.plan.channels[end.channel].opener !== this.me) await this.openEnd(end);
    }
    this.say("attached");
    // The steps begin when every process that the front starts has its ends.
    if ((starter ?? null) === null) await this.answers.get();
    const steps_ = new Steps(this);
    await steps_.run(steps);
    await steps_.operate(NO_STEP, "exit", () => this.finish());
  }

  /** Returns the names of the signals that steps send to this process. */
  signals() {
    const steps = this.plan.processes.flatMap((each) => [...allSteps(each.steps)]);
    const mine = steps.filter(([word, what]) => word === "signal" && what.processes.includes(this.me));
    return new Set(mine.map(([, what]) => what.signal));
  }

  /** Closes open ends as the library does, and waits for the processes that it started. */
  async finish() {
    for (const [name, end] of this.ends) {
      if (!this.closed.has(name) && has(this.backend, "close")) await end.close();
    }
    for (const child of [...this.children.keys()]) await this.waitFor(child);
  }

  // Ends and children.

  async openEnd(end) {
    const { name, path: at, ...channel } = new Channel(this.plan, end.channel, this.prefix);
    const opened = new this.backend();
    this.ends.set(place(end), opened);
    await opened.open({ channel, name, path: at, side: end.side, fd: this.held.get(place(end)) });
    this.held.delete(place(end));
  }

  async openChannel(channel) {
    const sides = await this.backend.create(new Channel(this.plan, channel, this.prefix));
    for (const [side, fd] of Object.entries(sides ?? {})) this.held.set(place({ channel, side }), fd);
    for (const end of this.own.values()) if (end.channel === channel) await this.openEnd(end);
  }

  start(child) {
    if (!this.links.has(child)) throw new Impossible("it was started before");
    const process_ = start(child, this.plan, this.held, (index) => this.links.get(index)).child;
    this.children.set(child, exited(process_));
    for (const index of familyOf(this.plan, child)) {
      this.links.get(index).forEach((fd) => fs.closeSync(fd));
      this.links.delete(index);
    }
    const needed = endsOf(this.plan, [...this.links.keys()]);
    for (const [end, fd] of this.held) {
      if (!needed.has(end)) {
        fs.closeSync(fd);
        this.held.delete(end);
      }
    }
  }

  /** Waits until a process that this one started exits. Throws `Alive` if it is alive after this time. */
  async waitFor(child, ms) {
    if (this.joined.has(child)) return;
    const exit = this.children.get(child);
    if (exit === undefined) throw new Impossible("it isn't running");
    const seen = ms === undefined ? await exit : await within(ms, exit);
    if (seen === undefined) throw new Alive();
    this.children.delete(child);
    this.joined.add(child);
    this.tell({ exited: { run: this.number, process: child, exit: seen } });
  }
}

/** Pauses before operations. They follow from a seed and make schedules differ. */
class Delays {
  static RARITY = 4n;
  static LONGEST = 0.3; // in milliseconds; a pause in Node takes at least one

  constructor(seed, index) {
    this.state = BigInt(seed) && u64(BigInt(seed) ^ (BigInt(index + 1) * WEYL));
  }

  async pause() {
    if (this.state === 0n) return;
    this.state = u64(this.state * 6364136223846793005n + 1442695040888963407n);
    if (((this.state >> 33n) & (Delays.RARITY - 1n)) === 0n) {
      await sleep((Delays.LONGEST * Number(this.state >> 40n)) / (1 << 24));
    }
  }
}

/** Finds the operation of this process at which a sweep injects its fault. */
class Exposure {
  constructor(point, index) {
    this.point = point?.process === index ? point : undefined;
    this.returned = 0;
  }

  /** Returns the fault for this moment, before or after an operation, or undefined. */
  due(moment) {
    const at = this.returned;
    if (moment === "after") this.returned += 1;
    const isDue = this.point?.operation === at && this.point.moment === moment;
    return isDue ? this.point.fault : undefined;
  }
}

/** The steps of a peer, one after another. */
class Steps {
  constructor(peer) {
    this.peer = peer;
    this.item = undefined;
    this.round = undefined;
  }

  async run(steps) {
    for (const { id, action, watched } of steps) {
      const [[word, what]] = Object.entries(action);
      await STEPS[word](this, id, what);
      if (watched) this.peer.say("step-done", { step: id });
    }
  }

  // Operations.

  /** Does one operation, reports it, and returns its result, or undefined if it failed. */
  async operate(step, kind, call, { end, wait = "deadline", ...fields } = {}) {
    const operation = await this.begin(step, kind, { end, timed: wait !== "deadline" || undefined, ...fields });
    let result;
    let how;
    let at;
    try {
      result = { value: await call() };
      at = clock();
      how = kind === "get" ? { outcome: "ok", item: result.value } : { outcome: "ok" };
    } catch (error) {
      at = clock();
      if (error instanceof Trouble) throw error;
      how = this.failure(error, kind, wait);
    }
    this.peer.say("returned", { operation, at, ...how });
    if (end !== undefined) await this.suffer("after");
    return result;
  }

  /** Reports that an operation begins, and returns its number. */
  async begin(step, kind, fields = {}) {
    if (fields.end !== undefined) {
      await this.peer.delays.pause();
      await this.suffer("before");
    }
    const operation = this.peer.operations++;
    this.peer.say("began", { operation, step, kind, ...fields, at: clock() });
    return operation;
  }

  /** Asks the harness for the fault that the plan injects now, if any. */
  async suffer(moment) {
    const fault = this.peer.exposure.due(moment);
    if (fault !== undefined) await this.peer.ask({ [fault]: [this.peer.me] });
  }

  /** Returns the outcome of an error, by the class's table. */
  failure(error, kind, wait) {
    const waited = wait === "never" ? { put: "full" }[kind] ?? "empty" : "timeout";
    if (error instanceof NotReady) return { outcome: waited };
    if (error instanceof Alive) return { outcome: "timeout" };
    const outcome = outcomeOf(error, this.peer.backend.errors);
    const said = {
      kind: error.code ?? error.name,
      code: typeof error.errno === "number" ? Math.abs(error.errno) : undefined,
      message: error.message,
      // A call that failed in a way that the library doesn't document may have had an effect.
      definite: outcome !== "error",
    };
    const isWait = ["empty", "full", "timeout"].includes(outcome);
    return { outcome: isWait ? waited : outcome, error: error instanceof EndOfStream ? undefined : said };
  }

  // Ends.

  endOf(end) {
    const found = this.peer.ends.get(place(end));
    if (found === undefined) throw new Trouble(`it was given no end ${end.side} of channel ${end.channel}`);
    return found;
  }

  /** Makes the library's call for a put or a get that waits in this way. */
  call(kind, end, wait, ...data) {
    const limit = typeof wait === "object" ? [msOf(wait.for)] : [];
    return this.endOf(end)[methodOf(this.peer.backend, kind, wait)](...data, ...limit);
  }

  async put(step, { end, source, wait }) {
    const { backend, plan } = this.peer;
    for (const item of this.items(source)) {
      const data = backend.takesValues ? valueOf(item) : encode(item, plan.channels[end.channel].codec);
      const put = () => this.call("put", end, wait, data);
      if ((await this.operate(step, "put", put, { end, wait, item })) === undefined) break;
    }
  }

  async get(step, { end, limit, each, into, wait }) {
    const last = (limit.until ?? []).map((value) => dumps(this.resolve(value)));
    for (let n = 0; n < (limit.count ?? Infinity); n += 1) {
      const got = await this.operate(step, "get", () => this.receive(end, wait), { end, wait });
      if (got === undefined) break;
      if (into != null) this.peer.variables[into] = got.value;
      if (last.includes(dumps(got.value))) break;
      const outer = this.item;
      this.item = got.value;
      await this.run(each);
      this.item = outer;
    }
  }

  async receive(end, wait) {
    const { backend, plan } = this.peer;
    const data = await this.call("get", end, wait);
    if (data === undefined || (backend.kind === "stream" && !data?.length)) throw new EndOfStream();
    return backend.takesValues ? itemOf(data) : decode(data, plan.channels[end.channel].codec);
  }

  async poll(end, wait) {
    const ms = limitOf(wait);
    if (!(await this.endOf(end).poll(ms))) throw new NotReady();
  }

  async close(step, end) {
    await this.operate(step, "close", () => this.endOf(end).close(), { end });
    // Later calls on a closed end are up to the library.
    this.peer.closed.add(place(end));
  }

  // Values.

  lookUp(name) {
    if (name === "item" && this.item !== undefined) return this.item;
    if (name === "n" && this.round !== undefined) return { int: this.round };
    if (Object.hasOwn(this.peer.variables, name)) return this.peer.variables[name];
    throw new Trouble(`$${name} is not defined here`);
  }

  /** Returns the item that a plan's value stands for. */
  resolve({ literal, reference, sized }) {
    if (literal !== undefined) return literal;
    if (reference !== undefined) return this.lookUp(reference);
    const number = this.resolve(sized.number);
    // A reply repeats the payload of its request.
    return isBytes(number) ? number : { payload: { number: number.int, size: sized.size } };
  }

  /** Yields each item that a put puts. */
  *items({ items = [], count: { from, count, size } = { from: 0, count: 0 } }) {
    for (const value of items) yield this.resolve(value);
    for (let n = 0; n < count; n += 1) {
      const number = typeof from === "bigint" ? narrow(from + BigInt(n)) : from + n;
      yield size == null ? { int: number } : { payload: { number, size } };
    }
  }

  async print(step, pieces) {
    const shown = ({ text, reference }) => text ?? readable(this.lookUp(reference));
    const text = pieces.map(shown).join("");
    const bytes = Buffer.from(`${text}\n`).toString("hex");
    await this.operate(step, "print", () => this.peer.say("output", { stream: "stdout", bytes }), { text });
  }
}

/** Returns a step that is up to the harness, because it sees what all processes do. */
const asked = (kind, subject) => (steps, step, what) =>
  steps.operate(step, kind, () => steps.peer.ask({ [kind]: subject(what) }));

const NEVER = new Promise(() => {});

/** What the kit can do for each step of a plan. */
const STEPS = {
  put: (steps, step, what) => steps.put(step, what),
  get: (steps, step, what) => steps.get(step, what),
  poll: (steps, step, { ends: [end], wait }) =>
    steps.operate(step, "poll", () => steps.poll(end, wait), { end, wait }),
  close: (steps, step, { end }) => steps.close(step, end),
  "half-close": (steps, step, { end }) =>
    steps.operate(step, "half-close", () => steps.endOf(end).halfClose(), { end }),
  open: (steps, step, { channel }) => steps.operate(step, "open", () => steps.peer.openChannel(channel)),
  async start(steps, step, { processes }) {
    for (const index of processes) await steps.operate(step, "start", () => steps.peer.start(index));
  },
  async join(steps, step, { processes, wait = "deadline" }) {
    const join = (index) => steps.peer.waitFor(index, limitOf(wait));
    for (const index of processes) await steps.operate(step, "join", () => join(index), { wait });
  },
  kill: (steps, step, { processes, terminates }) =>
    steps.operate(step, "kill", () => steps.peer.ask({ [terminates ? "terminate" : "kill"]: processes })),
  pause: asked("pause", (what) => what.processes),
  resume: asked("resume", (what) => what.processes),
  signal: asked("signal", (what) => what),
  barrier: asked("barrier", (what) => what.name),
  await: asked("await", (what) => what.event),
  async exit(steps, step, { code }) {
    await steps.begin(step, "exit");
    process.exit(code);
  },
  async crash(steps, step, { how }) {
    await steps.begin(step, "crash");
    if (how === "abort") process.abort();
    if (how === "exit") process.reallyExit(1);
    process.kill(process.pid, "SIGKILL");
    await NEVER;
  },
  async idle(steps, step, { time }) {
    const rest = time == null ? () => NEVER : () => sleep(msOf(time));
    await steps.operate(step, "idle", rest, { timed: time == null ? undefined : true });
  },
  async repeat(steps, step, what) {
    const outer = steps.round;
    for (steps.round = 0; steps.round < what.count; steps.round += 1) await steps.run(what.steps);
    steps.round = outer;
  },
  set(steps, step, { vars }) {
    for (const [name, value] of Object.entries(vars)) steps.peer.variables[name] = steps.resolve(value);
  },
  print: (steps, step, { text }) => steps.print(step, text),
};

/** Returns the outcome that a table gives to an error: by its code, or else by its name. */
export function outcomeOf(error, errors) {
  if (error instanceof EndOfStream) return "end";
  const table = { EPIPE: "gone", Timeout: "timeout", ...errors };
  return table[error.code] ?? table[error.name] ?? "error";
}

// -------------------------------------------------------------------------------------------------
// 6. The front
// -------------------------------------------------------------------------------------------------

/** Reads the harness's messages, and passes on what the peers report. */
class Front {
  constructor(hosted, isTraced) {
    this.hosted = hosted;
    this.isTraced = isTraced;
    this.run = undefined;
  }

  /** Handles messages until `stop` or the end of the input. */
  serve() {
    // Ctrl-C reaches all processes; the harness then ends those that it has started.
    process.on("SIGINT", () => {});
    console.log = console.info = console.debug = console.error;
    readLines(process.stdin, (line) => this.hear(line), () => this.stop());
  }

  hear(line) {
    this.trace("to adapter  ", line);
    try {
      const [[word, what], ...others] = Object.entries(loads(line));
      const isKnown = ["start", "run", "answer", "end", "stop"].includes(word) && others.length === 0;
      if (!isKnown) throw new TypeError(`no message is called ${word}`);
      this[word === "run" ? "startRun" : word](what);
    } catch (error) {
      this.tell({ error: { why: `not a message: ${error.name}: ${error.message}` } });
    }
  }

  start({ version }) {
    if (version !== VERSION) {
      const why = `this kit speaks version ${VERSION} of the protocol, not ${version}`;
      this.tell({ refused: { why } });
      this.stop();
      return;
    }
    if (process.versions.bun || process.versions.deno) {
      // Times of several processes are compared, and `process.hrtime` starts with the process there.
      this.tell({ refused: { why: "this kit needs Node: Bun and Deno don't give it the machine's clock" } });
      this.stop();
      return;
    }
    const backends = [...this.hosted.values()].map(declared);
    const runtime = `Node ${process.versions.node}`;
    const names = backends.map(({ library, name, version: of }) => `${library ?? name} ${of ?? ""}`.trim());
    const about = [...new Set([runtime, ...names])].join(", ");
    const name = path.basename(path.dirname(process.argv[1]));
    this.tell({ ready: { version: VERSION, name, about, runtime, backends } });
  }

  startRun({ run, plan, backend: { kind, name } }) {
    const backend = this.hosted.get(name);
    const why = backend ? objection(plan, backend) : `this adapter hosts no ${kind} ${name}`;
    if (why === undefined) {
      this.run = new Run(this, run, backend, plan);
      this.run.start();
    } else {
      this.tell({ unsupported: { run, why } });
      this.tell({ done: { run } });
    }
  }

  answer({ process: index, thread, happened }) {
    this.run?.answer(index, [thread, happened]); // a run may end before the harness knows
  }

  end() {
    this.run?.end();
  }

  stop() {
    if (this.run === undefined) process.exit();
    this.run.whenDone = () => process.exit();
    this.run.end();
  }

  tell(message) {
    this.write(dumps(message));
  }

  write(line) {
    this.trace("from adapter", line);
    writeAll(1, `${line}\n`);
  }

  trace(direction, line) {
    if (this.isTraced) process.stderr.write(`${direction} ${line}\n`);
  }
}

/** A run under way. */
class Run {
  constructor(front, number, backend, plan) {
    this.front = front;
    this.number = number;
    this.backend = backend;
    this.plan = plan;
    this.prefix = fs.mkdtempSync(path.join(os.tmpdir(), "ipc-"));
    // The processes that the front starts, and those of them that aren't ready to begin.
    this.roots = [...plan.processes.keys()].filter((index) => (plan.processes[index].starter ?? null) === null);
    this.unready = new Set(this.roots);
    this.left = new Set(plan.processes.keys());
    this.pids = new Map();
    this.answers = new Map();
    this.exits = new Map();
    this.isEnding = false;
    this.whenDone = () => {};
  }

  async start() {
    const held = new Map();
    try {
      for (const channel of this.plan.channels.keys()) {
        if ((this.plan.channels[channel].opener ?? null) !== null) continue;
        const sides = await this.backend.create(new Channel(this.plan, channel, this.prefix));
        for (const [side, fd] of Object.entries(sides ?? {})) held.set(place({ channel, side }), fd);
      }
      for (const root of this.roots) this.startRoot(root, held);
    } catch (error) {
      this.fail(`${error.name}: ${error.message}`);
    }
    for (const fd of held.values()) fs.closeSync(fd);
    if (this.pids.size === 0) this.done(); // nothing could be started
  }

  startRoot(root, held) {
    const { child, links } = start(root, this.plan, held, () => ["pipe", "pipe"]);
    child.on("error", (error) => this.fail(`${error.name}: ${error.message}`));
    this.pids.set(root, child.pid);
    this.follow(root, child.stdin, child.stdout, exited(child));
    for (const [index, [answers, reports]] of links) {
      this.follow(index, child.stdio[answers], child.stdio[reports]);
    }
  }

  /** Passes on what a process reports, until it has exited. */
  follow(index, answers, reports, exit) {
    this.answers.set(index, answers);
    answers.on("error", () => {}); // the process is gone, and its reports will end
    readLines(reports, (line) => this.hear(index, line), async () => this.bury(index, await exit));
  }

  hear(index, line) {
    if (line.startsWith('{"hello"')) {
      const { number: run, plan, prefix } = this;
      this.answer(index, { run, backend: this.backend.name, plan, prefix });
    } else if (line.startsWith('{"attached"')) {
      if (this.unready.delete(index) && this.unready.size === 0) {
        for (const root of this.roots) this.answer(root, [0, true]);
      }
    } else if (line.startsWith('{"exited"') && this.left.has(loads(line).exited.process)) {
      // It is passed on after all that the process itself has reported.
      this.exits.set(loads(line).exited.process, line);
    } else {
      if (line.startsWith('{"alive"')) this.alive(index, loads(line).alive.pid);
      this.front.write(line);
      if (line.startsWith('{"failed"')) this.end();
    }
  }

  alive(index, pid) {
    this.pids.set(index, pid);
    if (this.isEnding) sendSignal(pid, "SIGKILL");
  }

  answer(index, message) {
    this.answers.get(index)?.write(`${dumps(message)}\n`);
  }

  /** Reports the end of a process that has no more to report. */
  bury(index, exit) {
    const gone = { run: this.number, process: index };
    // Another process may have started it, and reports how it exited unless it is gone itself.
    this.front.tell(exit === undefined ? { gone } : { exited: { ...gone, exit } });
    if (this.unready.has(index) && !this.isEnding) this.fail(`process ${index} died before it had begun`);
    this.left.delete(index);
    this.answers.get(index).destroy();
    this.answers.delete(index);
    if (this.exits.has(index)) this.front.write(this.exits.get(index));
    if (this.left.size === 0) this.done();
  }

  async done() {
    for (const channel of this.plan.channels.keys()) {
      try {
        await this.backend.remove(new Channel(this.plan, channel, this.prefix));
      } catch (error) {
        this.fail(`remove: ${error.message}`);
      }
    }
    fs.rmSync(this.prefix, { recursive: true, force: true });
    this.front.run = undefined;
    this.front.tell({ done: { run: this.number } });
    this.whenDone();
  }

  fail(why) {
    this.front.tell({ failed: { run: this.number, why } });
    this.end();
  }

  /** Kills the processes that are left. Stops all of them first, so that none continues because
   * another is gone. */
  end() {
    this.isEnding = true;
    const left = [...this.left].filter((index) => this.pids.has(index)).map((index) => this.pids.get(index));
    if (process.platform !== "win32") left.forEach((pid) => sendSignal(pid, "SIGSTOP"));
    left.forEach((pid) => sendSignal(pid, "SIGKILL"));
  }
}

/** Sends a signal to a process that may have exited meanwhile. */
function sendSignal(pid, name) {
  try {
    process.kill(pid, name);
  } catch {
    // It has exited.
  }
}
