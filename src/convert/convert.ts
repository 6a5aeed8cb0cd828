/**
 * Converts a genome matrix to a VCF, from stage to stage.
 *
 * @module
 */
import process from "node:process";
import { logsOf, refuseLog } from "../table/database_files.ts";
import type { DuckdbUse } from "../table/database.ts";
import type { TableRequest } from "../ingest/table_request.ts";
import { openInput } from "../matrix/input_file.ts";
import { memoryBudget } from "../base/memory_budget.ts";
import { convertOptions } from "./options.ts";
import type { ConvertOptions, ConvertRequest } from "./request.ts";
import { isStream, isThere, NAME_BYTES, nameBytes } from "../base/files.ts";
import {
  checkOutputs,
  checkWritable,
  type FinishedFile,
  indexNames,
  partialOutput,
} from "../output/output_file.ts";
import { temporaryFolder, WorkFolder } from "../base/work_folder.ts";
import { failureOf } from "./failure.ts";
import { Profile } from "./profile.ts";
import { Progress, type ProgressState } from "../base/progress.ts";
import { isCompressed, typeWarning } from "../output/options.ts";
import { Publication } from "../output/publication.ts";
import { rejectsPath } from "../ingest/rejects.ts";
import { allSamples, hex, namedSums, noSums, type Sums } from "../checksum/sums.ts";
import { filesOf } from "../reference/fasta_index.ts";
import type { ConvertReport } from "./report.ts";
import type { TableSummary } from "../table/read_metadata.ts";
import type { SiteCounts } from "../vcf/site_filter.ts";
import { WorkerPool } from "../threads/worker_pool.ts";
import { companionPaths } from "../matrix/dialects/companions.ts";
import type { CountRow } from "../counts/count_table.ts";
import type { ReportMaker } from "../counts/report_input.ts";
import type { WrittenRows } from "./write_rows.ts";
import type { Counted } from "./write_report.ts";

/**
 * Converts a genome matrix to VCF.
 *
 * @param request Input, output and options.
 * @param make Draws a report, where one is asked for.
 * @returns The summary of the conversion.
 * @throws {UsageError} Options that no input could make right.
 * @throws {InputError} Bad input, located.
 * @throws {MachineError} A full disk, an I/O error, memory.
 * @throws {InternalError} A bug.
 * @throws The reason of the signal.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { convert } from "./convert.ts";
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/m.tsv`, "CHROM\tPOS\tREF\t1a\t1b\n1\t7\tA\tA\tG\n");
 * const report = await convert({ input: `${folder}/m.tsv`, output: `${folder}/m.vcf`, threads: 0 });
 * assert(report.records === 1);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function convert(
  request: ConvertRequest,
  make?: ReportMaker,
): Promise<ConvertReport> {
  return (await conversion(convertOptions(request), make)).report;
}

/** What a conversion tells, and the sums of its genotypes where they were wanted. */
export interface Converted {
  report: ConvertReport;
  sums: Sums | undefined;
  /** Counts of the records, where they were wanted. */
  counts: CountRow[] | undefined;
}

/**
 * Runs the conversion of checked options.
 *
 * @param make Draws a report, where one is asked for.
 */
export async function conversion(given: ConvertOptions, make?: ReportMaker): Promise<Converted> {
  const notes: string[] = [], options = given.report === undefined ? given : noting(given, notes);
  const { output } = options;
  const rejects = checkFiles(options);
  options.signal?.throwIfAborted();
  const warning = typeWarning(options);
  if (warning !== undefined) options.onNote(warning);
  const publication = new Publication([output, rejects, ...sideFiles(options)]);
  using work = new WorkFolder(temporaryFolder(output, options.tempDir), options.onNote);
  work.sweepBeside([output, options.database, rejects, ...sideFiles(options)]);
  // Where nothing can be written, say so before the work.
  if (!isStream(output)) partialOutput(output, work);
  const profile = options.profile === undefined || isStream(options.profile)
    ? []
    : [{ path: options.profile, from: work.beside(options.profile, "profile") }];
  try {
    const profilePath = profile[0]?.from ?? options.profile;
    const conversion = await runWithWorkers(options, work, rejects, profilePath);
    await conversion.nameTable();
    const { counted } = conversion;
    const drawn = counted
      ? await drawnFiles(conversion, { options, notes, profile: profile[0]?.from, make, work })
      : [];
    await publication.publish([...conversion.files, ...profile, ...drawn]);
    await options.outputStream?.close();
    return { report: conversion.report(), sums: conversion.sums, counts: counted?.counts };
  } catch (error) {
    // The profile of a conversion that failed is wanted, but the error to report is the first one.
    await publication.publish(profile).catch(() => {});
    const reason = failureOf(error, options, work);
    await options.outputStream?.abort(reason).catch(() => {});
    throw reason;
  }
}

