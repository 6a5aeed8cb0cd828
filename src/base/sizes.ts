/**
 * Reads and shows sizes in bytes as people write them.
 *
 * @module
 */
import { UsageError } from "./errors.ts";
import { ungrouped } from "./text.ts";

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

/** Bytes below which a number without a unit was hardly meant as bytes. */
const FEWEST_BYTES = 2 ** 24;

/**
 * Returns the bytes of a size of memory. People write `4000` for MiB where other programs
 * have it so.
 *
 * @throws {UsageError} Not a size, or so few bytes that another unit is meant.
 */
export function parseMemory(text: string): number {
  const bytes = parseSize(text);
  if (bytes >= FEWEST_BYTES || !/^[\d.]+$/.test(text.trim())) return bytes;
  const unit = bytes < 256 ? "GiB" : bytes < 2 ** 18 ? "MiB" : "KiB";
  throw new UsageError(`'${text}' are bytes; was ${text.trim()}${unit} meant?`);
}

/** Returns a number of bytes as a text for people, in decimal units. */
export function shownSize(bytes: number): string {
  if (bytes < 1e5) return `${ungrouped(bytes)} bytes`;
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${(bytes / 1e9).toFixed(2)} GB`;
}
