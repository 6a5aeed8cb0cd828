/**
 * Reads streams that may be idle for long.
 *
 * @module
 */

/**
 * Yields the chunks of a stream, which is cancelled where it is left early.
 *
 * @param signal Ends the wait for a chunk.
 * @throws The signal's reason, or the error of the stream.
 */
export async function* streamChunks(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  const interrupted = Promise.withResolvers<never>();
  interrupted.promise.catch(() => {});
  const interrupt = () => interrupted.reject(signal!.reason);
  signal?.addEventListener("abort", interrupt);
  if (signal?.aborted) interrupt();
  let ended = false;
  try {
    while (true) {
      // A read of an idle pipe cannot be cancelled, only left alone.
      const { value, done } = await Promise.race([reader.read(), interrupted.promise]);
      ended = done;
      if (done) return;
      yield value;
    }
  } finally {
    signal?.removeEventListener("abort", interrupt);
    if (!ended) reader.cancel(signal?.reason).catch(() => {});
  }
}
