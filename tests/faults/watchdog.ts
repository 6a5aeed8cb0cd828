/**
 * Ends the process where it stands still: a conversion on the calling thread cannot be timed by it.
 * As a module it is the worker that looks at the clock.
 *
 * @module
 */

/** Milliseconds that one case may take. */
export const MOST = 10_000;

/** A clock that must be set back before {@linkcode MOST} milliseconds are over. */
export class Watchdog implements Disposable {
  readonly #beats = new Int32Array(new SharedArrayBuffer(4));
  readonly #worker: Worker;

  /** @param what What stands still, if something does. */
  constructor(what: string) {
    this.#worker = new Worker(import.meta.url, { type: "module" });
    this.#worker.postMessage({ beats: this.#beats, what });
  }

  /** Sets the clock back, for the next case. */
  beat(): void {
    this.#beats[0]++;
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
  }
}

if (typeof WorkerGlobalScope !== "undefined" && self instanceof WorkerGlobalScope) watch();

function watch(): void {
  let beat = -1, since = performance.now();
  const look = ({ beats, what }: { beats: Int32Array; what: string }) => {
    if (beats[0] !== beat) [beat, since] = [beats[0], performance.now()];
    if (performance.now() - since < MOST) return;
    console.error(`${what}: case ${beat} takes longer than ${MOST} ms`);
    Deno.kill(Deno.pid, "SIGKILL");
  };
  addEventListener("message", ({ data }) => void setInterval(() => look(data), 500));
}
