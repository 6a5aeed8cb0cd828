/**
 * Codes of alleles and contigs as typed arrays, of the width that DuckDB stores an ENUM with.
 *
 * @module
 */

/** Returns the bytes of the unsigned integer with which DuckDB stores an ENUM of `size` values. */
export function enumWidth(size: number): 1 | 2 | 4 {
  return size <= 255 ? 1 : size <= 65535 ? 2 : 4;
}

/** A typed array of codes. */
export type Codes = Uint8Array | Uint16Array | Uint32Array;

/**
 * Returns codes of a width in bytes over a part of a buffer; `offset` is in bytes, `length` in
 * codes.
 */
export function codesView(
  width: 1 | 2 | 4,
  buffer: ArrayBufferLike,
  offset: number,
  length: number,
): Codes {
  if (width === 1) return new Uint8Array(buffer, offset, length);
  return width === 2
    ? new Uint16Array(buffer, offset, length)
    : new Uint32Array(buffer, offset, length);
}

/** The constructor of a typed array, for the items of a column. */
export interface ItemArray<Items> {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): Items;
  readonly BYTES_PER_ELEMENT: number;
}

/** Returns the typed array's constructor for codes of a width in bytes. */
export function codeArray(width: 1 | 2 | 4): ItemArray<Codes> {
  return width === 1 ? Uint8Array : width === 2 ? Uint16Array : Uint32Array;
}
