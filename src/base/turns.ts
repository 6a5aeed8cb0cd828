/**
 * Lets a busy thread hear signals.
 *
 * @module
 */

/** Milliseconds between two turns. */
const INTERVAL = 50;

/** Gives the event loop a turn now and then; what awaits only what is there already gives it none. */
export class Turns {
  #last = performance.now();

  /**
   * Takes a turn, if the last one was long ago.
   *
   * @throws The reason of the signal.
   */
  async take(signal?: AbortSignal): Promise<void> {
    if (performance.now() - this.#last < INTERVAL) return;
    await new Promise((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
    this.#last = performance.now();
  }
}
