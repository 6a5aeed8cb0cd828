/**
 * Says things on standard error.
 *
 * @module
 */

import { terminalText } from "./text.ts";

/**
 * Prints a line on standard error; names in it may hold anything. Where nobody can hear it, as on a
 * full disk, it is dropped.
 */
export function say(line: string): void {
  try {
    console.error(terminalText(line));
  } catch { /* A note must not cost the output. */ }
}
