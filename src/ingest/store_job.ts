/**
 * What the store of a table is asked and answers; apart from it, so that who asks loads no DuckDB.
 *
 * @module
 */
import type { RingMemory } from "./batch_ring.ts";
import type { ContigSummary } from "../table/contig_summary.ts";
import type { TableValue } from "../table/database.ts";
import type { DatabaseLimits } from "../table/database_limits.ts";
import type { RowSource } from "../matrix/line_segments.ts";
import type { MatrixLayout } from "../matrix/layout.ts";
import type { BatchShape } from "../matrix/row_batch.ts";
import type { Vocabulary } from "../matrix/tokenizer.ts";

/** What is kept beside the rows of a table that is kept. */
export interface KeptSource {
  /** The row of `source`, without `skipped` and `has_id`. */
  row: TableValue[];
  /** CRC-32 of the bytes before the first row. */
  headChecksum: number;
  /** CRC-32 of a gzip file that was decompressed before, and its bytes. */
  whole: { bytes: number; crc32: number } | undefined;
}

/** A table to make; plain data, for `postMessage`. */
export interface StoreJob {
  layout: MatrixLayout;
  source: RowSource;
  /** Lines before the first row. */
  headerLines: number;
  vocabulary: Vocabulary;
  shape: BatchShape;
  /** 64-bit words that a row's codes are stored in; undefined where they are an ENUM array. */
  words: number | undefined;
  /** One for each producer, and the file that it describes bad rows in. */
  rings: RingMemory[];
  problemFiles: string[];
  /** What `Control` is made over. */
  control: SharedArrayBuffer;
  /** {@linkcode StoreCount} numbers. */
  counts: SharedArrayBuffer;
  onBadRow: "error" | "skip";
  /** Where bad rows are put aside. */
  rejectsFile: string;
  /** Path of the database to make; it does not exist. */
  database: string;
  limits: DatabaseLimits;
  /** Undefined for a temporary table. */
  kept: KeptSource | undefined;
  /** Is DuckDB's use of memory wanted among the counts? */
  watchMemory: boolean;
}

/** What others may read while a table is made: Float64 numbers in shared memory. */
export const StoreCount = { Rows: 0, SourceBytes: 1, Memory: 2, Temporary: 3, Numbers: 4 } as const;

/** A table that was made; undefined contigs if something unforeseen turned up, and none was. */
export interface Stored {
  /** In output order. */
  contigs: ContigSummary[] | undefined;
  /** Bad rows put aside. */
  rejected: number;
}
