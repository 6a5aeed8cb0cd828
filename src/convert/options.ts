/**
 * Checks and freezes the options of a conversion before anything is opened.
 *
 * @module
 */
import { UsageError } from "../base/errors.ts";
import { inputName, isStream, outputName, pathOf } from "../base/files.ts";
import {
  checkKinds,
  FLAG,
  FUNCTION,
  type Kinds,
  NUMBER,
  PATH,
  SIGNAL,
  TEXT,
  TEXTS,
} from "../base/kinds.ts";
import { printable } from "../base/text.ts";
import { INFO_TAGS, type InfoTag } from "../vcf/info_fields.ts";
import { type IngestOptions, TABLE_DEFAULTS } from "../ingest/options.ts";
import {
  DIALECT_NAMES,
  type DialectName,
  type DialectOptions,
  REF_SOURCES,
  type RefSource,
} from "../matrix/dialects/dialect.ts";
import { samplesFileOf } from "../matrix/sample_names.ts";
import { isCompressed, type OutputOptions } from "../output/options.ts";
import { OUTPUT_FORMATS, type OutputFormat } from "../vcf/row_formatter.ts";
import { ALL_SITES } from "../vcf/site_filter.ts";
import type { ProgressState } from "../base/progress.ts";

/** The options of {@linkcode convert}; all but input and output have a default. */
export interface ConvertRequest {
  /**
   * Path of the matrix (plain, gzip, BGZF, zstd) or of a kept database, `-` for standard input, or a
   * stream of bytes, which is copied to a temporary file first.
   */
  input: string | URL | ReadableStream<Uint8Array>;
  /** Path of the output, `-` for standard output, or a stream, which is closed at the end. */
  output: string | URL | WritableStream<Uint8Array>;
  /**
   * What the text is: a matrix, or the same table in other clothes, such as `hapmap`. Default:
   * `auto`, which finds it out or refuses.
   */
  dialect?: DialectName | "auto";
  /**
   * Where REF comes from: a column, the `reference`, or the first allele that a row names, which is
   * a guess and is marked with INFO/PR. Default: what the dialect states, else the `reference`.
   */
  refFrom?: RefSource;
  /** File with the sites of a table that has none (`.legend`). Default: of its name, beside it. */
  sites?: string | URL;
  /**
   * File with the names of the samples of a table that has none (`.tfam`, `.sample`, `.samples`).
   * Default: of its name, beside it.
   */
  names?: string | URL;
  /** Contig of a table that names none. Default: that of its IDs. */
  contig?: string;
  /** Name of the sample of a file of one person's genotypes. Default: the file's name. */
  sampleName?: string;
  /** File with the header line, or `-`. Default: the first line of the matrix. */
  header?: string | URL;
  /**
   * Names of samples to write, in this order; a `^` before the first name leaves them out instead.
   * They are names after pairing: `10`, not `10a`. Default: all.
   */
  samples?: readonly string[];
  /**
   * File with the sample sheet, or with names of samples, one on each line; or `-`. A `^` before
   * the path leaves the listed names out. Default: columns are paired by their suffixes.
   */
  samplesFile?: string | URL;
  /** Pairing by suffix: where possible (`auto`, the default), never (1) or always (2). */
  ploidy?: "auto" | 1 | 2;
  /** Further texts that mean a missing allele; blanks around them do not count. */
  missing?: readonly string[];
  /**
   * Worker threads; 0 runs everything on the calling thread. Default: the machine's cores, but 0 for
   * a file of up to 4 MiB that is not compressed, as starting workers takes longer than its work.
   */
  threads?: number;
  /** Budget of the whole process in bytes. Default: 1 GiB. */
  memory?: number;
  /**
   * Most bytes of a line of the matrix without its line end; a longer one is refused. Default: 1 GiB,
   * or a tenth of `memory` where that is less.
   */
  maxLine?: number;
  /**
   * File to keep the table in, or to reuse it from. Default: a temporary file beside the output.
   */
  database?: string | URL;
  /**
   * True to write rows that are in order straight to the output, without a table. Rows that are not
   * go through the table all the same; the bytes are the same both ways.
   */
  direct?: boolean;
  /**
   * True to read the whole input before its kept table is reused, even if size, times and ends
   * agree.
   */
  verifyInput?: boolean;
  /**
   * False to read and write all rows without kernels, which take usual ones faster; the bytes are
   * the same. Default: true.
   */
  kernels?: boolean;
  /** What `-` in an allele cell means: missing (the default), `*`, or bad input. */
  gap?: "missing" | "star" | "error";
  /**
   * What R Y S W K M in an allele cell mean: bad input (the default), missing, or both bases, where
   * the column is a whole sample, which then is diploid and unphased.
   */
  iupac?: "error" | "missing" | "split";
  /** Format of the output. Default: `vcf`. */
  format?: OutputFormat;
  /** VCF as plain text (`v`) or BGZF (`z`). Default: BGZF where its name ends in `.gz` or `.bgz`. */
  outputType?: "v" | "z";
  /** BGZF level 1 to 9 of an output that is compressed. Default: 5. */
  compressionLevel?: number;
  /** Index of a compressed VCF. Default: `auto`, `.csi` where a contig passes 2^29, else `.tbi`. */
  index?: "auto" | "tbi" | "csi" | "none";
  /** INFO tags to write. Default: none. */
  info?: readonly InfoTag[];
  /** FASTA that REF is compared with, and that gives the contigs their order and lengths. */
  reference?: string | URL;
  /** What happens where REF is not that of the reference. Default: `error`. */
  refMismatch?: "error" | "skip" | "count";
  /** Regions `1:100-200,2`, 1-based, both ends included; records that overlap one are written. */
  regions?: string;
  /**
   * File of regions, or `-` for standard input. One whose name ends in `.bed` or `.bed.gz` is a
   * BED, 0-based with its ends excluded. Any other has a contig, a position and perhaps an end,
   * 1-based and included.
   */
  regionsFile?: string | URL;
  /** True to leave out records without an ALT. */
  variantsOnly?: boolean;
  /** Fewest alleles of a record, REF included. */
  minAlleles?: number;
  /** Most alleles of a record, REF included. */
  maxAlleles?: number;
  /** True to leave out records with an allele that is neither a single base nor `*`. */
  snpsOnly?: boolean;
  /** Largest share of missing haplotypes of a record, 0 to 1. */
  maxMissingRate?: number;
  /** True to write `/` between the alleles of a sample. */
  unphased?: boolean;
  /** Leaves the version and the command out of the header of a VCF. */
  noVersion?: boolean;
  /** True to write haploid samples as homozygous diploids. */
  homozygous?: boolean;
  /** Whether a bad row ends the run (the default), or goes to `OUTPUT.rejects.tsv`. */
  onBadRow?: "error" | "skip";
  /**
   * Folder for the temporary table and for what does not fit into memory. Default: the folder of the
   * output; the system's (`$TMPDIR`) where that is no file.
   */
  tempDir?: string | URL;
  /** File for time, phase, rows and memory as CSV, a line every 100 ms. */
  profile?: string | URL;
  /** Interrupts the run when it is aborted. */
  signal?: AbortSignal;
  /** Receives the progress a few times a second. */
  onProgress?: (state: ProgressState) => void;
  /** Receives one line that says how columns became samples, other notes, and warnings. */
  onNote?: (line: string) => void;
}

