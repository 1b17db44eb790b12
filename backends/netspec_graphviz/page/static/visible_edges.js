/** The visible edges when some blocks are open: the values that pass between boxes, container by container. */
const VisibleEdges = (() => {
  /**
   * For every open container the edges within it, by value: {from, to}, each the number of an item in the container, or
   * TOP and BOTTOM if the value enters or leaves it; `to` maps it to the number of what the value is for there.
   */
  const TOP = -1;
  const BOTTOM = -2;
  /** What a value is for, by number; that of an edge that stands for several reads is the least. */
  const ROLES = ["tensor", "skip", "positions", "size"];

  /** For every item the visible one that represents it: itself, or the outermost closed block around it. */
  function shown(items, open) {
    const rep = new Array(items.length);
    items.forEach((item, i) => {
      const outer = item.in < 0 ? -1 : rep[item.in];
      // Parents come before their children; a child of an open container represents itself.
      rep[i] = item.in < 0 || (outer === item.in && open.has(item.in)) ? i : outer;
    });
    return rep;
  }

  function nets(items, open, rep) {
    const edges = new Map();
    const known = new Map();
    const note = (container, value, from, to, role) => {
      let here = edges.get(container);
      if (!here) edges.set(container, (here = new Map()));
      let net = here.get(value);
      if (!net) here.set(value, (net = { value, from, to: new Map() }));
      net.to.set(to, Math.min(role, net.to.get(to) ?? role));
    };
    items.forEach((item, i) => {
      for (const [source, output, role = 0] of item.reads || []) {
        let a = rep[source];
        let b = rep[i];
        const value = source * 65536 + output;
        const key = value * items.length + b;
        if (a === b || known.get(key) <= role) continue;
        known.set(key, role);
        while (items[a].in !== items[b].in) {
          if (items[a].depth >= items[b].depth) {
            note(items[a].in, value, a, BOTTOM, role);
            a = items[a].in;
          } else {
            note(items[b].in, value, TOP, b, role);
            b = items[b].in;
          }
        }
        note(items[a].in, value, a, b, role);
      }
    });
    return edges;
  }

  return { TOP, BOTTOM, ROLES, shown, nets };
})();
