/**
 * The table of layers: a tree whose blocks open and close with those of the drawing; sorted or searched, a flat list of
 * layers. Only visible rows exist, except for printing.
 */
const Table = (() => {
  const { html, svg, byId } = Elements;
  /** Heights of a row: for a mouse, and for a finger on a narrow screen. */
  const HEIGHTS = { mouse: 27, finger: 40 };
  const narrow = matchMedia("screen and (max-width: 759px)");
  let high = HEIGHTS.mouse;
  let body;
  let rows = [];
  let layout = null;
  let order = { key: "name", turn: 0 };
  let filter = null;
  let chosen = -1;
  let cursor = -1;
  let report = {};
  let printing = false;

  /** on: {choose(item), hover(item), toggle(item), open() -> the Set of open blocks}. */
  function begin(on) {
    report = on;
    body = byId("rows");
    byId("grid").addEventListener("scroll", draw, { passive: true });
    byId("columns").addEventListener("click", (event) => {
      const header = event.target.closest("[data-column]");
      if (header) sort(header.dataset.column);
    });
    body.addEventListener("click", (event) => {
      const row = event.target.closest("[data-row]");
      if (!row) return;
      const i = Number(row.dataset.row);
      if (event.target.closest(".twist")) report.toggle(i);
      else report.choose(i);
    });
    body.addEventListener("dblclick", (event) => {
      const row = event.target.closest("[data-row]");
      if (row && !event.target.closest(".twist")) report.toggle(Number(row.dataset.row));
    });
    body.addEventListener("pointerover", (event) => {
      const row = event.target.closest("[data-row]");
      report.hover(row ? Number(row.dataset.row) : -1);
    });
    body.addEventListener("pointerleave", () => report.hover(-1));
    byId("grid").addEventListener("keydown", key);
    new ResizeObserver(fit).observe(byId("grid"));
    const measure = () => (high = narrow.matches ? HEIGHTS.finger : HEIGHTS.mouse);
    narrow.addEventListener("change", () => {
      measure();
      refresh();
    });
    measure();
  }

  const flat = () => filter !== null || order.turn !== 0;

  function sort(key) {
    order = order.key === key && order.turn ? { key, turn: order.turn > 0 ? -1 : 0 } : { key, turn: 1 };
    refresh();
    byId("grid").scrollTop = 0;
  }

  /** Shows only these items; null shows all. */
  function only(matches) {
    filter = matches;
    refresh();
    byId("grid").scrollTop = 0;
  }

  /** The rows of the tree: inputs, layers and blocks, and what open blocks contain. On paper all are open, copies once. */
  function tree(open) {
    const out = [];
    const walk = (i) => {
      const { is, children } = Model.items[i];
      if (is === "output") return;
      out.push(i);
      if (printing) (is === "run" ? children.slice(0, 1) : children).forEach(walk);
      else if (open.has(i)) children.forEach(walk);
    };
    Model.items[0].children.forEach(walk);
    return out;
  }

  /** Makes the rows anew. */
  function refresh() {
    const list = filter ? Model.layers.filter((i) => filter.has(i)) : Model.layers;
    rows = order.turn ? Columns.sorted(list, order.key, order.turn) : filter ? list : tree(report.open());
    body.style.height = `${rows.length * high}px`;
    byId("grid").setAttribute("aria-rowcount", rows.length + 1);
    fit();
  }

  /** Chooses the columns that fit. */
  function fit() {
    const grid = byId("grid");
    let names = 0;
    for (const i of rows) names = Math.max(names, Columns.nameWidth(Model.items[i], flat()));
    layout = printing ? { ...Columns.fitting(Infinity, names), template: "" } : Columns.fitting(grid.clientWidth, names);
    grid.style.setProperty("--columns", layout.template || "2.2fr 1.6fr 1.2fr .8fr .8fr .8fr");
    byId("columns").replaceChildren(...layout.shown.map(heading));
    const hidden = layout.hidden.map((c) => c.title).join(", ");
    byId("count").textContent = (filter ? `${rows.length} of ${Model.layers.length} layers` : `${Model.layers.length} layers`)
      + (hidden ? ` · not shown here: ${hidden}` : "");
    draw();
  }

  function heading(column) {
    const mine = column.key === order.key && order.turn;
    const down = column.by ? order.turn > 0 : order.turn < 0;
    return html("div", { role: "columnheader", class: `cell ${column.key}`, "data-column": column.key,
      "aria-sort": mine ? (down ? "descending" : "ascending") : "none" },
    html("button", { type: "button" }, column.title, html("span", { class: "arrow", "aria-hidden": "true" })));
  }

  function draw() {
    if (!layout) return;
    const grid = byId("grid");
    const first = printing ? 0 : Math.max(0, Math.floor(grid.scrollTop / high) - 6);
    const last = printing ? rows.length : Math.min(rows.length, Math.ceil((grid.scrollTop + grid.clientHeight) / high) + 6);
    const shown = [];
    for (let n = first; n < last; n++) shown.push(line(n));
    body.replaceChildren(...shown);
    if (cursor >= 0 && byId(`row-${cursor}`)) grid.setAttribute("aria-activedescendant", `row-${cursor}`);
    else grid.removeAttribute("aria-activedescendant");
  }

  function line(n) {
    const i = rows[n];
    const item = Model.items[i];
    const container = !flat() && Model.container(i);
    const mine = chosen > 0 && Model.within(i, chosen);
    const row = html("div", {
      class: `row ${item.is}${i === chosen ? " chosen" : mine ? " inside" : ""}${i === cursor ? " cursor" : ""}`, id: `row-${i}`,
      role: "row", "data-row": i, "aria-rowindex": n + 2, "aria-selected": i === chosen ? "true" : "false",
      "aria-level": flat() ? null : item.depth, "aria-expanded": container ? String(report.open().has(i)) : null,
    }, layout.shown.map((column) => cell(column, item, container ? (printing || report.open().has(i) ? "twist open" : "twist") : "no-twist")));
    if (!printing) row.style.top = `${n * high}px`;
    return row;
  }

  function cell(column, item, twist) {
    const { key } = column;
    const text = key === "name" && flat() ? item.name : column.text(item);
    const title = key === "name" ? item.name : column.exact ? column.exact(item) : text;
    const out = html("div", { role: "gridcell", class: `cell ${key}${key === "name" && flat() ? " flat" : ""}`, title });
    if (key === "name" && !flat()) {
      out.style.paddingLeft = `${6 + (item.depth - 1) * Columns.INDENT}px`;
      out.append(html("span", { class: twist, "aria-hidden": "true" },
        svg("svg", { width: 14, height: 14, viewBox: "0 0 14 14" }, svg("path", { d: "M5 3l4 4-4 4" }))));
    }
    if (key === "op") out.append(swatch(item));
    out.append(html("span", {}, text));
    return out;
  }

  function swatch(item) {
    const mark = html("i", { class: item.kind ? "swatch" : "swatch none", "aria-hidden": "true" });
    if (item.kind) mark.style.background = `var(--kind-${item.kind})`;
    return mark;
  }

  /** Highlights the selected item, or all layers in it, and scrolls to the first. */
  function choose(i) {
    chosen = i;
    const first = i > 0 ? rows.findIndex((r) => Model.within(r, i)) : -1;
    if (first >= 0) {
      cursor = rows[first];
      sight(first);
    }
    draw();
  }

  function sight(n) {
    const grid = byId("grid");
    const room = grid.clientHeight - high;
    if (n * high < grid.scrollTop || (n + 1) * high > grid.scrollTop + room) {
      grid.scrollTop = n * high - room / 2;
    }
  }

  function key(event) {
    if (event.target !== byId("grid")) return;
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15, Home: -Infinity, End: Infinity };
    if (event.key in steps && rows.length) {
      move(Math.max(0, Math.min(rows.length - 1, rows.indexOf(cursor) + steps[event.key])));
    } else if ((event.key === "Enter" || event.key === " ") && cursor >= 0) {
      report.choose(cursor);
    } else if (event.key === "ArrowRight" && !flat() && Model.container(cursor) && !report.open().has(cursor)) {
      report.toggle(cursor);
    } else if (event.key === "ArrowLeft" && !flat() && cursor >= 0) {
      if (report.open().has(cursor)) report.toggle(cursor);
      else if (Model.items[cursor].in > 0) move(rows.indexOf(Model.items[cursor].in));
    } else {
      return;
    }
    event.preventDefault();
  }

  function move(n) {
    cursor = rows[n];
    sight(n);
    draw();
  }

  /** Creates all rows for printing, and every column. */
  function print(on) {
    printing = on;
    refresh();
    body.style.height = on ? "auto" : `${rows.length * high}px`;
  }

  return { begin, refresh, only, choose, print, sort };
})();
