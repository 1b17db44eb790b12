// Python in a worker: it loads Pyodide and netspec once, then answers calls of the functions of session.py.

import { loadPyodide } from "./vendor/pyodide.mjs";

const ready = start();

async function start() {
  const [pyodide, packages, session] = await Promise.all([
    loadPyodide({ indexURL: new URL("vendor/", import.meta.url).href }),
    load("vendor/packages.zip").then((response) => response.arrayBuffer()),
    load("session.py").then((response) => response.text()),
  ]);
  const folder = pyodide.runPython("import sysconfig; sysconfig.get_path('purelib')");
  pyodide.unpackArchive(packages, "zip", { extractDir: folder });
  pyodide.FS.writeFile(`${folder}/session.py`, session);
  pyodide.runPython("import importlib; importlib.invalidate_caches()");
  return pyodide.pyimport("session");
}

async function load(name) {
  const response = await fetch(new URL(name, import.meta.url));
  if (!response.ok) throw new Error(`${name}: ${response.status} ${response.statusText}`);
  return response;
}

self.onmessage = async ({ data: { id, name, args } }) => {
  try {
    const session = await ready; // null would not become None, undefined does
    self.postMessage({ id, result: JSON.parse(session[name](...args.map((value) => value ?? undefined))) });
  } catch (error) {
    self.postMessage({ id, error: String(error.message ?? error) });
  }
};
