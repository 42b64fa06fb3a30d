// @ts-check
"use strict";
/**
 * @typedef {{key: string, words: string, sign: string}} State
 * @typedef {{log: string, name: string, machine: string, system: string, program: string, kernel: string, cores: number,
 *   date: string, command: string, seed: number, elapsed: number, interrupted: boolean, counts: Object<string, number>}} Run
 * @typedef {{run: number, kind: string, name: string, family: string, start: string|null,
 *   about: {library: string|null, version: string|null, runtime: string|null, mechanism: string},
 *   capabilities: {supported: Object<string, string>}}} Column
 * @typedef {{id: string, clause?: {sentence: string, level: string, profile: string, source: string, since: string|null,
 *   seen: string[], untried: string|null}}} Promised
 * @typedef {[column: number, promise: number, state: number, verdict: string, trials: [number, number, string][]]} Cell
 * @typedef {{case: string, permutation: string, column: number, verdict: string}} Trial
 * @typedef {{file: string, line: number}} Place
 * @typedef {{place: Place, kind: string, reason: string, quotes: string[], source: string, link: string}} Divergence
 * @typedef {{name: string, path: string, text: string, golden?: string}} Case
 * @typedef {{states: State[], runs: Run[], columns: Column[], promises: Promised[], cells: Cell[], trials: Trial[],
 *   cases: Case[], divergences: Divergence[]}} PageData
 * @typedef {{kind: string|null, code: number|null}} Raw
 * @typedef {{skipped?: number, step: number, thread?: number, item?: string, start: number, returned?: number,
 *   outcome?: string, raw?: Raw, said?: string}} Operation
 * @typedef {{name: string, start: string, exit: any, stderr?: string, operations: Operation[]}} Process
 * @typedef {{ending?: string, ended?: number, fault?: any, steps: {text: string, kind: string, end?: string}[], processes: Process[],
 *   stops?: {process: number, from: number, until: number|null}[], left_out?: number}} RecordedRun
 * @typedef {{id: string, kind: string, run: number, label: string, columns: number[]}} Group columns that are shown as one
 * @typedef {{text: string, item: string, outcome: string, process: number, lane: string, kind: string, end: string, proof: boolean,
 *   start: number, returned: number|undefined, line: number[]|null, said: string}} Shown
 */

/** @param {string} id @returns {any} */
const embedded = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "null");
/** @type {PageData} */
const data = embedded("data");
const { states, runs, columns, promises, trials } = data;
const cases = new Map(data.cases.map((one) => [one.name, one]));
const reviews = new Map(data.divergences.map((one) => [at(one.place), one]));
/** The cells of all promises of a column, column after column. @type {(Cell|undefined)[]} */
const cells = Array(columns.length * promises.length).fill(undefined);
for (const cell of data.cells) cells[cell[0] * promises.length + cell[1]] = cell;
const LAST = states.length - 1;
const main = /** @type {HTMLElement} */ (document.getElementById("main"));

/** Makes characters visible that are invisible or that change the direction of text. @param {unknown} text */
function visible(text) {
  return String(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (one) => `\\u{${one.charCodeAt(0).toString(16)}}`);
}
/** @param {Element} node @param {Object<string, any>} attributes @param {any[]} children */
function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value !== undefined && value !== null && value !== false) node.setAttribute(name, value === true ? "" : visible(value));
  }
  for (const child of children.flat(9)) {
    if (child !== null && child !== undefined && child !== false && child !== "") {
      node.append(child instanceof Node ? child : visible(child));
    }
  }
  return node;
}
/** Creates an element. @param {string} tag @param {Object<string, any>} attributes @param {...any} children */
const h = (tag, attributes = {}, ...children) => /** @type {HTMLElement} */ (filled(document.createElement(tag), attributes, children));
/** Creates an element of SVG. @param {string} tag @param {Object<string, any>} attributes @param {...any} children */
const svg = (tag, attributes = {}, ...children) => filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

