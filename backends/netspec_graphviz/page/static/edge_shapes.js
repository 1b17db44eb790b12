/** Shapes beside the edges: one for each value, where its line begins, wherever there is room. */
const EdgeShapes = (() => {
  const HIGH = 13;
  const CELL = 120;

  /** The shape of an output of a layer or an input. */
  function text(value) {
    const item = Model.items[Math.floor(value / 65536)];
    const output = value % 65536;
    if (item.results && item.results.length) return Model.portText(item.results[output]);
    return Model.cross(Model.sizes(item));
  }

  /** Room between rows that the shapes need: their height, or for a network to the right their width. */
  function room(right) {
    if (!right) return HIGH + 15;
    let wide = 0;
    for (const item of Model.items) if (item.shape) wide = Math.max(wide, NodeLooks.width(Model.cross(Model.sizes(item)), "shape"));
    return Math.min(150, wide) + 24;
  }

  /** What labels must not cover, in squares of the drawing, so that only what is near is compared. */
  function obstacles() {
    const squares = new Map();
    const each = (b, act) => {
      for (let x = Math.floor(b.x / CELL); x <= Math.floor((b.x + b.w) / CELL); x++) {
        for (let y = Math.floor(b.y / CELL); y <= Math.floor((b.y + b.h) / CELL); y++) act(`${x} ${y}`);
      }
    };
    const add = (b) => each(b, (key) => (squares.has(key) ? squares.get(key).push(b) : squares.set(key, [b])));
    const apart = (a, b) => a.x >= b.x + b.w || b.x >= a.x + a.w || a.y >= b.y + b.h || b.y >= a.y + a.h;
    const free = (b) => {
      let clear = true;
      each(b, (key) => (clear = clear && (squares.get(key) || []).every((other) => apart(b, other))));
      return clear;
    };
    return { add, free };
  }

  function block(found, placed) {
    for (const [i, b] of placed.boxes) {
      if (i === 0) continue;
      if (!b.open) {
        const behind = Model.items[i].is === "run" ? 6 : 0;
        found.add({ x: b.x - 1, y: b.y - 1, w: b.w + 2 + behind, h: b.h + 2 + behind });
        continue;
      }
      for (const y of [b.y, b.y + b.h]) found.add({ x: b.x, y: y - 1, w: b.w, h: 2 });
      for (const x of [b.x, b.x + b.w]) found.add({ x: x - 1, y: b.y, w: 2, h: b.h });
      found.add({ x: b.x, y: b.y, w: NodeLooks.size(i, true).w, h: 24 });
    }
  }

  /** A line in short pieces, as boxes. */
  function follow(found, link) {
    const [a, start, out] = link.from;
    const [b, enter, end] = link.to;
    const put = (x, y, w, h) => found.add(link.right ? { x: y, y: x, w: h, h: w } : { x, y, w, h });
    put(a - 2, start, 4, Math.max(1, out - start));
    // The curve of EdgePaths: its control points are halfway along.
    const middle = (out + enter) / 2;
    const at = (t) => {
      const [u, v] = [3 * (1 - t) * t * t, 3 * (1 - t) * (1 - t) * t];
      const [first, last] = [(1 - t) ** 3, t ** 3];
      return [a * (first + v) + b * (last + u), out * first + middle * (u + v) + enter * last];
    };
    const steps = Math.abs(a - b) < 0.5 ? 1 : Math.ceil(Math.abs(a - b) / 8) + 4;
    for (let n = 0; n < steps; n++) {
      const [[x0, y0], [x1, y1]] = [at(n / steps), at((n + 1) / steps)];
      put(Math.min(x0, x1) - 2, Math.min(y0, y1) - 1, Math.abs(x1 - x0) + 4, Math.abs(y1 - y0) + 2);
    }
    put(b - 4, enter, 8, Math.max(1, end - enter));
  }

  /** The labels of a layout: {x, y, w, h, text}; values for which there is no room have none. */
  function labels(placed) {
    const found = obstacles();
    block(found, placed);
    placed.links.forEach((link) => follow(found, link));
    const done = new Set();
    const out = [];
    for (const link of placed.links) {
      if (done.has(link.value)) continue;
      const shape = text(link.value);
      const w = Math.ceil(NodeLooks.width(shape, "shape")) + 2;
      const [across, start] = link.from;
      const [x, y] = link.right ? [start, across] : [across, start];
      const places = link.right ? [[x + 5, y - HIGH - 3], [x + 5, y + 3]] : [[x + 6, y + 2], [x - 6 - w, y + 2], [x + 6, y + 9], [x - 6 - w, y + 9]];
      const place = places.map(([left, top]) => ({ x: left, y: top, w, h: HIGH })).find((b) => found.free(b));
      if (!place) continue;
      done.add(link.value);
      found.add(place);
      out.push({ ...place, text: shape });
    }
    return out;
  }

  return { room, labels };
})();
