/** The search field: its matches are listed below it, highlighted in the drawing and in the table, and stepped through. */
const Search = (() => {
  const { html, byId } = Elements;
  const LISTED = 100;
  let results = [];
  let at = -1;
  let report = {};

  /** on: {match(Set | null), choose(item), leave()}. */
  function begin(on) {
    report = on;
    const field = byId("search");
    field.addEventListener("input", () => look(field.value));
    field.addEventListener("focus", () => show(true));
    field.addEventListener("blur", () => show(false));
    field.addEventListener("keydown", key);
    // The field keeps the focus while a match is clicked, so that the list is still there when the click ends.
    byId("results").addEventListener("pointerdown", (event) => event.preventDefault());
    byId("results").addEventListener("click", (event) => {
      const option = event.target.closest("[data-match]");
      if (!option) return;
      go(Number(option.dataset.match));
      field.blur();
    });
  }

  function key(event) {
    const steps = { Enter: event.shiftKey ? -1 : 1, ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) {
      step(steps[event.key]);
    } else if (event.key === "Escape") {
      clear();
      report.leave();
      event.stopPropagation();
    } else {
      return;
    }
    event.preventDefault();
  }

  function clear() {
    byId("search").value = "";
    look("");
  }

  function look(query) {
    const set = SearchTerms.matches(query);
    // Blocks are highlighted too, but the list has the matching layers, if there are any.
    const layers = set ? [...set].filter((i) => !Model.container(i)) : [];
    results = layers.length || !set ? layers : [...set];
    at = -1;
    list(query);
    showCount(set !== null);
    show(document.activeElement === byId("search"));
    report.match(set);
  }

  /** The matches as options, with what was found marked. */
  function list(query) {
    const mark = (text) => SearchTerms.marked(text, query);
    const options = results.slice(0, LISTED).map((i, n) => {
      const item = Model.items[i];
      const swatch = html("i", { class: "swatch", "aria-hidden": "true" });
      if (item.kind) swatch.style.background = `var(--kind-${item.kind})`;
      return html("div", { role: "option", id: `match-${n}`, "data-match": n, "aria-selected": "false" }, swatch,
        html("b", {}, mark(item.name || item.label)), html("span", { class: "of" }, mark(item.detail || item.block || item.is)),
        html("span", { class: "shape" }, mark(Model.result(item))));
    });
    if (results.length > LISTED) options.push(html("p", { class: "note" }, `and ${results.length - LISTED} more`));
    byId("results").replaceChildren(...options);
    byId("results").scrollTop = 0;
  }

  function show(on) {
    const open = on && results.length > 0;
    byId("results").hidden = !open;
    byId("search").setAttribute("aria-expanded", String(open));
  }

  function showCount(searched) {
    const n = results.length;
    byId("found").textContent = !searched ? "" : at >= 0 ? `${at + 1} of ${n}` : n === 1 ? "1 found" : `${n || "none"} found`;
  }

  function step(by) {
    if (results.length) go((at + by + (at < 0 && by < 0 ? 1 : 0) + results.length) % results.length);
  }

  function go(n) {
    const before = byId(`match-${at}`);
    if (before) before.setAttribute("aria-selected", "false");
    at = n;
    const now = byId(`match-${at}`);
    if (now) {
      now.setAttribute("aria-selected", "true");
      now.scrollIntoView({ block: "nearest" });
      byId("search").setAttribute("aria-activedescendant", now.id);
    }
    showCount(true);
    report.choose(results[at]);
  }

  return { begin, step };
})();
