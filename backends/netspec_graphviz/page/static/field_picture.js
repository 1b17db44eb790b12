/** The receptive field of a layer, drawn on a picture of the input. */
const FieldPicture = (() => {
  const { html, svg, count } = Elements;
  const LARGEST = 220;
  const IMAGE = ["height", "width"];

  /** The interval that a position depends on along one axis; null if there is none; the whole axis for "all". */
  function interval(seen, j, size) {
    if (typeof seen[0] === "string") return seen[0] === "all" ? [0, size - 1] : null;
    const [, , step, low, high] = seen;
    const r = j % low.length;
    if (low[r] === null) return null;
    const by = Math.floor(j / low.length) * step;
    return [low[r] + by, high[r] + by];
  }

  function section(item) {
    const fields = item.receptive_field;
    const out = html("section", { class: "field" }, html("h3", {}, "Receptive field"));
    if (!fields) {
      out.append(html("p", { class: "empty" }, "Not computed: the network before this layer is too large."));
      return out;
    }
    if (!fields.length) {
      out.append(html("p", { class: "empty" }, "This value depends on no position of an input."));
      return out;
    }
    out.append(table(fields));
    for (const input of Model.data.inputs) {
      const axes = fields.map((f, i) => ({ ...f, seen: item.sees[i] })).filter((f) => f.input === input.name);
      if (axes.length) out.append(picture(item, input, axes));
    }
    return out;
  }

  function table(fields) {
    const multiple = new Set(fields.map((f) => f.input)).size > 1;
    const size = (s) => (typeof s === "string" ? s : s[0] === s[1] ? count(s[0]) : `${count(s[0])}–${count(s[1])}`);
    const shown = (v) => (v === null ? "–" : String(v).replace("-", "−"));
    return html("table", { class: "facts" },
      html("thead", {}, html("tr", {}, ["axis", "size", "stride", "offset"].map((t) => html("th", { scope: "col" }, t)))),
      html("tbody", {}, fields.map((f) => html("tr", {}, html("th", { scope: "row" }, multiple ? `${f.input}, ${f.axis}` : f.axis),
        html("td", {}, size(f.size)), html("td", {}, shown(f.stride)), html("td", {}, shown(f.offset))))));
  }

  /** Size of an axis of an input, by the name of the axis in the receptive field. */
  function extent(input, axis) {
    const at = input.axes.indexOf(axis);
    if (at >= 0) return input.shape[at];
    if (/^\d+$/.test(axis)) return input.shape[Number(axis)];
    // A sequence of features: its second axis is the sequence that windows move along.
    return input.shape[input.axes.indexOf("channels")] ?? input.shape[0];
  }

  /** The input with the receptive field of a position: an image as a rectangle, other axes as bars. */
  function picture(item, input, axes) {
    const at = axes.map((f) => (typeof f.seen[0] === "string" ? 0 : Math.floor(f.seen[1] / 2)));
    const two = IMAGE.map((name) => axes.findIndex((f) => f.axis === name));
    const image = two.every((i) => i >= 0) ? two : null;
    const bars = axes.map((_, i) => i).filter((i) => !image || !image.includes(i));
    const holder = html("div", { class: "picture" });
    const caption = html("p", { class: "caption", "aria-live": "polite" });
    const sizes = axes.map((f) => extent(input, f.axis));
    const redraw = () => {
      const now = axes.map((f, i) => interval(f.seen, at[i], sizes[i]));
      holder.replaceChildren();
      if (image) holder.append(area(input, image.map((i) => sizes[i]), image.map((i) => now[i]), pick));
      for (const i of bars) holder.append(bar(axes[i].axis, sizes[i], now[i], (share) => pick([[i, share]])));
      caption.textContent = words(item, input, axes, at, now);
    };
    /** Selects the output position whose receptive field is centred nearest to a point of the input. */
    function pick(places) {
      for (const [which, share] of places) {
        const i = image && which === "y" ? image[0] : image && which === "x" ? image[1] : which;
        const seen = axes[i].seen;
        if (typeof seen[0] === "string" || seen[0] === null) continue;
        let best = Infinity;
        for (let j = 0; j < seen[1]; j += Math.max(1, Math.floor(seen[1] / 4096))) {
          const now = interval(seen, j, sizes[i]);
          const off = now ? Math.abs((now[0] + now[1] + 1) / 2 - share * sizes[i]) : Infinity;
          if (off < best) {
            best = off;
            at[i] = j;
          }
        }
      }
      redraw();
    }
    redraw();
    return html("figure", { class: "seen" }, holder, html("figcaption", {}, caption));
  }

  function area(input, [h, w], [rows, columns], pick) {
    const low = [rows ? Math.min(0, rows[0]) : 0, columns ? Math.min(0, columns[0]) : 0];
    const high = [rows ? Math.max(h, rows[1] + 1) : h, columns ? Math.max(w, columns[1] + 1) : w];
    // Padding is shown, but on each side at most as much as the size of the input.
    const top = Math.max(low[0], -h);
    const left = Math.max(low[1], -w);
    const bottom = Math.min(high[0], 2 * h);
    const right = Math.min(high[1], 2 * w);
    const unit = LARGEST / Math.max(bottom - top, right - left, 1);
    const edge = 8;
    const x = (v) => (v - left) * unit + edge;
    const y = (v) => (v - top) * unit + edge;
    const wide = (right - left) * unit + 2 * edge;
    const high2 = (bottom - top) * unit + 2 * edge;
    const drawing = svg("svg", { class: "input-picture", width: wide, height: high2, viewBox: `0 0 ${wide} ${high2}`, role: "img",
      "aria-label": `The input ${input.name}, ${h} by ${w}, with the receptive field on it` });
    drawing.append(svg("rect", { class: "input", x: x(0), y: y(0), width: w * unit, height: h * unit }));
    for (let i = 1; i < 8; i++) {
      drawing.append(svg("path", { class: "grid", d: `M${x((w * i) / 8)} ${y(0)}V${y(h)}M${x(0)} ${y((h * i) / 8)}H${x(w)}` }));
    }
    if (rows && columns) {
      const a = [Math.max(columns[0], left), Math.max(rows[0], top)];
      const b = [Math.min(columns[1] + 1, right), Math.min(rows[1] + 1, bottom)];
      drawing.append(svg("rect", { class: "sees", x: x(a[0]), y: y(a[1]),
        width: Math.max(2, (b[0] - a[0]) * unit), height: Math.max(2, (b[1] - a[1]) * unit) }));
      drawing.append(svg("circle", { class: "centre", r: 2.5, cx: x((columns[0] + columns[1] + 1) / 2), cy: y((rows[0] + rows[1] + 1) / 2) }));
    }
    const point = (event) => {
      const r = drawing.getBoundingClientRect();
      pick([["x", (event.clientX - r.left - x(0)) / (w * unit)], ["y", (event.clientY - r.top - y(0)) / (h * unit)]]);
    };
    drawing.addEventListener("pointerdown", point);
    drawing.addEventListener("pointermove", (event) => event.buttons && point(event));
    return drawing;
  }

  function bar(axis, size, now, pick) {
    const low = now ? Math.max(Math.min(0, now[0]), -size) : 0;
    const high = now ? Math.min(Math.max(size, now[1] + 1), 2 * size) : size;
    const unit = (LARGEST + 80) / Math.max(1, high - low);
    const x = (v) => (v - low) * unit + 4;
    const wide = (high - low) * unit + 8;
    const drawing = svg("svg", { class: "input-picture", width: wide, height: 34, viewBox: `0 0 ${wide} 34`, role: "img",
      "aria-label": `The ${axis} of the input, ${size} long, with the receptive field on it` });
    drawing.append(svg("rect", { class: "input", x: x(0), y: 6, width: size * unit, height: 22 }));
    if (now) {
      const a = Math.max(now[0], low);
      const b = Math.min(now[1] + 1, high);
      drawing.append(svg("rect", { class: "sees", x: x(a), y: 6, width: Math.max(2, (b - a) * unit), height: 22 }));
    }
    const point = (event) => pick((event.clientX - drawing.getBoundingClientRect().left - x(0)) / (size * unit));
    drawing.addEventListener("pointerdown", point);
    drawing.addEventListener("pointermove", (event) => event.buttons && point(event));
    return drawing;
  }

  function words(item, input, axes, at, now) {
    const known = axes.every((f, i) => now[i] !== null);
    if (!known) return "The part of the input that a position depends on varies and is not an interval.";
    const moving = axes.map((f, i) => [f, i]).filter(([f]) => typeof f.seen[0] !== "string" && f.seen[0] !== null && f.seen[1] > 1);
    const position = moving.length ? `Output position (${moving.map(([, i]) => at[i]).join(", ")})` : "The output";
    const parts = axes.map((f, i) => (f.size === "all" ? `all of the ${f.axis}`
      : `${f.axis} ${String(now[i][0]).replace("-", "−")} to ${String(now[i][1]).replace("-", "−")}`));
    const named = Model.data.inputs.length > 1 ? ` of '${input.name}'` : " of the input";
    const outside = axes.some((f, i) => now[i][0] < 0 || now[i][1] >= extent(input, f.axis));
    return `${position} sees ${parts.join(", ")}${named} (${input.shape.join("×")})` + (outside ? "; positions outside the input are padding." : ".");
  }

  return { section };
})();
