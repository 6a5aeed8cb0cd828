/**
 * Genome matrices to VCF in bounded memory, on all cores.
 *
 * {@linkcode convert} does what the command line does; {@linkcode openMatrix} asks the table that it
 * keeps. {@linkcode scatter}, {@linkcode shard} and {@linkcode gather} convert one matrix on many
 * machines.
 *
 * @module
 */
import { convert as convertWith } from "./src/convert/convert.ts";
import type { ConvertReport } from "./src/convert/report.ts";
import {
  type ReportRequest,
  reportTable as reportTableWith,
  type TableReport,
} from "./src/convert/report_table.ts";
import type { ConvertRequest } from "./src/convert/request.ts";
import { makeReport } from "./src/report/make_report.ts";

/**
 * Converts a genome matrix to VCF.
 *
 * @param request Input, output and options.
 * @returns The summary of the conversion.
 * @throws {UsageError} Options that no input could make right.
 * @throws {InputError} Bad input, located.
 * @throws {MachineError} A full disk, an I/O error, memory.
 * @throws {InternalError} A bug.
 * @throws The reason of the signal.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { convert } from "./mod.ts";
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/m.tsv`, "CHROM\tPOS\tREF\t1a\t1b\n1\t7\tA\tA\tG\n");
 * const report = await convert({
 *   input: `${folder}/m.tsv`,
 *   output: `${folder}/m.vcf`,
 *   report: `${folder}/m.html`,
 *   threads: 0,
 * });
 * assert(report.records === 1);
 * assert.match(await Deno.readTextFile(`${folder}/m.html`), /<td>SNP<\/td><td>1<\/td>/);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export function convert(request: ConvertRequest): Promise<ConvertReport> {
  return convertWith(request, makeReport);
}

/**
 * Draws a report of a table that {@linkcode convert} has kept, as a page that needs no other file.
 * The table stays as it is. Where the conversion made a report, its counts are in the table; else
 * they are taken now.
 *
 * @param request The table, the page, and options.
 * @returns What the report is of.
 * @throws {UsageError} Options that no input could make right.
 * @throws {InputError} No such file, or not a table of this program.
 * @throws {MachineError} A full disk, an I/O error, memory.
 * @throws The reason of the signal.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { convert, reportTable } from "./mod.ts";
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/m.tsv`, "CHROM\tPOS\tREF\t1a\t1b\n1\t7\tA\tA\tG\n");
 * const database = `${folder}/m.duckdb`;
 * await convert({ input: `${folder}/m.tsv`, output: `${folder}/m.vcf`, database, threads: 0 });
 *
 * const { kept, records } = await reportTable({ input: database, output: `${folder}/m.html` });
 * assert(!kept && records === 1);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export function reportTable(request: ReportRequest): Promise<TableReport> {
  return reportTableWith(request, makeReport);
}

export type { ReportRequest, TableReport };
export {
  type ErrorCode,
  InputError,
  InternalError,
  InterruptedError,
  type Location,
  MachineError,
  Matrix2vcfError,
  StatementError,
  UsageError,
} from "./src/base/errors.ts";
export type { InfoTag } from "./src/vcf/info_fields.ts";
export {
  type Genotype,
  type GenotypeChoice,
  type Matrix,
  type MatrixOptions,
  openMatrix,
  type Parameter,
  type RegionChoice,
  type Row,
  type Site,
  type Value,
} from "./src/query/open_matrix.ts";
export { scatter, type ScatterReport, type ScatterRequest } from "./src/shards/scatter.ts";
export { shard, type ShardReport, type ShardRequest } from "./src/shards/shard.ts";
export { gather, type GatherRequest } from "./src/shards/gather.ts";
export { type GatherStatus, gatherStatus } from "./src/shards/done_shards.ts";
export type { ConvertRequest } from "./src/convert/request.ts";
export type { DialectName, RefSource } from "./src/matrix/dialects/dialect.ts";
export type { Phase, ProgressState } from "./src/base/progress.ts";
export type { OutputType } from "./src/output/options.ts";
export type { ConvertReport } from "./src/convert/report.ts";
export type { OutputFormat, ViewFormat } from "./src/vcf/row_formatter.ts";
