/**
 * Describes a contig of a table.
 *
 * @module
 */

/** A contig of a table, with the range of its positions and lines. */
export interface ContigSummary {
  name: string;
  /** Its code in `records`, 0-based. */
  code: number;
  records: number;
  /** Positions of its records, 1-based, both included. */
  minPos: number;
  maxPos: number;
  /** Source lines of its first and last record, 1-based. */
  firstLine: number;
  lastLine: number;
  /** True where its positions ascend (or repeat) in the order of the lines. */
  sorted: boolean;
}
