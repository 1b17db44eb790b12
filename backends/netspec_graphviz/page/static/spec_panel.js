/** The YAML lines that define an item, and the blocks through which it came. */
const SpecPanel = (() => {
  const { html } = Elements;

  /** The trace of an item, innermost location first. */
  function chain(item) {
    const out = [];
    for (let t = item.trace ?? -1; t >= 0; t = Model.data.traces[t][5]) {
      const [file, , first, last, what] = Model.data.traces[t];
      out.push({ file, first, last, what });
    }
    return out;
  }

  function section(item) {
    const places = chain(item);
    if (!places.length) return whole();
    const list = html("ol", { class: "trace" }, places.map((p, n) => html("li", {},
      html("span", { class: "what" }, n === 0 ? p.what : `in ${p.what}`),
      html("span", { class: "where" }, where(p)))));
    return html("section", { class: "spec" }, html("h3", {}, "Specification"), list, highlighted(places));
  }

  const named = (p) => (Model.data.files[p.file] || { name: "?" }).name;
  const where = (p) => `${named(p)}:${p.first}` + (p.last > p.first ? `–${p.last}` : "");

  /** The lines of a file; `markOf` says for a line number whether it is highlighted: "strong", "weak" or null. */
  function listing(file, label, markOf = () => null) {
    const lines = file.lines.map((line, i) => {
      const n = i + 1;
      const mark = markOf(n);
      return html("div", { class: mark ? `code ${mark}` : "code", "data-line": n }, html("span", { class: "number" }, n),
        html("code", {}, line || " "), mark === "strong" ? html("span", { class: "spoken" }, " (this layer)") : null);
    });
    return html("div", { class: "listing", tabindex: 0, role: "region", "aria-label": label }, lines);
  }

  /** The file, with the lines of the locations highlighted. */
  function highlighted(places) {
    const innermost = places[0];
    const file = Model.data.files[innermost.file];
    if (!file || !file.lines) return html("p", { class: "empty" }, "The text of the spec is not available.");
    const within = (p, n) => n >= p.first && n <= p.last;
    const around = places.filter((p) => p.file === innermost.file);
    const markOf = (n) => within(innermost, n) ? "strong" : around.some((p) => within(p, n)) ? "weak" : null;
    return listing(file, `${file.name}, with the lines of this layer highlighted`, markOf);
  }

  /** The whole spec, for the network. */
  function whole() {
    const file = Model.data.files[0];
    if (!file || !file.lines) return null;
    return html("section", { class: "spec" }, html("h3", {}, "Specification"), listing(file, file.name));
  }

  /** Scrolls the highlighted lines into the middle of the listing. */
  function settle(panel) {
    const box = panel.querySelector(".listing");
    const marked = box && box.querySelector(".strong");
    if (!marked) return;
    box.scrollTop = marked.offsetTop - box.clientHeight / 2 + marked.clientHeight;
  }

  return { section, settle };
})();
