/**
 * Defines the job of the store and its answer, apart from the store, so that main loads no DuckDB.
 *
 * @module
 */
import type { RingMemory } from "./batch_ring.ts";
import type { ContigSummary } from "../table/contig_summary.ts";
import type { TableValue } from "../table/database.ts";
import type { DatabaseLimits } from "../table/database_limits.ts";
import type { RowSource } from "../matrix/line_segments.ts";
import type { LineRange } from "../matrix/grid.ts";
import type { MatrixLayout } from "../matrix/layout.ts";
import type { Populations } from "../matrix/populations.ts";
import type { BatchShape } from "../matrix/row_batch.ts";
import type { Vocabulary } from "../matrix/tokenizer_plan.ts";

/** Facts about the input that a kept table stores. */
export interface KeptSource {
  /** The row of `source`, without `skipped` and `has_id`. */
  row: TableValue[];
  /** CRC-32 of the bytes before the first row. */
  headChecksum: number;
  /** CRC-32 of a gzip file that was decompressed before ingest, and its size in bytes. */
  whole: { bytes: number; crc32: number } | undefined;
  /** Which sample is of which population, where that was told. */
  populations: Populations | undefined;
}

/** A table to make; plain data, for `postMessage`. */
export interface StoreJob {
  layout: MatrixLayout;
  /** Mean bytes of the texts of a row (ID, ALTs, frequencies), about. */
  rowTextBytes: number;
  source: RowSource;
  /** Lines before the first row. */
  headerLines: number;
  vocabulary: Vocabulary;
  shape: BatchShape;
  /**
   * 64-bit words that a row's codes are stored in, packed if there are few alleles; undefined where
   * they are an ENUM array.
   */
  words: number | undefined;
  /** Rings of the producers, and the files in which they describe bad rows. */
  rings: RingMemory[];
  problemFiles: string[];
  /** Memory of the `Control` that all threads share. */
  control: SharedArrayBuffer;
  /** Memory of the numbers that {@linkcode StoreCount} names. */
  counts: SharedArrayBuffer;
  onBadRow: "error" | "skip";
  /** Path of the file for bad rows. */
  rejectsFile: string;
  /** Path of the database to make; it does not exist. */
  database: string;
  limits: DatabaseLimits;
  /** Undefined for a temporary table. */
  kept: KeptSource | undefined;
  /** True where a kept table gets sums of its genotypes, which come once all rows are there. */
  sums: boolean;
  /** True where DuckDB's use of memory is wanted among the counts. */
  watchMemory: boolean;
}

/** Places of the Float64 numbers in shared memory that other threads read while a table is made. */
export const StoreCount = { Rows: 0, SourceBytes: 1, Memory: 2, Temporary: 3, Numbers: 4 } as const;

/** The answer of the store. */
export interface Stored {
  /** In output order; undefined if something unforeseen turned up, and no table was made. */
  contigs: ContigSummary[] | undefined;
  /** The ranges of the rows, in file order. */
  grid: LineRange[];
  /** Number of bad rows that were put aside. */
  rejected: number;
  /** Lines from the first row on. */
  lines: number;
  /** CRC-32 of the bytes of a part; 0 of a whole file. */
  crc: number;
}
