/**
 * Asks the runtime to collect young garbage. DuckDB's chunks live outside the heap and are freed
 * when their wrappers are collected; a loop over typed arrays makes so little garbage on the heap
 * that this would come hundreds of megabytes too late.
 *
 * @module
 */

/** V8's own function, which is there only with `--v8-flags=--expose-gc`. */
const { gc } = globalThis as { gc?: (options: { type: "minor" }) => void };

/** Bytes outside the heap that are worth a collection, which takes a millisecond. */
const WORTH = 2 * 1024 ** 2;
let waiting = 0;
/** True where the call before would have collected, too. */
let due = false;

/**
 * Notes that so many bytes outside the heap are of no more use, and collects young garbage once
 * they have become many. Without the flag, V8 decides when.
 */
export function collectGarbage(bytes: number): void {
  waiting += bytes;
  if (waiting < WORTH) return;
  // What two collections in turn find alive is not young any more. So the second call collects, or a
  // large chunk that is in use at each call would stay for long.
  due = !due;
  if (due) return;
  waiting = 0;
  gc?.({ type: "minor" });
}
