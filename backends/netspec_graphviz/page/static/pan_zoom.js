/** Panning and zooming by wheel, drag and pinch, and the position of the pointer in the drawing. */
const PanZoom = (() => {
  const LEAST = 0.02;
  const MOST = 4;
  const at = { x: 0, y: 0, k: 1 };
  const pointers = new Map();
  let canvas;
  let world;
  let size = { w: 1, h: 1, begin: { x: 0, y: 0, w: 1, h: 1 } };
  let moved = false;
  let pinch = 0;
  let pending = false;
  let glide = 0;
  let report = {};

  /** on: {tap(item, part, event), twice(item), hover(item)}. */
  function begin(on) {
    canvas = Elements.byId("canvas");
    world = Elements.byId("world");
    report = on;
    canvas.addEventListener("wheel", wheel, { passive: false });
    canvas.addEventListener("pointerdown", down);
    canvas.addEventListener("pointermove", move);
    canvas.addEventListener("pointerup", up);
    canvas.addEventListener("pointercancel", up);
    canvas.addEventListener("pointerleave", () => report.hover(-1));
    canvas.addEventListener("dblclick", (event) => report.twice(hit(event)));
    new ResizeObserver(draw).observe(canvas);
  }

  const box = () => canvas.getBoundingClientRect();

  function apply() {
    world.setAttribute("transform", `translate(${at.x} ${at.y}) scale(${at.k})`);
    draw();
  }

  /** Draws what has become visible, once per animation frame. */
  function draw() {
    if (pending) return;
    pending = true;
    requestAnimationFrame(() => {
      pending = false;
      now();
    });
  }

  function now() {
    const { width, height } = box();
    if (!width) return;
    Minimap.view(-at.x / at.k, -at.y / at.k, width / at.k, height / at.k);
    const margin = 120 / at.k;
    Drawing.cull(
      -at.x / at.k - margin, -at.y / at.k - margin, (width - at.x) / at.k + margin, (height - at.y) / at.k + margin, at.k,
      false,
    );
  }

  function zoom(by, x, y) {
    still();
    const k = Math.min(MOST, Math.max(LEAST, at.k * by));
    at.x = x - ((x - at.x) * k) / at.k;
    at.y = y - ((y - at.y) * k) / at.k;
    at.k = k;
    apply();
  }

  /** Zooms around the centre. */
  function nearer(by) {
    const { width, height } = box();
    zoom(by, width / 2, height / 2);
  }

  function pan(dx, dy) {
    still();
    at.x += dx;
    at.y += dy;
    apply();
  }

  /** Centres a point of the drawing. */
  function centre(x, y) {
    still();
    const { width, height } = box();
    at.x = width / 2 - x * at.k;
    at.y = height / 2 - y * at.k;
    apply();
  }

  function wheel(event) {
    event.preventDefault();
    const { left, top, height } = box();
    const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? height : 1;
    if (event.shiftKey && !event.ctrlKey) {
      pan(-(event.deltaX || event.deltaY) * unit, 0);
      return;
    }
    const speed = event.ctrlKey ? 0.01 : 0.0016;
    zoom(Math.exp(-event.deltaY * unit * speed), event.clientX - left, event.clientY - top);
  }

  function down(event) {
    if (event.button > 0) return;
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    moved = pointers.size > 1 ? true : false;
    pinch = spread();
    still();
  }

  function move(event) {
    const before = pointers.get(event.pointerId);
    if (!before) {
      report.hover(hit(event));
      return;
    }
    const dx = event.clientX - before.x;
    const dy = event.clientY - before.y;
    if (!moved && Math.hypot(dx, dy) < 4) return;
    if (!moved) {
      moved = true;
      canvas.setPointerCapture(event.pointerId);
      canvas.classList.add("dragged");
    }
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    pan(dx / pointers.size, dy / pointers.size);
    if (pointers.size === 2) {
      const now = spread();
      const { left, top } = box();
      const [a, b] = [...pointers.values()];
      if (pinch) zoom(now / pinch, (a.x + b.x) / 2 - left, (a.y + b.y) / 2 - top);
      pinch = now;
    }
  }

  function up(event) {
    if (!pointers.delete(event.pointerId)) return;
    pinch = spread();
    canvas.classList.remove("dragged");
    if (moved || event.type === "pointercancel") return;
    const opener = event.target.closest ? event.target.closest("[data-opener]") : null;
    if (opener) report.open(Number(opener.dataset.opener));
    else report.tap(hit(event));
  }

  function spread() {
    if (pointers.size !== 2) return 0;
    const [a, b] = [...pointers.values()];
    return Math.hypot(a.x - b.x, a.y - b.y);
  }

  /** The innermost item at a pointer; -1 for none. */
  function hit(event) {
    const { left, top } = box();
    const x = (event.clientX - left - at.x) / at.k;
    const y = (event.clientY - top - at.y) / at.k;
    return report.at(x, y);
  }

  function still() {
    cancelAnimationFrame(glide);
  }

  /** Moves to a position, smoothly unless the reader prefers reduced motion. */
  function to(x, y, k, smooth) {
    still();
    const from = { ...at };
    if (!smooth || matchMedia("(prefers-reduced-motion: reduce)").matches) {
      Object.assign(at, { x, y, k });
      apply();
      return;
    }
    const start = performance.now();
    const step = (time) => {
      const t = Math.min(1, Math.max(0, (time - start) / 220));
      const e = 1 - (1 - t) ** 3;
      at.k = from.k * (k / from.k) ** e;
      at.x = from.x + (x - from.x) * e;
      at.y = from.y + (y - from.y) * e;
      apply();
      if (t < 1) glide = requestAnimationFrame(step);
    };
    glide = requestAnimationFrame(step);
  }

  /** Sets the size of the drawing, and the box at which it begins. */
  function extent(w, h, begin) {
    size = { w, h, begin };
  }

  /** Shows the whole drawing, if it is still readable; otherwise its beginning, as wide as it fits. */
  function fit(smooth, whole) {
    const { width, height } = box();
    const below = Elements.byId("legend").offsetHeight + 20;
    const room = { w: width - 32, h: height - 16 - below };
    let k = Math.min(1.25, room.w / size.w, room.h / size.h);
    if (!whole && k < 0.45) k = Math.min(0.85, Math.max(0.3, Math.min(1, Math.max(room.w / size.w, room.h / size.h))));
    k = Math.max(LEAST, k);
    // If the drawing is larger than the window, its beginning is centred.
    const side = (all, free, from, long) => (all * k <= free ? (free - all * k) / 2
      : Math.min(16, Math.max(free - all * k - 16, free / 2 - (from + long / 2) * k)));
    const { begin } = size;
    const x = side(size.w, width, begin.x, begin.w);
    const y = size.h * k > height && begin.y * k < height / 3 ? 8 : Math.max(8, side(size.h, height - below, begin.y, begin.h));
    to(x, y, k, smooth);
  }

  /** Scrolls to a box; zooms if it is too small or too large to read. */
  function reveal(b, smooth, centre) {
    const { width, height } = box();
    let k = at.k;
    if (k < 0.5) k = 0.8;
    if (b.w * k > width || b.h * k > height) k = Math.max(0.15, Math.min(k, (width - 60) / b.w, (height - 60) / b.h));
    const edge = 40;
    const low = { x: b.x * at.k + at.x, y: b.y * at.k + at.y };
    const high = { x: low.x + b.w * at.k, y: low.y + b.h * at.k };
    const seen = low.x < width && high.x > 0 && low.y < height && high.y > 0;
    let x = width / 2 - (b.x + b.w / 2) * k;
    let y = height / 2 - (b.y + b.h / 2) * k;
    if (k === at.k && seen && !centre) {
      // A partly visible box moves only as far as necessary.
      x = at.x + Math.max(0, edge - low.x) - Math.max(0, high.x - width + edge);
      y = at.y + Math.max(0, Math.min(edge, b.y * k + 8) - low.y) - Math.max(0, high.y - height + edge);
    }
    to(x, y, k, smooth);
  }

  /** Keeps a point of the drawing at its position on the screen after a new layout. */
  function hold(before, after) {
    still();
    at.x += (before.x - after.x) * at.k;
    at.y += (before.y - after.y) * at.k;
    apply();
  }

  return { begin, apply, now, nearer, pan, centre, fit, reveal, hold, extent, at };
})();
