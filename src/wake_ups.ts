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

/** Wake this thread until {@linkcode stopWakeUps} has been called as often. */
export function startWakeUps(): void {
  if (users++ > 0) return;
  timer = setInterval(() => {}, INTERVAL);
  // It is not to keep a program alive.
  Deno.unrefTimer(timer);
}

/** Call off one {@linkcode startWakeUps}. */
export function stopWakeUps(): void {
  if (--users === 0) clearInterval(timer);
}
