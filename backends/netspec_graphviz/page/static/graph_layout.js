/**
 * The layout of nested boxes: each container is laid out in rows by itself, from the inside outwards.
 *
 * Internal coordinates are (across, along), where "along" is the direction of the network; `flow` converts them to (x, y).
 */
const GraphLayout = (() => {
  const PAD = 16;
  const HEAD = 26;
  const ROW = 30;
  const MOST = 20000;

  /**
   * items: the items of the page, with `depth` and `children`.
   * open: Set of the open containers.
   * size: (item number) -> {w, h} of a closed item, or of the title of an open one.
   * right: whether the network runs to the right.
   * room: the least space between rows, for texts on edges.
   *
   * Returns {boxes: Map item -> {x, y, w, h, open}, links: [link], ends: Map "value:item" -> number of the link that
   * arrives, width, height}; a link is {value, points: [x1, y1, y1b, x2, y2a, y2], before, end}.
   */
  function layout(items, open, size, right, room = 0) {
    if (room !== least) known.clear();
    least = room;
    const rep = VisibleEdges.shown(items, open);
    const edges = VisibleEdges.nets(items, open, rep);
    const placed = new Map();
    arrange(items, 0, open, size, right, edges, placed);
    const boxes = new Map();
    const links = [];
    const entries = new Map();
    spread(items, 0, 0, 0, placed, boxes, links, entries, right);
    join(links, entries);
    const root = boxes.get(0);
    return { boxes, links, rep, width: root.w, height: root.h, ends: ends(links) };
  }

  /** The last layout of each container, by what was open in it: most of a drawing does not change. */
  const known = new Map();
  let least = 0;

  /** Forgets the layouts, after the sizes of items have changed. */
  const forget = () => known.clear();

  /** Lays out a container, after those in it, and stores the result in `placed`. Returns what is open in it. */
  function arrange(items, here, open, size, right, edges, placed) {
    const kids = items[here].children;
    let state = right ? "r" : "d";
    for (const kid of kids) {
      if (open.has(kid)) state += `${kid}(${arrange(items, kid, open, size, right, edges, placed)})`;
    }
    const before = known.get(here);
    if (!before || before.state !== state) {
      const nets = [...(edges.get(here) || new Map()).values()];
      known.set(here, { state, layout: contents(items, here, nets, open, size, right, placed) });
    }
    placed.set(here, known.get(here).layout);
    return state;
  }

  /** Lays out one container whose contents are laid out already. */
  function contents(items, here, nets, open, size, right, placed) {
    const kids = items[here].children;
    const nodes = [];
    const number = new Map();
    const tops = nets.filter((n) => n.from === VisibleEdges.TOP);
    const place = new Map(kids.map((kid, i) => [kid, i]));
    const firstReader = (n) => [...n.to.keys()].reduce((a, b) => (b >= 0 ? Math.min(a, place.get(b)) : a), Infinity);
    tops.sort((a, b) => firstReader(a) - firstReader(b) || a.value - b.value);
    for (const net of tops) {
      number.set(`t${net.value}`, nodes.length);
      nodes.push({ port: "top", size: 0, along: 0, rows: 1, value: net.value });
    }
    for (const kid of kids) {
      const { w, h } = open.has(kid) ? real(placed.get(kid), right) : size(kid);
      number.set(kid, nodes.length);
      nodes.push({ port: null, size: right ? h : w, along: right ? w : h, rows: 1, item: kid });
    }
    for (const net of nets) {
      if (!net.to.has(VisibleEdges.BOTTOM)) continue;
      number.set(`b${net.value}`, nodes.length);
      nodes.push({ port: "bottom", size: 0, along: 0, rows: 1, value: net.value });
    }
    const port = (kid, side, value) => (open.has(kid) ? placed.get(kid)[side].get(value) : 0);
    const wires = nets.map((net) => {
      const to = [...net.to.keys()].map((t) => number.get(t === VisibleEdges.BOTTOM ? `b${net.value}` : t));
      const offsets = [...net.to.keys()].map((t) => (t >= 0 ? port(t, "ins", net.value) : 0));
      const from = net.from === VisibleEdges.TOP ? number.get(`t${net.value}`) : number.get(net.from);
      const off = net.from >= 0 ? port(net.from, "outs", net.value) : 0;
      return { value: net.value, from, off, to, offsets, roles: [...net.to.values()] };
    });
    if (sideways(nodes, wires)) stretch(nodes);
    return settled(items, here, nodes, wires, size, right);
  }

  /** Whether any boxes are side by side. */
  function sideways(nodes, wires) {
    const from = new Map();
    const to = new Map();
    const several = (map, v) => map.set(v, (map.get(v) || 0) + 1) && map.get(v) > 1;
    return wires.some((wire) => several(from, wire.from) || wire.to.some((t) => several(to, t)) || wire.to.length > 1)
      || nodes.length > wires.length + 1;
  }

  /** Makes tall nodes span several rows. */
  function stretch(nodes) {
    const single = nodes.filter((n) => !n.port).map((n) => n.along).sort((a, b) => a - b);
    const row = Math.min(single.length ? single[0] : 0, 60) + ROW - 6;
    for (const node of nodes) if (!node.port) node.rows = Math.min(400, Math.max(1, Math.ceil((node.along + ROW - 6) / row - 0.15)));
  }

  /** Rows, order and positions of the nodes of one container, and its own size. */
  function settled(items, here, nodes, wires, size, right) {
    const rank = RowRanks.ranks(nodes, wires);
    let grid = RowRanks.cells(nodes, wires, rank, MOST);
    if (!grid) grid = RowRanks.cells(nodes, wires.map((w) => ({ ...w, to: [], offsets: [] })), rank, MOST);
    Crossings.order(grid.rows, grid.cells);
    const x = Coordinates.places(grid.rows, grid.cells);
    let low = Infinity;
    let high = -Infinity;
    for (const cell of grid.cells) {
      low = Math.min(low, x[cell.id] - cell.size / 2);
      high = Math.max(high, x[cell.id] + cell.size / 2);
    }
    if (!grid.cells.length) low = high = 0;
    const root = items[here].in < 0;
    const pad = root ? 24 : PAD;
    const title = root ? { w: 0, h: 0 } : size(here);
    const before = pad + (right && !root ? HEAD - 6 : 0);
    let across = high - low + before + pad;
    let shift = before - low;
    if (!right && across < title.w + 2 * pad) {
      shift += (title.w + 2 * pad - across) / 2;
      across = title.w + 2 * pad;
    }
    const head = root ? pad : right ? pad : HEAD + 4;
    const bands = rows(grid, nodes, x, head);
    let along = bands.end + pad;
    if (right && along < title.w + 2 * pad) along = title.w + 2 * pad;
    const ins = new Map();
    const outs = new Map();
    nodes.forEach((node, v) => {
      if (node.port) (node.port === "top" ? ins : outs).set(node.value, x[v] + shift - across / 2);
    });
    return { nodes, wires, rank, grid, x, shift, across, along, bands, ins, outs };
  }

  /** Start and end of every row along the network, with space between them for lines that change position. */
  function rows(grid, nodes, x, head) {
    const { length } = grid.rows;
    const thick = new Array(length).fill(0);
    const gaps = new Array(length).fill(0);
    const high = [];
    grid.rows.forEach((row, r) => {
      let far = 0;
      let lines = false;
      for (const cell of row) {
        if (cell.node >= 0 && nodes[cell.node].rows === 1) thick[r] = Math.max(thick[r], nodes[cell.node].along);
        if (cell.node >= 0 && nodes[cell.node].rows > 1 && !high[cell.node]) high[cell.node] = [r, r + nodes[cell.node].rows];
        for (const l of cell.down) {
          if (l.weight === RowRanks.BODY) continue;
          lines = lines || l.weight !== RowRanks.TRUNK;
          far = Math.max(far, Math.abs(x[l.a.id] + l.ao - x[l.b.id] - l.bo));
        }
      }
      const onlyPorts = row.every((c) => c.node < 0 || nodes[c.node].port === "top");
      const leaving = r === length - 2 && grid.rows[r + 1].every((c) => c.node < 0 || nodes[c.node].port === "bottom");
      if (r === length - 1 || !(lines || far)) return;
      if (far < 1 && leaving) gaps[r] = Math.max(0, least - PAD);
      else gaps[r] = far < 1 && r === 0 && onlyPorts ? 8 : Math.max(least, ROW - 6) + Math.min(40, far / 12);
    });
    // Rows are enlarged if they are too small for a tall node that spans them.
    const total = (first, end) => {
      let sum = 0;
      for (let r = first; r < end; r++) sum += thick[r] + (r < end - 1 ? gaps[r] : 0);
      return sum;
    };
    high.forEach(([first, end], v) => {
      const missing = nodes[v].along - total(first, end);
      if (missing > 0) for (let r = first; r < end; r++) thick[r] += missing / (end - first);
    });
    const starts = [];
    const ends = [];
    let at = head;
    for (let r = 0; r < length; r++) {
      starts.push(at);
      ends.push(at + thick[r]);
      at += thick[r] + gaps[r];
    }
    return { starts, ends, end: length ? ends[length - 1] : head };
  }

  function real(p, right) {
    return right ? { w: p.along, h: p.across } : { w: p.across, h: p.along };
  }

  /** Positions of the boxes and links in a container, from its own position. */
  function spread(items, here, across, along, placed, boxes, links, entries, right) {
    const p = placed.get(here);
    const flow = (a, b) => (right ? [b, a] : [a, b]);
    const [x0, y0] = flow(across, along);
    boxes.set(here, { x: x0, y: y0, ...real(p, right), open: true });
    const where = (v) => across + p.shift + p.x[v];
    const spans = p.nodes.map((node, v) => {
      if (node.port === "top") return [along, along];
      if (node.port === "bottom") return [along + p.along, along + p.along];
      const r = p.rank[v];
      const start = along + (p.bands.starts[r] + p.bands.ends[r + node.rows - 1] - node.along) / 2;
      const [x, y] = flow(where(v) - node.size / 2, start);
      if (placed.has(node.item)) {
        spread(items, node.item, where(v) - node.size / 2, start, placed, boxes, links, entries, right);
      } else {
        boxes.set(node.item, { x, y, ...(right ? { w: node.along, h: node.size } : { w: node.size, h: node.along }) });
      }
      return [start, start + node.along];
    });
    const band = (r) => [along + p.bands.starts[r], along + p.bands.ends[r]];
    p.wires.forEach((wire, n) => {
      const source = p.nodes[wire.from];
      let origin = -1;
      if (source.port) origin = `in ${here} ${wire.value}`;
      else if (placed.has(source.item)) origin = `out ${source.item} ${wire.value}`;
      const emit = (from, to, before, target, role) => {
        links.push({ value: wire.value, from, to, before, target, here, right, role });
        return links.length - 1;
      };
      // Position of a line in each row that it passes: [across, start of row, end of row, the previous link].
      const stops = new Map();
      const r0 = p.rank[wire.from] + source.rows - 1;
      const start = spans[wire.from][1];
      stops.set(r0, { at: where(wire.from) + wire.off, out: start, end: Math.max(start, band(r0)[1]), link: origin });
      let last = r0;
      for (const [r, cell] of p.grid.trunks[n]) {
        const s = stops.get(r - 1);
        const c = across + p.shift + p.x[cell.id];
        const role = Math.min(...wire.roles.filter((_, i) => p.rank[wire.to[i]] > r));
        const link = emit([s.at, s.out, s.end], [c, band(r)[0], band(r)[1]], s.link, -1, role);
        stops.set(r, { at: c, out: band(r)[1], end: band(r)[1], link });
        last = r;
      }
      wire.to.forEach((t, i) => {
        const node = p.nodes[t];
        const s = stops.get(Math.min(p.rank[t] - 1, last)) || stops.get(r0);
        const c = where(t) + wire.offsets[i];
        const top = node.port ? along + p.along : Math.min(band(p.rank[t])[0], spans[t][0]);
        const target = node.port || placed.has(node.item) ? -1 : node.item;
        const link = emit([s.at, s.out, s.end], [c, top, spans[t][0]], s.link, target, wire.roles[i]);
        if (node.port) entries.set(`out ${here} ${wire.value}`, link);
        else if (placed.has(node.item)) entries.set(`in ${node.item} ${wire.value}`, link);
      });
    });
  }

  /** Replaces the names of previous links by their numbers, once all links exist. */
  function join(links, entries) {
    for (const link of links) {
      if (typeof link.before === "string") link.before = entries.get(link.before) ?? -1;
    }
  }

  function ends(links) {
    const out = new Map();
    links.forEach((link, i) => {
      if (link.target < 0) return;
      if (!out.has(link.target)) out.set(link.target, []);
      out.get(link.target).push(i);
    });
    return out;
  }

  return { layout, forget };
})();
