/** The whole drawing on paper: cut into strips between boxes, side by side on as few pages as keep its text readable. */
const PrintPages = (() => {
  const { svg, html, byId } = Elements;
  /** Room on a page of A4 or Letter within the margins, in CSS pixels. */
  const PAGE = { w: 670, h: 890 };
  const GAP = 16;
  /** At this scale the smallest text has 5 pt. */
  const READABLE = 0.62;
  const MOST = 40;

  /** The arrangement with the fewest pages on which text is readable: {scale, length} of a strip. */
  function arrangement(across, along, right) {
    const page = right ? { across: PAGE.h, along: PAGE.w } : { across: PAGE.w, along: PAGE.h };
    let best = null;
    for (let beside = 1; beside <= 8; beside++) {
      const widest = Math.min(1, (page.across - GAP * (beside - 1)) / beside / across);
      for (let pages = 1; pages <= MOST; pages++) {
        // Strips are cut between boxes, so that they use up to a tenth less than the page.
        const scale = Math.min(widest, (page.along * beside * pages * (beside * pages > 1 ? 0.9 : 1)) / along);
        const found = { scale, beside, pages, length: page.along / scale };
        if (!best || better(found, best)) best = found;
        if (scale === widest) break;
      }
    }
    return best;
  }

  function better(a, b) {
    const [x, y] = [a, b].map((found) => found.scale >= READABLE);
    if (x !== y) return x;
    return x ? a.pages < b.pages || (a.pages === b.pages && a.scale > b.scale) : a.scale > b.scale;
  }

  /** Where strips begin and end: before a box that would be cut, if it is shorter than half a strip. */
  function cuts(placed, length, right) {
    const spans = [...placed.boxes.values()].filter((b) => !b.open).map((b) => (right ? [b.x, b.x + b.w] : [b.y, b.y + b.h]));
    const all = right ? placed.width : placed.height;
    const out = [0];
    while (out.at(-1) + length < all) {
      const start = out.at(-1);
      let at = start + length;
      for (let moved = true; moved;) {
        const cut = spans.filter(([low, high]) => low < at && high > at).reduce((least, [low]) => Math.min(least, low - 8), at);
        moved = cut < at && cut > start + length / 2;
        if (moved) at = cut;
      }
      out.push(at);
    }
    return [...out, all];
  }

  /** Makes the strips, or takes them away. */
  function show(on, placed, right) {
    const holder = byId("print-pages");
    holder.replaceChildren();
    holder.hidden = !on;
    if (!on) return;
    const across = right ? placed.height : placed.width;
    const { scale, length } = arrangement(across, right ? placed.width : placed.height, right);
    const at = cuts(placed, length, right);
    for (let n = 0; n + 1 < at.length; n++) {
      const [from, size] = [at[n], at[n + 1] - at[n]];
      const box = right ? `${from} 0 ${size} ${across}` : `0 ${from} ${across} ${size}`;
      holder.append(html("div", { class: "strip" }, svg("svg", { viewBox: box, width: Math.floor((right ? size : across) * scale),
        height: Math.floor((right ? across : size) * scale) }, svg("use", { href: "#world" }))));
    }
  }

  return { show };
})();
