/** The target of the arrow keys in the drawing. */
const ArrowKeys = (() => {
  /** The nearest item at the other end of an edge. */
  function along(placed, shown, way) {
    const here = placed.boxes.get(shown);
    const ends = new Set();
    placed.links.forEach((link) => {
      if (link.target < 0) return;
      const source = placed.rep[Math.floor(link.value / 65536)];
      const inside = (i) => Model.within(i, shown);
      if (way > 0 && inside(source) && !inside(link.target)) ends.add(link.target);
      if (way < 0 && inside(link.target) && !inside(source)) ends.add(source);
    });
    return nearest(placed, here, [...ends]);
  }

  /** The nearest item on one side. */
  function beside(placed, shown, side) {
    const here = placed.boxes.get(shown);
    const middle = (b) => [b.x + b.w / 2, b.y + b.h / 2];
    const [x, y] = middle(here);
    const on = {
      left: (b) => middle(b)[0] < x - 1, right: (b) => middle(b)[0] > x + 1, up: (b) => middle(b)[1] < y - 1,
      down: (b) => middle(b)[1] > y + 1,
    }[side];
    const across = side === "left" || side === "right";
    const level = (b) => (across ? b.y < here.y + here.h && b.y + b.h > here.y : b.x < here.x + here.w && b.x + b.w > here.x);
    return nearest(placed, here, [...placed.boxes].filter(([i, b]) => i > 0 && !b.open && on(b) && level(b)).map(([i]) => i));
  }

  function nearest(placed, here, list) {
    let best = -1;
    let least = Infinity;
    for (const i of list) {
      const b = placed.boxes.get(i);
      const far = Math.hypot(b.x + b.w / 2 - here.x - here.w / 2, b.y + b.h / 2 - here.y - here.h / 2);
      if (far < least) {
        least = far;
        best = i;
      }
    }
    return best;
  }

  return { along, beside };
})();
