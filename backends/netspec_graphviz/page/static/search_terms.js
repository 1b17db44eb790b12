/**
 * What a query asks for: words in names, operations and blocks; whole numbers; shapes (28×28, or 28x28) of outputs, arguments
 * and weights; arguments with a value (stride 2, padding=same). An item matches if it meets every condition.
 */
const SearchTerms = (() => {
  const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const whole = (text) => new RegExp(`(?<![\\d.])${escaped(text)}(?![\\d]|\\.\\d)`, "g");
  const parts = (value) => value.toLowerCase().replace(/[[\]{}()\s]/g, "").split(/[,×]/);
  const equal = (a, b) => a.length === b.length && a.every((part, i) => part === b[i]);

  /** What is known of an item, in lower case: made when the first query comes. */
  let known = null;
  function entries() {
    known ||= Model.items.map((item) => {
      const leaf = item.is === "layer" || item.is === "input";
      const groups = item.is === "layer" ? item.arguments : [[item.block, item.arguments || []]];
      return {
        text: `${item.name} ${item.detail || ""} ${item.op || ""} ${item.block || ""} ${item.is}`.toLowerCase(),
        numbers: `${item.name} ${item.detail || ""}`.toLowerCase(),
        shapes: leaf ? [item.shape.map(String), ...(item.sizes ? [item.sizes.map((s) => s.toLowerCase())] : [])] : [],
        weights: (item.weights || []).map(([, shape]) => shape.toLowerCase()),
        args: groups.flatMap(([, list]) => list.map(([name, value, usual]) => ({ name: name.toLowerCase(), value: parts(value), usual }))),
      };
    });
    return known;
  }

  const within = (shape, wanted) => shape.some((_, i) => equal(shape.slice(i, i + wanted.length), wanted));
  const valued = (arg, name, wanted) => arg.name.startsWith(name)
    && (equal(arg.value, wanted) || (wanted.length === 1 && arg.value.every((part) => part === wanted[0])));

  /** An argument of which some item has that value; null if there is none: then both words are searched by themselves. */
  function pair(name, value) {
    if (!/^[a-z_]{2,}$/.test(name)) return null;
    const wanted = parts(value);
    if (!entries().some((entry) => entry.args.some((arg) => valued(arg, name, wanted)))) return null;
    return { test: (entry) => entry.args.some((arg) => valued(arg, name, wanted)),
      pattern: new RegExp(`${escaped(name).replace(/_/g, "[ _]")}\\w* ${escaped(value)}(?!\\d)`, "g") };
  }

  function single(word) {
    if (/^\d+(×\d+)+$/.test(word)) {
      const wanted = word.split("×");
      return { test: (entry) => entry.shapes.some((shape) => within(shape, wanted)) || entry.args.some((arg) => equal(arg.value, wanted))
          || entry.weights.includes(word) || whole(word).test(entry.numbers), pattern: whole(word) };
    }
    if (/^\d+(\.\d+)?$/.test(word)) {
      return { test: (entry) => whole(word).test(entry.numbers) || entry.shapes.some((shape) => shape.includes(word)), pattern: whole(word) };
    }
    return { test: (entry) => entry.text.includes(word) || entry.shapes.some((shape) => shape.join("×").includes(word))
        || entry.args.some((arg) => !arg.usual && arg.name === word), pattern: new RegExp(escaped(word), "g") };
  }

  /** The conditions of a query. */
  function parse(query) {
    const words = query.toLowerCase().replace(/(\d)\s*[x*×]\s*(?=\d)/g, "$1×").replace(/[=:]/g, " ").split(/[\s,]+/).filter(Boolean);
    const out = [];
    for (let i = 0; i < words.length; i++) {
      const both = i + 1 < words.length ? pair(words[i], words[i + 1]) : null;
      out.push(both || single(words[i]));
      if (both) i += 1;
    }
    return out;
  }

  /** The items that match a query, as a Set; null for an empty query. */
  function matches(query) {
    const conditions = parse(query);
    if (!conditions.length) return null;
    const out = new Set();
    entries().forEach((entry, i) => {
      if (i > 0 && Model.items[i].is !== "output" && conditions.every((c) => c.test(entry))) out.add(i);
    });
    return out;
  }

  /** A text as strings and <mark> elements, where the conditions of a query are met. */
  function marked(text, query) {
    const spans = [];
    for (const { pattern } of parse(query)) {
      for (const found of text.toLowerCase().matchAll(pattern)) spans.push([found.index, found.index + found[0].length]);
    }
    spans.sort((a, b) => a[0] - b[0] || b[1] - a[1]);
    const out = [];
    let at = 0;
    for (const [start, end] of spans) {
      if (start < at) continue;
      out.push(text.slice(at, start), Elements.html("mark", {}, text.slice(start, end)));
      at = end;
    }
    return [...out, text.slice(at)];
  }

  return { matches, marked };
})();
