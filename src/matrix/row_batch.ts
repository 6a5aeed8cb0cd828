/**
 * Lays out rows of a matrix as columns of codes in one buffer, which threads can share.
 *
 * @module
 */
import { MISSING } from "../base/alleles.ts";
import { type Codes, codesView } from "../base/codes.ts";
import { CHUNK_ROWS } from "../base/memory_budget.ts";

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

/** Bytes of a batch, about: a wide matrix has fewer rows in one. */
const BATCH_BYTES = 512 * 1024;

/** Returns the shape of a batch of usual size, of rows of `stride` codes of `width` bytes. */
export function batchShape(stride: number, hasId: boolean, width: 1 | 2 | 4): BatchShape {
  const rows = Math.floor(BATCH_BYTES / (stride * width + 20));
  const capacity = Math.max(16, Math.min(CHUNK_ROWS, rows));
  return { capacity, stride, width, idBytes: hasId ? Math.max(2 * MAX_ID, capacity * 32) : 0 };
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

/** Returns those of the haplotypes that are missing in all rows of a batch. */
export function missingIn(
  { alleles, rows, shape }: RowBatch,
  haplotypes: readonly number[],
): number[] {
  return haplotypes.filter((ordinal) => {
    const end = rows * shape.stride;
    let at = ordinal;
    while (at < end && alleles[at] === MISSING) at += shape.stride;
    return at >= end;
  });
}