/** @param {string} view @param {(string|number)[]} path @param {Object<string, string|undefined>} parameters */
function address(view, path = [], parameters = {}) {
  const kept = Object.entries(parameters).filter(([, value]) => value);
  const query = new URLSearchParams(/** @type {any} */ (kept)).toString();
  return `#/${[view, ...path.map((part) => encodeURIComponent(part))].join("/")}${query && `?${query}`}`;
}
/** A link, or only the text if the address isn't one of the web. @param {string} link @param {any} text */
const outside = (link, text = link) => /^https?:/i.test(link) ? h("a", { href: link, rel: "noreferrer" }, text) : h("code", {}, text);
/** @param {Place} place */
function at(place) { return `${place.file}:${place.line}`; }
/** @param {number} count @param {string} noun */
const counted = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;
/** @param {number} state */
const style = (state) => states[state].key.replace("/", "");
/** @param {number} state */
const sign = (state) => h("span", { class: `sign ${style(state)}`, "aria-hidden": "true" }, states[state].sign);
/** @param {number} state */
const stated = (state) => h("span", { class: "verdict" }, sign(state), h("span", { class: style(state) }, states[state].words));
/** Whether a filter for this word shows the state. `broken` is reviewed or new. @param {number} state @param {string} wanted */
function isState(state, wanted) {
  const { key } = states[state];
  return wanted === "new" ? key === "broken" : wanted === "broken" ? key === "broken" || key === "reviewed" : key === wanted;
}
/** @param {any} exit */
function exitWords(exit) {
  if (exit === null || exit === undefined) return "never started";
  if (typeof exit === "string") return { killed: "killed", unseen: "exit not seen", ended: "ended by the harness" }[exit] ?? exit;
  return "code" in exit ? `exit code ${exit.code}` : `died of signal ${exit.signal}`;
}
/** @param {Raw|null|undefined} raw */
const rawWords = (raw) => raw ? [raw.kind, raw.code === null || raw.code === undefined ? "" : `(${raw.code})`].filter(Boolean).join(" ") : "";
/** @param {number} time in nanoseconds */
const duration = (time) => time >= 1e9 ? `${(time / 1e9).toFixed(2)} s` : time >= 1e6 ? `${(time / 1e6).toFixed(2)} ms` : `${(time / 1e3).toFixed(1)} µs`;
/** @param {Trial} trial */
const permutationOf = (trial) => trial.permutation ? `${trial.case}[${trial.permutation}]` : trial.case;
/** @param {number} number */
function trialAddress(number) {
  const column = columns[trials[number].column];
  return address("trial", [runs[column.run].name, `${permutationOf(trials[number])}@${column.kind}:${column.name}`]);
}
/** @param {string} id */
function area(id) { return id.split(".").slice(0, Math.max(1, id.split(".").length - 1)).join("."); }
/** @param {any[]} heads @param {any[][]} rows @param {string} caption */
function table(heads, rows, caption) {
  const cell = (/** @type {any} */ content) => content instanceof HTMLTableCellElement ? content
    : h("td", { class: typeof content === "string" && content.length > 40 ? "says" : null }, content);
  return h("div", { class: "scroll fits", tabindex: "0", role: "region", "aria-label": caption }, h("table", {},
    h("caption", { class: "sr" }, caption), h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))),
    h("tbody", {}, rows.map((row) => h("tr", {}, row.map(cell))))));
}
/** @param {[any, any][]} pairs */
const facts = (pairs) => h("dl", {}, pairs.filter(([, fact]) => fact !== "" && fact !== null && fact !== undefined)
  .map(([name, fact]) => [h("dt", {}, name), h("dd", {}, fact)]));
/** A button that copies a text. @param {string} words @param {() => string} text */
const copying = (words, text) => h("button", { type: "button", click: async (/** @type {Event} */ event) => {
  const button = /** @type {HTMLElement} */ (event.target);
  const area = /** @type {HTMLTextAreaElement} */ (h("textarea", { class: "sr" }));
  area.value = text();
  document.body.append(area);
  area.select();
  // Pages of files may not use the clipboard in every browser; the old command works there.
  const done = await navigator.clipboard?.writeText(area.value).then(() => true, () => false) || document.execCommand("copy");
  area.remove();
  button.focus();
  button.textContent = done ? "Copied" : "Select the text to copy it";
} }, words);

/** @type {Map<boolean, Group[]>} */
const grouped = new Map();
/** Returns the columns, those of one library's start methods as one if `fold`. @param {boolean} fold @returns {Group[]} */
function groupsOf(fold) {
  const known = grouped.get(fold);
  if (known) return known;
  /** @type {Map<string, Group>} */
  const groups = new Map();
  columns.forEach((column, number) => {
    const name = fold ? column.family : column.name;
    const id = `${column.kind}:${name}@${runs[column.run].name}`;
    const group = groups.get(id) ?? { id, kind: column.kind, run: column.run, columns: [],
      label: runs.length > 1 ? `${name} · ${runs[column.run].name}` : name };
    group.columns.push(number);
    groups.set(id, group);
  });
  const sorted = [...groups.values()].sort((a, b) => a.label < b.label ? -1 : 1);
  grouped.set(fold, sorted);
  return sorted;
}
/** @param {string} id */
const groupOf = (id) => groupsOf(true).find((group) => group.id === id) ?? groupsOf(false).find((group) => group.id === id);
/** Returns the worst state of a promise in these columns; none if no trial tests it. @param {Group} group @param {number} promise */
function stateIn(group, promise) {
  let worst = -1;
  for (const column of group.columns) {
    const cell = cells[column * promises.length + promise];
    if (cell && (worst < 0 || cell[2] < worst)) worst = cell[2];
  }
  return worst;
}
/** Returns the worst state of a promise in these columns, and all its trials. @param {Group} group @param {number} promise */
function cellOf(group, promise) {
  const found = group.columns.map((column) => cells[column * promises.length + promise]).filter((cell) => cell !== undefined);
  if (!found.length) return null;
  return { state: Math.min(...found.map((cell) => cell[2])), trials: found.flatMap((cell) => cell[4]) };
}
/** @param {Group} group @param {number} promise @param {number} state */
function cellLink(group, promise, state) {
  const words = `${states[state].words}: ${promises[promise].id} of ${group.label}`;
  return h("a", { href: address("cell", [promises[promise].id, group.id]), class: `sign ${style(state)}`, title: words, "aria-label": words }, states[state].sign);
}
/** @param {number} promise */
const promiseLink = (promise) => h("a", { href: address("promise", [promises[promise].id]) }, promises[promise].id);

/** The number of the newest view; a view that draws in parts stops when another begins. */
let drawing = 0;
/** Draw the rest of the tables of this view. @type {(() => void)[]} */
let unfinished = [];
addEventListener("beforeprint", () => unfinished.forEach((draw) => draw()));

