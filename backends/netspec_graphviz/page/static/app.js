/** The page: its state (open blocks, selection) and its updates. */
const App = (() => {
  const { byId, short } = Elements;
  const { data, items } = Model;
  const ROOM = 70;
  const state = {
    open: Model.opened(data.start.depth, ROOM), right: data.start.direction === "right", chosen: -1, hovered: -1,
    matches: new Set(), by: data.start.colour, greatest: 0, onEdges: false,
  };
  let placed = null;

  function arrange() {
    const room = state.onEdges ? EdgeShapes.room(state.right) : 0;
    placed = GraphLayout.layout(items, state.open, (i) => NodeLooks.size(i, state.open.has(i)), state.right, room);
    state.greatest = 0;
    for (const [i, box] of placed.boxes) if (!box.open) state.greatest = Math.max(state.greatest, items[i][state.by] || 0);
    Drawing.show(placed, state.by, state.greatest, state.onEdges);
    Legend.show(state.by, state.greatest);
    Minimap.show(placed, state.by, state.greatest);
    PanZoom.extent(placed.width, placed.height, placed.boxes.get(items[0].children[0]));
    Table.refresh();
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
    if (state.chosen === i && byId("panel-open")) byId("panel-open").textContent = state.open.has(i) ? "Close this block" : "Open this block";
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
    Menus.name(i > 0 ? items[i].label || items[i].name : "");
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

  function turn(right = !state.right) {
    state.right = right;
    byId("direction").value = right ? "right" : "down";
    arrange();
    PanZoom.fit(false);
  }

  /** Writes sizes anew: in numbers or with the names of dimensions, in boxes or on edges. */
  function rewrite() {
    Model.nameSizes(byId("sizes").value === "names");
    state.onEdges = byId("shapes").value === "edges";
    NodeLooks.renew(state.onEdges);
    GraphLayout.forget();
    const here = state.chosen > 0 ? placed.rep[state.chosen] : items[0].children[0];
    const before = placed.boxes.get(here);
    arrange();
    PanZoom.hold(before, placed.boxes.get(here));
    Panel.show(state.chosen);
  }

  function shapes() {
    byId("shapes").value = state.onEdges ? "boxes" : "edges";
    rewrite();
  }

  function map() {
    const box = byId("map-on");
    box.checked = !box.checked;
    box.dispatchEvent(new Event("change"));
  }

  function dark() {
    const root = document.documentElement;
    const now = root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
    byId("dark").setAttribute("aria-pressed", String(root.dataset.theme === "dark"));
    Minimap.show(placed, state.by, state.greatest);
  }

  function table() {
    const hidden = document.body.classList.toggle("no-table");
    byId("table-toggle").setAttribute("aria-pressed", String(!hidden));
  }

  function leave() {
    if (Menus.close()) return;
    if (state.chosen > 0) choose(-1);
    byId("canvas").focus();
  }

  function enter() {
    const shown = state.chosen > 0 ? placed.rep[state.chosen] : -1;
    if (shown < 0) first();
    else if (Model.container(shown)) toggle(shown);
    else details();
  }

  function details() {
    Menus.tab("details");
    byId("panel-title").focus();
  }

  function hover(i) {
    if (i === state.hovered) return;
    state.hovered = i;
    marks();
  }

  function say(text) {
    byId("status").textContent = text;
  }

  function begin() {
    const total = data.figures;
    if (data.start.theme) document.documentElement.dataset.theme = data.start.theme;
    byId("colour").value = state.by;
    byId("name").textContent = data.title;
    byId("summary").textContent = `${Elements.count(Model.layers.length)} layers · ${short(total.params)} parameters · ${short(total.macs)} MACs${Model.data.at && ` at ${Model.data.at}`}`;
    byId("summary").title = `${Elements.count(total.params)} parameters, ${Elements.count(total.macs)} MACs, ${Elements.count(total.flops)} FLOPs`;
    byId("direction").value = state.right ? "right" : "down";
    byId("sizes-choice").hidden = !Model.hasNames;
    Drawing.begin();
    Minimap.begin(PanZoom.centre);
    Menus.begin((tab) => {
      if (tab === "details") SpecPanel.settle(byId("panel-content"));
    });
    PanZoom.begin({ tap: (i) => choose(i), open: toggle, twice: (i) => i > 0 && toggle(i), hover, at });
    Panel.begin({ choose: (i) => choose(i, { show: true }), toggle, isOpen: (i) => state.open.has(i) });
    const seek = (i, centre) => {
      Menus.tab("drawing");
      choose(i, { show: true, centre });
    };
    Table.begin({ choose: (i) => seek(i, false), hover, toggle, open: () => state.open });
    Split.begin();
    Search.begin({
      match: (set) => {
        state.matches = set || new Set();
        Table.only(set);
        marks();
      },
      choose: (i) => seek(i, true),
      leave: () => byId("canvas").focus(),
    });
    const help = () => byId("help").showModal();
    const fit = () => PanZoom.fit(true, true);
    Keyboard.begin({ leave, help, fit, openAll, closeAll, table, turn: () => turn(), dark, step, enter, first, shapes, map });
    const clicks = {
      "zoom-in": () => PanZoom.nearer(1.25), "zoom-out": () => PanZoom.nearer(0.8), fit, "open-all": openAll, "close-all": closeAll,
      dark, "help-open": help, "panel-close": leave, "table-toggle": table,
    };
    for (const [id, act] of Object.entries(clicks)) byId(id).addEventListener("click", act);
    for (const id of ["sizes", "shapes"]) byId(id).addEventListener("change", rewrite);
    byId("direction").addEventListener("change", (event) => turn(event.target.value === "right"));
    byId("map-on").addEventListener("change", (event) => {
      Minimap.turn(event.target.checked);
      PanZoom.now();
    });
    byId("export").addEventListener("click", async (event) => {
      const button = event.target.closest("[data-export]");
      if (button) byId("exported").textContent = await PictureExport.run(button.dataset.export);
    });
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

  /** Prepares the page for paper: the whole drawing in strips, and the rows of all blocks. */
  function print(on) {
    Table.print(on);
    if (on) {
      byId("world").removeAttribute("transform");
      Drawing.cull(0, 0, 0, 0, 1, true);
    } else {
      PanZoom.apply();
    }
    PrintPages.show(on, placed, state.right);
  }

  begin();
  return { state, choose, print, placed: () => placed };
})();
