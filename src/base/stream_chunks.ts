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
  // One promise for each chunk: one for all of them would keep all that were waited for beside it.
  let waiting = Promise.withResolvers<ReadableStreamReadResult<Uint8Array>>();
  waiting.promise.catch(() => {});
  const interrupt = () => waiting.reject(signal!.reason);
  signal?.addEventListener("abort", interrupt);
  if (signal?.aborted) interrupt();
  let ended = false;
  try {
    while (true) {
      // A read of an idle pipe cannot be cancelled, only left alone.
      reader.read().then(waiting.resolve, waiting.reject);
      const { value, done } = await waiting.promise;
      ended = done;
      if (done) return;
      waiting = Promise.withResolvers();
      waiting.promise.catch(() => {});
      yield value;
    }
  } finally {
    signal?.removeEventListener("abort", interrupt);
    if (!ended) reader.cancel(signal?.reason).catch(() => {});
  }
}