const FILTERS = ["kind", "area", "profile", "system", "library", "state"];
/** @param {URLSearchParams} query */
function matrixView(query) {
  const wanted = (/** @type {string} */ name) => query.get(name) ?? "";
  const fold = wanted("fold") !== "no";
  const text = wanted("q").toLowerCase();
  const chosen = Object.fromEntries([...query.entries()]);
  const libraryOf = (/** @type {Column} */ column) => column.about.library ?? column.family;
  const isShown = (/** @type {Group} */ group) => {
    const column = columns[group.columns[0]];
    return (!wanted("kind") || group.kind === wanted("kind")) && (!wanted("library") || libraryOf(column) === wanted("library"))
      && (!wanted("system") || runs[group.run].machine === wanted("system"));
  };
  const groups = groupsOf(fold).filter(isShown);
  const rows = promises.map((_, number) => number).filter((number) => {
    const { id, clause } = promises[number];
    return (!wanted("area") || area(id) === wanted("area")) && (!wanted("profile") || clause?.profile === wanted("profile"))
      && (!text || `${id} ${clause?.sentence ?? ""}`.toLowerCase().includes(text));
  });
  const counts = states.map(() => 0);
  /** @type {[kind: string, groups: Group[], rows: number[]][]} */
  const tables = [];
  const state = wanted("state");
  for (const kind of new Set(groups.map((group) => group.kind))) {
    const ofKind = groups.filter((group) => group.kind === kind);
    const columnsShown = new Set();
    const rowsShown = rows.filter((promise) => {
      let shows = false;
      for (const group of ofKind) {
        const found = stateIn(group, promise);
        if (found < 0) continue;
        counts[found] += 1;
        if (!state || isState(found, state)) { shows = true; columnsShown.add(group); }
      }
      return shows;
    });
    if (rowsShown.length) tables.push([kind, ofKind.filter((group) => columnsShown.has(group)), rowsShown]);
  }
  const options = {
    kind: columns.map((column) => column.kind), area: promises.map(({ id }) => area(id)),
    profile: promises.map(({ clause }) => clause?.profile ?? ""), system: runs.map((run) => run.machine),
    library: columns.map(libraryOf), state: [],
  };
  /** @type {Object<string, string>} */
  const titles = { kind: "Kind", area: "Area", profile: "Whose promise", system: "System", library: "Library", state: "State" };
  const change = (/** @type {string} */ name, /** @type {string} */ value) => address("matrix", [], { ...chosen, [name]: value });
  const stateOptions = [["broken", "broken"], ["new", "broken, not reviewed"], ...states.filter(({ key }) => key !== "broken").map(({ key, words }) => [key, words])];
  const select = (/** @type {string} */ name) => {
    const all = name === "state" ? stateOptions : [...new Set(/** @type {any} */ (options)[name])].filter(Boolean).sort().map((one) => [one, one]);
    return h("label", {}, titles[name], h("select", { name, change: (/** @type {any} */ event) => { location.hash = change(name, event.target.value); } },
      h("option", { value: "" }, "all"), all.map(([value, words]) => h("option", { value, selected: value === wanted(name) }, words))));
  };
  const five = ["kept", "help", "documented", "broken", "unknown", "n/a"].map((key) => {
    const number = states.findIndex((one) => one.key === key);
    const count = counts.reduce((sum, one, place) => sum + (isState(place, key) ? one : 0), 0);
    return h("li", {}, h("a", { href: change("state", state === key ? "" : key), "aria-current": state === key ? "true" : null },
      sign(number), states[number].words, h("b", {}, count)));
  });
  return [
    h("h1", {}, "Which promises hold"),
    h("p", { class: "soft" }, `${counted(trials.length, "trial")} of ${counted(columns.length, "backend")} on ${[...new Set(runs.map((run) => run.machine))].join(", ")}. Each sign leads to its evidence.`),
    h("ul", { class: "counts", "aria-label": "Cells by state" }, five),
    h("form", { class: "filters", role: "search", submit: (/** @type {Event} */ event) => event.preventDefault() }, FILTERS.map(select),
      h("label", {}, "Text", h("input", { type: "search", name: "q", value: wanted("q"), size: 14,
        change: (/** @type {any} */ event) => { location.hash = change("q", event.target.value); } })),
      columns.some((column) => column.start) && h("label", { class: "tick" }, h("input", { type: "checkbox", name: "fold", checked: fold,
        change: (/** @type {any} */ event) => { location.hash = change("fold", event.target.checked ? "" : "no"); } }), "start methods as one"),
      query.size > 0 && h("a", { href: "#/matrix" }, "Show all")),
    tables.length ? tables.map(([kind, ofKind, rowsShown]) => matrixTable(kind, ofKind, rowsShown)) : h("p", { class: "note" }, "No promise matches these filters."),
  ];
}
/** How many cells a table draws at once. It draws more when a reader comes near its end, or prints. */
const AT_ONCE = 3000;
/** @param {string} kind @param {Group[]} groups @param {number[]} rows */
function matrixTable(kind, groups, rows) {
  const body = h("tbody");
  const number = drawing;
  let [next, last] = [0, ""];
  const step = Math.max(6, Math.floor(AT_ONCE / groups.length));
  const end = h("tr");
  const watch = new IntersectionObserver((seen) => { if (seen.some((one) => one.isIntersecting)) more(); }, { rootMargin: "600px" });
  const more = () => {
    if (number !== drawing) return watch.disconnect();
    watch.unobserve(end);
    end.remove();
    for (const promise of rows.slice(next, next + step)) {
      const { id, clause } = promises[promise];
      if (area(id) !== last) {
        last = area(id);
        body.append(h("tr", { class: "group" }, h("th", { scope: "rowgroup", colspan: groups.length + 1 }, last)));
      }
      body.append(h("tr", {}, h("th", { scope: "row" }, promiseLink(promise), h("small", { class: "soft" }, clause?.sentence)),
        groups.map((group) => {
          const state = stateIn(group, promise);
          return h("td", {}, state >= 0 && cellLink(group, promise, state));
        })));
    }
    next += step;
    if (next < rows.length) {
      body.append(end);
      watch.observe(end);
    }
  };
  more();
  unfinished.push(() => { while (number === drawing && next < rows.length) more(); });
  return [h("h2", {}, `${kind[0].toUpperCase()}${kind.slice(1)}${kind.endsWith("s") ? "es" : "s"}`), h("div", { class: "scroll fits tall", tabindex: "0", role: "region", "aria-label": `Promises of each ${kind}` },
    h("table", { class: "matrix" }, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Promise"), groups.map((group) => h("th", { scope: "col", class: "column" },
      h("a", { href: address("library", [group.id]) }, group.label))))), body))];
}

