/**
 * Tells main when a worker is gone without a word. Deno sends no event where a worker closes
 * itself, exits or is terminated, but a thread that is gone loses its Web Locks. A slow disk or a
 * full processor is no death, so nothing here waits for a certain time.
 *
 * @module
 */

/** The part of `navigator.locks` that is used; Deno's types leave it out. */
interface Locks {
  request(
    name: string,
    options: { signal?: AbortSignal },
    granted: () => Promise<never> | void,
  ): Promise<unknown>;
}

const { locks } = navigator as unknown as { locks: Locks };

/** Holds a lock for as long as this worker lives; resolves when main may begin to watch it. */
export function live(name: string): Promise<void> {
  return new Promise((resolve) => {
    const forLife = () => {
      resolve();
      return new Promise<never>(() => {});
    };
    locks.request(name, {}, forLife);
  });
}

/**
 * Calls `gone` when the worker that lives under a name is gone.
 *
 * @param signal Ends the watch.
 */
export function watchLife(name: string, gone: () => void, signal: AbortSignal): void {
  locks.request(name, { signal }, gone).catch(() => {});
}
