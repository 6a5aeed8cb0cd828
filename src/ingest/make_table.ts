/**
 * Provides the table of an input: a kept one, or a new one.
 *
 * @module
 */
import { enumWidth } from "../base/codes.ts";
import { textBytes } from "../base/dictionary.ts";
import { Matrix2vcfError, UsageError } from "../base/errors.ts";
import { checkPathUnchanged } from "../base/input_state.ts";
import { threadsNote } from "../base/memory_budget.ts";
import { exists } from "../base/files.ts";
import { partsOf } from "../matrix/dialects/row_extras.ts";
import { phaseRowBytes } from "../matrix/row_batch.ts";
import { readLayout } from "../matrix/read_layout.ts";
import { announce } from "./announce.ts";
import { newTable } from "./new_table.ts";
import { TABLE_DEFAULTS, TABLE_FLAGS } from "./options.ts";
import type { Table, TableRequest } from "./table_request.ts";
import type { TableSummary } from "../table/read_metadata.ts";
import { sourceOf } from "./table_source.ts";

/**
 * Finds or makes the table of an input.
 *
 * @throws {InputError} Bad input; a kept database that was made differently.
 * @throws {UsageError} Options for a matrix where the input is a database.
 */
export async function makeTable(request: TableRequest): Promise<Table> {
  try {
    return await findOrMake(request);
  } catch (error) {
    // A file that is gone, or was cut, fails in many ways.
    const { path, state, shown } = request.input;
    if (!(error instanceof Matrix2vcfError)) checkPathUnchanged(path, state, shown);
    throw error;
  }
}

async function findOrMake(request: TableRequest): Promise<Table> {
  const { options, input, work } = request;
  if (input.kind === "duckdb") {
    const { keptTable, rejectAgain } = await import("./kept_table.ts");
    const table = await keptTable(givenDatabase(request), work);
    noteThreads(request, ...sizeOf(table.summary));
    await rejectAgain(table, request);
    return table;
  }
  if (options.database !== undefined && await exists(options.database)) {
    return await tableThere(options.database, request);
  }
  request.progress.begin("ingest");
  // Starting a worker takes as long as reading the head.
  const store = request.pool?.another(1);
  try {
    const columns = request.columns ?? await readLayout(request.input, request.options);
    const { header, layout } = columns;
    if (!request.columns) announce(layout, options);
    noteThreads(request, layout.haplotypes + phaseRowBytes(partsOf(layout)));
    const source = options.database === undefined
      ? undefined
      : await sourceOf(request, header, layout);
    return await newTable({ ...request, store }, columns, source);
  } finally {
    await store?.close();
  }
}

/** Opens the existing table of the name that was asked for, and makes sure that it fits. */
async function tableThere(path: string, request: TableRequest): Promise<Table> {
  const { checkReusable, keptTable, rejectAgain } = await import("./kept_table.ts");
  const { header, layout } = await readLayout(request.input, request.options);
  const source = sourceOf(request, header, layout);
  source.catch(() => {});
  const table = await keptTable(path, request.work);
  await checkReusable(table, { source: await source, layout }, request);
  request.options.onNote(`reusing the table in ${path}`);
  noteThreads(request, ...sizeOf(table.summary));
  await rejectAgain(table, request);
  return table;
}

/** Returns the path of an input that is a table, and refuses the options of a matrix. */
function givenDatabase({ input, options }: TableRequest): string {
  const { onBadRow: _, ...flags } = TABLE_FLAGS;
  const given = (Object.keys(flags) as (keyof typeof flags)[]).filter((key) =>
    String(options[key]) !== String(TABLE_DEFAULTS[key])
  ).map((key) => flags[key]);
  if (options.database !== undefined) given.push("--database");
  if (options.populations !== undefined) given.push("--populations");
  if (given.length === 0) return input.path;
  throw new UsageError(
    `${given.join(", ")}: for a matrix; the input is a database, which has its own`,
  );
}

/** Says, before the work starts, where the memory is not enough for all threads. */
function noteThreads(
  { options: { memory, threads, onNote }, pool }: TableRequest,
  rowBytes: number,
  nameBytes = 0,
): void {
  const note = pool && threadsNote(memory, threads, rowBytes, nameBytes);
  if (note !== undefined) onNote(note);
}

function sizeOf(
  { stride, alleles, contigs, extras, hasId, samples }: TableSummary,
): [rowBytes: number, nameBytes: number] {
  const names = textBytes(alleles) + textBytes(contigs.map(({ name }) => name));
  const phase = phaseRowBytes({ ...extras, hasId, samples: samples.length });
  return [stride * enumWidth(alleles.length) + phase, names];
}
