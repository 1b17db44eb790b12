/** Search by name, operation and block: words in any order, all of which must occur. */
const Search = (() => {
  const { byId } = Make;
  const texts = Model.items.map((item) => `${item.name} ${item.op || ""} ${item.block || ""} ${item.is}`.toLowerCase());
  let found = [];
  let at = -1;
  let report = {};

  /** on: {found(Set | null), choose(item), leave()}. */
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
    // Blocks are found too, but the rows and the way through are the layers', where there are any.
    found = set ? [...set].filter((i) => Model.items[i].is === "layer") : [];
    if (set && !found.length) found = [...set];
    at = -1;
    tell(set);
    report.found(set);
  }

  function tell(set) {
    const n = found.length;
    byId("found").textContent = !set ? "" : at >= 0 ? `${at + 1} of ${n}` : n === 1 ? "1 found" : `${n || "none"} found`;
  }

  function step(by) {
    if (!found.length) return;
    at = (at + by + (at < 0 && by < 0 ? 1 : 0) + found.length) % found.length;
    tell(true);
    report.choose(found[at]);
  }

  return { begin };
})();
