/**
 * Joins CRC-32 sums, so that parts can be summed wherever they are.
 *
 * @module
 */

/** The polynomial of gzip, its bits from the lowest power up. */
const POLYNOMIAL = 0xedb88320;

/** Returns the product of two polynomials modulo that of the CRC. */
function product(a: number, b: number): number {
  let sum = 0;
  for (let bit = 31; bit >= 0; bit--) {
    if (a >>> bit & 1) sum ^= b;
    b = b & 1 ? b >>> 1 ^ POLYNOMIAL : b >>> 1;
  }
  return sum >>> 0;
}

/** Returns x to the power of 8 for each of so many bytes. */
function shift(bytes: number): number {
  // 1 and x to the 8th, as the highest bit is the lowest power.
  let power = 0x80000000, square = 0x00800000;
  for (let left = bytes; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) power = product(square, power);
    square = product(square, square);
  }
  return power;
}

/**
 * Returns the CRC-32 of some bytes and those after them.
 *
 * @param first CRC-32 of the first ones.
 * @param second CRC-32 of those after them.
 * @param bytes Number of those after them.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { crc32 } from "node:zlib";
 * import { joinCrc32 } from "./crc32.ts";
 * assert(joinCrc32(crc32("geno"), crc32("me"), 2) === crc32("genome"));
 * ```
 */
export function joinCrc32(first: number, second: number, bytes: number): number {
  return (product(shift(bytes), first) ^ second) >>> 0;
}
