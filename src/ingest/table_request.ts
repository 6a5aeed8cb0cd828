/**
 * Defines the request for a table, and the table itself.
 *
 * @module
 */
import type { DuckdbUse } from "../table/database.ts";
import type { InputFile } from "../matrix/input_file.ts";
import type { IngestOptions } from "./options.ts";
import type { WorkFolder } from "../base/work_folder.ts";
import type { PinnedTable } from "../table/pinned_table.ts";
import type { Progress } from "../base/progress.ts";
import type { MatrixLayout } from "../matrix/layout.ts";
import type { Sums } from "../checksum/sums.ts";
import type { Columns } from "../matrix/read_layout.ts";
import type { TableSource, TableSummary } from "../table/read_metadata.ts";
import type { WorkerPool } from "../threads/worker_pool.ts";

/** An input, and what is needed to make or find its table. */
export interface TableRequest {
  options: IngestOptions;
  input: InputFile;
  work: WorkFolder;
  pool: WorkerPool | undefined;
  progress: Progress;
  /** Receives now and then what DuckDB uses, while rows come in. */
  onDuckdb: ((use: DuckdbUse) => void) | undefined;
  /** What the header says, where that has been read and announced already. */
  columns?: Columns;
  /** Path of the rejects file to make; undefined where bad rows end the run. */
  rejects: string | undefined;
}

/** What a kept table must be, to be reused. */
export interface WantedTable {
  source: TableSource;
  layout: MatrixLayout;
}

/** What reading the rows told beside the rows. */
export interface ReadRows {
  /** Lines from the first row on. */
  lines: number;
  /** CRC-32 of the (uncompressed) bytes of a part; 0 of a whole file. */
  crc: number;
  /** Bases of the longest allele. */
  longest: number;
}

/** A database with its metadata; `reused` where it existed before the run. */
export interface Table {
  pinned: PinnedTable;
  summary: TableSummary;
  /** Names of the haplotype columns that are missing in every row, if this run made the table. */
  missing: string[];
  /** Rows that a kernel has read. */
  kernelRows: number;
  /** What the rows told, if this run read them. */
  read?: ReadRows;
  reused: boolean;
  /** Sums of the genotypes of all rows, as they were read; undefined where nobody wanted them. */
  sums: Sums | undefined;
  /**
   * Gives a new table its public name, where it does not have it yet. Call it when nobody reads the
   * table any more, and before the output is published.
   */
  nameTable: () => Promise<void>;
}
