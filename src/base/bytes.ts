/**
 * ASCII codes by name, and numbers as text.
 *
 * @module
 */

export const TAB = 9, LF = 10, CR = 13, BLANK = 32, QUOTE = 34, HASH = 35, COMMA = 44, DOT = 46;
export const SLASH = 47, ZERO = 48, LESS = 60, GREATER = 62, BAR = 124;

/** Writes a whole number of 0 to 2^32-1 in decimal at `at`; returns the offset after it. */
export function writeNumber(bytes: Uint8Array, at: number, number: number): number {
  let digits = 1;
  for (let bound = 10; number >= bound; bound *= 10) digits++;
  for (let n = at + digits - 1, left = number; n >= at; n--) {
    const rest = (left / 10) >>> 0;
    bytes[n] = ZERO + left - rest * 10;
    left = rest;
  }
  return at + digits;
}
