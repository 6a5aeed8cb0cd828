/**
 * Which thread formats what, as plain data: contigs to ordered partitions.
 *
 * @module
 */

/** What is known of a contig after ingest. */
export interface ContigSummary {
  name: string;
  records: number;
  /** Positions, 1-based, both included. */
  minPos: number;
  maxPos: number;
  /** Source lines of its first and last record, 1-based. */
  firstLine: number;
  lastLine: number;
  /** Do its positions ascend (or repeat) in the order of the lines? */
  sorted: boolean;
}

/** A part of the output that one thread writes on its own. */
export interface Partition {
  /** Place in the output, 0-based. */
  ordinal: number;
  contig: string;
  /** Place of the contig in the header, 0-based. */
  contigOrdinal: number;
  /** Lines of the source, both included; their order is that of the records. */
  lines: { first: number; last: number } | undefined;
}

/**
 * Cut contigs into partitions, in output order. A sorted contig is cut by lines, `most` at most: the
 * rows of one are put in order in memory. Another is one partition, which DuckDB sorts.
 *
 * @param contigs In output order.
 * @param most Lines of a partition.
 * @example
 * ```ts
 * import { planPartitions } from "./plan.ts";
 * const contig = { name: "1", records: 250, minPos: 1, maxPos: 900, firstLine: 2, lastLine: 251,
 *   sorted: true };
 * const lines = planPartitions([contig], 100).map(({ lines }) => lines);
 * console.assert(JSON.stringify(lines) ===
 *   '[{"first":2,"last":85},{"first":86,"last":168},{"first":169,"last":251}]');
 * ```
 */
export function planPartitions(contigs: readonly ContigSummary[], most: number): Partition[] {
  const partitions: Partition[] = [];
  contigs.forEach(({ name, firstLine, lastLine, sorted }, contigOrdinal) => {
    const add = (lines: Partition["lines"]) =>
      partitions.push({ ordinal: partitions.length, contig: name, contigOrdinal, lines });
    if (!sorted) return add(undefined);
    const span = lastLine - firstLine + 1;
    const parts = Math.ceil(span / most);
    for (let part = 0; part < parts; part++) {
      const first = firstLine + Math.ceil(span * part / parts);
      add({ first, last: firstLine + Math.ceil(span * (part + 1) / parts) - 1 });
    }
  });
  return partitions;
}
