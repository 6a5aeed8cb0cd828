/**
 * Packs codes of four bits, two in a byte, as a temporary table stores them where there are few
 * alleles: half the bytes to copy, write and read again.
 *
 * @module
 */

/** Most alleles whose codes fit four bits. */
const MOST_PACKED = 16;
/** Codes in a 64-bit word. */
export const PACKED_PER_WORD = 16;

/** Tells whether a temporary table packs the codes of so many alleles. */
export function packsCodes(alleles: number): boolean {
  return alleles <= MOST_PACKED;
}

/**
 * Packs codes.
 *
 * @param codes A byte each, a whole number of 64-bit words of them, at an offset that is one of 4.
 * @param into Half as many bytes, at least.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { packCodes, unpackCodes } from "./packed_codes.ts";
 * const codes = Uint8Array.from({ length: 16 }, (_, code) => code);
 * const packed = new Uint8Array(8);
 * packCodes(codes, packed);
 * assert(packed[0] === 0x10 && packed[7] === 0xfe);
 * assert.deepEqual(unpackCodes(packed), codes);
 * ```
 */
export function packCodes(codes: Uint8Array, into: Uint8Array): void {
  const fours = new Uint32Array(codes.buffer, codes.byteOffset, codes.length >> 2);
  const eights = new Uint32Array(into.buffer, into.byteOffset, codes.length >> 3);
  for (let i = 0, n = 0; n < eights.length; i += 2, n++) {
    let low = fours[i], high = fours[i + 1];
    low = (low | low >>> 4) & 0x00ff00ff;
    high = (high | high >>> 4) & 0x00ff00ff;
    eights[n] = (low | low >>> 8) & 0xffff | (high | high >>> 8) << 16;
  }
}

/** Returns packed codes as a byte each, in `codes` or in new memory. */
export function unpackCodes(
  packed: Uint8Array,
  codes: Uint8Array<ArrayBuffer> = new Uint8Array(2 * packed.length),
): Uint8Array<ArrayBuffer> {
  const eights = new Uint32Array(packed.buffer, packed.byteOffset, packed.length >> 2);
  const fours = new Uint32Array(codes.buffer);
  for (let i = 0, n = 0; n < eights.length; i += 2, n++) {
    const eight = eights[n];
    const low = (eight & 0xff | (eight & 0xff00) << 8) >>> 0;
    const high = (eight >>> 16 & 0xff | (eight >>> 8 & 0xff0000)) >>> 0;
    fours[i] = (low | low << 4) & 0x0f0f0f0f;
    fours[i + 1] = (high | high << 4) & 0x0f0f0f0f;
  }
  return codes;
}
