/**
 * Asks the runtime to collect young garbage. DuckDB's chunks live outside the heap and are freed
 * when their wrappers are collected; a loop over typed arrays makes so little garbage on the heap
 * that this would come hundreds of megabytes too late.
 *
 * @module
 */

/** V8's own function, there with `--v8-flags=--expose-gc`. */
const { gc } = globalThis as { gc?: (options: { type: "minor" }) => void };

/** Collect young garbage, in less than a millisecond; without the flag V8 decides when. */
export function collectGarbage(): void {
  gc?.({ type: "minor" });
}
