/**
 * The drawing as a picture that needs nothing of the page: SVG whose colours are numbers and whose fonts are named with
 * substitutes, every text with the width that it has here; and PNG of it.
 */
const PictureExport = (() => {
  const { svg, byId } = Elements;
  const STYLE = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "font-size", "font-weight"];
  const USUAL = { fill: "rgb(0, 0, 0)", stroke: "none", "stroke-width": "1px", "stroke-dasharray": "none", "stroke-linecap": "butt",
    "stroke-linejoin": "miter", "font-size": "13px", "font-weight": "400" };
  const GEOMETRY = ["x", "y", "dx", "width", "height", "rx", "d", "transform", "text-anchor"];
  const EDGE = 12;
  /** Limits of browsers for a canvas: the length of a side, and the number of pixels. */
  const SIDE = 16384;
  const PIXELS = 1.2e8;

  /** Copies an element with the style that it has; what only serves the mouse or a screen reader is left out. */
  function copy(element) {
    if (element.nodeType === Node.TEXT_NODE) return element.data;
    if (element.matches(".opener") || element.id === "g-over") return null;
    const style = getComputedStyle(element);
    const attributes = {};
    for (const name of GEOMETRY) if (element.hasAttribute(name)) attributes[name] = element.getAttribute(name);
    if (element.tagName !== "g") {
      const text = element.tagName === "text" || element.tagName === "tspan";
      for (const name of STYLE) {
        const value = style.getPropertyValue(name);
        // A span has the style of its text unless it says otherwise.
        if ((value !== USUAL[name] || element.tagName === "tspan") && (text || !name.startsWith("font")) && !(name.startsWith("stroke-") && style.stroke === "none")) {
          attributes[name] = value.replace(/(\d)px/g, "$1");
        }
      }
      if (element.tagName === "text" && !element.children.length && element.textContent) {
        attributes.textLength = element.getComputedTextLength().toFixed(1);
        attributes.lengthAdjust = "spacingAndGlyphs";
      }
    }
    return svg(element.tagName, attributes, [...element.childNodes].map(copy));
  }

  /** The entries of the legend, in rows below the drawing: the elements, and the height that they take. */
  function legend(width, left, top) {
    const faint = getComputedStyle(byId("legend")).color;
    const parts = [];
    let [x, y] = [left, top];
    for (const entry of byId("colours").querySelectorAll(".entry")) {
      const mark = getComputedStyle(entry.firstElementChild);
      const text = entry.textContent;
      const wide = 18 + NodeLooks.width(text, "cell") + 14;
      if (x > left && x + wide > left + width) [x, y] = [left, y + 18];
      parts.push(entry.querySelector(".swatch")
        ? svg("rect", { x, y, width: 11, height: 11, rx: 3, fill: mark.backgroundColor, stroke: mark.borderTopColor })
        : svg("path", { d: `M${x} ${y + 5.5}h14`, stroke: mark.borderTopColor, "stroke-width": 2,
          "stroke-dasharray": mark.borderTopStyle === "dotted" ? "2 2" : null }));
      parts.push(svg("text", { x: x + 18, y: y + 10, "font-size": 12, fill: faint }, text));
      x += wide;
    }
    return { parts, height: parts.length ? y - top + 18 : 0 };
  }

  /** The visible part or the whole drawing as an element, with its size. */
  function picture(whole) {
    const { width, height } = byId("canvas").getBoundingClientRect();
    const { x, y, k } = PanZoom.at;
    const size = Drawing.size();
    const part = whole ? { x: 0, y: 0, w: size.w, h: size.h }
      : { x: Math.max(0, -x / k), y: Math.max(0, -y / k), w: Math.min(size.w, (width - x) / k), h: Math.min(size.h, (height - y) / k) };
    if (!whole) Object.assign(part, { w: Math.max(1, part.w - part.x), h: Math.max(1, part.h - part.y) });
    Drawing.cull(part.x, part.y, part.x + part.w, part.y + part.h, 1, whole);
    const box = { x: part.x - EDGE, y: part.y - EDGE, w: part.w + 2 * EDGE };
    const key = legend(part.w, part.x, part.y + part.h + EDGE);
    const h = part.h + 2 * EDGE + key.height;
    const world = copy(byId("world"));
    world.removeAttribute("transform");
    // An inner picture cuts off what is only partly in sight.
    const inner = { x: part.x, y: part.y, width: part.w, height: part.h, viewBox: `${part.x} ${part.y} ${part.w} ${part.h}` };
    const out = svg("svg", { width: Math.ceil(box.w), height: Math.ceil(h), viewBox: `${box.x} ${box.y} ${box.w} ${h}`,
      "font-family": NodeLooks.FONT.replaceAll('"', "'"), "font-size": 13 },
    svg("title", {}, Model.data.title),
    svg("rect", { x: box.x, y: box.y, width: box.w, height: h, fill: getComputedStyle(document.body).backgroundColor }),
    whole ? world : svg("svg", inner, world), key.parts);
    PanZoom.now();
    return { out, w: Math.ceil(box.w), h: Math.ceil(h) };
  }

  /** The picture as the text of an SVG file. */
  function svgText(whole) {
    const { out } = picture(whole);
    return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(out)}\n`;
  }

  /** The picture as a PNG file: {blob, scale}, two pixels for each of the page where a canvas may be that large. */
  async function png(whole) {
    const { out, w, h } = picture(whole);
    const scale = Math.min(2, SIDE / w, SIDE / h, Math.sqrt(PIXELS / (w * h)));
    out.setAttribute("width", Math.floor(w * scale));
    out.setAttribute("height", Math.floor(h * scale));
    const address = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(out)], { type: "image/svg+xml" }));
    try {
      const image = new Image();
      image.src = address;
      await image.decode();
      const canvas = document.createElement("canvas");
      canvas.width = Math.floor(w * scale);
      canvas.height = Math.floor(h * scale);
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
      if (!blob) throw new Error("this browser cannot draw a picture of that size");
      return { blob, scale };
    } finally {
      URL.revokeObjectURL(address);
    }
  }

  function save(blob, extension) {
    const address = URL.createObjectURL(blob);
    const link = Elements.html("a", { href: address, download: `${Model.data.title.replace(/[^\w.@-]+/g, "_") || "network"}.${extension}` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  }

  /** Saves a file, as the menu names it: "svg all", "png seen". Returns what to tell the reader. */
  async function run(what) {
    const [format, part] = what.split(" ");
    const whole = part === "all";
    if (format === "svg") {
      save(new Blob([svgText(whole)], { type: "image/svg+xml" }), "svg");
      return "SVG saved";
    }
    try {
      const { blob, scale } = await png(whole);
      save(blob, "png");
      return scale < 2 ? `PNG saved, ${scale.toFixed(1)} pixels for each of the page: a larger one is too large for this browser` : "PNG saved";
    } catch (error) {
      return `no PNG: ${error.message}`;
    }
  }

  return { svgText, png, run };
})();