/** @param {string} id @param {string} groupId */
function cellView(id, groupId) {
  const [promise, group] = [promises.findIndex((one) => one.id === id), groupOf(groupId)];
  const cell = group && promise >= 0 ? cellOf(group, promise) : null;
  if (!group || !cell) return missing("No trial of this library tests this promise.");
  const list = [...cell.trials].sort((a, b) => a[1] - b[1]);
  return [
    h("h1", {}, promises[promise].clause?.sentence ?? id), h("p", { class: "verdict" }, stated(cell.state)),
    h("p", {}, h("a", { href: address("library", [group.id]) }, group.label), ", ", promiseLink(promise)),
    table(["State", "Trial", "Start", "Verdict"], list.map(([trial, state, verdict]) => [
      stated(state), h("a", { href: trialAddress(trial) }, permutationOf(trials[trial])), columns[trials[trial].column].start ?? "", verdict]),
    `${counted(list.length, "trial")}, the worst first`)];
}

/** @param {string} id */
function promiseView(id) {
  const promise = promises.findIndex((one) => one.id === id);
  if (promise < 0) return missing("No trial tests this promise.");
  const { clause } = promises[promise];
  const whose = { core: "every queue and pipe", declared: "the library's own documents", mp: "Python's multiprocessing", harness: "this harness" };
  const kept = groupsOf(true).map((group) => ({ group, cell: cellOf(group, promise) })).filter(({ cell }) => cell)
    .sort((a, b) => (a.cell?.state ?? 0) - (b.cell?.state ?? 0));
  const testing = new Set(kept.flatMap(({ cell }) => cell?.trials ?? []).map(([trial]) => trials[trial].case));
  return [
    h("h1", {}, clause?.sentence ?? id),
    facts([["Promise", h("code", {}, id)], ["Level", clause?.level], ["Whose promise", clause && (/** @type {any} */ (whose)[clause.profile] ?? clause.profile)],
      ["Since", clause?.since], ["Source", clause?.source], ["Not tested", clause?.untried],
      ["Seen broken", clause?.seen.length ? clause.seen.map((link, place) => [place ? ", " : "", outside(link)]) : ""]]),
    h("h2", {}, "Who keeps it"),
    table(["State", "Library", "Trials"], kept.map(({ group, cell }) => [cell && h("a", { href: address("cell", [id, group.id]) }, stated(cell.state)),
      h("a", { href: address("library", [group.id]) }, `${group.kind}: ${group.label}`), h("td", { class: "number" }, cell?.trials.length)]), "Libraries, the worst first"),
    h("h2", {}, "Cases"), h("ul", {}, [...testing].sort().map((name) => h("li", {}, h("code", {}, name), " ", caseTitle(name)))),
  ];
}
/** @param {string} name */
const caseTitle = (name) => /^title\s*=\s*"(.*)"/m.exec(cases.get(name)?.text ?? "")?.[1] ?? "";

function promisesView() {
  const groups = groupsOf(true);
  return [h("h1", {}, "Promises"), table(["Promise", "What it says", "Kept", "Broken"], promises.map(({ id, clause }, promise) => {
    const found = groups.map((group) => stateIn(group, promise)).filter((state) => state >= 0);
    const count = (/** @type {string[]} */ ...keys) => found.filter((state) => keys.some((key) => isState(state, key))).length;
    return [promiseLink(promise), clause?.sentence ?? "", h("td", { class: "number" }, count("kept", "help")), h("td", { class: "number" }, count("broken"))];
  }), "All promises, with how many libraries keep and break them")];
}