/** Most notes that a report shows. */
const MOST_NOTES = 100;

/** Returns options that put aside what is told while the conversion runs. */
function noting(options: ConvertOptions, notes: string[]): ConvertOptions {
  const onNote = (line: string) => {
    if (notes.length < MOST_NOTES) notes.push(line);
    options.onNote(line);
  };
  return { ...options, onNote };
}

/** What a report needs beside the conversion. */
interface ReportNeeds {
  options: ConvertOptions;
  notes: readonly string[];
  /** Path of the profile as a file. */
  profile: string | undefined;
  make: ReportMaker | undefined;
  work: WorkFolder;
}

/** Writes the files of a report, where one is wanted. */
async function drawnFiles(
  { counted, report }: Conversion,
  { options, notes, profile, make, work }: ReportNeeds,
): Promise<FinishedFile[]> {
  const { writeReport } = await import("./write_report.ts");
  const text = profile === undefined ? undefined : Deno.readTextFileSync(profile);
  const run = { report: report(), counted: counted!, notes, profile: text };
  return await writeReport(options, run, make, work);
}

/**
 * Makes sure that the files of a conversion can be written, and are apart from what is read.
 *
 * @returns The path of the rejects file, if there may be one.
 * @throws {InputError} The first file that is refused.
 */
export function checkFiles(options: ConvertOptions): string | undefined {
  const { input, output, header, samplesFile, database, reference, regionsFile } = options;
  const { names, sites, populations } = options;
  const beside = isStream(output) ? "-" : output;
  const hasRejects = options.onBadRow === "skip" && options.keepsRejects;
  const rejects = hasRejects ? rejectsPath(input, beside) : undefined;
  // Where no index is made, one of an earlier output is only removed.
  const isIndexed = options.index !== "none" && isCompressed(options);
  const indexes = indexNames(output).filter((name) => isIndexed || nameBytes(name) <= NAME_BYTES);
  // What lies beside an input may belong to it, which is known only once it has been looked at.
  const companions = companionPaths(input).filter(isThere);
  checkOutputs(
    [output, database, ...sideFiles(options), rejects, ...indexes],
    [
      ...[input, header, samplesFile, regionsFile, names, sites, populations, ...companions],
      ...reference === undefined ? [] : filesOf(reference),
    ],
    [input, database].flatMap((path) => path === undefined ? [] : logsOf(path)),
  );
  checkWritable([output, ...sideFiles(options), rejects, ...indexes]);
  if (database !== undefined) refuseLog(database);
  return rejects;
}

/** Returns the files that are written beside the output, and tell of it. */
function sideFiles({ profile, report, multiqc }: ConvertOptions): (string | undefined)[] {
  return [profile, report, multiqc];
}

/** A conversion whose files are whole, and have no public names yet. */
interface Conversion {
  /** Returns the summary, with the time and memory used up to then. */
  report: () => ConvertReport;
  files: FinishedFile[];
  /** Names the table, where that had to wait until nobody read it. */
  nameTable: () => Promise<void>;
  sums: Sums | undefined;
  /** What a report is drawn from, where counts were wanted. */
  counted: Counted | undefined;
}

/** The module that workers run. */
export const WORKER = new URL("../worker.ts", import.meta.url);

