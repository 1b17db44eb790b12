/** Tables with the details of an item, for the side panel. */
const Details = (() => {
  const { html, count, short } = Elements;
  const COSTS = [
    ["params", "parameters"], ["trainable_params", "trainable"], ["buffers", "buffers"], ["macs", "MACs"],
    ["flops", "FLOPs"], ["activations", "activations"], ["connections", "connections"],
  ];

  /** Figures with their share of the whole network. */
  function costs(item) {
    const total = Model.data.figures;
    const rows = COSTS.filter(([key]) => key !== "trainable_params" || item.trainable_params !== item.params)
      .filter(([key]) => item[key] || key === "params" || key === "macs")
      .map(([key, label]) => {
        const share = total[key] ? item[key] / total[key] : 0;
        const bar = html("span", { class: "share", "aria-hidden": "true" }, html("span", {}));
        bar.firstChild.style.width = `${Math.min(100, share * 100)}%`;
        return html("tr", { "data-figure": key }, html("th", { scope: "row" }, label),
          html("td", { class: "amount", title: short(item[key]) }, count(item[key])),
          html("td", { class: "of" }, total[key] ? [bar, html("span", {}, percent(share))] : null));
      });
    return section("Cost", html("table", { class: "facts costs" }, html("tbody", {}, rows)));
  }

  function percent(share) {
    if (!share) return "";
    return share < 0.001 ? "< 0.1 %" : `${(share * 100).toFixed(1)} %`;
  }

  function section(title, ...content) {
    return html("section", {}, html("h3", {}, title), content);
  }

  function args(item) {
    const groups = item.is === "layer" ? item.arguments : [[item.block, item.arguments || []]];
    return groups.filter(([, list]) => list.length).map(([name, list]) => section(
      item.is === "layer" && groups.length > 1 ? `Arguments of ${name}` : "Arguments",
      html("table", { class: "facts" }, html("tbody", {}, list.map(([key, value, usual]) =>
        html("tr", { class: usual ? "usual" : null, title: usual ? "the default" : null },
          html("th", { scope: "row" }, key), html("td", { class: "value" }, value)))))));
  }

  function weights(item) {
    if (!item.weights || !item.weights.length) return null;
    return section("Parameters", html("table", { class: "facts weights" },
      html("thead", {}, html("tr", {}, ["name", "shape", "elements"].map((t) => html("th", { scope: "col" }, t)))),
      html("tbody", {}, item.weights.map(([name, shape, elements, init, marks, tensor]) => [html("tr", {},
        html("th", { scope: "row" }, name, html("span", { class: "note" }, [marks, init].filter(Boolean).join(" · "))),
        html("td", {}, shape), html("td", { class: "amount" }, count(elements))),
      tensor === null ? null : html("tr", { class: "drawn" }, html("td", { colspan: 3 }, WeightPictures.tensor(tensor)))]))));
  }

  /** Formulas: the quantity, the rule, and the rule with values. */
  function formulas(item) {
    if (!item.formulas || !item.formulas.length) return null;
    return section("Formulas", html("dl", { class: "formulas" },
      item.formulas.map(([what, rule, worked]) => [html("dt", {}, what),
        html("dd", {}, html("span", { class: "rule" }, rule), worked ? html("span", { class: "worked" }, worked) : null)])));
  }

  function shape(item) {
    const rows = [];
    if (item.shape) {
      const axes = item.shape.map((n, i) => html("span", { class: "axis" }, html("b", {}, count(n)),
        item.sizes && item.sizes[i] !== String(n) ? html("small", { class: "formula" }, item.sizes[i]) : null,
        html("small", {}, item.axes[i] || `axis ${i}`)));
      rows.push(html("div", { class: "axes" }, axes.length ? axes : html("span", { class: "axis" }, html("b", {}, "1"))));
      if (item.dtype !== "float32") rows.push(html("p", { class: "note" }, item.dtype));
    }
    for (const port of item.results || []) rows.push(html("p", { class: "note" }, `${port[0]}: ${Model.portText(port)}`));
    for (const [word, list] of [["input", item.takes], ["output", item.gives]]) {
      for (const port of list || []) rows.push(html("p", { class: "note" }, `${word} ${port[0] ? `${port[0]}: ` : ""}${Model.portText(port)}`));
    }
    return rows.length ? section(item.is === "layer" ? "Output" : "Shape", rows) : null;
  }

  /** Links to other items. */
  function links(title, list, go) {
    if (!list.length) return null;
    const limit = 12;
    const shown = list.slice(0, limit).map((i) => html("li", {}, html("button", { type: "button", class: "link", click: () => go(i) },
      Model.items[i].name || Model.items[i].label)));
    if (list.length > limit) shown.push(html("li", { class: "note" }, `and ${list.length - limit} more`));
    return section(title, html("ul", { class: "links" }, shown));
  }

  function totals(list) {
    return section("Totals", html("table", { class: "facts totals" }, html("tbody", {}, list.map(([label, value, note]) =>
      html("tr", {}, html("th", { scope: "row" }, label),
        html("td", { class: "value" }, value, note ? html("span", { class: "note" }, ` ${note}`) : null))))));
  }

  return { costs, args, weights, formulas, shape, links, totals, section };
})();
