/**
 * Cuts the contigs of a table into ordered partitions, as plain data. One thread formats a
 * partition, and ends a BGZF block with it.
 *
 * Three steps: contigs are grouped by what has to be read together, regions narrow what is read of
 * a large contig (`region_lines.ts`), and the grid cuts it.
 *
 * @module
 */
import { CHUNK_ROWS } from "../base/memory_budget.ts";
import { type LineRange, rangeAt } from "../matrix/grid.ts";
import type { ContigSummary } from "../table/contig_summary.ts";
import { type KeyRange, placeKey } from "./row_bins.ts";

/** A contig, with its place in the output. */
export interface ContigSpan extends ContigSummary {
  /** True where its rows are sorted; `sorted` is false, too, where they are read as if they were not. */
  inOrder: boolean;
  /** Place of the contig in the header, 0-based. */
  contigOrdinal: number;
}

/** Contigs that follow each other in the output and are read together; mostly only one. */
export interface ContigGroup {
  /** In output order. */
  contigs: ContigSpan[];
  /** Number of rows that are read. */
  rows: number;
  /**
   * Lines to read, in the order of the records; undefined where all rows of the contigs
   * are sorted.
   */
  lines: LineRange[] | undefined;
}

/** A part of the output that one thread writes on its own. */
export interface Partition {
  /** Place in the output, 0-based. */
  ordinal: number;
  /** Place of its group, 0-based. */
  group: number;
  /** Its contigs, in output order, with their codes and places in the header (0-based). */
  contigs: { name: string; code: number; contigOrdinal: number; ordered: boolean }[];
  /**
   * Lines of the source that its rows are on, perhaps with those of others between. There are
   * several ranges where regions leave lines out between them, or where rows to be sorted are long.
   */
  lines: LineRange[];
  /** The rows where they are to be sorted; undefined where they have the order of the lines. */
  toSort: RowsToSort | undefined;
}

/** Rows that are to be sorted. */
export interface RowsToSort {
  rows: number;
  /** The keys by place among the contigs of the partition, and position. */
  keys: KeyRange;
}

/** Rows of a contig up to which it is read together with others of its kind. */
export const FEW_ROWS = 4096;
/**
 * A run is out of place if the order breaks within so many runs before or after it: in no order at
 * all, a third of all contigs happen to stand between two that fit.
 */
const NEAR = 4;

/**
 * Groups contigs.
 *
 * - The contigs within one range of the grid, between its first and its last, are one group as far
 *   as they follow each other in the output. The first and the last may go on in another range, and
 *   always are groups of their own. So a range decides its groups, and nothing else does.
 * - Small contigs that are out of place, as the output has another order than the input, or as
 *   their rows lie among those of others, are read together, too.
 *
 * @param spans In output order.
 * @param grid The ranges of the rows.
 * @param most Most rows of contigs that are out of place and read together.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { groupContigs } from "./partitions.ts";
 * const spans = ["1", "2", "3", "4"].map((name, contigOrdinal) => ({ name, contigOrdinal,
 *   code: contigOrdinal, records: 2, minPos: 1, maxPos: 9, firstLine: 2 + 2 * contigOrdinal,
 *   lastLine: 3 + 2 * contigOrdinal, sorted: true, inOrder: true }));
 * const groups = groupContigs(spans, [{ first: 2, last: 9 }], 1000);
 * assert(groups.map(({ contigs }) => contigs.length).join() === "1,2,1");
 * ```
 */
export function groupContigs(
  spans: readonly ContigSpan[],
  grid: readonly LineRange[],
  most: number,
): ContigGroup[] {
  const runs: ContigSpan[][] = [];
  let open = -1;
  for (const span of spans) {
    const range = innerRange(span, grid);
    if (range >= 0 && range === open) runs.at(-1)!.push(span);
    else runs.push([span]);
    open = range;
  }
  return joinDisplaced(runs, most).map(groupOf);
}

/** Returns the range (0-based) that has a contig between its first and its last; -1 for none. */
function innerRange({ firstLine, lastLine }: ContigSpan, grid: readonly LineRange[]): number {
  const at = rangeAt(grid, firstLine), range = grid[at];
  return range && range.first < firstLine && lastLine < range.last ? at : -1;
}

