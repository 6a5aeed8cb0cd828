/**
 * Defines the rows of a partition on their way to the formatter, wherever they come from.
 *
 * @module
 */
import type { RecordRows } from "../vcf/row_formatter.ts";

/** Rows of a contig, as chunks in any order, and the order of the rows in the output. */
export interface OrderedRows {
  /** Place of the contig among those of the partition, 0-based. */
  contig: number;
  chunks: readonly RecordRows[];
  /** Rows in record order: `chunk << 11 | row`, both 0-based. */
  order: Uint32Array;
}

/** Bits of a row number in `order`; chunks have 2,048 rows at most. */
export const ROW_BITS = 11;
