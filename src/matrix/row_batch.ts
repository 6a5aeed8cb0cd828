/**
 * Lays out rows of a matrix as columns of codes in one buffer, which threads can share.
 *
 * @module
 */
import { codesView } from "../base/codes.ts";
import type { Codes } from "../base/codes.ts";

/** Rows of a matrix as columns of codes, up to `capacity` of them. */
export class RowBatch {
  /** Number of rows that are filled. */
  rows = 0;
  readonly chrom: Uint32Array;
  readonly pos: Uint32Array;
  /** Line of each row, 1-based in its segment. */
  readonly line: Uint32Array;
  /** End of each row's ID in `idBytes` (exclusive); empty without an ID column. */
  readonly idEnd: Uint32Array;
  readonly idBytes: Uint8Array;
  readonly ref: Codes;
  /** Row after row, `stride` codes each. */
  readonly alleles: Codes;

  /** Lays a batch out over `buffer`, which has at least {@linkcode batchBytes} from `offset` on. */
  constructor(readonly shape: BatchShape, buffer: ArrayBufferLike, offset = 0) {
    const { capacity, stride, width, idBytes } = shape;
    let at = offset;
    const take = (bytes: number) => {
      const start = at;
      at += align(bytes);
      return start;
    };
    this.chrom = new Uint32Array(buffer, take(capacity * 4), capacity);
    this.pos = new Uint32Array(buffer, take(capacity * 4), capacity);
    this.line = new Uint32Array(buffer, take(capacity * 4), capacity);
    this.idEnd = new Uint32Array(buffer, take(idBytes && capacity * 4), idBytes && capacity);
    this.idBytes = new Uint8Array(buffer, take(idBytes), idBytes);
    this.ref = codesView(width, buffer, take(capacity * width), capacity);
    const cells = capacity * stride;
    this.alleles = codesView(width, buffer, take(cells * width), cells);
  }
}

/** The size of a {@linkcode RowBatch}. */
export interface BatchShape {
  /** Rows that it has room for. */
  capacity: number;
  /**
   * Codes from one row to the next: its haplotypes, rounded up to whole words where words are
   * stored.
   */
  stride: number;
  /** Bytes of an allele's code. */
  width: 1 | 2 | 4;
  /** Bytes for IDs, 0 without an ID column. */
  idBytes: number;
}

/** Returns the bytes that a batch of a shape takes. */
export function batchBytes({ capacity, stride, width, idBytes }: BatchShape): number {
  return 3 * align(capacity * 4) + align(idBytes && capacity * 4) + align(idBytes) +
    align(capacity * width) + align(capacity * stride * width);
}

/** Longest ID, in bytes; a batch with IDs has room for at least one. */
export const MAX_ID = 4096;

/** Tells whether there is room for one more row, with an ID of any length. */
export function hasRoom({ rows, shape, idEnd }: RowBatch): boolean {
  if (rows >= shape.capacity) return false;
  return shape.idBytes === 0 || rows === 0 || idEnd[rows - 1] + MAX_ID <= shape.idBytes;
}

/** Rounds up to whole cache lines, so that copies go word by word. */
function align(bytes: number): number {
  return (bytes + 63) & ~63;
}