/** {@linkcode ConvertRequest} with its defaults, checked and frozen. */
export type ConvertOptions = Readonly<
  IngestOptions & OutputOptions & {
    direct: boolean;
    profile?: string;
    tempDir?: string;
    onProgress: (state: ProgressState) => void;
  }
>;

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
  checkKinds(request, KINDS);
  const options = {
    header: inputName(pathOf(request.header)),
    ...dialectOptions(request),
    samples: request.samples && Object.freeze([...request.samples]),
    ...samplesFileOf(pathOf(request.samplesFile)),
    database: pathOf(request.database),
    signal: request.signal,
    profile: outputName(pathOf(request.profile)),
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
    verifyInput: request.verifyInput ?? false,
    kernels: request.kernels ?? true,
    gap: request.gap ?? TABLE_DEFAULTS.gap,
    iupac: request.iupac ?? TABLE_DEFAULTS.iupac,
    format: request.format ?? "vcf",
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

/** Default of the longest line, in bytes. */
const MOST_LINE = 1024 ** 3;
/** Copies of a line that the memory has room for: its bytes, codes, names and output. */
const LINE_SHARE = 10;
const MOST_THREADS = 256;
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
const MIN_MEMORY = 256 * 1024 ** 2;

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

/**
 * Values that some options are limited to. They are checked, as callers in JavaScript have no
 * types.
 */
const CHOICES: Partial<Record<keyof ConvertOptions, readonly unknown[]>> = {
  dialect: ["auto", ...DIALECT_NAMES],
  refFrom: [undefined, ...REF_SOURCES],
  ploidy: ["auto", 1, 2],
  gap: ["missing", "star", "error"],
  iupac: ["error", "missing", "split"],
  onBadRow: ["error", "skip"],
  format: OUTPUT_FORMATS,
  index: ["auto", "tbi", "csi", "none"],
  refMismatch: ["error", "skip", "count"],
};

/** The kinds of all options that are not one of a few values. */
const KINDS: Kinds<ConvertRequest> = {
  input: [
    "a path or a ReadableStream",
    (value) => PATH[1](value) || value instanceof ReadableStream,
  ],
  output: [
    "a path or a WritableStream",
    (value) => PATH[1](value) || value instanceof WritableStream,
  ],
  header: PATH,
  sites: PATH,
  names: PATH,
  contig: TEXT,
  sampleName: TEXT,
  samples: ["a list of names (a file of them, or a sheet, is `samplesFile`)", TEXTS[1]],
  samplesFile: PATH,
  database: PATH,
  reference: PATH,
  regionsFile: PATH,
  profile: PATH,
  tempDir: PATH,
  missing: TEXTS,
  info: TEXTS,
  regions: TEXT,
  memory: ["a number of bytes", NUMBER[1]],
  maxLine: ["a number of bytes", NUMBER[1]],
  maxMissingRate: NUMBER,
  direct: FLAG,
  verifyInput: FLAG,
  kernels: FLAG,
  variantsOnly: FLAG,
  snpsOnly: FLAG,
  unphased: FLAG,
  noVersion: FLAG,
  homozygous: FLAG,
  signal: SIGNAL,
  onProgress: FUNCTION,
  onNote: FUNCTION,
};

function checkOptions(options: ConvertOptions): void {
  if (!options.input) throw new UsageError("no input is given");
  if (!options.output) throw new UsageError("no `output` is given");
  if (options.database === ":memory:") {
    refuse("`database` names a file; a table that is not to be kept needs no name");
  }
  refuseSharedStream(options);
  for (const [name, choices] of Object.entries(CHOICES)) {
    const value = options[name as keyof ConvertOptions];
    if (!choices.includes(value)) {
      const named = choices.filter((choice) => choice !== undefined).join(", ");
      refuse(`\`${name}\` is one of ${named}, not '${printable(String(value))}'`);
    }
  }
  for (const tag of options.info) {
    if (!INFO_TAGS.includes(tag)) {
      refuse(`\`info\` is some of ${INFO_TAGS.join(", ")}, not '${printable(String(tag))}'`);
    }
  }
  checkNumbers(options);
  checkOutputType(options);
  checkIndex(options);
  if (options.info.length > 0 && options.format !== "vcf") {
    refuse("`info` is for VCF; other formats have no INFO");
  }
  if (options.samples?.length === 0 || options.samples?.some((name) => /^\^?$/.test(name))) {
    refuse("`samples` has an empty name; write NAME,NAME or ^NAME,NAME");
  }
  for (const text of options.missing) {
    if (/[\t\r\n]/.test(text)) refuse("`missing` texts hold no TAB or line end");
  }
}

/** Refuses BCF, and a choice between two kinds of VCF where none is written. */
function checkOutputType({ outputType, format, output }: ConvertOptions): void {
  const type: string = outputType ?? "v";
  if (/^[bu]\d?$/.test(type) || /\.u?bcf(\.b?gz)?$/i.test(output)) {
    refuse("BCF is not written; write .vcf.gz (-O z), and bcftools view -Ob makes BCF of it");
  }
  if (/^z\d$/.test(type)) {
    refuse(`\`outputType\` is v or z; the level is \`compressionLevel\` ${type[1]}`);
  }
  if (!["v", "z"].includes(type)) {
    refuse(`\`outputType\` is v (plain VCF) or z (BGZF), not '${printable(type)}'`);
  }
  if (outputType !== undefined && format !== "vcf") {
    refuse(
      `\`outputType\` is for VCF; \`format\` ${format} is compressed by its name, as in -o OUT.gz`,
    );
  }
}

/** Refuses an index that was asked for where there can be none; `auto` asks for nothing. */
function checkIndex({ index, format, output, outputType }: ConvertOptions): void {
  if (index !== "tbi" && index !== "csi") return;
  if (format !== "vcf") refuse(`\`index\` ${index} is for VCF; \`format\` ${format} has none`);
  if (isStream(output)) {
    refuse(`\`index\` ${index} lies beside a file; standard output, pipes and devices have none`);
  }
  if (!isCompressed({ output, outputType })) {
    refuse(`\`index\` ${index} is for a compressed output, as in -o OUT.vcf.gz or -O z`);
  }
}

/** Refuses two readers of standard input, of which the second would find it empty. */
function refuseSharedStream(options: ConvertOptions): void {
  const READERS = ["input", "header", "samplesFile", "names", "sites", "regionsFile"] as const;
  const readers = READERS.filter((name) =>
    options[name] === "-" && !(name === "input" && options.inputStream)
  );
  if (readers.length < 2) return;
  const names = readers.map((name) => name === "input" ? "the input" : `\`${name}\``);
  refuse(`${names.join(" and ")} cannot both be standard input; give one of them as a file`);
}

function checkNumbers(options: ConvertOptions): void {
  const { threads, memory, maxLine, compressionLevel, maxMissingRate } = options;
  const { minAlleles, maxAlleles } = options;
  if (!Number.isInteger(threads) || threads < 0 || threads > MOST_THREADS) {
    refuse(`\`threads\` is a whole number from 1 to ${MOST_THREADS}, not '${threads}'`);
  }
  if (!(memory >= MIN_MEMORY)) {
    refuse(`\`memory\` is at least 256MiB, not '${memory}' bytes`);
  }
  if (!(maxLine >= 1)) refuse(`\`maxLine\` is at least 1 byte, not '${maxLine}'`);
  if (![1, 2, 3, 4, 5, 6, 7, 8, 9].includes(compressionLevel)) {
    refuse(`\`compressionLevel\` is 1 to 9, not '${compressionLevel}'`);
  }
  if (!(maxMissingRate >= 0 && maxMissingRate <= 1)) {
    refuse(`\`maxMissingRate\` is a share, 0 to 1, not '${maxMissingRate}'`);
  }
  for (const [name, most] of Object.entries({ minAlleles, maxAlleles })) {
    if (!(most === Infinity || Number.isInteger(most))) {
      refuse(`\`${name}\` is a whole number, not '${most}'`);
    }
  }
  if (minAlleles > maxAlleles) {
    refuse("`minAlleles` is greater than `maxAlleles`");
  }
}

function refuse(message: string): never {
  throw new UsageError(message);
}
