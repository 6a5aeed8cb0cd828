/**
 * The table of an input: a database that was kept, or a new one.
 *
 * @module
 */
import { InputError, printable, UsageError } from "./errors.ts";
import type { DuckdbUse, TableValue } from "./database.ts";
import { differingSegment, fingerprint, headChecksum } from "./fingerprint.ts";
import { ingest, type Ingested, type IngestRequest } from "./ingest.ts";
import { checkPathUnchanged } from "./input_state.ts";
import type { RowSource } from "./line_segments.ts";
import { readText } from "./files.ts";
import { lookForContigs } from "./find_contigs.ts";
import { hasHeader, type MatrixHead, type MatrixHeader, matrixHeader, readHead } from "./header.ts";
import { type MatrixLayout, matrixLayout, Role } from "./matrix_layout.ts";
import { decompressTo, type InputFile } from "./matrix_source.ts";
import type { ConvertOptions } from "./options.ts";
import { resolved, type WorkFolder } from "./output_file.ts";
import { type PinnedTable, pinTable } from "./pinned_table.ts";
import type { Progress } from "./progress.ts";
import { restoreRejects } from "./kept_rejects.ts";
import { describeChoice } from "./samples.ts";
import { haplotypeRows } from "./sql.ts";
import {
  keptSegments,
  type KeptSummary,
  summaryLimits,
  type TableSource,
  type TableSummary,
  tableSummary,
} from "./table_summary.ts";
import { linkTable, moveTable, type Naming } from "./table_name.ts";
import { BASE_ALLELES } from "./alleles.ts";
import { VERSION } from "./version.ts";
import type { WorkerPool } from "./worker_pool.ts";

