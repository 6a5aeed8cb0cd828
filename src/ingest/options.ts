/**
 * Defines the options of the first half of a conversion, up to the table.
 *
 * @module
 */

import type { DialectOptions } from "../matrix/dialects/dialect.ts";

/**
 * Options that decide what a table holds. A kept one is reused only where all of them are equal.
 */
export interface TableOptions extends DialectOptions {
  header?: string;
  samples?: readonly string[];
  samplesFile?: string;
  ploidy: "auto" | 1 | 2;
  missing: readonly string[];
  gap: "missing" | "star" | "error";
  iupac: "error" | "missing" | "split";
  onBadRow: "error" | "skip";
}

/** Values of options that are not given. */
export const TABLE_DEFAULTS: Readonly<TableOptions> = {
  dialect: "auto",
  ploidy: "auto",
  missing: [],
  gap: "missing",
  iupac: "error",
  onBadRow: "error",
};

/** Flags of the options on the command line, in the order in which messages name them. */
export const TABLE_FLAGS: Readonly<Record<keyof TableOptions, string>> = {
  header: "--header",
  dialect: "--dialect",
  refFrom: "--ref-from",
  sites: "--sites",
  names: "--names",
  contig: "--contig",
  sampleName: "--sample-name",
  samples: "--samples",
  samplesFile: "--samples-file",
  ploidy: "--ploidy",
  missing: "--missing",
  gap: "--gap",
  iupac: "--iupac",
  onBadRow: "--on-bad-row",
};

/** Options of the first half; `ConvertRequest` says what they mean. */
export interface IngestOptions extends TableOptions {
  input: string;
  /** Is read in place of `input`, which then is `-`. */
  inputStream?: ReadableStream<Uint8Array>;
  database?: string;
  /** File of the populations that a kept table gets. */
  populations?: string;
  /** The FASTA that rows are compared with, and that says what REF is where they do not. */
  reference?: string;
  /** True where the samples that a file lists are left out. */
  excludeListed: boolean;
  verifyInput: boolean;
  /** False where no row is read by a kernel. */
  kernels: boolean;
  /** True where the genotypes are summed as they are read. */
  sums: boolean;
  /** True where a new table gets its name only once its counts can be kept with it. */
  figures: boolean | "only";
  threads: number;
  /** Budget of the whole process, in bytes. */
  memory: number;
  /** Most bytes of a line without its LF. */
  maxLine: number;
  /** Where the input is a part of a matrix, what a table of the whole is told to have. */
  part?: { tableOptions: string };
  signal?: AbortSignal;
  onNote: (line: string) => void;
}
