/**
 * Makes new tables under a private name, and gives them the public one where they are kept.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import { namedSums, noSums } from "../checksum/sums.ts";
import { resolved } from "../base/files.ts";
import { knownContigs } from "../matrix/dialects/known_contigs.ts";
import { extrasOf, firstAlleles } from "../matrix/dialects/row_extras.ts";
import { readPopulationsOf } from "./table_populations.ts";
import { refSource } from "./ref_source.ts";
import { headChecksum } from "../matrix/fingerprint.ts";
import { ingest, type Ingested } from "./ingest.ts";
import { longestOf } from "../base/alleles.ts";
import { type MatrixLayout, sourceColumns } from "../matrix/layout.ts";
import type { RowSource } from "../matrix/line_segments.ts";
import { type Columns, rowSource } from "../matrix/read_layout.ts";
import { joinSites } from "../matrix/dialects/join_sites.ts";
import { decompressTo } from "../matrix/input_file.ts";
import { pinTable } from "../table/pinned_table.ts";
import { summaryOf } from "../table/schema.ts";
import { linkTable, moveTable, type Naming } from "../table/table_name.ts";
import type { Table, TableRequest, WantedTable } from "./table_request.ts";
import { checkRoom } from "./table_room.ts";
import { sourceRow, tableOptions } from "./table_source.ts";
import type { KeptSource } from "./store_job.ts";
import type { TableSource, TableSummary } from "../table/read_metadata.ts";
import type { WorkerPool } from "../threads/worker_pool.ts";

/** The request for a new table. */
interface NewTableRequest extends TableRequest {
  /** A pool of the one worker that stores; undefined without a pool of tokenizers. */
  store: WorkerPool | undefined;
}

/**
 * Makes the table of a matrix.
 *
 * @param kept What a kept table remembers of its input; undefined for a temporary table.
 * @throws {InputError} Bad input, or a different table of that name that somebody made meanwhile.
 */
export async function newTable(
  request: NewTableRequest,
  columns: Columns,
  kept: TableSource | undefined,
): Promise<Table> {
  const { options, work, pool, store, progress, onDuckdb, rejects: rejectsFile = "" } = request;
  const { header, layout } = columns;
  const populations = kept && await readPopulationsOf(options, namesOf(layout));
  const { source, whole } = await sourceToIngest(
    request,
    columns,
    kept !== undefined || request.input.part !== undefined,
  );
  if (!kept) checkRoom(source, layout, work.temporary);
  const { missing, gap, iupac, kernels, sums, onBadRow, memory, threads, signal } = options;
  const path = kept ? work.beside(options.database!, "table") : work.file("table");
  const ingested = await ingest({
    layout,
    rowTextBytes: columns.rowTextBytes,
    source,
    headerLines: request.input.part ? 0 : columns.rows.lines,
    missing,
    gap,
    iupac,
    kernels,
    sums,
    contigs: await knownContigs(source, layout),
    reference: await refSource(options, layout),
    alleles: firstAlleles(extrasOf(layout)),
    onBadRow,
    rejectsFile,
    database: path,
    kept: kept && {
      row: sourceRow(kept),
      headChecksum: source.gzip ? 0 : await headChecksum(source),
      whole,
      populations,
    },
    workFolder: work.path,
    memory,
    threads,
    progress,
    onDuckdb,
    signal,
  }, pool && store && { producers: pool, store });
  const { lines, crc } = ingested, names = namesOf(layout), pinned = pinTable(path);
  const now = kept && { source: kept, layout };
  // Counts that are to be kept with the table are known once the output is written.
  const named = !now || !options.figures && await nameTable(path, now, request, linkTable);
  return {
    pinned,
    summary: {
      ...newSummary(layout, ingested),
      kept: kept !== undefined,
      options: await tableOptions(options, header, layout),
    },
    missing: ingested.contigs.length > 0 ? sourceColumns(layout, ingested.missing) : [],
    kernelRows: ingested.kernelRows,
    read: { lines, crc, longest: longestOf(ingested.alleles) },
    reused: false,
    sums: sums ? namedSums(names, ingested.sums ?? noSums(names.length)) : undefined,
    nameTable: async () => {
      if (now && !named) await nameTable(path, now, request, moveTable);
    },
  };
}

function namesOf({ choice }: MatrixLayout): string[] {
  return choice.samples.map(({ name }) => name);
}

/**
 * Returns where the rows are: the input or, with one thread and gzip, a decompressed copy; with
 * sites of another file, a copy that has both.
 */
async function sourceToIngest(
  { options: { maxLine, signal }, input: given, work, pool }: NewTableRequest,
  columns: Columns,
  checksums: boolean,
): Promise<{ source: RowSource } & Pick<KeptSource, "whole">> {
  if (columns.sites) {
    const { file, crc } = await joinSites(given, columns.sites, work.file("joined"), signal);
    const source = rowSource(file, columns, maxLine);
    return { source: { ...source, checksums }, whole: { bytes: given.size, crc32: crc } };
  }
  const unpacked = given.kind === "gzip" && !pool
    ? await decompressTo(given, work.file("decompressed"), signal)
    : undefined;
  return {
    source: { ...rowSource(unpacked?.file ?? given, columns, maxLine), checksums },
    whole: unpacked && { bytes: given.size, crc32: unpacked.crc },
  };
}

/** Returns the metadata of a new table, without reading it. */
function newSummary(
  layout: MatrixLayout,
  ingested: Ingested,
): Omit<TableSummary, "kept" | "options"> {
  const { contigs, grid, alleles, stride, skipped } = ingested;
  return { contigs, grid, alleles, stride, skipped, ...summaryOf(layout) };
}

/**
 * Gives a table the name that was asked for. A table that somebody else has made there meanwhile
 * stays; where both are the same, this run goes on with its own.
 *
 * @returns True if a table of that name exists now.
 * @throws {InputError} Somebody else's table is a different one.
 */
async function nameTable(
  path: string,
  now: WantedTable,
  request: TableRequest,
  give: (file: string, name: string) => Naming,
): Promise<boolean> {
  const { options: { database, onNote }, work } = request;
  const naming = give(path, resolved(database!));
  if (naming !== "taken") return naming === "named";
  try {
    const { checkReusable, keptTable } = await import("./kept_table.ts");
    await checkReusable(await keptTable(database!, work), now, request);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(
      "somebody else made this database meanwhile, and from another input or with other options; " +
        "name another --database",
      { file: database },
    );
  }
  onNote(`somebody else made the same table in ${database} meanwhile; theirs is kept`);
  return true;
}
