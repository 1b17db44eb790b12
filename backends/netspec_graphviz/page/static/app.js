/** The page: its state (open blocks, selection) and its updates. */
const App = (() => {
  const { byId, html, short } = Elements;
  const { data, items } = Model;
  const ROOM = 70;
  const state = {
    open: Model.opened(data.start.depth, ROOM), right: data.start.direction === "right", chosen: -1, hovered: -1,
    matches: new Set(), by: data.start.colour, greatest: 0,
  };
  let placed = null;

  function arrange() {
    placed = GraphLayout.layout(items, state.open, (i) => NodeLooks.size(i, state.open.has(i)), state.right);
    state.greatest = 0;
    for (const [i, box] of placed.boxes) if (!box.open) state.greatest = Math.max(state.greatest, items[i][state.by] || 0);
    Drawing.show(placed, state.by, state.greatest);
    legend();
    PanZoom.extent(placed.width, placed.height, placed.boxes.get(items[0].children[0]));
    marks();
  }

  function marks() {
    Drawing.over(state.chosen, state.hovered, state.matches);
    const element = state.chosen > 0 && byId(`item-${placed.rep[state.chosen]}`);
    if (element) byId("canvas").setAttribute("aria-activedescendant", element.id);
    else byId("canvas").removeAttribute("aria-activedescendant");
  }

  /** The innermost item at a point of the drawing. */
  function at(x, y) {
    let here = 0;
    for (;;) {
      const next = items[here].children.find((i) => {
        const b = placed.boxes.get(i);
        return b && x >= b.x && x <= b.x + b.w && y >= b.y && y <= b.y + b.h;
      });
      if (next === undefined) return here || -1;
      here = next;
      if (!placed.boxes.get(here).open) return here;
    }
  }

  /** Opens or closes a block, which keeps its position on the screen. */
  function toggle(i) {
    if (!Model.container(i)) return;
    const before = placed.boxes.get(i);
    if (state.open.has(i)) state.open.delete(i);
    else open(i);
    arrange();
    PanZoom.hold(before, placed.boxes.get(i));
    if (state.chosen > 0) marks();
    say(`${items[i].name} ${state.open.has(i) ? "open" : "closed"}`);
  }

  /** Opens a block; for a run of copies, also the first copy. */
  function open(i) {
    state.open.add(i);
    if (items[i].is === "run" && Model.container(items[i].children[0])) state.open.add(items[i].children[0]);
  }

  /** Selects an item; `show` opens the blocks around it and scrolls to it. */
  function choose(i, { show = false, centre = false } = {}) {
    state.chosen = i;
    if (i > 0 && show) {
      const closed = Model.around(i).filter((b) => !state.open.has(b));
      if (closed.length) {
        const outer = closed[0];
        const before = placed.boxes.get(outer);
        closed.forEach((b) => state.open.add(b));
        arrange();
        PanZoom.hold(before, placed.boxes.get(outer));
      }
      PanZoom.reveal(placed.boxes.get(placed.rep[i]), true, centre || closed.length > 0);
    }
    Panel.show(i);
    Table.choose(i);
    document.body.classList.toggle("has-choice", i > 0);
    PanZoom.now();
    marks();
    remember(i);
  }

  /** Puts the selected layer into the address, so that it can be shared. */
  function remember(i) {
    try {
      history.replaceState(null, "", i > 0 ? `#${encodeURIComponent(items[i].name)}` : "#");
    } catch {
      // Some browsers do not allow this for files; nothing depends on it.
    }
  }

  function step(side) {
    const forward = state.right ? { right: 1, left: -1 } : { down: 1, up: -1 };
    const shown = state.chosen > 0 ? placed.rep[state.chosen] : -1;
    if (shown < 0) return first();
    const next = side in forward ? ArrowKeys.along(placed, shown, forward[side]) : ArrowKeys.beside(placed, shown, side);
    if (next >= 0) choose(next, { show: true });
    return undefined;
  }

  function first() {
    const inside = items[0].children[0];
    if (inside !== undefined) choose(inside, { show: true });
  }

  function openAll() {
    items.forEach((_, i) => Model.container(i) && state.open.add(i));
    arrange();
    PanZoom.fit(false);
    say("all blocks open");
  }

  function closeAll() {
    state.open = new Set([0]);
    arrange();
    PanZoom.fit(false);
    say("all blocks closed");
  }

  function turn() {
    state.right = !state.right;
    arrange();
    PanZoom.fit(false);
  }

  function dark() {
    const root = document.documentElement;
    const now = root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
    byId("dark").setAttribute("aria-pressed", String(root.dataset.theme === "dark"));
  }

  function table() {
    const hidden = document.body.classList.toggle("no-table");
    byId("table-toggle").setAttribute("aria-pressed", String(!hidden));
  }

  function leave() {
    if (state.chosen > 0) choose(-1);
    byId("canvas").focus();
  }

  function enter() {
    const shown = state.chosen > 0 ? placed.rep[state.chosen] : -1;
    if (shown < 0) first();
    else if (Model.container(shown)) toggle(shown);
    else byId("panel-title").focus();
  }

  function hover(i) {
    if (i === state.hovered) return;
    state.hovered = i;
    marks();
  }

  function say(text) {
    byId("status").textContent = text;
  }

  function legend() {
    const present = new Set(Model.layers.map((i) => items[i].kind));
    const scale = state.by !== "kind";
    const box = byId("legend");
    box.replaceChildren();
    if (scale) {
      const bar = html("span", { class: "scale" });
      bar.style.background = `linear-gradient(90deg, ${data.shades.join(", ")})`;
      box.append(html("span", {}, "0"), bar, html("span", {}, short(state.greatest)));
      return;
    }
    for (const kind of data.kinds.filter((k) => present.has(k.name))) {
      const mark = html("i", { class: "swatch", "aria-hidden": "true" });
      mark.style.background = `var(--kind-${kind.name})`;
      box.append(html("span", { class: "entry" }, mark, kind.title));
    }
    const roles = new Set(items.flatMap((item) => (item.reads || []).map(([, , role = 0]) => VisibleEdges.ROLES[role])));
    for (const [role, text] of [["skip", "skip connection"], ["positions", "positions of maxima"], ["size", "size only"]]) {
      if (roles.has(role)) box.append(html("span", { class: "entry" }, html("i", { class: `stroke ${role}`, "aria-hidden": "true" }), text));
    }
  }

  function begin() {
    const total = data.figures;
    if (data.start.theme) document.documentElement.dataset.theme = data.start.theme;
    byId("colour").value = state.by;
    byId("name").textContent = data.title;
    byId("summary").textContent = `${Elements.count(Model.layers.length)} layers · ${short(total.params)} parameters · ${short(total.macs)} MACs${Model.data.at && ` at ${Model.data.at}`}`;
    byId("summary").title = `${Elements.count(total.params)} parameters, ${Elements.count(total.macs)} MACs, ${Elements.count(total.flops)} FLOPs`;
    Drawing.begin();
    PanZoom.begin({ tap: (i) => choose(i), open: toggle, twice: (i) => i > 0 && toggle(i), hover, at });
    Panel.begin((i) => choose(i, { show: true }));
    Table.begin({ choose: (i) => choose(i, { show: true }), hover });
    Split.begin();
    Search.begin({
      match: (set) => {
        state.matches = set || new Set();
        Table.only(set);
        marks();
      },
      choose: (i) => choose(i, { show: true, centre: true }),
      leave: () => byId("canvas").focus(),
    });
    const help = () => byId("help").showModal();
    const fit = () => PanZoom.fit(true, true);
    Keyboard.begin({ leave, help, fit, openAll, closeAll, table, turn, dark, step, enter, first });
    const clicks = {
      "zoom-in": () => PanZoom.nearer(1.25), "zoom-out": () => PanZoom.nearer(0.8), fit, "open-all": openAll, "close-all": closeAll,
      turn, dark, help: undefined, "panel-close": leave, "table-toggle": table,
    };
    for (const [id, act] of Object.entries(clicks)) if (act) byId(id).addEventListener("click", act);
    byId("help-open").addEventListener("click", help);
    byId("colour").addEventListener("change", (event) => {
      state.by = event.target.value;
      arrange();
      PanZoom.now();
    });
    addEventListener("beforeprint", () => print(true));
    addEventListener("afterprint", () => print(false));
    arrange();
    PanZoom.fit(false);
    const named = decodeURIComponent(location.hash.slice(1));
    if (Model.byName.get(named) > 0) choose(Model.byName.get(named), { show: true, centre: true });
    else Panel.show(-1);
    PanZoom.now();
    document.body.dataset.ready = "true";
  }

  /** Prints the whole drawing and every row. */
  function print(on) {
    const canvas = byId("canvas");
    Table.print(on);
    if (on) {
      canvas.setAttribute("viewBox", `0 0 ${placed.width} ${placed.height}`);
      byId("world").removeAttribute("transform");
      Drawing.cull(0, 0, 0, 0, 1, true);
    } else {
      canvas.removeAttribute("viewBox");
      PanZoom.apply();
    }
  }

  begin();
  return { state, choose, print };
})();
