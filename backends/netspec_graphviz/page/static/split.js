/** The border between table and drawing, moved by dragging or with the arrow keys. */
const Split = (() => {
  const { byId } = Elements;

  function begin() {
    const handle = byId("split");
    handle.addEventListener("pointerdown", (event) => {
      handle.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    handle.addEventListener("pointermove", (event) => {
      if (handle.hasPointerCapture(event.pointerId)) set(event.clientX);
    });
    handle.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -24, ArrowRight: 24 }[event.key];
      if (!by) return;
      set(byId("table").offsetWidth + by);
      event.preventDefault();
    });
  }

  function set(width) {
    const now = Math.round(Math.min(Math.max(width, 200), innerWidth - 700, 1200));
    document.documentElement.style.setProperty("--table-width", `${Math.max(200, now)}px`);
    byId("split").setAttribute("aria-valuenow", Math.max(200, now));
  }

  return { begin };
})();
