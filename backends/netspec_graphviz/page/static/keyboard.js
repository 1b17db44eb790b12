/** Keyboard shortcuts: arrow keys follow the edges in the drawing, and letters do what the buttons do. */
const Keyboard = (() => {
  const { byId } = Elements;
  let act = {};

  function begin(actions) {
    act = actions;
    document.addEventListener("keydown", anywhere);
    byId("canvas").addEventListener("keydown", drawing);
  }

  function anywhere(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === "Escape" && !byId("help").open) {
      act.leave();
      return;
    }
    if (typing || byId("help").open) return;
    const action = {
      "/": () => byId("search").focus(), "?": act.help, "+": () => PanZoom.nearer(1.25), "=": () => PanZoom.nearer(1.25),
      "-": () => PanZoom.nearer(0.8), 0: act.fit, f: act.fit, e: act.openAll, c: act.closeAll, t: act.table, r: act.turn, d: act.dark,
      n: () => Search.step(1), p: () => Search.step(-1), s: act.shapes, m: act.map,
    }[event.key];
    if (action) {
      action();
      event.preventDefault();
    }
  }

  function drawing(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.startsWith("Arrow")) {
      const side = event.key.slice(5).toLowerCase();
      if (event.shiftKey) {
        const by = { left: [60, 0], right: [-60, 0], up: [0, 60], down: [0, -60] }[side];
        PanZoom.pan(...by);
      } else {
        act.step(side);
      }
      event.preventDefault();
    } else if (event.key === "Enter" || event.key === " ") {
      act.enter();
      event.preventDefault();
    } else if (event.key === "Home") {
      act.first();
      event.preventDefault();
    }
  }

  return { begin };
})();
