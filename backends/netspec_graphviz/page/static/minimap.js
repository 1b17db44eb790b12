/** The overview map: the whole drawing in a corner, with a frame around what is visible; a click or a drag moves the view. */
const Minimap = (() => {
  const { byId } = Elements;
  const LARGEST = { w: 150, h: 190 };
  const LEAST = 26;
  let size = null;
  let scale = { x: 1, y: 1 };
  let on = true;

  /** move(x, y): centres the view on a point of the drawing. */
  function begin(move) {
    const map = byId("map");
    const go = (event) => {
      const { left, top } = map.firstElementChild.getBoundingClientRect();
      move((event.clientX - left) / scale.x, (event.clientY - top) / scale.y);
    };
    map.addEventListener("pointerdown", (event) => {
      map.setPointerCapture(event.pointerId);
      go(event);
      event.preventDefault();
    });
    map.addEventListener("pointermove", (event) => map.hasPointerCapture(event.pointerId) && go(event));
  }

  function turn(shown) {
    on = shown;
  }

  /** Draws a layout: frames of open blocks, and closed items in their colours. */
  function show(placed, by, greatest) {
    size = { w: placed.width, h: placed.height };
    const room = Math.min(LARGEST.w / size.w, LARGEST.h / size.h);
    // A long chain would be a thread: the map is at least some pixels wide.
    const w = Math.max(LEAST, Math.round(size.w * room));
    const h = Math.max(LEAST, Math.round(size.h * room));
    scale = { x: w / size.w, y: h / size.h };
    const canvas = byId("map").firstElementChild;
    const dense = Math.min(2, devicePixelRatio || 1);
    canvas.width = w * dense;
    canvas.height = h * dense;
    canvas.style.width = `${w}px`;
    canvas.style.height = `${h}px`;
    const style = getComputedStyle(document.documentElement);
    const colours = new Map();
    const colour = (text) => {
      const name = /^var\((--[\w-]+)\)$/.exec(text);
      if (!name) return text;
      if (!colours.has(text)) colours.set(text, style.getPropertyValue(name[1]).trim());
      return colours.get(text);
    };
    const pen = canvas.getContext("2d");
    pen.scale(dense, dense);
    for (const [i, b] of placed.boxes) {
      if (i === 0) continue;
      const item = Model.items[i];
      const [x, y, wide, high] = [b.x * scale.x, b.y * scale.y, Math.max(1, b.w * scale.x), Math.max(1, b.h * scale.y)];
      pen.fillStyle = colour(b.open ? `var(--level-${(item.depth + 1) % 2})` : NodeLooks.fill(item, by, greatest) || "var(--frame)");
      pen.fillRect(x, y, wide, high);
    }
  }

  /** Puts the frame around the visible part; hides the map if the whole drawing is visible. */
  function view(x, y, w, h) {
    const map = byId("map");
    const left = Math.max(0, x);
    const top = Math.max(0, y);
    const right = Math.min(size.w, x + w);
    const bottom = Math.min(size.h, y + h);
    const all = left <= 0 && top <= 0 && right >= size.w && bottom >= size.h;
    if (map.hidden !== (!on || all)) map.hidden = !on || all;
    if (map.hidden) return;
    const frame = map.lastElementChild.style;
    frame.transform = `translate(${(left * scale.x).toFixed(1)}px, ${(top * scale.y).toFixed(1)}px)`;
    frame.width = `${Math.max(4, (right - left) * scale.x).toFixed(1)}px`;
    frame.height = `${Math.max(4, (bottom - top) * scale.y).toFixed(1)}px`;
  }

  return { begin, turn, show, view };
})();
