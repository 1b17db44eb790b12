// Calls of a worker as promises; a call that takes too long ends the worker, and the next one starts another.

export class Calls {
  constructor(url, seconds) {
    this.url = url;
    this.seconds = seconds;
    this.pending = new Map();
    this.count = 0;
  }

  call(name, ...args) {
    this.worker ??= this.start();
    const id = ++this.count;
    return new Promise((resolve, reject) => {
      // The first call includes the time that loading takes, which depends on the connection.
      const limit = this.answered ? setTimeout(() => this.stop(), 1000 * this.seconds) : null;
      this.pending.set(id, { resolve, reject, limit });
      this.worker.postMessage({ id, name, args });
    });
  }

  start() {
    const worker = new Worker(this.url, { type: "module" });
    worker.onmessage = ({ data: { id, result, error } }) => {
      const call = this.pending.get(id);
      if (!call) return;
      this.answered = true;
      this.pending.delete(id);
      clearTimeout(call.limit);
      error === undefined ? call.resolve(result) : call.reject(new Error(error));
    };
    worker.onerror = (event) => this.stop(event.message || "the worker could not be loaded");
    return worker;
  }

  stop(reason = `stopped after ${this.seconds} seconds; netspec's command has no such limit`) {
    this.worker?.terminate();
    this.worker = null;
    this.answered = false;
    const calls = [...this.pending.values()];
    this.pending.clear();
    for (const call of calls) {
      clearTimeout(call.limit);
      call.reject(new Error(reason));
    }
  }
}
