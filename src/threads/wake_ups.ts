/**
 * Wakes this thread's event loop every now and then while it waits for other threads.
 *
 * Deno 2.9 can lose a wake-up from another thread. Twice in some six hundred conversions a worker
 * had all it was waiting for, and slept on with everybody behind it, 27 seconds long, until V8 woke
 * it for a collection of garbage. A timer makes that a few milliseconds.
 *
 * @module
 */

/** Milliseconds between two wake-ups. Nobody notices so short a wait, or the work of waking. */
const INTERVAL = 20;

let users = 0;
let timer: ReturnType<typeof setInterval> | undefined;

/**
 * A hold on the timer that wakes this thread. The timer stops when the last hold is disposed of.
 */
export class WakeUps implements Disposable {
  #on = true;

  constructor() {
    if (users++ > 0) return;
    timer = setInterval(() => {}, INTERVAL);
    // The timer must not keep the program alive.
    Deno.unrefTimer(timer);
  }

  [Symbol.dispose](): void {
    if (!this.#on) return;
    this.#on = false;
    if (--users === 0) clearInterval(timer);
  }
}