async function runWithWorkers(
  options: ConvertOptions,
  work: WorkFolder,
  rejects: string | undefined,
  profilePath: string | undefined,
): Promise<Conversion> {
  const { threads, memory } = options;
  const fitting = memoryBudget(memory, threads, 1).threads;
  const pool = threads > 0 ? new WorkerPool(fitting, WORKER) : undefined;
  try {
    using profile = profilePath === undefined
      ? undefined
      : new Profile(profilePath, options.profile!, memory, () => pool?.busy ?? 0, options.onNote);
    const onProgress = (state: ProgressState) => {
      profile?.update(state);
      options.onProgress(state);
    };
    const onDuckdb = profile && ((use: DuckdbUse) => profile.duckdb(use));
    return await run({ ...options, onProgress }, { work, pool, onDuckdb }, rejects);
  } finally {
    // Close the workers first: they hold the table and files of the work folder open.
    await pool?.close();
  }
}

async function run(
  options: ConvertOptions,
  { work, pool, onDuckdb }: Pick<TableRequest, "work" | "pool" | "onDuckdb">,
  rejectsFile: string | undefined,
): Promise<Conversion> {
  const begun = performance.now();
  // Imported only here, so that it is loaded while the workers start.
  const { writeRows } = await import("./write_rows.ts");
  const progress = new Progress(options.onProgress);
  if (options.input === "-" || /\.zst$/i.test(options.input)) progress.begin("spool");
  const input = await openInput(
    options,
    () => work.file("spool"),
    (bytes) => progress.update(0, bytes),
  );
  const aside = options.onBadRow === "skip" ? work.file("rejects") : undefined;
  const rejects = rejectsFile === undefined ? aside : work.beside(rejectsFile, "rejects");
  const done = await writeRows({ options, input, work, pool, progress, rejects, onDuckdb });
  const { summary, missing, written } = done, from = summary.skipped > 0 ? rejects : undefined;
  const sums = options.sums ? await checkedSums(done, options, progress, pool) : undefined;
  const warning = buildWarning(summary, written.counts);
  if (warning !== undefined) options.onNote(warning);
  const report = (): ConvertReport => ({
    ...counted(written.counts, summary, missing),
    input: options.input,
    output: options.output,
    direct: done.direct,
    kernelShare: kernelShare(done),
    database: input.kind === "duckdb" ? input.shown : options.database ?? null,
    reused: done.reused,
    rejects: from === undefined ? null : rejectsFile ?? null,
    bytes: written.bytes,
    ...spent(progress, begun, input.size),
    threads: pool?.size ?? 0,
    checksum: sums ? checksumOf(sums) : null,
  });
  const files = [...rejectedFiles(rejectsFile, rejects, from), ...written.files];
  return { report, files, sums, ...await withCounts(options, done, from, work) };
}

/** Returns the counts of what was written, where they are wanted, and what names the table with them. */
async function withCounts(
  options: ConvertOptions,
  done: WrittenRows,
  rejects: string | undefined,
  work: WorkFolder,
): Promise<Pick<Conversion, "nameTable" | "counted">> {
  const { nameTable, pinned } = done;
  if (!options.figures) return { nameTable, counted: undefined };
  const counted = await countedRows(options, done, rejects);
  return {
    counted,
    async nameTable() {
      if (keepsAll(options, done)) await counted.keep(pinned!.path, work);
      await nameTable();
    },
  };
}

/** Tells whether a table that this run has made and keeps has just the records of the output. */
function keepsAll({ database }: ConvertOptions, { reused, pinned, whole }: WrittenRows): boolean {
  return database !== undefined && !reused && pinned !== undefined && whole;
}

/** Returns the counts of what was written, with the path of the bad rows. */
async function countedRows(
  { reference }: ConvertOptions,
  { summary, written: { figures, counts } }: WrittenRows,
  rejects: string | undefined,
): Promise<Counted> {
  const { countsOf, keepCounts } = await import("./write_report.ts");
  const mismatches = reference === undefined ? undefined : counts.refMismatches;
  const table = countsOf(figures, summary.samples, mismatches);
  return { counts: table, rejects, keep: (path, work) => keepCounts(path, table, work) };
}

