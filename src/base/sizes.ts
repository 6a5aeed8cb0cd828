/**
 * Reads and shows sizes in bytes as people write them.
 *
 * @module
 */
import { UsageError } from "./errors.ts";
import { grouped } from "./text.ts";

/**
 * Returns the bytes of a size like `512MiB`, `1.5GB` or `2G`. `K M G T` and `KiB MiB GiB TiB` are
 * binary, `KB MB GB TB` are decimal.
 *
 * @throws {UsageError} Not a size.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseSize } from "./sizes.ts";
 * assert(parseSize("512MiB") === 512 * 1024 * 1024);
 * ```
 */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(?:([KMGT])(i?)(B?)|B?)$/i.exec(text.trim());
  if (!match) throw new UsageError(`'${text}' is not a size; write 512MiB or 2GiB`);
  const [, number, unit = "", i, b] = match;
  const base = b && !i ? 1000 : 1024;
  return Math.floor(Number(number) * base ** (" KMGT".indexOf(unit.toUpperCase() || " ")));
}

/** Returns a number of bytes as a text for people, in decimal units. */
export function shownSize(bytes: number): string {
  if (bytes < 1e5) return `${grouped(bytes)} bytes`;
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${(bytes / 1e9).toFixed(2)} GB`;
}
