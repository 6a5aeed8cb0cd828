/**
 * Lays a grid over the rows of a matrix, on which the output is cut into partitions. A cell is a
 * fixed span of the input's uncompressed bytes, counted from the first row, and it owns the lines
 * that start in it. So the place of a cut depends on the bytes before it in its cell, and on
 * nothing else: neither on threads, nor on compression, nor on the rest of a contig.
 *
 * @module
 */
import type { RowBatch } from "./row_batch.ts";

/** Lines of the source, 1-based, both included. */
export interface LineRange {
  first: number;
  last: number;
}

/**
 * Fewest bytes of a segment, headers as long as one, and fewest bytes of a cell. Tests of where the
 * cuts are lay a finer grid.
 */
export const FEWEST = { segment: 1 << 20, headers: 16, cell: 4 * 1024 ** 2 };
/** Most lines of a range: the rows of a range are put in order in memory. */
export const RANGE_LINES = 65_536;

/** Returns the bytes of a segment, which holds several rows in a wide matrix, too. */
export function segmentBytes(headerLength: number): number {
  return Math.max(FEWEST.segment, Math.min(1 << 24, headerLength * FEWEST.headers));
}

/**
 * Returns the bytes of a cell: whole segments, of 4 MiB at least.
 *
 * @param segmentBytes Bytes of a segment of the input.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { cellBytes } from "./grid.ts";
 * assert(cellBytes(1 << 20) === 1 << 22);
 * assert(cellBytes(3 << 20) === 6 << 20);
 * ```
 */
export function cellBytes(segmentBytes: number): number {
  return Math.ceil(FEWEST.cell / segmentBytes) * segmentBytes;
}

/**
 * The ranges of lines that the rows of each cell are on, in file order: from the first row of a
 * cell to its last, and several ranges where a cell has more than 65,536 lines.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { GridTracker } from "./grid.ts";
 * const grid = new GridTracker();
 * grid.add({ rows: 2, line: Uint32Array.of(1, 3) }, 1, 0);
 * grid.add({ rows: 1, line: Uint32Array.of(1) }, 4, 1);
 * assert(JSON.stringify(grid.ranges) === '[{"first":2,"last":4},{"first":5,"last":5}]');
 * ```
 */
export class GridTracker {
  readonly ranges: LineRange[] = [];
  #cell = -1;
  #open: LineRange = { first: 0, last: 0 };

  /**
   * Adds the rows of a batch, in file order.
   *
   * @param lineBase Lines before the first that `line` counts from.
   * @param cell The cell that all of its lines start in, 0-based.
   */
  add({ rows, line }: Pick<RowBatch, "rows" | "line">, lineBase: number, cell: number): void {
    for (let from = 0; from < rows;) {
      const first = lineBase + line[from];
      if (cell !== this.#cell || first >= this.#open.first + RANGE_LINES) {
        this.#cell = cell;
        this.ranges.push(this.#open = { first, last: first });
      }
      const end = this.#open.first + RANGE_LINES - lineBase;
      let to = rows;
      while (line[to - 1] >= end) to--;
      this.#open.last = lineBase + line[to - 1];
      from = to;
    }
  }
}

/**
 * Returns the place (0-based) of the range that a line lies in, or of the first after it; the
 * number of ranges where all lie before it.
 */
export function rangeAt(ranges: readonly LineRange[], line: number): number {
  let from = 0, to = ranges.length;
  while (from < to) {
    const middle = from + to >> 1;
    if (ranges[middle].last < line) from = middle + 1;
    else to = middle;
  }
  return from;
}
