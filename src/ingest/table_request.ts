/**
 * What a table is made with, and what comes of it.
 *
 * @module
 */
import type { DuckdbUse } from "../table/database.ts";
import type { InputFile } from "../matrix/input_file.ts";
import type { IngestOptions } from "./options.ts";
import type { WorkFolder } from "../base/work_folder.ts";
import type { PinnedTable } from "../table/pinned_table.ts";
import type { Progress } from "../base/progress.ts";
import type { TableSummary } from "../table/read_metadata.ts";
import type { WorkerPool } from "../threads/worker_pool.ts";

/** What a table is made with. */
export interface TableRequest {
  options: IngestOptions;
  input: InputFile;
  work: WorkFolder;
  pool: WorkerPool | undefined;
  progress: Progress;
  /** Is told now and then what DuckDB uses, while rows come in. */
  onDuckdb: ((use: DuckdbUse) => void) | undefined;
  /** Where the rejects file is made; undefined where bad rows end the run. */
  rejects: string | undefined;
}

/** A database, what it says of itself, and whether it was there before. */
export interface Table {
  pinned: PinnedTable;
  summary: TableSummary;
  reused: boolean;
  /**
   * Gives a new table its public name, where it does not have it yet. It is to be called when nobody
   * reads the table any more, and before there is an output.
   */
  nameTable: () => Promise<void>;
}