/** @param {Group} group @returns {number[]} how many promises have each state */
function tally(group) {
  const counts = states.map(() => 0);
  promises.forEach((_, promise) => { const state = stateIn(group, promise); if (state >= 0) counts[state] += 1; });
  return counts;
}
function librariesView() {
  const shown = states.slice(0, LAST);
  return [h("h1", {}, "Libraries"), table(["Library", "Version", ...shown.map((_, state) => stated(state))], groupsOf(true).map((group) => {
    const { about } = columns[group.columns[0]];
    const counts = tally(group);
    return [h("a", { href: address("library", [group.id]) }, `${group.kind}: ${group.label}`), [about.library, about.version].filter(Boolean).join(" "),
      ...shown.map((_, state) => h("td", { class: "number" }, counts[state] || ""))];
  }), "All libraries, with how many promises have each state")];
}
/** @param {string} id */
function libraryView(id) {
  const group = groupOf(id);
  if (!group) return missing("No run has this library.");
  const column = columns[group.columns[0]];
  const { about } = column;
  const ofState = states.map((_, state) => promises.map((_, promise) => ({ promise, cell: cellOf(group, promise) })).filter(({ cell }) => cell?.state === state));
  const places = new Set(ofState.flat().flatMap(({ cell }) => cell && !["kept", "help", "n/a"].includes(states[cell.state].key) ? cell.trials : [])
    .filter(([, state]) => state < LAST).flatMap(([trial]) => embedded(`trial-${trial}`).clauses.map((/** @type {any} */ one) => one.divergence).filter(Boolean).map(at)));
  const supported = Object.entries(column.capabilities.supported ?? {});
  return [
    h("h1", {}, `${group.kind}: ${group.label}`),
    facts([["Library", [about.library, about.version].filter(Boolean).join(" ")], ["Runtime", about.runtime], ["How it is used", [...new Set(group.columns.map((one) => columns[one].about.mechanism))].join("; ")],
      ["Start methods", group.columns.map((one) => columns[one].start).filter(Boolean).join(", ")], ["Run", h("a", { href: "#/runs" }, runs[group.run].name)],
      ["Can do itself", supported.filter(([, how]) => how === "native").map(([what]) => what).join(", ")],
      ["Its adapter adds", supported.filter(([, how]) => how === "composed").map(([what]) => what).join(", ")]]),
    states.map((_, state) => ofState[state].length > 0 && h(state < 4 ? "section" : "details", {}, h(state < 4 ? "h2" : "summary", {},
      stated(state), " ", h("small", { class: "soft" }, ofState[state].length)), table(["", "Promise", "What it says"], ofState[state].map(({ promise, cell }) =>
      [cell && cellLink(group, promise, cell.state), promiseLink(promise), promises[promise].clause?.sentence ?? ""]), `Promises that are ${states[state].words}`))),
    places.size > 0 && [h("h2", {}, "Reviewed divergences"), [...places].sort().map(review)],
  ];
}
/** @param {string} place */
function review(place) {
  const one = reviews.get(place);
  if (!one) return h("p", {}, h("code", {}, place));
  return h("section", {}, h("h3", {}, one.kind === "documented" ? "Documented otherwise" : "Broken, as reviewed"), h("p", {}, one.reason),
    one.quotes.map((quote) => h("blockquote", {}, h("p", {}, quote))), h("p", { class: "soft" }, outside(one.link, one.source || one.link), ", recorded in ", h("code", {}, place)));
}

/** @param {URLSearchParams} query */
function compareView(query) {
  const groups = groupsOf(query.get("fold") !== "no");
  const names = ["a", "b", "c"];
  const first = groups[0]?.kind;
  const preset = groups.filter((group) => group.kind === first).slice(0, 2).map((group) => group.id);
  const chosen = names.map((name, place) => groups.find((group) => group.id === (query.get(name) ?? preset[place])));
  const shown = chosen.filter((group) => group !== undefined);
  const select = (/** @type {string} */ name, /** @type {number} */ place) => h("label", {}, ["First", "Second", "Third"][place], h("select", { name,
    change: (/** @type {any} */ event) => { location.hash = address("compare", [], { ...Object.fromEntries(chosen.map((one, other) => [names[other], one?.id])), [name]: event.target.value }); } },
  h("option", { value: "" }, "none"), groups.map((group) => h("option", { value: group.id, selected: group === chosen[place] }, `${group.kind}: ${group.label}`))));
  const rows = promises.map((_, promise) => promise).filter((promise) => new Set(shown.map((group) => stateIn(group, promise))).size > 1);
  return [h("h1", {}, "Compare"), h("form", { class: "filters", submit: (/** @type {Event} */ event) => event.preventDefault() }, names.map(select)),
    h("p", { class: "soft" }, `${counted(rows.length, "promise")} of ${promises.length} differ.`),
    rows.length > 0 && table(["Promise", ...shown.map((group) => group.label)], rows.map((promise) => [[promiseLink(promise), h("br"), h("small", { class: "soft" }, promises[promise].clause?.sentence)],
      ...shown.map((group) => { const cell = cellOf(group, promise); return cell ? h("a", { href: address("cell", [promises[promise].id, group.id]) }, stated(cell.state)) : "not tested"; })]), "Promises whose states differ")];
}
function runsView() {
  return [h("h1", {}, "Runs"), runs.map((run) => h("section", {}, h("h2", {}, run.name), facts([["Log", h("code", {}, run.log)], ["Date", run.date],
    ["Command", run.command && h("code", {}, run.command)], ["Machine", [run.kernel || run.machine, run.cores && counted(run.cores, "processor")].filter(Boolean).join(", ")],
    ["ipc-conformance", run.program], ["Seed", run.seed], ["Took", duration(run.elapsed)], ["Ended", run.interrupted ? "interrupted before its end" : ""],
    ["Trials", Object.entries(run.counts).map(([verdict, count]) => `${count} ${verdict}`).join(", ")]])))];
}

