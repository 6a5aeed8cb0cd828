/**
 * Brings the rows of a matrix to the output: straight, where that is wanted and they are in order,
 * or through the table.
 *
 * @module
 */
import { memoryBudget } from "../base/memory_budget.ts";
import { exists } from "../base/files.ts";
import { UsageError } from "../base/errors.ts";
import { announce } from "../ingest/announce.ts";
import type { TableRequest } from "../ingest/table_request.ts";
import { type Columns, readLayout } from "../matrix/read_layout.ts";
import type { WrittenOutput } from "../output/write_output.ts";
import type { TableSummary } from "../table/read_metadata.ts";
import type { ConvertOptions } from "./options.ts";

/** A conversion: its input, and what the run shares. */
export interface RowsRequest extends TableRequest {
  options: ConvertOptions;
}

/** What has been written, and what is known of the rows. */
export interface WrittenRows {
  /** True where no table was made on the way. */
  direct: boolean;
  written: WrittenOutput;
  summary: TableSummary;
  /** Names of the haplotype columns that are missing in every row, if this run read them. */
  missing: string[];
  /** True where the table existed before. */
  reused: boolean;
  /** Names the table, where that had to wait until nobody read it. */
  nameTable: () => Promise<void>;
}

/** Writes the output; the files have no public names yet. */
export async function writeRows(request: RowsRequest): Promise<WrittenRows> {
  const { options, input } = request;
  if (!options.direct) return await throughTable(request);
  if (input.kind === "duckdb") {
    throw new UsageError("`direct` is for a matrix; the input is a table already");
  }
  if (options.database !== undefined) return await throughTable(request);
  const columns = await readLayout(input, options);
  announce(columns.layout, options);
  return await straight(request, columns) ?? await throughTable({ ...request, columns });
}

async function straight(
  request: RowsRequest,
  columns: Columns,
): Promise<WrittenRows | undefined> {
  const { NotDirect } = await import("../direct/cell_order.ts");
  const { writeDirect } = await import("../direct/write_direct.ts");
  const done = await writeDirect({ ...request, columns });
  if (!(done instanceof NotDirect)) {
    return { ...done, direct: true, reused: false, nameTable: () => Promise.resolve() };
  }
  request.options.onNote(`${done.message}: going through the table instead`);
  return undefined;
}

async function throughTable(request: RowsRequest): Promise<WrittenRows> {
  const { options, work, pool, progress } = request;
  const { makeTable } = await import("../ingest/make_table.ts");
  const { writeOutput } = await import("../output/write_output.ts");
  const { pinned, summary, missing, reused, nameTable } = await makeTable(request);
  const written = await writeOutput({ options, work, pool, progress, pinned, table: summary });
  if (pool && pool.size < memoryBudget(options.memory, options.threads, summary.stride).threads) {
    options.onNote(`the alleles left memory for ${pool.size} threads only`);
  }
  return { direct: false, written, summary, missing, reused, nameTable };
}