/** Returns the file of bad rows, where it is wanted; where there are none, one of an earlier run goes. */
function rejectedFiles(
  path: string | undefined,
  made: string | undefined,
  from: string | undefined,
): FinishedFile[] {
  if (path === undefined) return [];
  return [from === undefined ? { path, aside: `${made}.old` } : { path, from }];
}

/** Returns the sums of what was to be written, which is read back where that is wanted. */
async function checkedSums(
  { summary, written, sums: read }: WrittenRows,
  options: ConvertOptions,
  progress: Progress,
  pool: WorkerPool | undefined,
): Promise<Sums> {
  const names = summary.samples.map(({ name }) => name);
  const sums = read ?? namedSums(names, written.sums ?? noSums(names.length));
  if (!options.verify) return sums;
  const { verifyOutput } = await import("./verify_output.ts");
  progress.begin("verify");
  await verifyOutput(written.files, sums, options, pool);
  return sums;
}

/** Returns sums as the report of a conversion has them. */
export function checksumOf(sums: Sums): ConvertReport["checksum"] {
  const { called, alleles, phase } = allSamples(sums);
  return { called, alleles: hex(alleles), phase: hex(phase), sites: hex(sums.sites) };
}

/** Fewest genotypes of two ALTs, and their share of the records, that are no chance. */
const FEW_STRANGERS = 10, STRANGERS = 0.01;

/**
 * Returns a warning where one sample often has two alleles of which neither is REF: a site with
 * three alleles is rare, but on another strand or build it is the rule.
 */
function buildWarning(
  { dialect }: TableSummary,
  { multiallelic, records }: SiteCounts,
): string | undefined {
  if (dialect?.name !== "raw-dna" || multiallelic < FEW_STRANGERS) return undefined;
  if (multiallelic < STRANGERS * records) return undefined;
  return `warning: in ${multiallelic} of ${records} records both alleles differ from REF; is the ` +
    "reference of another build or strand?";
}

/** Returns the shares of rows that kernels took; where there are no rows, all of them. */
function kernelShare({ reused, kernelRows, summary, written }: WrittenRows) {
  const rows = summary.contigs.reduce((sum, { records }) => sum + records, 0);
  const share = (part: number, all: number) => all > 0 ? part / all : 1;
  const { counts } = written;
  return {
    read: reused ? null : share(kernelRows, rows),
    written: share(counts.kernelRows, counts.rows),
  };
}

/** Returns the part of the report that counts what is in the table and in the output. */
export function counted(counts: SiteCounts, table: TableSummary, missingColumns: string[]) {
  const { records, variants, missing, multiallelic, duplicates, refMismatches } = counts;
  const { tooFewAlleles, tooManyAlleles, notSnps, tooManyMissing, outsideRegions } = counts;
  const haplotypes = table.samples.reduce((sum, { ploidy }) => sum + ploidy, 0);
  const called = records * haplotypes - counts.absent;
  return {
    samples: table.samples.length,
    haplotypes,
    contigs: table.contigs.length,
    records,
    variants,
    monomorphic: records - variants,
    multiallelic,
    missingColumns,
    missingShare: called > 0 ? missing / called : 0,
    duplicates,
    refMismatches,
    filtered: { tooFewAlleles, tooManyAlleles, notSnps, tooManyMissing, outsideRegions },
    skipped: table.skipped,
  };
}

/** Returns the part of the report that says what the run took, and ends its last phase. */
function spent(progress: Progress, begun: number, inputBytes: number) {
  progress.end();
  const { milliseconds } = progress;
  const total = (performance.now() - begun) / 1000;
  const seconds = Object.entries(milliseconds).map(([phase, spent]) =>
    [phase, spent / 1000] as const
  );
  return {
    inputBytes,
    seconds: { ...Object.fromEntries(seconds), total },
    bytesPerSecond: inputBytes / total,
    peakMemory: process.resourceUsage().maxRSS * 1024,
  };
}
