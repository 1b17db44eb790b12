// The playground: an editor, and what netspec says of the text in it.

import { Calls } from "./calls.js";
import { read, write } from "./link.js";

const DELAY = 250; // milliseconds without a key before the text is checked
const DRAWN = 2000; // layers; of a larger network the blocks are closed at first
const python = new Calls("worker.js", 20);
const graphviz = new Calls("graph_worker.js", 20);
const dark = matchMedia("(prefers-color-scheme: dark)").matches;
const at = (id) => document.getElementById(id);
const theme = `ace/theme/github${dark ? "_dark" : ""}`;

const editor = ace.edit("editor", {
  useWorker: false, mode: "ace/mode/yaml", theme, tabSize: 2, useSoftTabs: true, showPrintMargin: false, fontSize: 13,
  wrap: true,
});
let examples = [];
let state = { text: "", zoo: null, variant: null, view: "report" };
let result = null; // the last answer of check
let file = null; // what the download button saves: { name, text, type }
let turn = 0; // the number of the last update; answers of earlier ones are dropped
let marks = [];
let timer = null;

function show(node, stale = false) {
  at("view").replaceChildren(node);
  at("view").classList.toggle("stale", stale);
}

function message(text) {
  const node = document.createElement("p");
  node.textContent = text;
  return node;
}

async function update() {
  const mine = ++turn;
  state.text = editor.getValue();
  at("status").textContent = result ? "Checking…" : "Loading Python…";
  try {
    const start = performance.now();
    const answer = await python.call("check", state.text, state.variant);
    if (mine !== turn) return;
    const first = result === null;
    result = answer;
    at("status").textContent = summary(answer, first ? null : performance.now() - start);
    state.variant = answer.variant;
    showVariants(answer);
    showProblems(answer.diagnostics);
    history.replaceState(null, "", await write(state));
    await showView();
  } catch (error) {
    if (mine !== turn) return;
    at("status").textContent = "";
    show(message(`netspec could not answer: ${error.message}`));
  } finally {
    if (mine === turn) document.body.dataset.ready = String(mine);
  }
}

function summary({ ok, diagnostics }, milliseconds) {
  const errors = diagnostics.filter((d) => d.severity === "error").length;
  const text = ok ? "Valid" : `${errors} error${errors === 1 ? "" : "s"}`;
  return milliseconds === null ? text : `${text} · ${Math.round(milliseconds)} ms`;
}

function showVariants({ variants, variant }) {
  at("variants").hidden = !variants.length;
  at("variant").replaceChildren(new Option("default", ""), ...variants.map((name) => new Option(name, name)));
  at("variant").value = variant ?? "";
}

function showProblems(diagnostics) {
  const session = editor.session;
  marks.forEach((mark) => session.removeMarker(mark));
  marks = [];
  const here = diagnostics.filter((d) => d.line !== null && d.file === "spec.yaml");
  session.setAnnotations(here.map((d) => ({
    row: d.line - 1, column: d.column - 1, type: d.severity === "note" ? "info" : d.severity, text: d.message,
  })));
  for (const d of here) {
    const word = session.getLine(d.line - 1).slice(d.column - 1).match(/^[\w.*$-]+|^./)?.[0] ?? " ";
    const range = new ace.Range(d.line - 1, d.column - 1, d.line - 1, d.column - 1 + word.length);
    marks.push(session.addMarker(range, `problem ${d.severity}`, "text"));
  }
  at("problems").replaceChildren(...diagnostics.map((d) => {
    const node = document.createElement("pre");
    node.className = d.severity;
    node.textContent = d.text;
    node.onclick = () => d.line !== null && (editor.gotoLine(d.line, d.column - 1, true), editor.focus());
    return node;
  }));
}

