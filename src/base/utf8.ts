/**
 * Decodes UTF-8, and finds where bytes are none. A lenient decoder would put U+FFFD in their place,
 * and the output would hold names that nobody has written.
 *
 * @module
 */
import { InputError, type Location } from "./errors.ts";

/**
 * Returns the offset of the first byte that is not UTF-8, or -1.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { invalidUtf8 } from "./utf8.ts";
 * assert.equal(invalidUtf8(Uint8Array.of(65, 0xe9, 66)), 1);
 * ```
 */
export function invalidUtf8(bytes: Uint8Array): number {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  let at = 0, from = 0;
  for (let found = text.indexOf("\ufffd"); found >= 0; found = text.indexOf("\ufffd", from)) {
    at += new TextEncoder().encode(text.slice(from, found)).length;
    // U+FFFD itself is UTF-8, too.
    if (bytes[at] !== 0xef || bytes[at + 1] !== 0xbf || bytes[at + 2] !== 0xbd) return at;
    at += 3;
    from = found + 1;
  }
  return -1;
}

/** Says that a byte is not UTF-8, and what to do; `at` is its offset, 0-based, in a `whole`. */
export function utf8Problem(bytes: Uint8Array, at: number, whole: string): string {
  const byte = bytes[at].toString(16).toUpperCase();
  return `byte ${
    at + 1
  } of the ${whole} (0x${byte}) is not UTF-8: the text has another encoding; ` +
    "convert it (iconv -f LATIN1 -t UTF-8, or -f GBK, ...)";
}

/** Returns the text of UTF-8 without a byte order mark; undefined where a byte is none. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Decodes the bytes of a line.
 *
 * @throws {InputError} A byte is not UTF-8.
 */
export function decodeLine(bytes: Uint8Array, at: Location): string {
  const text = decodeUtf8(bytes);
  if (text !== undefined) return text;
  throw new InputError(utf8Problem(bytes, invalidUtf8(bytes), "line"), at);
}
