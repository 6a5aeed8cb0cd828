/**
 * Rehearses a conversion: what it would read, what it would take, and whether it would fail, as far
 * as looks at the input tell. Nothing is written.
 *
 * @module
 */
import { refSource } from "../ingest/ref_source.ts";
import { readPopulationsOf } from "../ingest/table_populations.ts";
import { BasesReader } from "../reference/bases_reader.ts";
import { dirname } from "node:path";
import { textBytes } from "../base/dictionary.ts";
import { InputError, MachineError, UsageError } from "../base/errors.ts";
import { isStream, resolved } from "../base/files.ts";
import { freeSpace } from "../base/free_space.ts";
import { readText } from "../base/text_file.ts";
import { temporaryFolder } from "../base/work_folder.ts";
import { checkFiles } from "../convert/convert.ts";
import { convertOptions } from "../convert/options.ts";
import type { ConvertOptions, ConvertRequest } from "../convert/request.ts";
import { type InputFile, openInput } from "../matrix/input_file.ts";
import { columnNotes, type MatrixLayout } from "../matrix/layout.ts";
import type { RowSource } from "../matrix/line_segments.ts";
import { type Columns, readLayout } from "../matrix/read_layout.ts";
import { describeChoice } from "../matrix/samples.ts";
import { longestOf } from "../base/alleles.ts";
import { type OutputPlan, planOutput, readerBudget } from "../output/output_plan.ts";
import { openReference } from "../reference/fasta_index.ts";
import type { TableSummary } from "../table/read_metadata.ts";
import { summaryOf } from "../table/schema.ts";
import { formatterOf } from "../vcf/formatter_of.ts";
import { isView } from "../vcf/row_formatter.ts";
import { inspectMatrix, type MatrixReport } from "./inspect_matrix.ts";
import {
  type Cost,
  measureRows,
  type SampledRows,
  takeJoined,
  takeSample,
  type Trial,
  tryRows,
} from "./sample_rows.ts";

/** A folder that files will be made in. */
export interface FolderNeed {
  folder: string;
  /** Estimated bytes of all files that are there at one time. */
  bytes: number;
  /** Bytes that are free; undefined where the system does not say. */
  free: number | undefined;
}

/** What a conversion would do, as far as looks tell, wherever it writes. */
export interface Estimate {
  /** Number of rows; estimated unless `exact`. */
  rows: number;
  exact: boolean;
  /** The samples and what is left out, a line each. */
  columns: string[];
  /** Contigs that were seen; there may be more. */
  contigs: string[];
  /** The first bad row that was seen, as the error would say it; undefined without one. */
  badRow: string | undefined;
  /** Rows that were looked at, and the bad ones among them. */
  looked: { rows: number; bad: number };
  /** True where rows seem to be out of order, so that they have to be sorted. */
  disorder: boolean;
  /** Estimated bytes of the table, kept or temporary. */
  table: number;
  /** Estimated bytes of the rows of a view on their way to DuckDB; 0 for other formats. */
  rowsFile: number;
  /** Estimated bytes of the output; null for a view, whose size is known only when it is written. */
  output: number | null;
  /** The budget in bytes, and the threads that it is enough for. */
  memory: number;
  threads: number;
  /** Estimated time; for a view, without that of writing it. */
  seconds: number;
  /** Warnings and notes that the run would print. */
  notes: string[];
}

/** What a conversion would do, and the room that it needs. */
export interface Rehearsal extends Estimate {
  folders: FolderNeed[];
}

/** Seconds until work begins. */
const START = 0.25;
/** Milliseconds for a row and for a cell to go into the table and out again, measured. */
const ROW_COST = 1.3e-4, CELL_COST = 2.2e-6;
/** Milliseconds for a byte of a kept table's allele names, of which each column has all; measured. */
const NAME_COST = 9e-6;
/** How much longer it takes where rows have to be sorted, measured. */
const SORTING = 1.5;