async function showView() {
  const mine = turn;
  for (const tab of document.querySelectorAll("[data-view]")) {
    tab.setAttribute("aria-selected", String(tab.dataset.view === state.view));
  }
  at("depths").hidden = state.view !== "graph";
  at("download").hidden = at("page").hidden = !result?.report;
  if (!result?.report) {
    if (at("view").firstChild) at("view").classList.add("stale");
    else show(message("The network appears here when the spec has no errors."));
    return;
  }
  const { node, saved } = await view();
  if (mine !== turn) return;
  file = saved;
  at("download").hidden = !saved;
  show(node);
}

async function view() {
  if (state.view === "report") {
    const node = document.createElement("div");
    node.innerHTML = result.report; // netspec escapes all text in it
    return { node, saved: { name: `${result.name}.html`, text: result.report, type: "text/html" } };
  }
  const depth = state.view === "graph" ? chosenDepth() : null;
  const drawn = await python.call("draw", state.text, state.variant, state.view, depth, dark);
  if (drawn.error) return { node: pre(drawn.error), saved: null };
  if (state.view === "pytorch") return { node: code(drawn.text), saved: named("py", drawn.text, "text/x-python") };
  const svg = state.view === "graph" ? await graphviz.call("svg", drawn.text) : drawn.text;
  return { node: picture(svg), saved: named("svg", svg, "image/svg+xml") };
}

function chosenDepth() {
  if (at("depth").value === "" && result.layers > DRAWN) at("depth").value = "1";
  return at("depth").value === "" ? null : Number(at("depth").value);
}

function named(extension, text, type) {
  return { name: `${result.name}.${extension}`, text, type };
}

function picture(svg) {
  // As an image, a drawing runs no script and loads nothing.
  const node = new Image();
  node.alt = `Drawing of ${result.name}`;
  node.src = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  node.onload = () => URL.revokeObjectURL(node.src);
  return node;
}

function pre(text) {
  const node = document.createElement("pre");
  node.textContent = text;
  return node;
}

function code(text) {
  const node = document.createElement("div");
  ace.edit(node, {
    useWorker: false, mode: "ace/mode/python", theme, readOnly: true, showPrintMargin: false, fontSize: 13, value: text,
  });
  return node;
}

function save({ name, text, type }) {
  const link = document.createElement("a");
  link.download = name;
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function open(text, zoo = null) {
  state.zoo = zoo;
  at("example").value = zoo ?? "";
  editor.setValue(text, -1); // its change event starts the update
}

editor.on("change", () => {
  if (state.zoo && editor.getValue() !== examples.find((e) => e.name === state.zoo)?.text) {
    state.zoo = null;
    at("example").value = "";
  }
  clearTimeout(timer);
  timer = setTimeout(update, DELAY);
});
at("example").onchange = () => {
  const example = examples.find((e) => e.name === at("example").value);
  state.variant = null;
  if (example) open(example.text, example.name);
};
at("variant").onchange = () => { state.variant = at("variant").value || null; update(); };
at("depth").onchange = () => showView();
at("download").onclick = () => file && save(file);
at("page").onclick = async () => {
  const { text } = await python.call("draw", state.text, state.variant, "page", null, dark);
  if (text) save(named("html", text, "text/html"));
};
at("share").onclick = async () => {
  history.replaceState(null, "", await write(state));
  await navigator.clipboard?.writeText(location.href).catch(() => null);
  at("status").textContent = "The address of this page holds the spec.";
};
document.querySelector("nav").onclick = ({ target }) => {
  if (!target.dataset.view) return;
  state.view = target.dataset.view;
  update();
};
window.onhashchange = start;

async function start() {
  const wanted = await read(location.hash);
  state = { ...state, variant: wanted.variant, view: wanted.view };
  if (wanted.text) open(wanted.text);
  if (!examples.length) {
    examples = await python.call("examples").catch((error) => {
      show(message(`netspec could not be loaded: ${error.message}`));
      return [];
    });
    at("example").replaceChildren(new Option("my own", ""), ...examples.map((e) => new Option(e.name, e.name)));
    if (state.zoo) at("example").value = state.zoo;
  }
  if (wanted.text) return;
  const example = examples.find((e) => e.name === (wanted.zoo ?? "lenet5"));
  if (example) open(example.text, example.name);
}

start();
