/** Search by name, operation and block: all words must occur, in any order. */
const Search = (() => {
  const { byId } = Elements;
  const texts = Model.items.map((item) => `${item.name} ${item.op || ""} ${item.block || ""} ${item.is}`.toLowerCase());
  let results = [];
  let at = -1;
  let report = {};

  /** on: {match(Set | null), choose(item), leave()}. */
  function begin(on) {
    report = on;
    const field = byId("search");
    field.addEventListener("input", () => look(field.value));
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        step(event.shiftKey ? -1 : 1);
        event.preventDefault();
      } else if (event.key === "Escape") {
        field.value = "";
        look("");
        report.leave();
        event.stopPropagation();
      }
    });
  }

  function matches(query) {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return null;
    const out = new Set();
    texts.forEach((text, i) => {
      const { is } = Model.items[i];
      if ((is === "layer" || is === "block") && words.every((w) => text.includes(w))) out.add(i);
    });
    return out;
  }

  function look(query) {
    const set = matches(query);
    // Blocks are highlighted too, but Enter steps through the matching layers, if there are any.
    results = set ? [...set].filter((i) => Model.items[i].is === "layer") : [];
    if (set && !results.length) results = [...set];
    at = -1;
    showCount(set);
    report.match(set);
  }

  function showCount(set) {
    const n = results.length;
    byId("found").textContent = !set ? "" : at >= 0 ? `${at + 1} of ${n}` : n === 1 ? "1 found" : `${n || "none"} found`;
  }

  function step(by) {
    if (!results.length) return;
    at = (at + by + (at < 0 && by < 0 ? 1 : 0) + results.length) % results.length;
    showCount(true);
    report.choose(results[at]);
  }

  return { begin };
})();
