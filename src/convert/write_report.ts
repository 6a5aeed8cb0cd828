/**
 * Has a report of a conversion drawn, and keeps its counts with the table.
 *
 * @module
 */
import { InternalError } from "../base/errors.ts";
import { printable } from "../base/text.ts";
import { VERSION } from "../base/version.ts";
import { writing } from "../base/write_error.ts";
import type { WorkFolder } from "../base/work_folder.ts";
import { type CountedSamples, type CountRow, countTable, total } from "../counts/count_table.ts";
import { type FigureArrays, noFigures } from "../counts/figures.ts";
import type { DrawnReport, RefusedRow, ReportInput, ReportMaker } from "../counts/report_input.ts";
import type { FinishedFile } from "../output/output_file.ts";
import { REJECTS_HEADER } from "../ingest/rejects.ts";
import { convertOptions } from "./options.ts";
import type { ConvertOptions } from "./request.ts";
import type { ConvertReport } from "./report.ts";
import { reportLines } from "./report_lines.ts";

/** Most refused rows that a report shows, and most of their bytes. */
const MOST_REFUSED = 20, REFUSED_BYTES = 1 << 18;

/** The counts of a run, and what a report tells beside them. */
export interface Counted {
  counts: CountRow[];
  /** Path of the file of bad rows, where there are some. */
  rejects: string | undefined;
  /** Keeps the counts in a table that this run has made, and that nobody reads any more. */
  keep: (path: string, work: WorkFolder) => Promise<void>;
}

/** Returns the table of counts of the records that were written. */
export function countsOf(
  figures: FigureArrays | undefined,
  samples: CountedSamples,
  refMismatches: number | undefined,
): CountRow[] {
  const haplotypes = samples.reduce((sum, { ploidy }) => sum + ploidy, 0);
  const counts = countTable(figures ?? noFigures(samples.length, haplotypes), samples);
  return refMismatches === undefined ? counts : [...counts, total("ref_mismatches", refMismatches)];
}

/** Keeps counts in a table that this run has made, and that nobody reads yet. */
export async function keepCounts(
  path: string,
  counts: readonly CountRow[],
  work: WorkFolder,
): Promise<void> {
  const { Database } = await import("../table/database.ts");
  const { summaryLimits } = await import("../table/database_limits.ts");
  const { storeCounts } = await import("../table/stored_counts.ts");
  using database = await Database.openToWrite(path, summaryLimits(work.file("spill.counts")));
  await storeCounts(database, counts);
}

/** What a conversion has told when a report of it is drawn. */
export interface FinishedRun {
  report: ConvertReport;
  counted: Counted;
  notes: readonly string[];
  /** Text of the profile, where there is one. */
  profile: string | undefined;
}

/** Writes the files of a report into the work folder. */
export async function writeReport(
  options: ConvertOptions,
  run: FinishedRun,
  make: ReportMaker | undefined,
  work: WorkFolder,
): Promise<FinishedFile[]> {
  if (options.report === undefined) return [];
  if (!make) throw new InternalError("a report is wanted, and nobody makes it");
  const { report, counted, notes, profile } = run;
  const drawn = await make({
    version: `matrix2vcf ${VERSION}`,
    title: options.output === "-" ? report.input : options.output,
    run: {
      facts: factsOf(options, report),
      warnings: notes,
      refused: counted.rejects === undefined ? [] : refusedRows(counted.rejects),
      refusedRows: report.skipped,
    },
    counts: counted.counts,
    profile,
  });
  return reportFiles(drawn, options, work);
}

/** Writes the texts of a report, which get their names later. */
export function reportFiles(
  { page, multiqc }: DrawnReport,
  paths: Pick<ConvertOptions, "report" | "multiqc">,
  work: WorkFolder,
): FinishedFile[] {
  const files = [[paths.report, () => page, "report"], [
    paths.multiqc,
    multiqc,
    "multiqc",
  ]] as const;
  return files.flatMap(([path, text, name]) => {
    if (path === undefined) return [];
    const from = work.beside(path, name);
    writing(from, () => Deno.writeTextFileSync(from, text(), { createNew: true }));
    return [{ path, from }];
  });
}

/** Options that say nothing of what becomes of the input. */
const UNTOLD = ["input", "output", "report", "multiqc", "figures", "sums", "signal"];

/** Returns the options that are not as they are by default. */
function chosenOptions(options: ConvertOptions): string {
  const defaults: ConvertOptions = convertOptions({ input: options.input, output: options.output });
  return Object.entries(options).flatMap(([name, value]) => {
    const usual = JSON.stringify(defaults[name as keyof ConvertOptions]);
    const untold = UNTOLD.includes(name) || typeof value === "function" || value === undefined;
    if (untold || JSON.stringify(value) === usual) return [];
    return [`${name} ${printable(String(value))}`];
  }).join(", ");
}

/** Returns what is known of a run, as names and values. */
function factsOf(options: ConvertOptions, report: ConvertReport): ReportInput["run"]["facts"] {
  const { checksum, filtered } = report;
  return [
    ["Input", report.input],
    ["Output", report.output],
    ...report.database === null ? [] : [["Table", report.database] as const],
    ["Options", chosenOptions(options) || "as they are by default"],
    ["Left out by choice", String(Object.values(filtered).reduce((sum, more) => sum + more, 0))],
    ["Summary", reportLines(report).join("; ")],
    [
      "Checksum",
      checksum
        ? `alleles ${checksum.alleles}, phase ${checksum.phase}, sites ${checksum.sites}`
        : "not asked for (--verify)",
    ],
  ];
}

/** Returns the first rows of a file of bad rows. */
function refusedRows(path: string): RefusedRow[] {
  using file = Deno.openSync(path);
  const bytes = new Uint8Array(REFUSED_BYTES), length = file.readSync(bytes) ?? 0;
  const text = new TextDecoder().decode(bytes.subarray(0, length)).slice(REJECTS_HEADER.length);
  return text.split("\n").slice(0, -1).slice(0, MOST_REFUSED).map((line) => {
    const [number, reason] = line.split("\t");
    return { line: number, reason };
  });
}