/** Joins runs of small contigs that are out of place, as far as they follow each other. */
function joinDisplaced(runs: readonly ContigSpan[][], most: number): ContigSpan[][] {
  const breaks = runs.map((run, i) => isBreak(run, runs[i + 1]));
  const joined: ContigSpan[][] = [];
  let rows = Infinity;
  runs.forEach((run, i) => {
    const own = rowsOf(run);
    const isDisplaced = breaks.slice(Math.max(0, i - NEAR), i + NEAR).includes(true);
    if (own > FEW_ROWS || !isDisplaced) {
      joined.push(run);
      rows = Infinity;
    } else if (rows + own > most) {
      joined.push([...run]);
      rows = own;
    } else {
      joined.at(-1)!.push(...run);
      rows += own;
    }
  });
  return joined;
}

/** Tells whether the output has another order than the input, in a run or between two of them. */
function isBreak(run: readonly ContigSpan[], next: readonly ContigSpan[] | undefined): boolean {
  if (run.length === 1 && !run[0].sorted) return true;
  return next !== undefined && run.at(-1)!.lastLine >= next[0].firstLine;
}

function rowsOf(contigs: readonly ContigSpan[]): number {
  return contigs.reduce((sum, { records }) => sum + records, 0);
}

function groupOf(contigs: ContigSpan[]): ContigGroup {
  const [{ firstLine: first, lastLine: last, sorted }] = contigs;
  const inOrder = contigs.length === 1 && sorted;
  return { contigs, rows: rowsOf(contigs), lines: inOrder ? [{ first, last }] : undefined };
}

/**
 * Cuts groups into partitions, in output order. A group whose lines are in order is cut at the
 * edges of the grid, and nowhere else, whatever regions leave out; another one is a single partition.
 *
 * @param groups In output order.
 * @param grid The ranges of the rows.
 */
export function cutGroups(
  groups: readonly ContigGroup[],
  grid: readonly LineRange[],
): Partition[] {
  const partitions: Partition[] = [];
  groups.forEach(({ contigs: spans, rows, lines }, group) => {
    const contigs = spans.map(({ name, code, contigOrdinal, inOrder }) => {
      return { name, code, contigOrdinal, ordered: inOrder };
    });
    const add = (lines: LineRange[], toSort?: RowsToSort) =>
      partitions.push({ ordinal: partitions.length, group, contigs, lines, toSort });
    if (!lines) add(chunkRanges(hullOf(spans), grid), { rows, keys: keysOf(spans) });
    let cell = -1;
    for (const range of lines ?? []) {
      for (const { at, cut } of cutLines(range, grid)) {
        if (at === cell) partitions.at(-1)!.lines.push(cut);
        else add([cut]);
        cell = at;
      }
    }
  });
  return partitions;
}

function keysOf(spans: readonly ContigSpan[]): KeyRange {
  const last = spans.length - 1;
  return { first: placeKey(0, spans[0].minPos), last: placeKey(last, spans[last].maxPos) };
}

function hullOf(spans: readonly ContigSpan[]): LineRange {
  return {
    first: spans.reduce((first, { firstLine }) => Math.min(first, firstLine), Infinity),
    last: spans.reduce((last, { lastLine }) => Math.max(last, lastLine), 0),
  };
}

/**
 * Returns a range of lines as ranges of which DuckDB makes no chunk of many bytes: the ranges of the
 * grid where their rows are few, as those are long.
 */
function chunkRanges(range: LineRange, grid: readonly LineRange[]): LineRange[] {
  const ranges: LineRange[] = [];
  let wasLong = true;
  for (const { cut } of cutLines(range, grid)) {
    const isLong = cut.last - cut.first < CHUNK_ROWS;
    if (isLong || wasLong) ranges.push(cut);
    else ranges.at(-1)!.last = cut.last;
    wasLong = isLong;
  }
  return ranges;
}

/** Yields the parts of a range of lines by the range (0-based) of the grid that they lie in. */
function* cutLines(
  { first, last }: LineRange,
  grid: readonly LineRange[],
): Generator<{ at: number; cut: LineRange }> {
  for (let at = rangeAt(grid, first); at < grid.length && grid[at].first <= last; at++) {
    const cut = { first: Math.max(first, grid[at].first), last: Math.min(last, grid[at].last) };
    yield { at, cut };
  }
}
