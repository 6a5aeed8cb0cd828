/**
 * Takes the quotes off that spreadsheets, R and pandas put around the fields of a table.
 *
 * @module
 */
import { CR, LF, QUOTE, TAB } from "../base/bytes.ts";

/** Tells whether all fields of a line stand in quotes. */
export function isQuoted(fields: readonly string[]): boolean {
  return fields.every((field) => /^".*"$/.test(field));
}

/** Returns the fields without their quotes where all of them have some, else as they are. */
export function unquotedFields(fields: readonly string[]): readonly string[] {
  return isQuoted(fields) ? fields.map((field) => field.slice(1, -1)) : fields;
}

/**
 * Takes the quotes off the cells of `raw[from..to)`, whole lines that each end in LF, in place. A
 * cell that only begins or only ends with one is left as it is, and is bad input later.
 *
 * @returns The new end (exclusive) of the lines.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { unquoteCells } from "./quotes.ts";
 * const raw = new TextEncoder().encode('"1"\t5\t"A"\t"G"\r\n');
 * const end = unquoteCells(raw, 0, raw.length);
 * assert(new TextDecoder().decode(raw.subarray(0, end)) === "1\t5\tA\tG\r\n");
 * ```
 */
export function unquoteCells(raw: Uint8Array, from: number, to: number): number {
  let out = from;
  for (let at = from; at < to;) {
    let end = at;
    while (raw[end] !== TAB && raw[end] !== LF) end++;
    const next = end + 1;
    if (raw[end] === LF && end > at && raw[end - 1] === CR) end--;
    const quoted = end - at > 1 && raw[at] === QUOTE && raw[end - 1] === QUOTE;
    for (let i = quoted ? at + 1 : at; i < next; i++) {
      if (!quoted || i !== end - 1) raw[out++] = raw[i];
    }
    at = next;
  }
  return out;
}
