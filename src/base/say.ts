/**
 * Says things on standard error.
 *
 * @module
 */

/** Prints a line on standard error. Where nobody can hear it, as on a full disk, it is dropped. */
export function say(line: string): void {
  try {
    console.error(line);
  } catch { /* A note must not cost the output. */ }
}
