/**
 * Waits for what cannot be stopped, such as a read of an idle pipe.
 *
 * @module
 */

/**
 * Returns what `work` gives, or throws the signal's reason as soon as that is aborted; then the work
 * is left alone.
 */
export async function interruptible<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const interrupted = Promise.withResolvers<never>();
  const interrupt = () => interrupted.reject(signal.reason);
  work.catch(() => {});
  signal.addEventListener("abort", interrupt);
  if (signal.aborted) interrupt();
  try {
    return await Promise.race([work, interrupted.promise]);
  } finally {
    signal.removeEventListener("abort", interrupt);
  }
}
