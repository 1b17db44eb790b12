/** Orders the cells within each row so that few lines cross. */
const Crossings = (() => {
  const SWEEPS = 12;

  /** Puts the cells into their rows, from left to right; returns the number of crossings. */
  function order(rows, cells) {
    first(rows, cells);
    let best = count(rows);
    let kept = rows.map((row) => row.slice());
    for (let i = 0, idle = 0; i < SWEEPS && best > 0 && idle < 4; i++, idle++) {
      if (i % 2) for (let r = rows.length - 2; r >= 0; r--) sort(rows[r], "down");
      else for (let r = 1; r < rows.length; r++) sort(rows[r], "up");
      const crossings = count(rows);
      if (crossings < best) {
        best = crossings;
        kept = rows.map((row) => row.slice());
        idle = 0;
      }
    }
    kept.forEach((row, r) => {
      rows[r].splice(0, row.length, ...row);
      number(row);
    });
    return best;
  }

  function number(row) {
    row.forEach((cell, i) => (cell.at = i));
  }

  /** The initial order: depth-first from the top, along the first reader first. */
  function first(rows, cells) {
    const done = new Set();
    for (const start of cells) {
      const stack = [start];
      while (stack.length) {
        const cell = stack.pop();
        if (done.has(cell)) continue;
        done.add(cell);
        rows[cell.row].push(cell);
        for (let i = cell.down.length - 1; i >= 0; i--) stack.push(cell.down[i].b);
      }
    }
    rows.forEach(number);
  }

  /** Position along a row at which a link meets a cell. */
  const at = (cell, off) => cell.at + (cell.size ? off / (cell.size + 1) : 0);

  function sort(row, side) {
    const target = new Map();
    for (const cell of row) {
      const links = cell[side];
      let sum = 0;
      for (const l of links) sum += side === "up" ? at(l.a, l.ao) - l.bo / 1e4 : at(l.b, l.bo) - l.ao / 1e4;
      target.set(cell, links.length ? sum / links.length : cell.at);
    }
    row.sort((a, b) => target.get(a) - target.get(b) || a.at - b.at);
    // Nodes that span several rows keep their order from row to row: they cannot cross.
    const body = (cell) => cell[side].length === 1 && cell[side][0].weight === RowRanks.BODY;
    const other = (cell) => (side === "up" ? cell.up[0].a : cell.down[0].b);
    const places = row.map((cell, i) => (body(cell) ? i : -1)).filter((i) => i >= 0);
    const bodies = places.map((i) => row[i]).sort((a, b) => other(a).at - other(b).at);
    places.forEach((i, n) => (row[i] = bodies[n]));
    number(row);
  }

  /** Number of crossings in all rows together. */
  function count(rows) {
    let sum = 0;
    for (const row of rows) {
      const ends = [];
      for (const cell of row) {
        for (const l of cell.down) {
          const [a, b] = [at(cell, l.ao), at(l.b, l.bo)];
          ends.push([a, b]);
          // A line through a box counts more than one across another line.
          if (l.weight === RowRanks.BODY) for (let i = 1; i < 4; i++) ends.push([a + i / 1e3, b + i / 1e3]);
        }
      }
      ends.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      sum += inversions(ends.map((e) => e[1]));
    }
    return sum;
  }

  function inversions(list) {
    if (list.length < 2) return 0;
    const half = list.length >> 1;
    const left = list.slice(0, half);
    const right = list.slice(half);
    let sum = inversions(left) + inversions(right);
    left.sort((a, b) => a - b);
    right.sort((a, b) => a - b);
    let j = 0;
    for (const x of left) {
      while (j < right.length && right[j] < x) j++;
      sum += j;
    }
    return sum;
  }

  return { order };
})();
