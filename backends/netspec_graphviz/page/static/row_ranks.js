/** Assigns nodes to rows: every box of a container is below all boxes that it reads. */
const RowRanks = (() => {
  /** Weights of links: within a node that spans several rows, and along a line that passes rows. */
  const BODY = 4;
  const TRUNK = 3;

  /**
   * First row of each node, from 0. Nodes are in topological order; an edge that runs backwards is ignored.
   *
   * nodes: [{port: "top" | "bottom" | null, rows}], the top ports first, the bottom ports last; a tall node spans
   * several rows, so that others can be stacked beside it; `rows` is set to the number that it needs.
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
      for (const u of into[v]) rank[v] = Math.max(rank[v], rank[u] + nodes[u].rows);
    });
    // A node without inputs (a learned tensor) is placed directly above its first reader.
    for (let v = nodes.length - 1; v >= 0; v--) {
      if (nodes[v].port || into[v].length || !out[v].length) continue;
      rank[v] = Math.max(0, Math.min(...out[v].map((w) => rank[w])) - nodes[v].rows);
    }
    const last = nodes.reduce((end, node, v) => (node.port === "bottom" ? end : Math.max(end, rank[v] + node.rows)), 0);
    nodes.forEach((node, v) => {
      if (node.port === "bottom") rank[v] = last;
    });
    return removeEmptyRows(nodes, rank);
  }

  /** Removes rows in which no node begins: every node in such a row is in the row above too. */
  function removeEmptyRows(nodes, rank) {
    const starts = [...new Set(rank)].sort((a, b) => a - b);
    const number = new Map(starts.map((r, i) => [r, i]));
    let at = 0;
    const order = nodes.map((_, v) => v).sort((a, b) => rank[a] + nodes[a].rows - rank[b] - nodes[b].rows);
    const ends = new Array(nodes.length);
    for (const v of order) {
      while (at < starts.length && starts[at] < rank[v] + nodes[v].rows) at += 1;
      ends[v] = at;
    }
    nodes.forEach((node, v) => (node.rows = ends[v] - number.get(rank[v])));
    return rank.map((r) => number.get(r));
  }

  /**
   * Cells of each row: one for each row of a node, and one in every row that an edge passes. All readers of a value
   * branch off one line past the rows, so that a value with a hundred readers is one line and not a hundred.
   *
   * Returns {rows: [[cell]], cells: [cell], trunks: [Map row -> cell]}, a cell being
   * {id, node, net, size, row, up: [link], down: [link]}, a link {a, b, ao, bo, weight}: from cell a, at ao from its
   * centre, to cell b, at bo from its centre. Returns null if there would be more than `limit` cells.
   */
  function cells(nodes, nets, rank, limit) {
    let passed = 0;
    const lasts = nets.map((net) => {
      const last = net.to.reduce((a, b) => Math.max(a, rank[b]), 0);
      passed += Math.max(0, last - rank[net.from] - nodes[net.from].rows);
      return last;
    });
    if (passed > limit) return null;
    const all = [];
    const rows = [];
    const add = (node, net, size, row) => {
      const cell = { id: all.length, node, net, size, row, up: [], down: [], at: 0 };
      all.push(cell);
      return cell;
    };
    const link = (a, b, ao, bo) => {
      let weight = 1;
      if (a.node >= 0 && a.node === b.node) weight = BODY;
      else if (a.node < 0 && b.node < 0) weight = TRUNK;
      else if (a.node >= 0 && b.node >= 0) weight = 2;
      const connection = { a, b, ao, bo, weight };
      a.down.push(connection);
      b.up.push(connection);
    };
    const heads = nodes.map((node, v) => add(v, -1, node.size, rank[v]));
    const tails = nodes.map((node, v) => {
      let tail = heads[v];
      for (let r = 1; r < node.rows; r++) {
        const cell = add(v, -1, node.size, rank[v] + r);
        link(tail, cell, 0, 0);
        tail = cell;
      }
      return tail;
    });
    const trunks = nets.map((net, n) => {
      const trunk = new Map();
      const start = tails[net.from].row;
      const forward = net.to.map((to, i) => ({ to, off: net.offsets[i] })).filter((t) => rank[t.to] > start);
      forward.filter((t) => rank[t.to] === start + 1).forEach((t) => link(tails[net.from], heads[t.to], net.off, t.off));
      let before = tails[net.from];
      for (let row = start + 1; row < lasts[n]; row++) {
        const cell = add(-1, n, 0, row);
        trunk.set(row, cell);
        link(before, cell, before.node < 0 ? 0 : net.off, 0);
        for (const t of forward) if (rank[t.to] === row + 1) link(cell, heads[t.to], 0, t.off);
        before = cell;
      }
      return trunk;
    });
    for (const cell of all) while (rows.length <= cell.row) rows.push([]);
    return { rows, cells: all, trunks };
  }

  return { BODY, TRUNK, ranks, cells };
})();
