/**
 * New tables: made under a private name, and given the public one where they are kept.
 *
 * @module
 */
import { BASE_ALLELES } from "../base/alleles.ts";
import { InputError } from "../base/errors.ts";
import { resolved } from "../base/files.ts";
import { lookForContigs } from "../matrix/find_contigs.ts";
import { headChecksum } from "../matrix/fingerprint.ts";
import { hasHeader, type MatrixHead } from "../matrix/header.ts";
import { ingest, type Ingested } from "./ingest.ts";
import type { RowSource } from "../matrix/line_segments.ts";
import { type MatrixLayout, Role } from "../matrix/layout.ts";
import { decompressTo } from "../matrix/input_file.ts";
import { pinTable } from "../table/pinned_table.ts";
import { haplotypeRows } from "../table/schema.ts";
import { linkTable, moveTable, type Naming } from "../table/table_name.ts";
import type { Table, TableRequest } from "./table_request.ts";
import { sourceRow } from "./table_source.ts";
import type { TableSource, TableSummary } from "../table/read_metadata.ts";
import type { WorkerPool } from "../threads/worker_pool.ts";

/** What a new table is made with. */
interface NewTableRequest extends TableRequest {
  /** A pool of one worker that stores; undefined without a pool of those that tokenize. */
  store: WorkerPool | undefined;
}

/**
 * Makes the table of a matrix.
 *
 * @param kept What a table that is kept remembers of its input; undefined for a temporary one.
 * @throws {InputError} Bad input; a table of that name that somebody else made meanwhile.
 */
export async function newTable(
  request: NewTableRequest,
  head: MatrixHead,
  layout: MatrixLayout,
  kept: TableSource | undefined,
): Promise<Table> {
  const { options, input: given, work, pool, store, progress, rejects: rejectsFile = "" } = request;
  const unpacked = given.kind === "gzip" && !pool
    ? await decompressTo(given, work.file("decompressed"))
    : undefined;
  const input = unpacked?.file ?? given;
  const ownHeader = hasHeader(head, layout.columns);
  const source: RowSource = {
    path: input.path,
    shown: input.shown,
    gzip: input.kind === "gzip",
    size: input.size,
    start: ownHeader ? head.end : head.mark,
    segmentBytes: segmentBytes(head.line.length),
    state: input.state,
    checksums: kept !== undefined,
  };
  const path = kept ? work.beside(options.database!) : work.file("table");
  const ingested = await ingest({
    layout,
    source,
    headerLines: ownHeader ? head.number : 0,
    missing: options.missing,
    gap: options.gap,
    iupac: options.iupac,
    contigs: await lookForContigs(source, layout.roles.indexOf(Role.Chrom)),
    alleles: BASE_ALLELES,
    onBadRow: options.onBadRow,
    rejectsFile,
    database: path,
    kept: kept && {
      row: sourceRow(kept),
      headChecksum: source.gzip ? 0 : await headChecksum(source),
      whole: unpacked && { bytes: given.size, crc32: unpacked.crc },
    },
    workFolder: work.path,
    memory: options.memory,
    threads: options.threads,
    progress,
    onDuckdb: request.onDuckdb,
    signal: options.signal,
  }, pool && store && { producers: pool, store });
  const pinned = pinTable(path);
  const named = !kept || await nameTable(path, kept, request, linkTable);
  return {
    pinned,
    summary: newSummary(layout, ingested),
    reused: false,
    nameTable: async () => {
      if (kept && !named) await nameTable(path, kept, request, moveTable);
    },
  };
}

/** What a new table would say of itself. */
function newSummary(layout: MatrixLayout, ingested: Ingested): TableSummary {
  return {
    ...ingested,
    samples: layout.choice.samples.map(({ name, columns, phased }) => ({
      name,
      ploidy: columns.length,
      phased,
    })),
    haplotypes: haplotypeRows(layout).rows.map(({ name }) => name),
    hasId: layout.hasId,
  };
}

/**
 * Lets a table appear under the name that was asked for. A table that somebody else has made there
 * meanwhile stays; where it is the same one, this run goes on with its own.
 *
 * @returns Whether a table of that name is there now.
 * @throws {InputError} Somebody else's table is another one.
 */
async function nameTable(
  path: string,
  source: TableSource,
  request: TableRequest,
  give: (file: string, name: string) => Naming,
): Promise<boolean> {
  const { options: { database, onNote }, work } = request;
  const naming = give(path, resolved(database!));
  if (naming !== "taken") return naming === "named";
  try {
    const { checkReusable, keptTable } = await import("./kept_table.ts");
    await checkReusable(await keptTable(database!, work), source, request);
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

/** Segments of a wide matrix hold several rows all the same. */
function segmentBytes(headerLength: number): number {
  return Math.max(1 << 20, Math.min(1 << 24, headerLength * 16));
}