/**
 * Rehearses a conversion.
 *
 * @param request As for `convert`; the input is a matrix in a file.
 * @throws {UsageError} Options that no input could make right; an input that can be read but once.
 * @throws {InputError} What the conversion would throw for its header, first rows and files.
 * @throws {MachineError} A disk that is too small.
 */
export async function rehearse(request: ConvertRequest): Promise<Rehearsal> {
  const options = convertOptions(request);
  checkFiles(options);
  const { estimate } = await estimateRun(await openMatrix(options), options);
  return { ...estimate, folders: foldersOf(options, estimate) };
}

/**
 * Describes a matrix, and estimates what its conversion takes.
 *
 * @throws {InputError} What the conversion would throw for its header.
 */
export async function estimateRun(
  input: InputFile,
  options: ConvertOptions,
): Promise<{ report: MatrixReport; estimate: Estimate }> {
  const found = await readLayout(input, options), { layout } = found;
  await readPopulationsOf(options, layout.choice.samples.map(({ name }) => name));
  const report = await inspectMatrix(input, found);
  const sample = found.sites
    ? await takeJoined(input, found.sites)
    : await takeSample(sourceOf(input, found), found.head.line.length);
  const reference = await refSource(options, layout);
  using bases = reference && new BasesReader(reference);
  const trial = tryRows(sample, layout, options, bases), notes: string[] = [];
  const { plan, threads } = await planOf(options, layout, trial, notes);
  const cost = costOf(sample, layout, options, { trial, plan, bases });
  const share = shareOf(sample, trial, report);
  const kept = options.database !== undefined;
  const stores = kept || !options.direct || trial.disorder;
  const estimate: Estimate = {
    rows: report.exact ? report.rows : Math.round(share * (trial.rows + trial.bad)),
    exact: report.exact,
    columns: [describeChoice(layout.choice), ...columnNotes(layout)],
    contigs: report.contigs,
    badRow: badRowOf(trial, options.input, found.rows.lines),
    looked: { rows: trial.rows + trial.bad, bad: trial.bad },
    disorder: trial.disorder,
    table: kept ? report.database : stores ? report.temporary : 0,
    rowsFile: isView(options.format) ? share * cost.written : 0,
    output: isView(options.format) ? null : share * cost.written + plan.header.length,
    memory: options.memory,
    threads,
    seconds: secondsOf(cost, trial, layout, threads, stores, share) +
      (kept ? nameSeconds(trial, layout) : 0),
    notes,
  };
  return { report, estimate };
}

/** Opens a matrix that can be read more than once. */
async function openMatrix(options: ConvertOptions): Promise<InputFile> {
  if (isStream(options.input)) {
    throw new UsageError("a rehearsal reads the input, which a pipe gives only once; name a file");
  }
  const noCopy = (): never => {
    throw new UsageError("a rehearsal makes no copy of the input, which this kind of file needs");
  };
  const input = await openInput(options, noCopy, () => {});
  if (input.kind !== "duckdb") return input;
  throw new UsageError("a rehearsal is of a matrix; `inspect` tells what a table holds");
}

function sourceOf({ path, shown, kind, size }: InputFile, { rows, header }: Columns): RowSource {
  const { start } = rows, { style } = header, gzip = kind === "gzip";
  return { path, shown, gzip, size, start, style, segmentBytes: 1, cellBytes: 1 };
}

function costOf(
  sample: SampledRows,
  layout: MatrixLayout,
  options: ConvertOptions,
  { trial: { vocabulary }, plan: { style, compression }, bases }: {
    trial: Trial;
    plan: OutputPlan;
    bases: BasesReader | undefined;
  },
): Cost {
  const formatter = () => formatterOf(style);
  return measureRows(sample, layout, options, { bases, vocabulary, formatter, compression });
}

