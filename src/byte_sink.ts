/**
 * Where bytes go.
 *
 * @module
 */

/** Where the bytes go: a file, standard output. */
export interface ByteSink {
  write(bytes: Uint8Array): Promise<number>;
}

/** Write all of `bytes`. */
export async function writeAll(sink: ByteSink, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await sink.write(bytes.subarray(at));
}
