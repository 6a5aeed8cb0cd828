/**
 * What a conversion is asked to do, checked and frozen before anything is opened.
 *
 * @module
 */
import { UsageError } from "../base/errors.ts";
import type { InfoTag } from "../vcf/info_fields.ts";
import { type IngestOptions, TABLE_DEFAULTS } from "../ingest/options.ts";
import type { OutputOptions } from "../output/options.ts";
import type { OutputFormat } from "../vcf/row_formatter.ts";
import { ALL_SITES } from "../vcf/site_filter.ts";
import type { ProgressState } from "../base/progress.ts";

/** What a caller of {@linkcode convert} gives; everything but input and output has a default. */
export interface ConvertRequest {
  /** Path of the matrix (plain, gzip, BGZF), of a kept database, or `-` for standard input. */
  input: string;
  /** Path of the VCF, or `-` for standard output. */
  output: string;
  /** File with the header line. Default: the first line of the matrix. */
  header?: string;
  /** Sample sheet. Default: columns are paired by their suffixes. */
  samples?: string;
  /** Pairing by suffix: where possible (`auto`, the default), never (1) or always (2). */
  ploidy?: "auto" | 1 | 2;
  /** Further texts that mean a missing allele. */
  missing?: readonly string[];
  /** Worker threads; 0 runs everything on the calling thread. Default: the machine's cores. */
  threads?: number;
  /** Budget of the whole process in bytes. Default: 1 GiB. */
  memory?: number;
  /** Keep the table in this file, or reuse it. Default: a temporary file beside the output. */
  database?: string;
  /** Read the whole input before its kept table is reused, even where its size, times and ends are the same. */
  verifyInput?: boolean;
  /** What `-` in an allele cell means: missing (the default), `*`, or bad input. */
  gap?: "missing" | "star" | "error";
  /**
   * What R Y S W K M in an allele cell mean: bad input (the default), missing, or both bases, where
   * the column is a whole sample, which then is diploid and unphased.
   */
  iupac?: "error" | "missing" | "split";
  /** What to write. Default: `vcf`. */
  format?: OutputFormat;
  /** BGZF level 1 to 9 of an output whose name ends in `.gz` or `.bgz`. Default: 5. */
  compressionLevel?: number;
  /** Index of a compressed VCF. Default: `auto`, `.csi` where a contig passes 2^29, else `.tbi`. */
  index?: "auto" | "tbi" | "csi" | "none";
  /** INFO tags to write. */
  info?: readonly InfoTag[];
  /** FASTA that REF is compared with, and that gives the contigs their order and lengths. */
  reference?: string;
  /** What a REF that is not the reference's does. Default: `error`. */
  refMismatch?: "error" | "skip" | "count";
  /** Regions `1:100-200,2`, 1-based, both ends included; records that overlap one are written. */
  regions?: string;
  /** BED file of regions: 0-based, end excluded. */
  regionsFile?: string;
  /** Leave out records that no sample varies at. */
  variantsOnly?: boolean;
  /** Fewest alleles of a record, REF included. */
  minAlleles?: number;
  /** Most alleles of a record, REF included. */
  maxAlleles?: number;
  /** Leave out records with an allele that is not a single base. */
  snpsOnly?: boolean;
  /** Largest share of missing haplotypes of a record, 0 to 1. */
  maxMissingRate?: number;
  /** Write `/` between the alleles of a sample. */
  unphased?: boolean;
  /** Write haploid samples as homozygous diploids. */
  homozygous?: boolean;
  /** What a bad row does: end the run, or go to `OUTPUT.rejects.tsv`. */
  onBadRow?: "error" | "skip";
  /** Write time, phase, rows and memory to this file as CSV, every 100 ms. */
  profile?: string;
  /** Interrupts the run. */
  signal?: AbortSignal;
  /** Is told of the progress a few times a second. */
  onProgress?: (state: ProgressState) => void;
  /** Is told, once, in one line, how columns became samples; and warnings. */
  onNote?: (line: string) => void;
}

/** {@linkcode ConvertRequest} with its defaults, checked and frozen. */
export type ConvertOptions = Readonly<
  IngestOptions & OutputOptions & {
    profile?: string;
    onProgress: (state: ProgressState) => void;
  }
>;

/** Memory budget if none is given, in bytes. */
export const DEFAULT_MEMORY = 1024 ** 3;

/**
 * Check a request and fill in its defaults.
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
  const options = {
    header: request.header,
    samples: request.samples,
    database: request.database,
    signal: request.signal,
    profile: request.profile,
    input: request.input,
    output: request.output,
    ploidy: request.ploidy ?? TABLE_DEFAULTS.ploidy,
    missing: Object.freeze([...request.missing ?? TABLE_DEFAULTS.missing]),
    threads: request.threads ?? Math.min(MOST_THREADS, navigator.hardwareConcurrency),
    memory: request.memory ?? DEFAULT_MEMORY,
    reference: request.reference,
    regions: request.regions,
    regionsFile: request.regionsFile,
    verifyInput: request.verifyInput ?? false,
    gap: request.gap ?? TABLE_DEFAULTS.gap,
    iupac: request.iupac ?? TABLE_DEFAULTS.iupac,
    format: request.format ?? "vcf",
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
    homozygous: request.homozygous ?? false,
    onBadRow: request.onBadRow ?? TABLE_DEFAULTS.onBadRow,
    onProgress: request.onProgress ?? (() => {}),
    onNote: request.onNote ?? (() => {}),
  };
  if (!options.input) throw new UsageError("no input is given");
  if (!options.output) throw new UsageError("no output is given (-o)");
  if (options.output.endsWith(".bcf")) {
    throw new UsageError(
      "BCF is not written; write .vcf.gz, and bcftools view -Ob makes BCF of it",
    );
  }
  if (!Number.isInteger(options.threads) || options.threads < 0 || options.threads > MOST_THREADS) {
    throw new UsageError(
      `--threads is a whole number from 1 to ${MOST_THREADS}, not '${options.threads}'`,
    );
  }
  if (!(options.memory >= MIN_MEMORY)) {
    throw new UsageError(`--memory is at least 256MiB, not '${options.memory}' bytes`);
  }
  if (![1, 2, 3, 4, 5, 6, 7, 8, 9].includes(options.compressionLevel)) {
    throw new UsageError(`--compression-level is 1 to 9, not '${options.compressionLevel}'`);
  }
  if (!(options.maxMissingRate >= 0 && options.maxMissingRate <= 1)) {
    throw new UsageError(`--max-missing-rate is a share, 0 to 1, not '${options.maxMissingRate}'`);
  }
  if (!(options.minAlleles <= options.maxAlleles)) {
    throw new UsageError("--min-alleles is greater than --max-alleles");
  }
  if (options.info.length > 0 && options.format !== "vcf") {
    throw new UsageError("--info is for VCF; other formats have no INFO");
  }
  if (options.samples !== undefined && options.ploidy !== "auto") {
    throw new UsageError("--ploidy pairs columns by name, --samples by a list: give one of them");
  }
  for (const text of options.missing) {
    if (/[\t\r\n]/.test(text)) throw new UsageError("--missing texts hold no TAB or line end");
  }
  return Object.freeze(options);
}

const MOST_THREADS = 256;
const MIN_MEMORY = 256 * 1024 ** 2;
