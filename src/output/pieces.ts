/**
 * Notes of what the text of a partition is made, so that another program can take it apart: runs of
 * records of one contig whose rows lie in one range of the grid.
 *
 * @module
 */

/** Records that follow each other in a partition. */
export interface PartitionPiece {
  contig: string;
  /** The range of the grid that their rows lie in, 0-based; -1 where they have no order of lines. */
  range: number;
  records: number;
  /** Bytes of their text, uncompressed. */
  bytes: number;
}

/** What is known of a partition once it is written. */
export interface PartitionPieces {
  /** In the order of the records. */
  pieces: PartitionPiece[];
  /** Positions of the first and last record of its last contig, 1-based; 0 without records. */
  firstPos: number;
  lastPos: number;
  /** Records at the position of the record before. */
  duplicates: number;
}

/**
 * A collector of the pieces of one partition after the other.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { PieceTracker } from "./pieces.ts";
 * const tracker = new PieceTracker(Float64Array.of(1, 10)); // ranges: lines 1 to 9, and from 10 on
 * tracker.begin("1", true);
 * tracker.add(8, 40);
 * tracker.add(12, 40);
 * assert.deepEqual(tracker.take().map(({ range, bytes }) => [range, bytes]), [[0, 40], [1, 40]]);
 * ```
 */
export class PieceTracker {
  #pieces: PartitionPiece[] = [];
  #contig = "";
  #ordered = false;
  /** Lines of the range of the open piece, the end excluded. */
  #from = 0;
  #to = 0;

  /**
   * @param edges First line of each range, ascending; undefined where all rows of a partition lie in
   * one, which then is 0.
   */
  constructor(private readonly edges: Float64Array | undefined) {}

  /** True where records are told one by one, as each may begin a piece. */
  get byLines(): boolean {
    return this.edges !== undefined && this.#ordered;
  }

  /**
   * Goes on with another contig.
   *
   * @param ordered True where its records have the order of their lines.
   */
  begin(contig: string, ordered: boolean): void {
    this.#contig = contig;
    this.#ordered = ordered;
    this.#from = this.#to = 0;
  }

  /** Adds records of so many bytes, the first of which is on a line. */
  add(line: number, bytes: number, records = 1): void {
    if (line < this.#from || line >= this.#to) this.#open(line);
    const piece = this.#pieces.at(-1)!;
    piece.records += records;
    piece.bytes += bytes;
  }

  /** Returns the pieces of the partition, and begins with another one. */
  take(): PartitionPiece[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#from = this.#to = 0;
    return pieces;
  }

  #open(line: number): void {
    const { edges } = this;
    let range = this.#ordered ? 0 : -1;
    [this.#from, this.#to] = [0, Infinity];
    if (this.byLines) {
      range = rangeOf(edges!, line);
      [this.#from, this.#to] = [edges![range], edges![range + 1] ?? Infinity];
    }
    this.#pieces.push({ contig: this.#contig, range, records: 0, bytes: 0 });
  }
}

/** Returns the last range (0-based) that does not begin after a line. */
function rangeOf(edges: Float64Array, line: number): number {
  let from = 0, to = edges.length;
  while (to - from > 1) {
    const middle = from + to >> 1;
    if (edges[middle] <= line) from = middle;
    else to = middle;
  }
  return from;
}