/** Returns how many times as much as the sample the whole matrix is. */
function shareOf(
  { bytes, allBytes }: SampledRows,
  { rows, bad }: Trial,
  report: MatrixReport,
): number {
  if (bytes === 0) return 0;
  return allBytes === undefined ? report.rows / Math.max(1, rows + bad) : allBytes / bytes;
}

/** Plans the output as if the sample were the whole matrix. */
async function planOf(
  options: ConvertOptions,
  layout: MatrixLayout,
  { vocabulary: { alleles, contigs } }: Trial,
  notes: string[],
): Promise<{ plan: OutputPlan; threads: number }> {
  const table: TableSummary = {
    contigs: contigs.map((name, code) => {
      const place = { minPos: 1, maxPos: 1, firstLine: 1, lastLine: 1 };
      return { name, code, records: 0, ...place, sorted: true };
    }),
    grid: [],
    alleles,
    stride: layout.haplotypes,
    skipped: 0,
    options: "{}",
    kept: options.database !== undefined,
    ...summaryOf(layout),
  };
  const { reference, regionsFile } = options;
  const plan = planOutput({
    // A region may be of a contig that no look has met.
    options: { ...options, regions: undefined },
    table,
    longest: longestOf(alleles),
    reference: reference === undefined
      ? undefined
      : await openReference(reference, (note) => notes.push(note), options.signal),
    regionsText: undefined,
    toStream: isStream(options.output),
  });
  if (regionsFile !== undefined) await readText(regionsFile, options.signal);
  notes.push(...plan.notes);
  return { plan, threads: readerBudget(options, table).threads };
}

function badRowOf({ firstBad }: Trial, file: string, before: number): string | undefined {
  if (!firstBad) return undefined;
  const { line, column, detail, near } = firstBad;
  return new InputError(detail, { file, line: near ? before + line : undefined, column }).message;
}

function foldersOf(
  { output, database, tempDir }: ConvertOptions,
  { table, rowsFile, output: written }: Estimate,
): FolderNeed[] {
  const needs = new Map<string, number>();
  const add = (folder: string, bytes: number) =>
    needs.set(folder, (needs.get(folder) ?? 0) + bytes);
  if (!isStream(output)) add(dirname(resolved(output)), written ?? 0);
  const temporary = temporaryFolder(output, tempDir);
  if (rowsFile > 0) add(temporary, rowsFile);
  add(database === undefined ? temporary : dirname(resolved(database)), table);
  return [...needs].map(([folder, bytes]) => ({ folder, bytes, free: freeSpace(folder)?.free }));
}

function secondsOf(
  { tokenize, format, compress }: Cost,
  { rows, disorder }: Trial,
  { haplotypes }: MatrixLayout,
  threads: number,
  stores: boolean,
  share: number,
): number {
  const cores = Math.max(1, Math.min(threads, navigator.hardwareConcurrency));
  const table = stores ? rows * (ROW_COST + haplotypes * CELL_COST) : 0;
  const work = tokenize + format + compress + table * (disorder ? 2 * SORTING : 1);
  return START + share * work / cores / 1000;
}

function nameSeconds({ vocabulary }: Trial, { haplotypes }: MatrixLayout): number {
  return textBytes(vocabulary.alleles) * haplotypes * NAME_COST / 1000;
}

/**
 * Makes sure that a rehearsed conversion would not fail, as far as looks tell.
 *
 * @param skipsBadRows True where bad rows are put aside.
 * @throws {InputError} A bad row.
 * @throws {MachineError} A disk that is too small.
 */
export function checkRehearsal({ badRow, folders }: Rehearsal, skipsBadRows: boolean): void {
  if (badRow !== undefined && !skipsBadRows) throw new InputError(badRow);
  for (const { folder, bytes, free } of folders) {
    if (free === undefined || free >= bytes) continue;
    const mib = (count: number) => `${Math.ceil(count / 1024 ** 2)} MiB`;
    throw new MachineError(
      `about ${mib(bytes)} will be needed, and ${mib(free)} are free; choose another disk`,
      { file: folder },
    );
  }
}
