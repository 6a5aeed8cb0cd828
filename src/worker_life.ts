/**
 * Tells main when a worker is gone without a word: Deno sends no event where a worker closes itself,
 * exits or is terminated. A lock of the browser's kind does: a thread that is gone holds none.
 *
 * A slow disk or a full processor is no death, so nothing here waits for a certain time.
 *
 * @module
 */

/**
 * Lets main know when this worker is gone.
 *
 * @returns When main may begin to watch.
 */
export async function live(name: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  navigator.locks.request(name, () => {
    resolve();
    return new Promise(() => {});
  });
  await promise;
}

/**
 * Calls `gone` when a worker that lives under a name is gone.
 *
 * @param signal Ends the watch.
 */
export function watchLife(name: string, gone: () => void, signal: AbortSignal): void {
  navigator.locks.request(name, { signal }, gone).catch(() => {});
}
