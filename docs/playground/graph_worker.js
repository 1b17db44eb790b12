// Graphviz in a worker: DOT in, SVG out.

import { instance } from "./vendor/viz.js";

const ready = instance();

self.onmessage = async ({ data: { id, args: [dot] } }) => {
  try {
    const viz = await ready;
    self.postMessage({ id, result: viz.renderString(dot, { format: "svg" }) });
  } catch (error) {
    self.postMessage({ id, error: String(error.message ?? error) });
  }
};
