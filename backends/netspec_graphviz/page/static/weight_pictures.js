/** Pictures of trained weights: a histogram of each tensor, and the kernels of a convolution. */
const WeightPictures = (() => {
  const { html, svg, count } = Elements;
  const WIDE = 280;
  const HIGH = 46;

  const number = (value) => String(value).replace("-", "−");

  /** A share in percent: 0 % and 100 % are exact. */
  function percent(part, whole) {
    const share = (part / whole) * 100;
    if (part && share < 0.1) return "< 0.1 %";
    if (part < whole && share > 99.9) return "> 99.9 %";
    return `${share.toFixed(part === 0 || part === whole ? 0 : 1)} %`;
  }

  /** Figures and histogram of a tensor. */
  function tensor(n) {
    const t = Model.data.tensors[n];
    const rows = [];
    if (t.bins) {
      rows.push(["minimum", number(t.min)], ["maximum", number(t.max)], ["mean", number(t.mean)], ["standard deviation", number(t.deviation)],
        ["zeros", `${percent(t.zeros, t.elements)}${t.zeros ? ` (${count(t.zeros)})` : ""}`]);
    }
    if (t.strange) rows.push(["not finite", count(t.strange)]);
    return html("div", { class: "tensor" },
      t.bins && t.bins.length ? histogram(t) : null,
      html("dl", { class: "statistics" }, rows.map(([key, value]) => html("div", {}, html("dt", {}, key), html("dd", {}, value)))));
  }

  function histogram(t) {
    const most = Math.max(...t.bins);
    const step = WIDE / t.bins.length;
    const zero = ((0 - t.min) / (t.max - t.min)) * WIDE;
    // The square root shows tails beside a high peak.
    const bars = t.bins.map((n, i) => {
      const high = Math.sqrt(n / most) * HIGH;
      return n ? `M${(i * step).toFixed(1)} ${HIGH}v${(-Math.max(0.8, high)).toFixed(1)}h${(step - 0.6).toFixed(1)}V${HIGH}Z` : "";
    });
    return svg("svg", { class: "histogram", width: WIDE, height: HIGH + 1, viewBox: `0 0 ${WIDE} ${HIGH + 1}`, role: "img",
      "aria-label": `Histogram from ${number(t.min)} to ${number(t.max)}; heights are square roots of counts, at most ${count(most)}` },
    zero > 0 && zero < WIDE ? svg("path", { class: "zero", d: `M${zero.toFixed(1)} 0V${HIGH}` }) : null,
    svg("path", { class: "bars", d: bars.join("") }), svg("path", { class: "base", d: `M0 ${HIGH + 0.5}H${WIDE}` }));
  }

  /** The kernels of a convolution, if the page has them, and what is left out. */
  function filters(item) {
    const f = item.filters;
    if (!f) return null;
    const [filters_, channels, high, wide] = f.of;
    const out = html("section", { class: "filters" }, html("h3", {}, "Filters"));
    if (!f.data) {
      out.append(html("p", { class: "note" }, `${count(filters_)} filters of ${channels}×${high}×${wide} are left out: the pictures of this page are full, or these are too large.`));
      return out;
    }
    out.append(draw(f), html("p", { class: "caption" }, words(f)));
    return out;
  }

  function words(f) {
    const [filters_, channels, high, wide] = f.of;
    const [shown, inside] = f.shape;
    const part = (n, all, what) => (n < all ? `${what} 1–${n} of ${count(all)}` : `all ${count(all)} ${what}`);
    const size = `${high}×${wide}`;
    if (f.colour) return `Filters as colours: ${part(shown, filters_, "filters")}, ${size}; grey is 0, a channel is full at ${number(f.scale)}.`;
    const scale = `blue ${number(-f.scale)}, white 0, red ${number(f.scale)}.`;
    if (channels === 1) return `Filters: ${part(shown, filters_, "filters")}, ${size}; ${scale}`;
    return `Rows: ${part(shown, filters_, "filters")}; columns: ${part(inside, channels, "channels")}; ${size}; ${scale}`;
  }

  function draw(f) {
    const [shown, inside, high, wide] = f.shape;
    const data = atob(f.data);
    const tall = f.colour || inside === 1;
    const columns = tall ? Math.min(shown, Math.ceil(Math.sqrt(shown))) : inside;
    const rows = tall ? Math.ceil(shown / columns) : shown;
    const gap = high * wide === 1 ? 0 : 2;
    const unit = Math.max(1, Math.min(14, Math.floor((WIDE - gap * (columns - 1)) / (columns * wide))));
    const canvas = html("canvas", { class: "kernels", role: "img", width: columns * (wide * unit + gap) - gap, height: rows * (high * unit + gap) - gap,
      "aria-label": words(f) });
    const pen = canvas.getContext("2d");
    const level = (n, c, y, x) => (data.charCodeAt(((n * inside + c) * high + y) * wide + x) - 128) / 127;
    const grey = (v) => Math.round(127.5 + 127.5 * Math.max(-1, v));
    const signed = (v) => (v < 0 ? `rgb(${Math.round(255 + v * 222)}, ${Math.round(255 + v * 153)}, ${Math.round(255 + v * 83)})`
      : `rgb(${Math.round(255 - v * 77)}, ${Math.round(255 - v * 231)}, ${Math.round(255 - v * 212)})`);
    for (let n = 0; n < shown; n++) {
      for (let c = 0; c < (f.colour ? 1 : inside); c++) {
        const [column, row] = tall ? [n % columns, Math.floor(n / columns)] : [c, n];
        for (let y = 0; y < high; y++) {
          for (let x = 0; x < wide; x++) {
            pen.fillStyle = f.colour ? `rgb(${[0, 1, 2].map((k) => grey(level(n, k, y, x))).join(", ")})` : signed(level(n, c, y, x));
            pen.fillRect(column * (wide * unit + gap) + x * unit, row * (high * unit + gap) + y * unit, unit, unit);
          }
        }
      }
    }
    return canvas;
  }

  return { tensor, filters };
})();
