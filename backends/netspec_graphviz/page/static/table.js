/** The table of layers: sortable and filtered by the search. Only visible rows exist, except for printing. */
const Table = (() => {
  const { html, byId } = Elements;
  const HIGH = 27;
  let body;
  let rows = [];
  let order = { key: "name", turn: 0 };
  let filter = null;
  let chosen = -1;
  let cursor = -1;
  let report = {};
  let printing = false;

  /** on: {choose(item), hover(item)}. */
  function begin(on) {
    report = on;
    body = byId("rows");
    byId("columns").append(...Columns.LIST.map((c) => html("div", { role: "columnheader", class: `cell ${c.key}`, "data-column": c.key, "aria-sort": "none" },
      html("button", { type: "button", click: () => sort(c.key) }, c.title, html("span", { class: "arrow", "aria-hidden": "true" })))));
    byId("grid").addEventListener("scroll", draw, { passive: true });
    body.addEventListener("click", (event) => {
      const row = event.target.closest("[data-row]");
      if (row) report.choose(Number(row.dataset.row));
    });
    body.addEventListener("pointerover", (event) => {
      const row = event.target.closest("[data-row]");
      report.hover(row ? Number(row.dataset.row) : -1);
    });
    body.addEventListener("pointerleave", () => report.hover(-1));
    byId("grid").addEventListener("keydown", key);
    new ResizeObserver(draw).observe(byId("grid"));
    refresh();
  }

  function sort(key) {
    const column = Columns.LIST.find((c) => c.key === key);
    order = order.key === key && order.turn ? { key, turn: order.turn > 0 ? -1 : 0 } : { key, turn: 1 };
    for (const header of byId("columns").children) {
      const mine = header.dataset.column === key && order.turn;
      const down = column.by ? order.turn > 0 : order.turn < 0;
      header.setAttribute("aria-sort", mine ? (down ? "descending" : "ascending") : "none");
    }
    refresh();
    byId("grid").scrollTop = 0;
  }

  /** Shows only these items; null shows all. */
  function only(matches) {
    filter = matches;
    refresh();
  }

  function refresh() {
    const list = filter ? Model.layers.filter((i) => filter.has(i)) : Model.layers;
    rows = Columns.sorted(list, order.key, order.turn);
    body.style.height = `${rows.length * HIGH}px`;
    byId("grid").setAttribute("aria-rowcount", rows.length + 1);
    byId("count").textContent = filter ? `${rows.length} of ${Model.layers.length} layers` : `${rows.length} layers`;
    draw();
  }

  function draw() {
    const grid = byId("grid");
    const first = printing ? 0 : Math.max(0, Math.floor(grid.scrollTop / HIGH) - 6);
    const last = printing ? rows.length : Math.min(rows.length, Math.ceil((grid.scrollTop + grid.clientHeight) / HIGH) + 6);
    const shown = [];
    for (let n = first; n < last; n++) shown.push(line(n));
    body.replaceChildren(...shown);
    if (cursor >= 0 && byId(`row-${cursor}`)) grid.setAttribute("aria-activedescendant", `row-${cursor}`);
    else grid.removeAttribute("aria-activedescendant");
  }

  function line(n) {
    const i = rows[n];
    const item = Model.items[i];
    const mine = chosen > 0 && Model.within(i, chosen);
    const row = html("div", {
      class: `row${i === chosen ? " chosen" : mine ? " inside" : ""}${i === cursor ? " cursor" : ""}`, id: `row-${i}`, role: "row",
      "data-row": i, "aria-rowindex": n + 2, "aria-selected": i === chosen ? "true" : "false",
    }, Columns.LIST.map((c) => html("div", { role: "cell", class: `cell ${c.key}`, title: c.key === "name" || c.key === "op" ? c.text(item) : null },
      c.key === "op" ? swatch(item) : null, html("span", {}, c.text(item)))));
    if (!printing) row.style.top = `${n * HIGH}px`;
    return row;
  }

  function swatch(item) {
    const mark = html("i", { class: "swatch", "aria-hidden": "true" });
    mark.style.background = `var(--kind-${item.kind})`;
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
    const high = grid.clientHeight - HIGH;
    if (n * HIGH < grid.scrollTop || (n + 1) * HIGH > grid.scrollTop + high) {
      grid.scrollTop = n * HIGH - high / 2;
    }
  }

  function key(event) {
    if (event.target !== byId("grid")) return;
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15, Home: -Infinity, End: Infinity };
    if (event.key in steps && rows.length) {
      const n = Math.max(0, Math.min(rows.length - 1, rows.indexOf(cursor) + steps[event.key]));
      cursor = rows[n];
      sight(n);
      draw();
      event.preventDefault();
    } else if ((event.key === "Enter" || event.key === " ") && cursor >= 0) {
      report.choose(cursor);
      event.preventDefault();
    }
  }

  /** Creates all rows for printing. */
  function print(on) {
    printing = on;
    body.style.height = on ? "auto" : `${rows.length * HIGH}px`;
    draw();
  }

  return { begin, only, choose, print, sort };
})();
