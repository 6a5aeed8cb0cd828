/**
 * Fills in the defaults of a conversion, and freezes its options, before anything is opened.
 *
 * @module
 */
import { inputName, outputName, pathOf } from "../base/files.ts";
import { TABLE_DEFAULTS } from "../ingest/options.ts";
import type { DialectOptions } from "../matrix/dialects/dialect.ts";
import { isParquet } from "../output/options.ts";
import { samplesFileOf } from "../matrix/sample_names.ts";
import { ALL_SITES } from "../vcf/site_filter.ts";
import { checkOptions, checkRequest, MOST_THREADS } from "./check_options.ts";
import type { ConvertOptions, ConvertRequest } from "./request.ts";

/** Default of the memory budget, in bytes. */
export const DEFAULT_MEMORY = 1024 ** 3;

/**
 * Checks a request and fills in its defaults.
 *
 * @throws {UsageError} A value that no input could make right.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { convertOptions } from "./options.ts";
 * assert(convertOptions({ input: "m.tsv", output: "m.vcf" }).ploidy === "auto");
 * ```
 */
export function convertOptions(request: ConvertRequest): ConvertOptions {
  checkRequest(request);
  const options = {
    header: inputName(pathOf(request.header)),
    ...dialectOptions(request),
    samples: request.samples && Object.freeze([...request.samples]),
    ...samplesFileOf(pathOf(request.samplesFile)),
    database: pathOf(request.database),
    populations: inputName(pathOf(request.populations)),
    signal: request.signal,
    profile: outputName(pathOf(request.profile)),
    ...reportFiles(request),
    tempDir: pathOf(request.tempDir),
    ...streams(request),
    ploidy: request.ploidy ?? TABLE_DEFAULTS.ploidy,
    missing: Object.freeze((request.missing ?? TABLE_DEFAULTS.missing).map((text) => text.trim())),
    threads: request.threads ?? defaultThreads(streams(request).input),
    memory: request.memory ?? DEFAULT_MEMORY,
    maxLine: request.maxLine ??
      Math.min(MOST_LINE, Math.floor((request.memory ?? DEFAULT_MEMORY) / LINE_SHARE)),
    reference: inputName(pathOf(request.reference)),
    regions: request.regions,
    regionsFile: inputName(pathOf(request.regionsFile)),
    direct: request.direct ?? false,
    keepsRejects: true,
    verifyInput: request.verifyInput ?? false,
    kernels: request.kernels ?? true,
    verify: request.verify ?? false,
    sums: request.verify ?? false,
    gap: request.gap ?? TABLE_DEFAULTS.gap,
    iupac: request.iupac ?? TABLE_DEFAULTS.iupac,
    format: request.format ?? (isParquet(streams(request).output) ? "matrix" : "vcf"),
    outputType: request.outputType,
    compressionLevel: request.compressionLevel ?? 5,
    index: request.index ?? "auto",
    info: Object.freeze([...request.info ?? []]),
    refMismatch: request.refMismatch ?? "error",
    minAlleles: request.minAlleles ?? ALL_SITES.minAlleles,
    maxAlleles: request.maxAlleles ?? ALL_SITES.maxAlleles,
    snpsOnly: request.snpsOnly ?? ALL_SITES.snpsOnly,
    maxMissingRate: request.maxMissingRate ?? ALL_SITES.maxMissingRate,
    variantsOnly: request.variantsOnly ?? false,
    unphased: request.unphased ?? false,
    noVersion: request.noVersion ?? false,
    homozygous: request.homozygous ?? false,
    onBadRow: request.onBadRow ?? TABLE_DEFAULTS.onBadRow,
    onProgress: request.onProgress ?? (() => {}),
    onNote: request.onNote ?? (() => {}),
  };
  checkOptions(options);
  return Object.freeze(options);
}

/** Returns the options of the dialect, under no more names than are needed. */
function dialectOptions(request: ConvertRequest): DialectOptions {
  return {
    dialect: request.dialect ?? TABLE_DEFAULTS.dialect,
    refFrom: request.refFrom,
    sites: inputName(pathOf(request.sites)),
    names: inputName(pathOf(request.names)),
    contig: request.contig,
    sampleName: request.sampleName,
  };
}

/** Returns the files of a report, and whether its figures are counted. */
function reportFiles({ report: given, multiqc }: Pick<ConvertRequest, "report" | "multiqc">) {
  const report = outputName(pathOf(given));
  return {
    report,
    multiqc: multiqc && report !== undefined ? multiqcName(report) : undefined,
    figures: report !== undefined,
  };
}

/** Returns the name of the file for MultiQC beside a report. */
export function multiqcName(report: string): string {
  return `${report.replace(/\.html?$/i, "")}_mqc.json`;
}

/** Default of the longest line, in bytes. */
const MOST_LINE = 1024 ** 3;
/** Copies of a line that the memory has room for: its bytes, codes, names and output. */
const LINE_SHARE = 10;
/** Bytes of the largest input, plain or a table, that is converted on the calling thread. */
const SMALL = 4 * 1024 ** 2;
const COMPRESSED_NAME = /\.(?:gz|bgz|bgzf|zst)$/i;

/** Returns the number of threads where none is asked for. */
function defaultThreads(input: string): number {
  const small = !COMPRESSED_NAME.test(input) && isSmallFile(input);
  return small ? 0 : Math.min(MOST_THREADS, navigator.hardwareConcurrency);
}

function isSmallFile(path: string): boolean {
  try {
    const { isFile, size } = Deno.statSync(path);
    return isFile && size <= SMALL;
  } catch {
    // What is wrong with it is said where it is opened.
    return false;
  }
}

/** Returns paths and streams. Messages and the report call a stream `-`, like standard input. */
function streams({ input, output }: ConvertRequest) {
  const isStream = (end: unknown) => end instanceof ReadableStream || end instanceof WritableStream;
  return {
    input: isStream(input) ? "-" : inputName(pathOf(input as string | URL)),
    inputStream: isStream(input) ? input as ReadableStream<Uint8Array> : undefined,
    output: isStream(output) ? "-" : outputName(pathOf(output as string | URL)),
    outputStream: isStream(output) ? output as WritableStream<Uint8Array> : undefined,
  };
}
