/**
 * Positions along the rows that make lines straight: Brandes & Köpf 2002, "Fast and simple horizontal coordinate
 * assignment", with links that meet boxes anywhere along their sides, and compaction by longest paths.
 */
const Coordinates = (() => {
  const GAP = { box: 28, line: 18, lines: 14 };

  /** The centre of every cell, by its number. */
  function places(rows, cells) {
    if (!cells.length) return [];
    const crossed = conflicts(rows);
    const candidates = [];
    for (const up of [true, false]) {
      for (const flip of [false, true]) candidates.push(compact(rows, cells, blocks(rows, cells, crossed, up, flip), flip));
    }
    return balanced(candidates, cells);
  }

  /** Links that cross the straight part of a long line, and so are not aligned. */
  function conflicts(rows) {
    const crossed = new Set();
    for (const row of rows) {
      const links = row.flatMap((cell) => cell.down);
      for (const least of [RowRanks.TRUNK, RowRanks.BODY]) {
        const inner = links.filter((l) => l.weight >= least).sort((p, q) => p.a.at - q.a.at);
        if (!inner.length) continue;
        // The rightmost end of the long lines that begin left of a link, and the leftmost of those that begin right of it.
        const left = [];
        const right = [];
        inner.forEach((i, n) => (left[n] = Math.max(n ? left[n - 1] : -1, i.b.at)));
        for (let n = inner.length - 1; n >= 0; n--) right[n] = Math.min(n < inner.length - 1 ? right[n + 1] : Infinity, inner[n].b.at);
        let n = 0;
        for (const l of links) {
          if (l.weight >= least) continue;
          while (n < inner.length && inner[n].a.at < l.a.at) n += 1;
          let after = n;
          while (after < inner.length && inner[after].a.at === l.a.at) after += 1;
          if ((n > 0 && left[n - 1] > l.b.at) || (after < inner.length && right[after] < l.b.at)) crossed.add(l);
        }
      }
    }
    return crossed;
  }

  /** Cells in columns: {root, shift}, by number. The position of a cell is that of its root plus its shift. */
  function blocks(rows, cells, crossed, up, flip) {
    const root = cells.map((_, i) => i);
    const next = cells.map((_, i) => i);
    const shift = cells.map(() => 0);
    const sign = flip ? -1 : 1;
    const sequence = up ? rows : rows.slice().reverse();
    for (const row of sequence) {
      let reached = -Infinity;
      for (const cell of flip ? row.slice().reverse() : row) {
        const links = up ? cell.up : cell.down;
        if (!links.length) continue;
        const heaviest = weightiest(links);
        const end = (l) => (up ? l.a : l.b);
        const near = links.filter((l) => l.weight === heaviest).sort((p, q) => sign * (end(p).at - end(q).at));
        const middle = (near.length - 1) / 2;
        for (let m = Math.floor(middle); m <= Math.ceil(middle); m++) {
          const l = near[m];
          const other = end(l);
          if (next[cell.id] !== cell.id || root[cell.id] !== cell.id) break;
          if (crossed.has(l) || reached >= sign * other.at) continue;
          // A line that branches off does not take the place of the one that goes on.
          if (weightiest(up ? other.down : other.up) > l.weight) continue;
          if (next[other.id] !== root[other.id]) continue;
          next[other.id] = cell.id;
          root[cell.id] = root[other.id];
          next[cell.id] = root[cell.id];
          const between = up ? l.ao - l.bo : l.bo - l.ao;
          shift[cell.id] = shift[other.id] + sign * between;
          reached = sign * other.at;
        }
      }
    }
    return { root, shift };
  }

  function weightiest(links) {
    let most = 0;
    for (const l of links) if (l.weight > most) most = l.weight;
    return most;
  }

  function apart(a, b) {
    const gap = a.node < 0 && b.node < 0 ? GAP.lines : a.node < 0 || b.node < 0 ? GAP.line : GAP.box;
    return (a.size + b.size) / 2 + gap;
  }

  /** Places of all cells, the columns as far to one side as they go, then drawn together. */
  function compact(rows, cells, { root, shift }, flip) {
    const before = new Map();
    const after = new Map();
    const count = new Map();
    const put = (map, key, value) => (map.has(key) ? map.get(key).push(value) : map.set(key, [value]));
    for (const row of rows) {
      const sequence = flip ? row.slice().reverse() : row;
      for (let i = 1; i < sequence.length; i++) {
        const a = sequence[i - 1];
        const b = sequence[i];
        const least = shift[a.id] + apart(a, b) - shift[b.id];
        put(before, root[b.id], [root[a.id], least]);
        put(after, root[a.id], [root[b.id], least]);
        count.set(root[b.id], (count.get(root[b.id]) || 0) + 1);
      }
    }
    const x = cells.map(() => 0);
    const roots = cells.map((c) => c.id).filter((id) => root[id] === id);
    const ready = roots.filter((id) => !count.get(id));
    const done = [];
    while (ready.length) {
      const id = ready.pop();
      done.push(id);
      x[id] = (before.get(id) || []).reduce((most, [b, least]) => Math.max(most, x[b] + least), 0);
      for (const [b] of after.get(id) || []) {
        count.set(b, count.get(b) - 1);
        if (!count.get(b)) ready.push(b);
      }
    }
    for (const id of done.reverse()) {
      const free = (after.get(id) || []).reduce((least, [b, apart]) => Math.min(least, x[b] - apart), Infinity);
      if (free !== Infinity) x[id] = Math.max(x[id], free);
    }
    return cells.map((c) => (flip ? -1 : 1) * (x[root[c.id]] + shift[c.id]));
  }

  /** Of four placements the mean of the middle two, once they are moved to the narrowest. */
  function balanced(candidates, cells) {
    const bounds = candidates.map((x) => {
      let low = Infinity;
      let high = -Infinity;
      cells.forEach((c) => {
        low = Math.min(low, x[c.id] - c.size / 2);
        high = Math.max(high, x[c.id] + c.size / 2);
      });
      return { low, high };
    });
    const narrow = bounds.reduce((a, b) => (b.high - b.low < a.high - a.low ? b : a));
    const moved = candidates.map((x, i) => {
      const by = i % 2 ? narrow.high - bounds[i].high : narrow.low - bounds[i].low;
      return x.map((v) => v + by);
    });
    return cells.map((c) => {
      const four = moved.map((x) => x[c.id]).sort((a, b) => a - b);
      return (four[1] + four[2]) / 2;
    });
  }

  return { places };
})();
