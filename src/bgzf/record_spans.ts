/**
 * Condenses the records of a chunk of output to what an index needs. Positions are 0-based, ends
 * are exclusive. Height counts upwards from the 16 kb bins (0), as this side need not know the
 * depth of the index.
 *
 * @module
 */

/**
 * Bits of a base's place in its bin of height 0, or window of the linear index: 16,384 bases each.
 */
export const MIN_SHIFT = 14;
const MAX_HEIGHT = 15; // four bits of a bin code

/** Places of the numbers of a contig in {@linkcode ChunkSpans.contigs}. */
export const SPAN = {
  Contig: 0,
  Records: 1,
  FirstBegin: 2,
  LastBegin: 3,
  RunsEnd: 4,
  WindowsEnd: 5,
  Numbers: 6,
} as const;

/** The records of one chunk, condensed; offsets are bytes from the chunk's uncompressed start. */
export interface ChunkSpans {
  /**
   * The contigs that have records, in file order, six numbers each (`SPAN`): ordinal of the contig,
   * number of records, begin of the first and of the last one (0-based), and where the contig's
   * numbers in `runs` and in `windows` end.
   */
  contigs: Uint32Array<ArrayBuffer>;
  /**
   * Runs of consecutive records of one bin, three numbers each: bin code (16 x index within the
   * height + height), offset of the first record, end offset of the last.
   */
  runs: Uint32Array<ArrayBuffer>;
  /**
   * First touches of 16 kb windows, three numbers each: first and last window (inclusive), offset
   * of the record that touched them. Ascending, and no window comes twice.
   */
  windows: Uint32Array<ArrayBuffer>;
}

/**
 * Condenser of the records of a chunk, in file order. A record in the same windows as the one
 * before it costs a few comparisons and no memory.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { RecordSpans } from "./record_spans.ts";
 * const spans = new RecordSpans();
 * spans.begin(0); // the first contig
 * spans.add(99, 100, 0, 40); // POS 100, REF of 1 base, bytes 0 to 39 of the chunk
 * spans.add(199, 202, 40, 82);
 * const { contigs, runs, windows } = spans.take();
 * assert.deepEqual([...contigs], [0, 2, 99, 199, 3, 3]);
 * assert.deepEqual([...runs], [0, 0, 82]); // bin code, from, to
 * assert.deepEqual([...windows], [0, 0, 0]); // first window, last window, from
 * ```
 */
export class RecordSpans {
  #contigs: number[] = [];
  #runs: number[] = [];
  #windows: number[] = [];
  #ordinal = 0;
  #records = 0;
  #firstBegin = 0;
  #lastBegin = 0;
  #bin = -1;
  #runBegin = 0;
  #runEnd = 0;
  // First and last window of the record before, both included.
  #first = -1;
  #last = -1;
  // End (exclusive) of the touched windows; all from the current begin's window up to it are.
  #touched = 0;

  /** Goes on with another contig, given by its ordinal. */
  begin(contigOrdinal: number): void {
    this.#closeContig();
    this.#ordinal = contigOrdinal;
  }

  /**
   * Adds one record of the contig. Records come in file order, so with ascending begins.
   *
   * @param begin POS - 1 (0-based).
   * @param end Begin + length of REF (0-based exclusive), at most 2^32.
   * @param offsetBegin First byte of the record in the uncompressed chunk.
   * @param offsetEnd Byte after the record, its newline included.
   */
  add(begin: number, end: number, offsetBegin: number, offsetEnd: number): void {
    if (begin < this.#lastBegin || end <= begin) {
      throw new Error(`Record ${begin}..${end} is empty or out of order`);
    }
    if (this.#records++ === 0) this.#firstBegin = begin;
    this.#lastBegin = begin;
    const first = begin >>> MIN_SHIFT;
    const last = (end - 1) >>> MIN_SHIFT;
    if (first !== this.#first || last !== this.#last) this.#move(first, last, offsetBegin);
    this.#runEnd = offsetEnd;
  }

  /** Returns the spans of the records added since the last call, and begins the next chunk. */
  take(): ChunkSpans {
    this.#closeContig();
    const spans = {
      contigs: Uint32Array.from(this.#contigs),
      runs: Uint32Array.from(this.#runs),
      windows: Uint32Array.from(this.#windows),
    };
    this.#contigs.length = this.#runs.length = this.#windows.length = 0;
    return spans;
  }

  #closeContig(): void {
    this.#closeRun();
    if (this.#records > 0) {
      const ends = [this.#runs.length, this.#windows.length];
      this.#contigs.push(this.#ordinal, this.#records, this.#firstBegin, this.#lastBegin, ...ends);
    }
    this.#records = this.#lastBegin = this.#touched = 0;
    this.#bin = this.#first = this.#last = -1;
  }

  /** Goes on to a record in other windows than the one before, perhaps in another bin. */
  #move(first: number, last: number, offset: number): void {
    this.#first = first;
    this.#last = last;
    if (last >= this.#touched) {
      this.#windows.push(Math.max(first, this.#touched), last, offset);
      this.#touched = last + 1;
    }
    const bin = smallestBin(first, last);
    if (bin === this.#bin) return;
    this.#closeRun();
    this.#bin = bin;
    this.#runBegin = offset;
  }

  #closeRun(): void {
    if (this.#bin >= 0) this.#runs.push(this.#bin, this.#runBegin, this.#runEnd);
  }
}

/** Returns the code of the smallest bin that holds both windows. */
function smallestBin(first: number, last: number): number {
  let height = 0;
  while (first !== last) {
    first >>>= 3;
    last >>>= 3;
    height++;
  }
  return binCode(first, height);
}

function binCode(index: number, height: number): number {
  return index * (MAX_HEIGHT + 1) + height;
}

export function heightOf(code: number): number {
  return code & MAX_HEIGHT;
}

export function indexOf(code: number): number {
  return code >>> 4;
}

export function parentOf(code: number): number {
  return binCode(indexOf(code) >>> 3, heightOf(code) + 1);
}
