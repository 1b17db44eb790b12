/** The columns of the table: their texts, their order by a column, and how many of them fit. */
const Columns = (() => {
  const { count, short } = Elements;
  const size = (item) => {
    const sizes = (item.receptive_field || []).map((f) => (typeof f.size === "string" ? Infinity : f.size[1]));
    return sizes.reduce((a, b) => Math.max(a, b), 0);
  };
  const elements = (item) => item.shape.reduce((a, b) => a * b, 1);
  const figure = (n) => (n ? short(n) : "–");
  const INDENT = 14;
  const SPACE = 14;
  const NAME = { least: 96, most: 240 };
  const WIDEST = 190;
  const LIST = [
    { key: "name", title: "layer", text: (item) => item.label || item.name },
    { key: "op", title: "operation", text: operation },
    { key: "output", title: "output", text: (item) => Model.result(item), by: elements },
    { key: "params", title: "params", text: (item) => figure(item.params), exact: (item) => count(item.params), by: (item) => item.params },
    { key: "macs", title: "MACs", text: (item) => figure(item.macs), exact: (item) => count(item.macs), by: (item) => item.macs },
    { key: "field", title: "rec. field", text: (item) => item.field || "", by: size },
  ];
  const collator = new Intl.Collator("en", { numeric: true });

  function operation(item) {
    if (item.is === "run") return `${item.block || "block"} × ${item.copies}`;
    return item.op || item.block || (item.is === "input" ? "input" : "");
  }

  /** Layers sorted by a column; `turn` is 1 for ascending order of texts or descending order of numbers, -1 for the other. */
  function sorted(list, key, turn) {
    const column = LIST.find((c) => c.key === key);
    const { items } = Model;
    const text = key === "name" ? (item) => item.name : column.text;
    const less = column.by
      ? (a, b) => (column.by(items[b]) === column.by(items[a]) ? 0 : column.by(items[b]) > column.by(items[a]) ? 1 : -1)
      : (a, b) => collator.compare(text(items[a]), text(items[b]));
    return list.slice().sort((a, b) => turn * less(a, b) || items[a].row - items[b].row);
  }

  /** The widths that the texts of each column need, by key; the same until sizes are written differently. */
  const widths = new Map();
  function natural(column) {
    const key = `${column.key} ${Model.isNamed()}`;
    let wide = widths.get(key);
    if (wide !== undefined) return wide;
    const texts = new Set(Model.items.slice(1).filter((item) => item.is !== "output").map(column.text));
    wide = NodeLooks.width(`${column.title} ↓`, "heading");
    for (const text of texts) wide = Math.max(wide, NodeLooks.width(text, "cell"));
    wide = Math.min(WIDEST, Math.ceil(wide + SPACE + (column.key === "op" ? 18 : 0)));
    widths.set(key, wide);
    return wide;
  }

  /** Columns that fit into a width beside names as wide as these, and the grid for them. Names and operations always are. */
  function fitting(width, nameWidth) {
    const shown = [LIST[0]];
    const tracks = [`minmax(${NAME.least}px, 1fr)`];
    let left = width - Math.min(Math.max(nameWidth, NAME.least), NAME.most, width * 0.4);
    for (const column of LIST.slice(1)) {
      const wide = natural(column);
      if (wide > left && shown.length > 1) break;
      left -= wide;
      shown.push(column);
      tracks.push(`minmax(0, ${wide}px)`);
    }
    return { shown, hidden: LIST.slice(shown.length), template: tracks.join(" ") };
  }

  /** Width of a name in the tree, at a depth. */
  const nameWidth = (item, flat) => (flat ? NodeLooks.width(item.name, "cell") + 24
    : NodeLooks.width(item.label || item.name, "cell") + (item.depth - 1) * INDENT + 40);

  return { LIST, INDENT, sorted, fitting, nameWidth };
})();
