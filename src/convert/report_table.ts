/**
 * Makes a report of a kept table: of the counts that it keeps, or of counts that are taken now.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import { pathOf } from "../base/files.ts";
import { printable } from "../base/text.ts";
import { VERSION } from "../base/version.ts";
import { temporaryFolder, WorkFolder } from "../base/work_folder.ts";
import { openInput } from "../matrix/input_file.ts";
import type { CountRow } from "../counts/count_table.ts";
import type { ReportInput, ReportMaker, RunFacts } from "../counts/report_input.ts";
import { checkOutputs, checkWritable } from "../output/output_file.ts";
import { Publication } from "../output/publication.ts";
import { Database } from "../table/database.ts";
import { logsOf, refuseForeign } from "../table/database_files.ts";
import { summaryLimits } from "../table/database_limits.ts";
import { pinTable } from "../table/pinned_table.ts";
import { type KeptSummary, tableSummary } from "../table/read_metadata.ts";
import { storedCounts } from "../table/stored_counts.ts";
import { hex } from "../checksum/sums.ts";
import { checksumOf, conversion } from "./convert.ts";
import { failureOf } from "./failure.ts";
import { convertOptions } from "./options.ts";
import type { ConvertOptions, ConvertRequest } from "./request.ts";
import { reportFiles } from "./write_report.ts";

/** What a report of a kept table can be asked for. */
export interface ReportRequest
  extends Pick<ConvertRequest, "multiqc" | "threads" | "memory" | "tempDir" | "signal"> {
  /** Path of a table that a conversion has kept. */
  input: string | URL;
  /** Path of the page. */
  output: string | URL;
  /** Receives notes and warnings. */
  onNote?: (line: string) => void;
  /** Receives the progress, where records must be counted first. */
  onProgress?: ConvertRequest["onProgress"];
}

/** What a report of a kept table was made of. */
export interface TableReport {
  /** The table as given. */
  input: string;
  /** The page as given. */
  output: string;
  /** True where the table had kept the counts; false where its records were counted now. */
  kept: boolean;
  /** Records that the report is of. */
  records: number;
}

/** Makes a report of a kept table. */
export async function reportTable(
  { input, output, ...more }: ReportRequest,
  make: ReportMaker,
): Promise<TableReport> {
  const options = convertOptions({
    ...more,
    input,
    output: new WritableStream<Uint8Array>(),
    report: output,
  });
  const { report: page, multiqc, signal } = options, path = pathOf(input);
  signal?.throwIfAborted();
  checkOutputs([page, multiqc], [path], logsOf(path));
  checkWritable([page, multiqc]);
  const publication = new Publication([page, multiqc]);
  using work = new WorkFolder(temporaryFolder(page!, options.tempDir), options.onNote);
  work.sweepBeside([page, multiqc]);
  try {
    await refuseMatrix(path);
    const { counts, kept, ...told } = await countsOfTable(path, options, work);
    const drawn = await make({ ...told, counts });
    await publication.publish(reportFiles(drawn, options, work));
    const { count: records } = counts.find(({ figure }) => figure === "total.records")!;
    return { input: path, output: page!, kept, records };
  } catch (error) {
    throw failureOf(error, options, work);
  }
}

/** Refuses what is no table. */
async function refuseMatrix(path: string): Promise<void> {
  const none = () => {
    throw new InputError("a table is read from its file: give its path", { file: path });
  };
  const { kind } = await openInput({ input: path }, none, () => {});
  if (kind === "duckdb") return;
  throw new InputError(
    "this is no table; a report of a matrix is made with convert --report FILE.html",
    { file: path },
  );
}

/** Returns the counts that a table keeps, or those that are taken now, and what it tells of its run. */
async function countsOfTable(
  path: string,
  options: ConvertOptions,
  work: WorkFolder,
): Promise<ReportInput & { kept: boolean }> {
  refuseForeign(path);
  const pinned = pinTable(path), limits = summaryLimits(work.file("spill"));
  const summary = await tableSummary(path, limits);
  let kept: CountRow[] | undefined, refused: RunFacts["refused"];
  {
    using database = await Database.openPinned(pinned, limits);
    kept = await storedCounts(database);
    // Tables of earlier versions keep no bad rows.
    const rows = summary.skipped > 0 ? await database.texts(REFUSED) : [];
    refused = rows.map(([line, reason]) => ({ line: line!, reason: reason! }));
  }
  const counts = kept ?? await countNow(options);
  return {
    version: `matrix2vcf ${VERSION}`,
    title: path,
    run: { facts: factsOf(path, summary), warnings: [], refused, refusedRows: summary.skipped },
    counts,
    profile: undefined,
    kept: kept !== undefined,
  };
}

/** The first bad rows of a table. */
const REFUSED = "SELECT CAST(line AS VARCHAR), reason FROM rejects ORDER BY line LIMIT 20";

/** Counts the records of a table as they come to the formatter, which writes none. */
async function countNow(options: ConvertOptions): Promise<CountRow[]> {
  const { report: _, multiqc: _m, ...rest } = options;
  return (await conversion({ ...rest, figures: "only", keepsRejects: false })).counts!;
}

function factsOf(path: string, summary: KeptSummary): RunFacts["facts"] {
  const { source, sums, contigs, samples } = summary;
  const records = contigs.reduce((sum, { records }) => sum + records, 0);
  const checksum = sums && checksumOf(sums);
  return [
    ["Table", path],
    ["Made from", source.path],
    ["Made by", `matrix2vcf ${source.version}`],
    ["Options", printable(source.options, 1000)],
    ["Summary", `${records} records, ${samples.length} samples, ${contigs.length} contigs`],
    [
      "Checksum",
      checksum
        ? `alleles ${checksum.alleles}, phase ${checksum.phase}, sites ${hex(sums.sites)}`
        : "not kept with the table (convert --verify)",
    ],
  ];
}