/** @param {string} run @param {string} name */
function trialView(run, name) {
  const number = trials.findIndex((trial) => runs[columns[trial.column].run].name === run && name === `${permutationOf(trial)}@${columns[trial.column].kind}:${columns[trial.column].name}`);
  if (number < 0) return missing("No run has this trial.");
  const [trial, detail] = [trials[number], embedded(`trial-${number}`)];
  const column = columns[trial.column];
  const stateOf = (/** @type {string} */ id) => {
    const promise = promises.findIndex((one) => one.id === id);
    return { promise, state: cells[trial.column * promises.length + promise]?.[4].find(([one]) => one === number)?.[1] ?? LAST };
  };
  const clauses = detail.clauses.map((/** @type {any} */ one) => ({ ...one, ...stateOf(one.clause) })).sort((/** @type {any} */ a, /** @type {any} */ b) => a.state - b.state);
  const places = [...new Set(clauses.map((/** @type {any} */ one) => one.divergence).filter(Boolean).map(at))];
  const file = cases.get(trial.case);
  const proofs = new Set(detail.proofs.flatMap((/** @type {any} */ one) => one.operations).map((/** @type {any} */ one) => `${one.process}/${one.index}`));
  const shown = detail.run ? operationsOf(detail.run, detail.lines, proofs) : [];
  const proving = new Set(shown.flatMap((one) => one.proof && one.line ? [one.line[0]] : []));
  const failing = new Set(detail.failures.flatMap((/** @type {any} */ one) => one.lines ? [one.lines[0]] : []));
  const wrong = failing.size ? failing : proving;
  const told = detail.failures.length ? detail.failures : detail.proofs;
  const head = clauses[0];
  const family = groupsOf(true).find((group) => group.columns.includes(trial.column));
  return [
    h("p", { class: "soft" }, h("a", { href: address("library", [family?.id ?? ""]) }, `${column.kind}: ${column.name}`), `, ${runs[column.run].name}`),
    h("h1", {}, caseTitle(trial.case) || trial.case), h("p", {}, h("code", {}, permutationOf(trial))),
    h("p", { class: "verdict" }, head && stated(head.state), h("span", { class: "soft" }, `${trial.verdict}, ${counted(detail.operations, "operation")} in ${duration(detail.elapsed)}`)),
    detail.why && h("p", { class: "note" }, detail.why),
    told.map((/** @type {any} */ one) => h("div", { class: `facts ${head ? style(head.state) : ""}` }, one.clause && h("p", { class: "lead" }, promises[stateOf(one.clause).promise]?.clause?.sentence ?? one.clause),
      facts([["Expected", one.expected], ["Happened", one.invariant === "golden" ? h("pre", {}, one.actual) : one.actual], ["Line", one.lines && `${file?.path}:${one.lines[0]}`],
        ["Source", one.clause && promises[stateOf(one.clause).promise]?.clause?.source],
        ["Notes", one.notes?.length ? one.notes.map((/** @type {string} */ note) => h("div", {}, note)) : ""]]))),
    places.length > 0 && [h("h2", {}, "The library's own words"), places.map(review)],
    h("h2", {}, "Run it again"),
    h("div", { class: "command" }, h("pre", { class: "wrap" }, detail.command), copying("Copy", () => detail.command),
      (detail.instance || file) && copying("Copy as case file", () => detail.instance?.text ?? file?.text)),
    h("h2", {}, "Promises of this trial"),
    table(["State", "Promise", "Tested", "How it broke"], clauses.map((/** @type {any} */ one) => [stated(one.state), [promiseLink(one.promise), h("br"), h("small", { class: "soft" }, promises[one.promise]?.clause?.sentence)],
      h("td", { class: "number" }, one.evidence), one.breaks.map((/** @type {any} */ broke) => h("div", {}, h("code", {}, `${broke.step} -> ${broke.outcome} ${rawWords(broke.raw)}`)))]), "Promises of this trial"),
    detail.run && diagramView(detail.run, shown),
    detail.wait_for && [h("h2", {}, "What waited for what"), h("ul", {}, detail.wait_for.causes.map((/** @type {any} */ cause) => h("li", {}, h("b", {}, cause.hang), ": ", cause.what))),
      h("ul", {}, detail.wait_for.waits.map((/** @type {any} */ wait) => h("li", {}, `${wait.process} in ${wait.text}${wait.whom}, for ${duration(wait.lasted)}`, wait.seen.map((/** @type {string} */ seen) => h("div", { class: "soft" }, seen)))))],
    detail.errors.length > 0 && [h("h2", {}, "Errors that operations returned"), table(["Process", "Step", "Outcome", "Error"], detail.errors.map((/** @type {any} */ error) =>
      [error.process, h("code", {}, error.step), error.outcome, h("code", {}, rawWords(error.raw))]), "Errors")],
    detail.run?.processes.some((/** @type {Process} */ one) => one.stderr) && [h("h2", {}, "Standard error"), detail.run.processes.filter((/** @type {Process} */ one) => one.stderr)
      .map((/** @type {Process} */ one) => [h("h3", {}, one.name), h("pre", { class: "wrap" }, one.stderr)])],
    file && [h("h2", {}, "The case"), h("p", { class: "soft" }, h("code", {}, file.path), wrong.size > 0 && `, marked where it shows: line ${[...wrong].sort((a, b) => a - b).join(", ")}`), caseText(file.text, wrong, proving),
      file.golden && h("details", {}, h("summary", {}, "The reviewed transcript"), h("pre", {}, file.golden))],
    detail.instance && [h("h2", {}, "The smallest instance that breaks it"), h("pre", {}, detail.instance.text)],
  ];
}
/** @param {string} text @param {Set<number>} wrong @param {Set<number>} proving the lines of operations that prove it */
const caseText = (text, wrong, proving) => h("pre", { class: "case", tabindex: "0", role: "region", "aria-label": "The case file" }, text.trimEnd().split("\n").map((line, place) =>
  h("span", { class: wrong.has(place + 1) ? "wrong" : proving.has(place + 1) ? "step" : null }, line)));

