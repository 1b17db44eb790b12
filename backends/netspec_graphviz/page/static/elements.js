/** Creates elements. Texts of the spec only become text nodes or attribute values, never markup. */
const Elements = (() => {
  const SVG = "http://www.w3.org/2000/svg";

  function fill(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (typeof value === "function") element.addEventListener(name, value);
      else element.setAttribute(name, value === true ? "" : value);
    }
    for (const child of children.flat(Infinity)) {
      if (child !== null && child !== undefined && child !== false) element.append(child);
    }
    return element;
  }

  const html = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
  const svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);
  const byId = (id) => document.getElementById(id);

  /** An integer with thousands separators, as in the report. */
  const count = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ",");

  /** A number with three significant digits: 25.6 M. */
  function short(n) {
    let at = 0;
    let value = n;
    while (value >= 999.5 && at < 5) {
      value /= 1000;
      at += 1;
    }
    const text = at === 0 ? String(n) : value >= 99.95 ? value.toFixed(0) : value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
    return at === 0 ? text : `${text} ${["", "k", "M", "G", "T", "P"][at]}`;
  }

  return { html, svg, byId, count, short };
})();
