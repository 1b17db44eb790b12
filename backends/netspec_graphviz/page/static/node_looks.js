/** The look of each item: its lines of text, its size, its colour. */
const NodeLooks = (() => {
  const FONT = '"Helvetica Neue", Helvetica, Arial, "Liberation Sans", sans-serif';
  const STYLES = { name: [13, 600], detail: [11, 400], title: [12, 600], badge: [11, 600], shape: [10.5, 400], cell: [12, 400], heading: [12, 600] };
  const LINE = { name: 17, detail: 15 };
  const WIDEST = 260;
  const context = document.createElement("canvas").getContext("2d");
  const widths = new Map();
  const sizes = new Map();
  let onEdges = false;

  function width(text, style) {
    const key = `${style} ${text}`;
    let result = widths.get(key);
    if (result === undefined) {
      const [size, weight] = STYLES[style];
      context.font = `${weight} ${size}px ${FONT}`;
      result = context.measureText(text).width;
      widths.set(key, result);
    }
    return result;
  }

  /** A text, shortened in the middle to a maximum width. */
  function fitted(text, style, limit) {
    if (width(text, style) <= limit) return text;
    let keep = text.length - 1;
    const cut = (n) => `${text.slice(0, Math.ceil(n / 2))}…${text.slice(text.length - Math.floor(n / 2))}`;
    while (keep > 2 && width(cut(keep), style) > limit) keep -= keep > 80 ? 20 : 1;
    return cut(keep);
  }

  /** Lines of a closed item: [text, style]. */
  function lines(item) {
    const out = [[item.label || item.name, "name"]];
    if (item.is === "layer") {
      if (item.detail !== item.label) out.push([item.detail, "detail"]);
    } else if (item.is === "block" || item.is === "run") {
      if (item.block) out.push([item.block, "detail"]);
      out.push([Model.holds(item, 3), "detail"]);
    } else {
      out.push([item.is, "detail"]);
    }
    if (!onEdges) out.push([Model.result(item), "detail"]);
    return out.filter(([text], i) => text && !(i === 1 && item.is === item.label && text === item.label))
      .map(([text, style]) => [fitted(text, style, WIDEST), style]);
  }

  /** Size of a closed item, or of the title of an open one. */
  function size(i, open) {
    const key = open ? -i - 1 : i;
    let result = sizes.get(key);
    if (result) return result;
    const item = Model.items[i];
    if (open) {
      result = { w: width(title(item), "title") + width(kind(item), "detail") + 34, h: 22 };
    } else {
      const text = lines(item);
      const wide = text.reduce((w, [t, style]) => Math.max(w, width(t, style)), 0);
      const badge = item.is === "run" ? width(`× ${item.copies}`, "badge") + 26 : 0;
      const first = text.length ? width(text[0][0], "name") + badge + (Model.container(i) ? 30 : 0) : 0;
      const high = text.reduce((h, [, style]) => h + LINE[style], 0);
      result = { w: Math.ceil(Math.max(wide, first, 44) + 24), h: high + 13 };
    }
    sizes.set(key, result);
    return result;
  }

  /** Says where shapes are, on edges or in boxes, and forgets the sizes of items, whose texts have changed. */
  function renew(shapesOnEdges) {
    onEdges = shapesOnEdges;
    sizes.clear();
  }

  const title = (item) => fitted(item.label || item.name, "title", WIDEST);

  /** The text after the name in the title of an open block. */
  function kind(item) {
    if (item.is === "run") return `× ${item.copies}`;
    return item.block && item.block !== item.label ? fitted(item.block, "detail", WIDEST) : "";
  }

  /** Colour of a layer: that of its kind; or of any item a shade, by the square root of its share of the greatest figure. */
  function fill(item, by, greatest) {
    if (by === "kind") return item.kind ? `var(--kind-${item.kind})` : null;
    if (!(by in item)) return null;
    const share = greatest ? Math.sqrt(item[by] / greatest) : 0;
    return Model.data.shades[Math.round(share * (Model.data.shades.length - 1))];
  }

  /** Whether white text has more contrast on a shade than black text. */
  function dark(colour) {
    if (!colour || colour[0] !== "#") return false;
    const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b < 0.179;
  }

  return { FONT, LINE, lines, size, renew, title, kind, fill, dark, width, fitted };
})();