/** Returns the operations in the order of their starts. @param {RecordedRun} run @param {(number[]|null)[]} lines @param {Set<unknown>} proofs @returns {Shown[]} */
function operationsOf(run, lines, proofs) {
  return run.processes.flatMap((process, place) => {
    let index = -1;
    return process.operations.map((one) => {
      index += 1 + (one.skipped ?? 0);
      const step = run.steps[one.step];
      const error = rawWords(one.raw);
      const pending = one.returned === undefined ? (process.exit === "killed" ? "killed" : "never returned") : one.outcome ?? "ok";
      return { text: step.text, item: one.item ?? "", outcome: [pending, error].filter(Boolean).join(" "), process: place, kind: step.kind, end: step.end ?? "",
        lane: one.thread ? `${process.name}/${one.thread}` : process.name, proof: proofs.has(`${place}/${index}`), start: one.start, returned: one.returned, line: lines[one.step], said: one.said ?? "" };
    });
  }).sort((a, b) => a.start - b.start);
}
/** @param {RecordedRun} run @param {Shown[]} shown */
function diagramView(run, shown) {
  const figure = h("figure");
  let [row, only] = [22, false];
  const near = (/** @type {number} */ place) => shown.slice(Math.max(0, place - 4), place + 5).some((one) => one.proof);
  const draw = () => {
    const part = only ? shown.filter((_, place) => near(place)) : shown;
    figure.replaceChildren(h("div", { class: "scroll", style: "max-height: 75vh", tabindex: "0", role: "region", "aria-label": "Sequence diagram" }, diagram(run, part, row)));
  };
  const zoom = (/** @type {number} */ by) => () => { row = Math.min(30, Math.max(4, row + by)); draw(); };
  draw();
  const facts = [run.ending && run.ending !== "completed" && `The harness ended the run: ${run.ending.replace("-", " ")}.`, run.left_out && `${counted(run.left_out, "operation")} in the middle aren't in the log.`,
    run.fault && `The sweep did this: ${run.fault.fault} ${run.processes[run.fault.process]?.name}, ${run.fault.moment} operation ${run.fault.operation}.`].filter(Boolean);
  return [h("h2", {}, "What each process did"), facts.map((fact) => h("p", { class: "note" }, fact)),
    h("div", { class: "tools" }, h("button", { type: "button", click: zoom(-6), "aria-label": "Smaller" }, "−"), h("button", { type: "button", click: zoom(6), "aria-label": "Larger" }, "+"),
      shown.some((one) => one.proof) && shown.length > 9 && h("button", { type: "button", "aria-pressed": "false", click: (/** @type {any} */ event) => { only = !only; event.target.setAttribute("aria-pressed", only); draw(); } }, "Only what proves it"),
      h("small", { class: "soft" }, "Time runs down. ◆ proves the finding; a dashed bar never ended.")), figure,
    h("details", { toggle: (/** @type {any} */ event) => { if (event.target.children.length < 2) event.target.append(tableOf(shown)); } },
      h("summary", {}, `The same as a table: ${counted(shown.length, "operation")}`)),
    h("p", {}, run.processes.map((one) => `${one.name}: ${exitWords(one.exit)}`).join("; "))];
}
/** @param {Shown[]} shown */
const tableOf = (shown) => table(["Process", "Operation", "Item", "Outcome", "Began", "Took", "Line"], shown.map((one) => [
      h("td", { class: one.proof ? "proven" : "" }, one.proof && "◆ ", one.lane), h("code", {}, one.text), one.item, [one.outcome, one.said && h("div", { class: "soft" }, one.said)],
      h("td", { class: "number" }, duration(one.start)), h("td", { class: "number" }, one.returned === undefined ? "" : duration(one.returned - one.start)), h("td", { class: "number" }, one.line?.[0])]), "All operations");
