/** Rows: each box of a container stands below all boxes that it reads. */
const Rank = (() => {
  /**
   * Row of each node, from 0. Nodes are in topological order; a net that goes back is left out of account.
   *
   * nodes: [{port: "top" | "bottom" | null}], the top ports first, the bottom ports last.
   * nets: [{from, to: [node]}].
   */
  function ranks(nodes, nets) {
    const into = nodes.map(() => []);
    const out = nodes.map(() => []);
    for (const net of nets) {
      for (const to of net.to) {
        if (to > net.from) {
          into[to].push(net.from);
          out[net.from].push(to);
        }
      }
    }
    const rank = new Array(nodes.length).fill(0);
    nodes.forEach((node, v) => {
      for (const u of into[v]) rank[v] = Math.max(rank[v], rank[u] + 1);
    });
    // What reads nothing (a learned tensor) stands just above its first reader.
    for (let v = nodes.length - 1; v >= 0; v--) {
      if (nodes[v].port || into[v].length || !out[v].length) continue;
      rank[v] = Math.max(0, Math.min(...out[v].map((w) => rank[w])) - 1);
    }
    const boxes = rank.filter((_, v) => nodes[v].port !== "bottom");
    const last = boxes.reduce((a, b) => Math.max(a, b), -1) + 1;
    nodes.forEach((node, v) => {
      if (node.port === "bottom") rank[v] = last;
    });
    return rank;
  }

  /**
   * Cells of each row: the nodes, and a cell in every row that a net passes. A net has one line past the rows, from
   * which its readers branch off, so that a value read a hundred times is one line and not a hundred.
   *
   * Returns {rows: [[cell]], cells: [cell], trunks: [Map row -> cell]}, a cell being
   * {id, node, net, size, row, up: [link], down: [link]}, a link {a, b, ao, bo, weight}: from cell a at ao from its
   * middle to cell b at bo from its middle. null where there would be more than `most` cells.
   */
  function cells(nodes, nets, rank, most) {
    let passed = 0;
    const lasts = nets.map((net) => {
      const last = net.to.reduce((a, b) => Math.max(a, rank[b]), 0);
      passed += Math.max(0, last - rank[net.from] - 1);
      return last;
    });
    if (passed > most) return null;
    const all = [];
    const rows = [];
    const add = (node, net, size, row) => {
      const cell = { id: all.length, node, net, size, row, up: [], down: [], at: 0 };
      all.push(cell);
      return cell;
    };
    const link = (a, b, ao, bo) => {
      const weight = a.node < 0 && b.node < 0 ? 3 : a.node >= 0 && b.node >= 0 ? 2 : 1;
      const made = { a, b, ao, bo, weight };
      a.down.push(made);
      b.up.push(made);
    };
    const own = nodes.map((node, v) => add(v, -1, node.size, rank[v]));
    const trunks = nets.map((net, n) => {
      const trunk = new Map();
      const start = rank[net.from];
      const forward = net.to.map((to, i) => ({ to, off: net.offsets[i] })).filter((t) => rank[t.to] > start);
      forward.filter((t) => rank[t.to] === start + 1).forEach((t) => link(own[net.from], own[t.to], net.off, t.off));
      let before = own[net.from];
      for (let row = start + 1; row < lasts[n]; row++) {
        const cell = add(-1, n, 0, row);
        trunk.set(row, cell);
        link(before, cell, before.node < 0 ? 0 : net.off, 0);
        for (const t of forward) if (rank[t.to] === row + 1) link(cell, own[t.to], 0, t.off);
        before = cell;
      }
      return trunk;
    });
    for (const cell of all) while (rows.length <= cell.row) rows.push([]);
    return { rows, cells: all, trunks };
  }

  return { ranks, cells };
})();