/** What a table is made with. */
export interface TableRequest {
  options: ConvertOptions;
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

/**
 * Find or make the table of an input.
 *
 * @throws {InputError} Bad input; a kept database that was made differently.
 * @throws {UsageError} Options for a matrix where the input is a database.
 */
export async function makeTable(request: TableRequest): Promise<Table> {
  const { options, input, work } = request;
  if (input.kind === "duckdb") {
    const table = await keptTable(givenDatabase(request), work);
    await rejectAgain(table, request);
    return table;
  }
  const head = await readHead(input);
  const header = matrixHeader(head, options, input);
  const layout = matrixLayout(header, {
    ploidy: options.ploidy,
    split: options.iupac === "split",
    sheet: options.samples === undefined
      ? undefined
      : { text: readText(options.samples), file: options.samples },
  });
  if (options.database !== undefined && await exists(options.database)) {
    const source = sourceOf(request, header, layout);
    source.catch(() => {});
    const table = await keptTable(options.database, work);
    await checkReusable(table, await source, request);
    options.onNote(`reusing the table in ${options.database}`);
    await rejectAgain(table, request);
    return table;
  }
  announce(layout, options);
  const source = options.database === undefined
    ? undefined
    : await sourceOf(request, header, layout);
  return await ingestMatrix(request, head, layout, source);
}

/** Where a table comes from, so that it can be known again. */
async function sourceOf(
  { options, input }: TableRequest,
  header: MatrixHeader,
  layout: MatrixLayout,
): Promise<TableSource> {
  return {
    path: options.input,
    bytes: input.size,
    modified: input.state?.modified ?? 0,
    changed: input.state && !input.state.fresh ? input.state.changed : 0,
    fingerprint: await fingerprint(input),
    options: await ingestOptionsOf(options, header, layout),
    version: VERSION,
  };
}

/** The row of `source`, less what is known only after ingest. */
function sourceRow(
  { path, bytes, modified, changed, fingerprint, options, version }: TableSource,
): TableValue[] {
  const time = (milliseconds: number) => milliseconds === 0 ? null : new Date(milliseconds);
  return [path, bytes, time(modified), time(changed), fingerprint, options, version];
}

async function keptTable(
  path: string,
  work: WorkFolder,
): Promise<Table & { summary: KeptSummary }> {
  const pinned = pinTable(path);
  const summary = await tableSummary(path, summaryLimits(work.file("spill")));
  return { pinned, summary, reused: true, nameTable: () => Promise.resolve() };
}

/** Writes the bad rows of a kept table again, or says that they are not in it. */
async function rejectAgain(
  { pinned, summary }: Table,
  { options, work, rejects }: TableRequest,
): Promise<void> {
  const { skipped: count, stride } = summary;
  if (count === 0) return;
  if (rejects === undefined) {
    return options.onNote(
      `warning: ${count} bad ${count === 1 ? "row was" : "rows were"} skipped when the table was ` +
        "made; --on-bad-row skip writes them to a file",
    );
  }
  const limits = summaryLimits(work.file("spill"));
  await restoreRejects(pinned, { count, rowBytes: 2 * stride, limits, path: rejects });
}

/** An input that is a table already. */
function givenDatabase({ input, options }: TableRequest): string {
  const { header, samples, ploidy, missing, database, gap, iupac } = options;
  const given = [
    header,
    samples,
    database,
    ploidy !== "auto" || undefined,
    missing.length > 0 || undefined,
    gap !== "missing" || undefined,
    iupac !== "error" || undefined,
  ];
  if (given.some((option) => option !== undefined)) {
    throw new UsageError(
      "--header, --samples, --ploidy, --missing, --gap, --iupac and --database are for a matrix; " +
        "the input is a database, which has its own",
    );
  }
  return input.path;
}

function announce(layout: MatrixLayout, { onNote }: ConvertOptions): void {
  onNote(describeChoice(layout.choice));
  for (const [name, viewColumn] of haplotypeRows(layout).renamed) {
    onNote(
      `warning: the column '${printable(name)}' is '${printable(viewColumn)}' in the view ` +
        `'matrix': names there ignore case`,
    );
  }
}

async function checkReusable(
  { pinned, summary: { source: before } }: Table & { summary: KeptSummary },
  now: TableSource,
  request: TableRequest,
): Promise<void> {
  const sameEnds = before.bytes === now.bytes && before.fingerprint === now.fingerprint;
  const different = [
    ...sameEnds ? [] : ["the input (size or content)"],
    ...differences(before.options, now.options),
  ];
  if (different.length === 0 && !await sameContent(pinned, before, request)) {
    different.push("the input (its content)");
  }
  if (different.length === 0) return;
  throw new InputError(
    `the database was made differently: ${different.join(", ")}; name another --database, or ` +
      `remove this one`,
    { file: pinned.path },
  );
}

/**
 * Is the input, whose size and ends are those of the table's, the same all through? Its times say so,
 * as no program can set back the one of the last change; where they differ, it is read.
 */
async function sameContent(
  table: PinnedTable,
  { modified, changed }: TableSource,
  { options: { verifyInput, onNote, signal }, input, work }: TableRequest,
): Promise<boolean> {
  const { state, shown } = input;
  const sameTimes = state && changed > 0 && state.modified === modified &&
    state.changed === changed;
  if (sameTimes && !verifyInput) return true;
  if (!sameTimes) onNote(`${shown} is read whole: its times do not say that it is unchanged`);
  const segments = keptSegments(table, summaryLimits(work.file("spill")));
  const differing = await differingSegment(input.path, segments, signal);
  checkPathUnchanged(input.path, state, shown);
  return differing === undefined;
}

async function ingestMatrix(
  request: TableRequest,
  head: MatrixHead,
  layout: MatrixLayout,
  kept: TableSource | undefined,
): Promise<Table> {
  const { options, input: given, work, pool, progress, rejects: rejectsFile = "" } = request;
  const unpacked = given.kind === "gzip" && !pool
    ? await decompressTo(given, work.file("decompressed"))
    : undefined;
  const input = unpacked?.file ?? given;
  const ownHeader = hasHeader(head, layout);
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
  const toIngest: IngestRequest = {
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
  };
  const ingested = await ingestWith(pool, toIngest);
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

/** Ingests with the workers of a pool and one more that stores, or on this thread. */
async function ingestWith(
  pool: WorkerPool | undefined,
  request: IngestRequest,
): Promise<Ingested> {
  if (!pool) return await ingest(request, undefined);
  const store = pool.another(1);
  try {
    return await ingest(request, { producers: pool, store });
  } finally {
    await store.close();
  }
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

/** Options that change the table, as JSON in a fixed order. */
async function ingestOptionsOf(
  { ploidy, missing, header, samples, gap, iupac, onBadRow }: ConvertOptions,
  { columns }: MatrixHeader,
  { choice }: MatrixLayout,
): Promise<string> {
  const hash = async (value: unknown) => {
    const bytes = new TextEncoder().encode(JSON.stringify(value));
    return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex().slice(0, 16);
  };
  return JSON.stringify({
    header: header === undefined ? null : await hash(columns),
    samples: samples === undefined ? null : await hash(choice.samples),
    ploidy,
    missing: [...missing].sort(),
    gap,
    iupac,
    "on-bad-row": onBadRow,
  });
}

/** Names of the options that differ. */
function differences(before: string, now: string): string[] {
  const a = JSON.parse(before), b = JSON.parse(now);
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((key) => JSON.stringify(a[key]) !== JSON.stringify(b[key]))
    .map((key) => `--${key}`);
}

/** Segments of a wide matrix hold several rows all the same. */
function segmentBytes(headerLength: number): number {
  return Math.max(1 << 20, Math.min(1 << 24, headerLength * 16));
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