/** Draws a lane for each process and thread. @param {RecordedRun} run @param {Shown[]} shown @param {number} row its height */
function diagram(run, shown, row) {
  const threads = run.processes.map((process) => [process.name, ...new Set(shown.map((one) => one.lane).filter((lane) => lane.startsWith(`${process.name}/`)))]);
  const lanes = threads.flat();
  const longest = (/** @type {string} */ lane) => Math.max(lane.length, ...shown.filter((one) => one.lane === lane).slice(0, 500).map((one) => label(one).length));
  const widths = lanes.map((lane) => row < 14 ? 90 : Math.min(340, 46 + 6.4 * longest(lane)));
  const lefts = widths.map((_, place) => 12 + widths.slice(0, place).reduce((sum, one) => sum + one, 0));
  const [top, width, height] = [30, 24 + widths.reduce((sum, one) => sum + one, 0), 30 + row * shown.length + 34];
  // The place of a moment is that of the operations that had started before it.
  const starts = shown.map((one) => one.start);
  const place = (/** @type {number} */ time) => {
    let [low, high] = [0, starts.length];
    while (low < high) { const middle = (low + high) >> 1; if (starts[middle] < time) low = middle + 1; else high = middle; }
    return top + low * row;
  };
  const x = (/** @type {string} */ lane) => lefts[lanes.indexOf(lane)];
  const heads = lanes.map((lane, number) => [svg("line", { class: "lane", x1: lefts[number] + 5, x2: lefts[number] + 5, y1: top - 4, y2: height - 26 }), svg("text", { x: lefts[number], y: 16, "font-weight": 600 }, lane)]);
  const stops = (run.stops ?? []).map((stop) => svg("rect", { class: "stop", x: x(run.processes[stop.process].name), width: 10, y: place(stop.from), height: Math.max(4, (stop.until === null ? height - 30 : place(stop.until)) - place(stop.from)) },
    svg("title", {}, `${run.processes[stop.process].name} was stopped`)));
  /** @type {Map<string, number[]>} */
  const puts = new Map();
  const bars = shown.map((one, number) => {
    const y = top + number * row;
    const end = one.returned === undefined ? height - 30 : Math.max(y + row - 3, place(one.returned) - 3);
    const bad = !["ok", "ready"].includes(one.outcome);
    const key = `${one.end.split(".")[0]} ${one.item}`;
    let link = null;
    if (one.kind === "put") puts.set(key, [...(puts.get(key) ?? []), number]);
    if (one.kind === "get" && one.outcome === "ok" && puts.get(key)?.length) {
      const from = puts.get(key)?.shift() ?? 0;
      link = svg("path", { class: "link", d: `M${x(shown[from].lane) + 5} ${top + from * row + row / 2} L${x(one.lane) + 5} ${end - 3}` });
    }
    const classes = `bar${bad ? " bad" : ""}${one.returned === undefined ? " wait" : ""}${one.proof ? " proof" : ""}`;
    const mark = /** @type {Object<string, string>} */ ({ kill: "✗ ", crash: "✗ ", pause: "‖ " })[one.kind] ?? "";
    return [link, svg("rect", { class: classes, x: x(one.lane) + 1, width: 8, y, height: Math.max(2, end - y), rx: 2 }, svg("title", {}, `${one.lane}: ${label(one)}`)),
      row >= 14 && svg("text", { x: x(one.lane) + 15, y: y + row / 2 + 4, class: mark ? "mark" : "", "font-weight": one.proof ? 700 : null }, `${one.proof ? "◆ " : ""}${mark}${label(one)}`)];
  });
  const exits = run.processes.map((process) => svg("text", { class: process.exit === "killed" || process.exit?.signal ? "mark" : "axis", x: x(process.name), y: height - 8 }, exitWords(process.exit)));
  return svg("svg", { class: "diagram", width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `What ${lanes.join(", ")} did; the table below says the same` }, heads, stops, bars, exits);
}
/** @param {Shown} one */
function label(one) {
  const words = [one.text, one.item && (one.kind === "get" ? `→ ${one.item}` : one.item), ["ok", "pending"].includes(one.outcome) ? "" : `→ ${one.outcome}`].filter(Boolean).join(" ");
  return words.length > 46 ? `${words.slice(0, 45)}…` : words;
}

/** @param {string} what */
const missing = (what) => [h("h1", {}, "Not in this report"), h("p", {}, what), h("p", {}, h("a", { href: "#/matrix" }, "Go to the matrix"))];
/** @type {Object<string, (path: string[], query: URLSearchParams) => any>} */
const VIEWS = {
  matrix: (_, query) => matrixView(query), cell: ([promise, group]) => cellView(promise, group), trial: ([run, name]) => trialView(run, name),
  promise: ([id]) => promiseView(id), promises: promisesView, library: ([id]) => libraryView(id), libraries: librariesView,
  compare: (_, query) => compareView(query), runs: runsView,
};
/** Shows the view of the page's address. @param {boolean} isFirst */
function show(isFirst) {
  if (location.hash === "#main") return main.focus();
  drawing += 1;
  unfinished = [];
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [view, ...rest] = (path || "matrix").split("/").map((part) => { try { return decodeURIComponent(part); } catch { return part; } });
  const focused = /** @type {HTMLInputElement|null} */ (document.activeElement)?.name;
  const drawn = Object.hasOwn(VIEWS, view) ? VIEWS[view](rest, new URLSearchParams(query)) : missing("There is no such view.");
  main.replaceChildren(...[drawn].flat(9).filter((node) => node instanceof Node));
  const title = main.querySelector("h1")?.textContent ?? "";
  document.title = `${title} · ipc-conformance`;
  const current = { cell: "matrix", trial: "matrix", promise: "promises", library: "libraries" }[view] ?? view;
  document.querySelectorAll("nav a").forEach((link) => {
    if (link.getAttribute("href") === `#/${current}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  });
  // A filter keeps the focus; another view begins at its top.
  const field = focused ? /** @type {HTMLElement|null} */ (main.querySelector(`[name="${focused}"]`)) : null;
  if (field) field.focus();
  else if (!isFirst) { main.focus({ preventScroll: true }); scrollTo(0, 0); }
}
addEventListener("hashchange", () => show(false));
show(true);
