/**
 * Brings the rows of a matrix to the output: straight, where that is wanted and they are in order,
 * or through the table.
 *
 * @module
 */
import { memoryBudget } from "../base/memory_budget.ts";
import { exists } from "../base/files.ts";
import { InterruptedError, UsageError } from "../base/errors.ts";
import { Progress } from "../base/progress.ts";
import { NotDirect } from "../direct/cell_order.ts";
import type { DirectOutput } from "../direct/write_direct.ts";
import { announce } from "../ingest/announce.ts";
import type { ReadRows, Table, TableRequest } from "../ingest/table_request.ts";
import { partsOf } from "../matrix/dialects/row_extras.ts";
import { phaseRowBytes } from "../matrix/row_batch.ts";
import { type Columns, readLayout } from "../matrix/read_layout.ts";
import type { OutputRequest, WrittenOutput } from "../output/write_output.ts";
import type { Sums } from "../checksum/sums.ts";
import { ALL_SITES } from "../vcf/site_filter.ts";
import type { PinnedTable } from "../table/pinned_table.ts";
import type { TableSummary } from "../table/read_metadata.ts";
import { isView } from "../vcf/row_formatter.ts";
import type { ConvertOptions } from "./request.ts";

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
  /** Rows that a kernel has read, if this run read them. */
  kernelRows: number;
  /** What the rows told, if this run read them. */
  read?: ReadRows;
  /** The table that the rows went through, or that was made beside the output. */
  pinned?: PinnedTable;
  /** True where all rows are written, with their genotypes as they are. */
  whole: boolean;
  /** True where the table existed before. */
  reused: boolean;
  /**
   * Sums of the genotypes of the table as they were read, where it has them and all of its rows are
   * written as they are.
   */
  sums: Sums | undefined;
  /** Names the table, where that had to wait until nobody read it. */
  nameTable: () => Promise<void>;
}

/** Share of the memory of an output that is written beside its table. */
const DIRECT_SHARE = 0.3;

const TABLE_ONLY = "the memory is enough for the table only, and the output comes from it";

/** Writes the output; the files have no public names yet. */
export async function writeRows(request: RowsRequest): Promise<WrittenRows> {
  const { options, input } = request;
  if (!options.direct) return await throughTable(request);
  if (input.kind === "duckdb") {
    throw new UsageError("`direct` is for a matrix; the input is a table already");
  }
  if (options.database !== undefined && await exists(options.database)) {
    return await throughTable(request);
  }
  const columns = request.columns ?? await readLayout(input, options);
  if (!request.columns) announce(columns.layout, options);
  const straight = options.database === undefined ? withoutTable : besideTable;
  return await straight({ ...request, columns });
}

/** A request whose header has been read. */
interface ReadRequest extends RowsRequest {
  columns: Columns;
}

async function withoutTable(request: ReadRequest): Promise<WrittenRows> {
  const { writeDirect } = await import("../direct/write_direct.ts");
  const done = await writeDirect(request);
  if (!(done instanceof NotDirect)) {
    return {
      ...done,
      direct: true,
      whole: takesAll(request.options),
      reused: false,
      sums: undefined,
      nameTable: () => Promise.resolve(),
    };
  }
  request.options.onNote(`${done.message}: going through the table instead`);
  return await throughTable(request);
}

/** Writes the output beside the table; where memory is not enough for both, from the table. */
async function besideTable(request: ReadRequest): Promise<WrittenRows> {
  const { options: { memory, onNote }, columns: { layout }, pool } = request, threads = pool?.size;
  const rowBytes = layout.haplotypes + phaseRowBytes(partsOf(layout));
  if (!isEnough(memory * (1 - DIRECT_SHARE), rowBytes)) {
    onNote(TABLE_ONLY);
    return await throughTable(request);
  }
  try {
    return await tableAndOutput(request);
  } catch (error) {
    // Alleles and contigs may need more than their share.
    if (!(error instanceof UsageError)) throw error;
    return await tableAlone(request, threads);
  }
}

/**
 * Writes the output while other threads make the table, which reads the input for itself: its
 * alleles have codes that are known only once all rows have been looked at.
 */
