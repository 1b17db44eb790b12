/** The legend: the colours of the kinds of layers and the kinds of lines that the network has, or the scale of a figure. */
const Legend = (() => {
  const { html, byId, short } = Elements;
  const LINES = [["skip", "skip connection"], ["positions", "positions of maxima"], ["size", "size only"]];

  function show(by, greatest) {
    const box = byId("colours");
    box.replaceChildren();
    if (by !== "kind") {
      const bar = html("span", { class: "scale" });
      bar.style.background = `linear-gradient(90deg, ${Model.data.shades.join(", ")})`;
      box.append(html("span", {}, "0"), bar, html("span", {}, short(greatest)));
      return;
    }
    const present = new Set(Model.layers.map((i) => Model.items[i].kind));
    for (const kind of Model.data.kinds.filter((k) => present.has(k.name))) {
      const mark = html("i", { class: "swatch", "aria-hidden": "true" });
      mark.style.background = `var(--kind-${kind.name})`;
      box.append(html("span", { class: "entry" }, mark, kind.title));
    }
    const roles = new Set(Model.items.flatMap((item) => (item.reads || []).map(([, , role = 0]) => VisibleEdges.ROLES[role])));
    for (const [role, text] of LINES) {
      if (roles.has(role)) box.append(html("span", { class: "entry" }, html("i", { class: `stroke ${role}`, "aria-hidden": "true" }), text));
    }
  }

  return { show };
})();
