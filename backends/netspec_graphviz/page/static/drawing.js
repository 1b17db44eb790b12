/** Draws the layout: only what is visible, and without text when zoomed out. */
const Drawing = (() => {
  const { svg, byId } = Elements;
  const FAR = 0.28;
  const GROUPS = ["blocks", "lines", "titles", "nodes", "labels", "shapes", "over"];
  const groups = {};
  const drawn = new Map();
  let placed = null;
  let lines = [];
  let shapes = [];
  let style = { by: "kind", greatest: 0 };
  let far = null;

  function begin() {
    for (const name of GROUPS) groups[name] = byId(`g-${name}`);
  }

  /** Shows a new layout, with shapes on its edges or without. */
  function show(layout, by, greatest, labelled) {
    placed = layout;
    style = { by, greatest };
    lines = EdgePaths.wires(layout.links);
    shapes = labelled ? EdgeShapes.labels(layout) : [];
    far = null;
    for (const name of GROUPS) groups[name].replaceChildren();
    drawn.clear();
  }

  /** Draws the contents of a rectangle of the drawing at a scale; `all` draws everything. */
  function cull(x0, y0, x1, y1, scale, all) {
    if (!placed) return;
    const distant = scale < FAR && !all;
    if (distant !== (far !== null)) {
      for (const name of GROUPS) if (name !== "over") groups[name].replaceChildren();
      drawn.clear();
      far = null;
    }
    if (distant) {
      if (far === null) drawDistant();
      labels(scale);
      return;
    }
    const keep = new Set();
    const inside = (b) => all || (b.x <= x1 && b.x + b.w >= x0 && b.y <= y1 && b.y + b.h >= y0);
    for (const [i, box] of placed.boxes) {
      if (i === 0 || !inside(box)) continue;
      keep.add(i);
      if (!drawn.has(i)) draw(i, box);
    }
    lines.forEach((line, n) => {
      const key = `line ${n}`;
      if (!inside(line)) return;
      keep.add(key);
      if (drawn.has(key)) return;
      const parts = [svg("path", { class: `line ${line.role}`, d: line.d }), svg("path", { class: `head ${line.role}`, d: line.heads })];
      groups.lines.append(...parts);
      drawn.set(key, parts);
    });
    shapes.forEach((label, n) => {
      const key = `shape ${n}`;
      if (!inside(label)) return;
      keep.add(key);
      if (drawn.has(key)) return;
      const part = svg("text", { class: "shape", x: label.x + 1, y: label.y + 10 }, label.text);
      groups.shapes.append(part);
      drawn.set(key, [part]);
    });
    for (const [key, parts] of drawn) {
      if (keep.has(key)) continue;
      parts.forEach((part) => part.remove());
      drawn.delete(key);
    }
  }

  function draw(i, box) {
    const item = Model.items[i];
    const parts = [];
    if (box.open) {
      const ground = frame(i, item, box);
      // Blocks are in the order of the items, so that inner ones are on top of outer ones.
      const next = [...groups.blocks.children].find((other) => Number(other.dataset.item) > i);
      groups.blocks.insertBefore(ground, next || null);
      const head = headline(i, item, box);
      groups.titles.append(head);
      parts.push(ground, head);
    } else {
      const node = closed(i, item, box);
      groups.nodes.append(node);
      parts.push(node);
    }
    drawn.set(i, parts);
  }

  function frame(i, item, box) {
    // Dashes along a very long side take longer to draw than everything else.
    const dashed = item.is === "run" && box.w + box.h < 6000;
    return svg("rect", {
      class: `frame level-${item.depth % 2}${dashed ? " dashed" : ""}`, x: box.x, y: box.y, width: box.w, height: box.h, rx: 9,
      "data-item": i,
    });
  }

  // Positions are numbers of the drawing: a group with a transform of its own for each box would make zooming slow.
  function headline(i, item, box) {
    const [x, y] = [box.x + 9, box.y + 6];
    const name = NodeLooks.title(item);
    const kind = NodeLooks.kind(item);
    return svg("g", {
      class: "headline", id: `item-${i}`, "data-item": i, role: "treeitem", "aria-expanded": "true",
      "aria-level": item.depth, "aria-label": spoken(item),
    },
    svg("rect", { class: `behind level-${item.depth % 2}`, x: x - 4, y: y - 1, height: 18, rx: 4, width: NodeLooks.size(i, true).w - 10 }),
    svg("g", { class: "opener", "data-opener": i },
      svg("rect", { x: x - 3, y: y - 1, width: 18, height: 18, rx: 4 }), svg("path", { d: `M${x + 2} ${y + 6}l4 4l4 -4` })),
    svg("text", { class: "title", x: x + 18, y: y + 12.5 }, name,
      kind ? svg("tspan", { class: "kind", dx: 7 }, kind) : null));
  }

  /** A layer, or a closed block. */
  function closed(i, item, box) {
    const container = Model.container(i);
    const colour = NodeLooks.fill(item, style.by, style.greatest);
    const group = svg("g", {
      class: `node ${item.is}${colour ? " shaded" : ""}${colour && style.by !== "kind" ? " by-cost" : ""}${NodeLooks.dark(colour) ? " on-dark" : ""}`, id: `item-${i}`, "data-item": i,
      role: "treeitem", "aria-level": item.depth, "aria-label": spoken(item),
      "aria-expanded": container ? "false" : null,
    });
    const { x, w } = box;
    if (item.is === "run") {
      for (const by of [6, 3]) group.append(svg("rect", { class: "card", x: x + by, y: box.y + by, width: w, height: box.h, rx: 7 }));
    }
    const pill = item.is === "input" || item.is === "output";
    const rect = svg("rect", { class: "card", x, y: box.y, width: w, height: box.h, rx: pill ? 18 : 7 });
    if (colour) rect.style.fill = colour;
    group.append(rect);
    let y = box.y + 7;
    NodeLooks.lines(item).forEach(([text, kind], n) => {
      y += NodeLooks.LINE[kind];
      const left = container && n === 0;
      group.append(svg("text", { class: kind, x: left ? x + 28 : x + w / 2, y: y - 3.5, "text-anchor": left ? "start" : "middle" }, text));
    });
    if (container) {
      group.append(svg("g", { class: "opener", "data-opener": i },
        svg("rect", { x: x + 6, y: box.y + 6, width: 18, height: 18, rx: 4 }), svg("path", { d: `M${x + 13} ${box.y + 11}l4 4l-4 4` })));
    }
    if (item.is === "run") {
      const text = `× ${item.copies}`;
      const wide = NodeLooks.width(text, "badge") + 14;
      group.append(svg("rect", { class: "badge", x: x + w - wide - 7, y: box.y + 6, width: wide, height: 18, rx: 9 }));
      group.append(svg("text", { class: "badge", x: x + w - wide / 2 - 7, y: box.y + 19, "text-anchor": "middle" }, text));
    }
    return group;
  }

  /** The text for screen readers. */
  function spoken(item) {
    const what = item.is === "layer" ? item.op : item.is === "run" ? `${item.copies} copies` : item.block || item.is;
    const result = Model.result(item).replaceAll("×", " by ");
    return `${item.name}, ${what}, ${result}` + (item.params ? `, ${Elements.count(item.params)} parameters` : "");
  }

  /** Draws everything as a few paths. */
  function drawDistant() {
    far = { labels: svg("g", { class: "far-labels" }) };
    const byFill = new Map();
    const frames = new Map();
    const rect = (b) => `M${b.x.toFixed(1)} ${b.y.toFixed(1)}h${b.w.toFixed(1)}v${b.h.toFixed(1)}h${(-b.w).toFixed(1)}Z`;
    for (const [i, box] of placed.boxes) {
      const item = Model.items[i];
      if (i === 0) continue;
      const key = box.open ? item.depth : NodeLooks.fill(item, style.by, style.greatest) || "var(--closed)";
      const into = box.open ? frames : byFill;
      into.set(key, (into.get(key) || "") + rect(box));
    }
    for (const depth of [...frames.keys()].sort((a, b) => a - b)) {
      groups.blocks.append(svg("path", { class: `frame level-${depth % 2}`, d: frames.get(depth) }));
    }
    groups.lines.append(svg("path", { class: "line", d: lines.map((l) => l.d).join("") }));
    for (const [colour, d] of byFill) {
      const path = svg("path", { class: "far", d });
      path.style.fill = colour;
      groups.nodes.append(path);
    }
    groups.labels.append(far.labels);
  }

  /** Names of the blocks that are large enough for one, in a constant size on the screen. */
  function labels(scale) {
    if (far.scale === scale) return;
    far.scale = scale;
    far.labels.replaceChildren();
    for (const [i, box] of placed.boxes) {
      const item = Model.items[i];
      if (i === 0 || !Model.container(i) || box.h * scale < 40 || item.depth > 2) continue;
      const text = NodeLooks.title(item);
      if (NodeLooks.width(text, "title") > box.w * scale - 8) continue;
      const size = 12 / scale;
      const label = svg("text", { class: "far-label", x: box.x + 4 / scale, y: box.y + 14 / scale }, text);
      label.style.fontSize = `${size}px`;
      label.style.strokeWidth = `${3 / scale}px`;
      far.labels.append(label);
    }
  }

  /** Highlights the selected item with its edges, the item under the pointer, and the results of a search. */
  function over(chosen, hovered, matches) {
    groups.over.replaceChildren();
    if (!placed) return;
    const outline = (i, kind) => {
      const box = placed.boxes.get(i);
      if (!box || i === 0) return;
      groups.over.append(svg("rect", {
        class: kind, x: box.x - 3, y: box.y - 3, width: box.w + 6, height: box.h + 6, rx: 10,
      }));
    };
    for (const i of new Set([...matches].map((m) => placed.rep[m]))) outline(i, "match");
    if (hovered >= 0 && hovered !== chosen) outline(placed.rep[hovered], "hover");
    if (chosen < 0) return;
    const shown = placed.rep[chosen];
    const mine = shown === chosen ? (i) => Model.within(i, chosen) : (i) => i === shown;
    const into = new Set();
    const outof = new Set();
    placed.links.forEach((link, n) => {
      if (link.target < 0) return;
      const source = placed.rep[Math.floor(link.value / 65536)];
      const arrives = mine(link.target);
      const leaves = mine(source);
      if (arrives === leaves) return;
      for (let at = n; at >= 0; at = placed.links[at].before) (arrives ? into : outof).add(at);
    });
    const stroke = (set, kind) => {
      let d = "";
      let heads = "";
      for (const n of set) {
        d += EdgePaths.path(placed.links[n]);
        if (placed.links[n].target >= 0) heads += EdgePaths.head(placed.links[n]);
      }
      if (d) groups.over.append(svg("path", { class: `trace ${kind}`, d }), svg("path", { class: `tip ${kind}`, d: heads }));
    };
    stroke(outof, "outof");
    stroke(into, "into");
    outline(shown, "chosen");
  }

  const size = () => ({ w: placed.width, h: placed.height });

  return { begin, show, cull, over, size };
})();
