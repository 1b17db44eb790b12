/** The lines between boxes, as paths. */
const EdgePaths = (() => {
  /** The links of each value with one role as one line with arrow heads. */
  function wires(links) {
    const byValue = new Map();
    for (const link of links) {
      const key = `${link.value} ${link.role}`;
      let line = byValue.get(key);
      if (!line) {
        line = { role: VisibleEdges.ROLES[link.role], d: "", heads: "", x: Infinity, y: Infinity, right: -Infinity, bottom: -Infinity };
        byValue.set(key, line);
      }
      line.d += path(link);
      if (link.target >= 0) line.heads += head(link);
      for (const [x, y] of corners(link)) {
        line.x = Math.min(line.x, x - 6);
        line.y = Math.min(line.y, y - 6);
        line.right = Math.max(line.right, x + 6);
        line.bottom = Math.max(line.bottom, y + 6);
      }
    }
    return [...byValue.values()].map((l) => Object.assign(l, { w: l.right - l.x, h: l.bottom - l.y }));
  }

  const turned = (link, a, b) => (link.right ? [b, a] : [a, b]);
  const corners = ({ from, to, right }) => [turned({ right }, from[0], from[1]), turned({ right }, to[0], to[2])];
  const put = ([x, y]) => `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`;

  /** Straight to the end of the row, a curve to the next row, and straight on. */
  function path(link) {
    const [a, start, out] = link.from;
    const [b, enter, end] = link.to;
    const stop = link.target >= 0 ? end - 5 : end;
    const p = (x, y) => put(turned(link, x, y));
    if (Math.abs(a - b) < 0.5) return `M${p(a, start)}L${p(a, stop)}`;
    const to = Math.min(enter, stop);
    const middle = (out + to) / 2;
    return `M${p(a, start)}L${p(a, out)}C${p(a, middle)} ${p(b, middle)} ${p(b, to)}L${p(b, stop)}`;
  }

  function head(link) {
    const [b, , end] = link.to;
    const p = (x, y) => put(turned(link, x, y));
    return `M${p(b - 3.8, end - 8)}L${p(b, end - 0.5)}L${p(b + 3.8, end - 8)}Z`;
  }

  return { wires, path, head };
})();
