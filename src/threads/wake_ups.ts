/**
 * Wakes this thread's event loop every now and then while it waits for other threads.
 *
 * Deno 2.9 can lose a wake-up from another thread. Twice in some six hundred conversions a worker
 * had all it was waiting for, and slept on with everybody behind it, 27 seconds long, until V8 woke
 * it for a collection of garbage. A timer makes that a few milliseconds.
 *
 * @module
 */

/** Milliseconds between two wake-ups: nobody notices so long a wait, or the work of waking. */
const INTERVAL = 20;

let users = 0;
let timer: ReturnType<typeof setInterval> | undefined;

/** Wake this thread until this is disposed of; again does no harm. */
export class WakeUps implements Disposable {
  #on = true;

  constructor() {
    if (users++ > 0) return;
    timer = setInterval(() => {}, INTERVAL);
    // It is not to keep a program alive.
    Deno.unrefTimer(timer);
  }

  [Symbol.dispose](): void {
    if (!this.#on) return;
    this.#on = false;
    if (--users === 0) clearInterval(timer);
  }
}
