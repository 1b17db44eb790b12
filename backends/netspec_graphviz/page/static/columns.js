/** The columns of the table, and the order of its rows. */
const Columns = (() => {
  const { count } = Elements;
  const size = (item) => {
    const sizes = (item.receptive_field || []).map((f) => (typeof f.size === "string" ? Infinity : f.size[1]));
    return sizes.reduce((a, b) => Math.max(a, b), 0);
  };
  const elements = (item) => item.shape.reduce((a, b) => a * b, 1);
  const LIST = [
    { key: "name", title: "layer", text: (item) => item.name },
    { key: "op", title: "operation", text: (item) => item.op },
    { key: "output", title: "output", text: (item) => Model.cross(Model.sizes(item)), by: elements },
    { key: "params", title: "params", text: (item) => count(item.params), by: (item) => item.params },
    { key: "macs", title: "MACs", text: (item) => count(item.macs), by: (item) => item.macs },
    { key: "field", title: "rec. field", text: (item) => item.field, by: size },
  ];
  const collator = new Intl.Collator("en", { numeric: true });

  /** Items sorted by a column; `turn` is 0 for the network's order, 1 for ascending, -1 for descending. */
  function sorted(list, key, turn) {
    if (!turn) return list;
    const column = LIST.find((c) => c.key === key);
    const { items } = Model;
    const less = column.by
      ? (a, b) => (column.by(items[b]) === column.by(items[a]) ? 0 : column.by(items[b]) > column.by(items[a]) ? 1 : -1)
      : (a, b) => collator.compare(column.text(items[a]), column.text(items[b]));
    return list.slice().sort((a, b) => turn * less(a, b) || items[a].row - items[b].row);
  }

  return { LIST, sorted };
})();
