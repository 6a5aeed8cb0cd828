/**
 * What a table says of a contig.
 *
 * @module
 */

/** A contig of a table. */
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