async function tableAndOutput(request: ReadRequest): Promise<WrittenRows> {
  const { options, pool } = request, stop = new AbortController();
  const [memory, rest] = [options.memory * DIRECT_SHARE, options.memory * (1 - DIRECT_SHARE)];
  const signal = AbortSignal.any([stop.signal, ...options.signal ? [options.signal] : []]);
  const tablePool = pool?.another(pool.size);
  try {
    const { makeTable } = await import("../ingest/make_table.ts");
    const table = { ...request, pool: tablePool, options: { ...options, memory: rest, signal } };
    const making = makeTable(table);
    making.catch(() => stop.abort());
    // One thread does one after the other.
    if (!pool) await making;
    // The table's rows are summed as they are read, which mostly is enough.
    const sums = options.sums && !takesAll(options);
    const writing = writeBeside({ ...request, options: { ...options, memory, signal, sums } });
    writing.catch(() => stop.abort());
    const [made, done] = await Promise.allSettled([making, writing]);
    if (made.status === "rejected" || done.status === "rejected") throw reasonOf(made, done);
    if (!(done.value instanceof NotDirect)) {
      const whole = takesAll(options), sums = whole ? made.value.sums : undefined;
      return { ...made.value, direct: true, whole, written: done.value.written, sums };
    }
    options.onNote(`${done.value.message}: the output comes from the table instead`);
    return await fromTable(request, made.value);
  } finally {
    await tablePool?.close();
  }
}

/** Writes the output straight; what is told of progress and bad rows is the table's. */
async function writeBeside(request: ReadRequest): Promise<DirectOutput | NotDirect> {
  const { writeDirect } = await import("../direct/write_direct.ts");
  const rejects = request.rejects && request.work.file("rejects");
  return await writeDirect({ ...request, rejects, progress: new Progress(() => {}) });
}

/** Writes the output from the table, which has all of the memory; the workers have been stopped. */
async function tableAlone(request: ReadRequest, threads = 0): Promise<WrittenRows> {
  const pool = request.pool?.another(threads);
  try {
    request.options.onNote(TABLE_ONLY);
    return await throughTable({ ...request, pool });
  } finally {
    await pool?.close();
  }
}

/** Tells whether memory is enough for a table of rows of so many bytes, on one thread. */
function isEnough(memory: number, rowBytes: number): boolean {
  try {
    return memoryBudget(memory, 1, rowBytes).threads > 0;
  } catch {
    return false;
  }
}

/** Returns why one of two failed that stopped each other. */
function reasonOf(...results: PromiseSettledResult<unknown>[]): unknown {
  const reasons = results.flatMap((result) => result.status === "rejected" ? [result.reason] : []);
  return reasons.find((reason) => !(reason instanceof InterruptedError)) ?? reasons[0];
}

async function throughTable(request: RowsRequest): Promise<WrittenRows> {
  const { makeTable } = await import("../ingest/make_table.ts");
  return await fromTable(request, await makeTable(request));
}

async function fromTable(request: RowsRequest, table: Table): Promise<WrittenRows> {
  const { work, pool, progress } = request, { pinned, summary } = table;
  // What was summed when it was read need not be summed once more before it is written.
  const whole = takesAll(request.options), read = whole ? table.sums : undefined;
  const options = { ...request.options, sums: request.options.sums && !read };
  const written = await writeTable({ options, work, pool, progress, pinned, table: summary });
  if (pool && pool.size < memoryBudget(options.memory, options.threads, summary.stride).threads) {
    options.onNote(`the alleles left memory for ${pool.size} threads only`);
  }
  return { ...table, direct: false, whole, written, sums: read };
}

/** Tells whether all rows are written, with their genotypes as they are. */
function takesAll(options: ConvertOptions): boolean {
  const { regions, regionsFile, refMismatch, variantsOnly, snpsOnly, minAlleles } = options;
  const { maxAlleles, maxMissingRate, unphased, homozygous } = options;
  return regions === undefined && regionsFile === undefined && refMismatch !== "skip" &&
    !variantsOnly && !snpsOnly && minAlleles <= ALL_SITES.minAlleles &&
    maxAlleles >= ALL_SITES.maxAlleles && maxMissingRate >= ALL_SITES.maxMissingRate &&
    !unphased && !homozygous;
}

/** Writes a table in the format that was asked for. */
async function writeTable(request: OutputRequest): Promise<WrittenOutput> {
  const { format } = request.options;
  if (isView(format)) {
    return await (await import("../output/write_view.ts")).writeView(request, format);
  }
  return await (await import("../output/write_output.ts")).writeOutput(request);
}
