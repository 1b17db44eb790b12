/** The network: the data of the page, and what is derived from it. */
const Model = (() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const items = data.items;
  const layers = [];
  const byName = new Map();
  items.forEach((item, i) => {
    item.children = [];
    item.depth = item.in < 0 ? 0 : items[item.in].depth + 1;
    item.readers = [];
    if (item.in >= 0) items[item.in].children.push(i);
    if (item.is === "layer") layers.push(i);
    if (item.is !== "output" && !byName.has(item.name)) byName.set(item.name, i);
  });
  layers.sort((a, b) => items[a].row - items[b].row);
  items.forEach((item, i) => {
    for (const [source] of item.reads || []) {
      if (!items[source].readers.includes(i)) items[source].readers.push(i);
    }
  });
  // The last item within each item: all items in between are within it too.
  const lasts = items.map((_, i) => i);
  for (let i = items.length - 1; i > 0; i--) lasts[items[i].in] = Math.max(lasts[items[i].in], lasts[i]);

  const container = (i) => items[i].is === "block" || items[i].is === "run";
  const within = (i, outer) => i >= outer && i <= lasts[outer];
  const cross = (shape) => shape.join("×") || "1";
  /** Whether sizes are written with the names of dimensions, where there are any. */
  let named = false;
  const hasNames = items.some((item) => item.sizes);
  const nameSizes = (on) => (named = on);
  const isNamed = () => named;
  const sizes = (item) => (named && item.sizes) || item.shape;
  /** The text of a port of a block, [name, with the names of dimensions, in numbers]. */
  const portText = (port) => (named ? port[1] : port[2]);

  /** Blocks that contain an item, outermost first, without the network. */
  function around(i) {
    const out = [];
    for (let at = items[i].in; at > 0; at = items[at].in) out.unshift(at);
    return out;
  }

  /** The operations in a block as a short text: 3 conv2d, 3 batch_norm. */
  function holds(item, limit) {
    const sorted = item.holds.slice().sort((a, b) => b[1] - a[1]);
    const named = sorted.slice(0, limit).map(([name, n]) => (n > 1 ? `${n} ${name}` : name));
    return named.join(", ") + (sorted.length > limit ? " …" : "");
  }

  function result(item) {
    if (item.shape) return cross(sizes(item));
    if (item.gives && item.gives.length) return item.gives.map(portText).join(", ");
    const inside = item.children.length ? items[item.children[item.children.length - 1]] : null;
    return inside ? result(inside) : "";
  }

  /** The items that are initially open: a number of levels, or as many as fit. Runs of copies stay closed. */
  function opened(depth, room) {
    const open = new Set([0]);
    let seen = items[0].children.length;
    let level = items[0].children.filter(container);
    for (let d = 1; level.length && (depth === null || d <= depth); d++) {
      const next = level.filter((i) => items[i].is === "block");
      const more = next.reduce((sum, i) => sum + items[i].children.length - 1, 0);
      if (depth === null && seen + more > room) break;
      seen += more;
      next.forEach((i) => open.add(i));
      level = next.flatMap((i) => items[i].children.filter(container));
    }
    return open;
  }

  return {
    data, items, layers, byName, lasts, container, within, cross, hasNames, nameSizes, isNamed, sizes, portText, around, holds, result, opened,
  };
})();
