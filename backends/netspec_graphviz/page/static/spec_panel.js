/** The YAML lines that define an item, and the blocks through which it came. */
const SpecPanel = (() => {
  const { html } = Elements;

  /** The trace of an item, innermost location first. */
  function chain(item) {
    const out = [];
    for (let t = item.trace ?? -1; t >= 0; t = Model.data.traces[t][5]) {
      const [file, line, first, last, what] = Model.data.traces[t];
      out.push({ file, line, first, last, what });
    }
    return out;
  }

  function section(item) {
    const places = chain(item);
    const head = html("h3", {}, "Specification");
    if (!places.length) return whole();
    const list = html("ol", { class: "trace" }, places.map((p, n) => html("li", {},
      html("span", { class: "what" }, n === 0 ? p.what : `in ${p.what}`),
      html("span", { class: "where" }, where(p)))));
    return html("section", { class: "spec" }, head, list, listing(places));
  }

  const named = (p) => (Model.data.files[p.file] || { name: "?" }).name;
  const where = (p) => `${named(p)}:${p.first}` + (p.last > p.first ? `–${p.last}` : "");

  /** The file, with the lines of the locations highlighted. */
  function listing(places) {
    const innermost = places[0];
    const file = Model.data.files[innermost.file];
    if (!file || !file.lines) return html("p", { class: "empty" }, "The text of the spec is not available.");
    const strong = (n) => n >= innermost.first && n <= innermost.last;
    const weak = (n) => places.some((p) => p.file === innermost.file && n >= p.first && n <= p.first);
    const lines = file.lines.map((line, i) => {
      const n = i + 1;
      const mark = strong(n) ? "strong" : weak(n) ? "weak" : null;
      return html("div", { class: mark ? `code ${mark}` : "code", "data-line": n }, html("span", { class: "number" }, n),
        html("code", {}, line || " "), mark === "strong" ? html("span", { class: "spoken" }, " (this layer)") : null);
    });
    return html("div", { class: "listing", tabindex: 0, role: "region", "aria-label": `${file.name}, with the lines of this layer highlighted` },
      lines);
  }

  /** The whole spec, for the network. */
  function whole() {
    const file = Model.data.files[0];
    if (!file || !file.lines) return null;
    return html("section", { class: "spec" }, html("h3", {}, "Specification"),
      html("div", { class: "listing", tabindex: 0, role: "region", "aria-label": file.name },
        file.lines.map((line, i) => html("div", { class: "code", "data-line": i + 1 },
          html("span", { class: "number" }, i + 1), html("code", {}, line || " ")))));
  }

  /** Scrolls the highlighted lines into the middle of the listing. */
  function settle(panel) {
    const box = panel.querySelector(".listing");
    const marked = box && box.querySelector(".strong");
    if (!marked) return;
    box.scrollTop = marked.offsetTop - box.clientHeight / 2 + marked.clientHeight;
  }

  return { section, settle, chain };
})();
