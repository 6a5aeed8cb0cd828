/**
 * Cuts contigs into ordered partitions, as plain data. One thread formats a partition.
 *
 * @module
 */

import type { ContigSummary } from "../table/contig_summary.ts";

/** The lines of a contig that are read. */
export interface ContigSpan extends ContigSummary {
  /** Place of the contig in the header, 0-based. */
  contigOrdinal: number;
}

/** A part of the output that one thread writes on its own. */
export interface Partition {
  /** Place in the output, 0-based. */
  ordinal: number;
  contig: string;
  /** Place of the contig in the header, 0-based. */
  contigOrdinal: number;
  /**
   * Lines of the source, 1-based, both included, in the order of the records; undefined where
   * DuckDB sorts.
   */
  lines: { first: number; last: number } | undefined;
}

/**
 * Cuts spans of contigs into partitions, in output order. A sorted contig is cut into ranges of
 * `most` lines at most, as the rows of a range are put in order in memory. A contig that is not
 * sorted is one partition, which DuckDB sorts.
 *
 * @param spans In output order.
 * @param most Most lines of a partition.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { planPartitions } from "./partitions.ts";
 * const contig = { name: "1", records: 250, minPos: 1, maxPos: 900, firstLine: 2, lastLine: 251,
 *   sorted: true, contigOrdinal: 0 };
 * const lines = planPartitions([contig], 100).map(({ lines }) => lines);
 * assert(JSON.stringify(lines) ===
 *   '[{"first":2,"last":85},{"first":86,"last":168},{"first":169,"last":251}]');
 * ```
 */
export function planPartitions(spans: readonly ContigSpan[], most: number): Partition[] {
  const partitions: Partition[] = [];
  for (const { name, contigOrdinal, firstLine, lastLine, sorted } of spans) {
    const add = (lines: Partition["lines"]) =>
      partitions.push({ ordinal: partitions.length, contig: name, contigOrdinal, lines });
    const span = lastLine - firstLine + 1;
    const parts = sorted ? Math.ceil(span / most) : 0;
    if (!sorted) add(undefined);
    for (let part = 0; part < parts; part++) {
      const first = firstLine + Math.ceil(span * part / parts);
      add({ first, last: firstLine + Math.ceil(span * (part + 1) / parts) - 1 });
    }
  }
  return partitions;
}
