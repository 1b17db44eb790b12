/** The side panel: the details of the selected item, or of the network if none is selected. */
const Panel = (() => {
  const { html, byId } = Elements;
  let go = () => {};
  let toggle = () => {};
  let isOpen = () => false;

  /** on: {choose(item), toggle(item), isOpen(item)}. */
  function begin(on) {
    go = on.choose;
    toggle = on.toggle;
    isOpen = on.isOpen;
  }

  function show(i) {
    const panel = byId("panel-content");
    panel.replaceChildren(...(i > 0 ? about(i) : overview()).filter(Boolean));
    byId("panel").scrollTop = 0;
    byId("panel-close").hidden = i <= 0;
    SpecPanel.settle(panel);
  }

  function about(i) {
    const item = Model.items[i];
    const chip = html("span", { class: "chip" }, item.op || (item.is === "run" ? `${item.copies} copies of ${item.block || "this"}` : item.block || item.is));
    if (item.kind) chip.style.background = `var(--kind-${item.kind})`;
    else chip.classList.add("plain");
    const path = Model.around(i);
    const sources = [...new Set((item.reads || []).map(([source]) => source))];
    return [
      path.length ? html("nav", { class: "path", "aria-label": "Enclosing blocks" },
        path.map((p) => html("button", { type: "button", class: "link", click: () => go(p) }, Model.items[p].label))) : null,
      html("h2", { id: "panel-title", tabindex: -1 }, item.name || item.label),
      html("p", { class: "chips" }, chip, item.copy ? html("span", { class: "note" }, `copy ${item.copy[0] + 1} of ${item.copy[1]}`) : null),
      Model.container(i) ? html("button", { type: "button", id: "panel-open", click: () => toggle(i) }, isOpen(i) ? "Close this block" : "Open this block") : null,
      item.doc ? html("p", { class: "doc" }, item.doc) : null,
      item.is === "layer" && item.detail !== item.op ? html("p", { class: "detail" }, item.detail) : null,
      item.is === "layer" ? html("p", { class: "about" }, item.arguments.map(([name]) => Model.data.operations[name]).join(" ")) : null,
      item.holds ? html("p", { class: "detail" }, Model.holds(item, 12)) : null,
      item.left_out && item.left_out.length ? html("p", { class: "note" }, `omitted by 'when': ${item.left_out.join(", ")}`) : null,
      Details.shape(item),
      "params" in item ? Details.costs(item) : null,
      SpecPanel.section(item),
      Details.formulas(item),
      item.is === "layer" ? FieldPicture.section(item) : null,
      ...Details.args(item),
      WeightPictures.filters(item),
      Details.weights(item),
      Details.links("Reads", sources, go),
      Details.links("Read by", item.readers, go),
    ];
  }

  function overview() {
    const data = Model.data;
    return [
      html("h2", { id: "panel-title", tabindex: -1 }, data.title),
      data.doc ? html("p", { class: "doc" }, data.doc) : null,
      data.cite ? html("p", { class: "note" }, data.cite) : null,
      Details.totals(data.totals),
      data.params.length ? Details.section("Parameters of the spec", html("table", { class: "facts" }, html("tbody", {},
        data.params.map(([key, value]) => html("tr", {}, html("th", { scope: "row" }, key), html("td", { class: "value" }, value)))))) : null,
      SpecPanel.section(Model.items[0]),
    ];
  }

  return { begin, show };
})();
