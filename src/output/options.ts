/**
 * Defines the options of the second half of a conversion, from the table on.
 *
 * @module
 */
import { isCompressedName } from "../base/files.ts";
import type { OutputBlock } from "./partition_formatter.ts";
import type { InfoTag } from "../vcf/info_fields.ts";
import type { OutputFormat } from "../vcf/row_formatter.ts";

/** Options of the second half; `ConvertRequest` says what they mean. */
export interface OutputOptions {
  /** Path of the matrix or table, for messages. */
  input: string;
  database?: string;
  output: string;
  /** Is written in place of `output`, which then is `-`. */
  outputStream?: WritableStream<Uint8Array>;
  format: OutputFormat;
  outputType?: OutputType;
  compressionLevel: number;
  index: "auto" | "tbi" | "csi" | "none";
  info: readonly InfoTag[];
  reference?: string;
  refMismatch: "error" | "skip" | "count";
  regions?: string;
  regionsFile?: string;
  variantsOnly: boolean;
  minAlleles: number;
  maxAlleles: number;
  snpsOnly: boolean;
  maxMissingRate: number;
  unphased: boolean;
  /** True where the header names neither the version nor the command. */
  noVersion: boolean;
  homozygous: boolean;
  /** False where no row is read or written by a kernel. */
  kernels: boolean;
  /** True where the output is read back, and compared with what was to be written. */
  verify: boolean;
  /** True where the genotypes are summed, as they are read and before they are written. */
  sums: boolean;
  /** Whether the figures of a report are counted before the genotypes are written, or only that. */
  figures: boolean | "only";
  /** Where the input is a part of a matrix, what is known of the whole, and who joins the parts. */
  part?: MatrixPart;
  threads: number;
  /** Budget of the whole process, in bytes. */
  memory: number;
  signal?: AbortSignal;
  onNote: (line: string) => void;
}

/** What the conversion of a part of a matrix must know, and tell. */
export interface MatrixPart {
  /** The options that decide what a table of the whole holds, as JSON. */
  tableOptions: string;
  /** Text of the file of regions, if there is one. */
  regionsText: string | undefined;
  /** Begins with the first block; what has come before is of another attempt. */
  begin(): void;
  /**
   * Takes a block of the records, in order.
   *
   * @param names Names of the contigs in the block's index, in its order.
   * @param range The range of the grid that 0 means in the block's pieces.
   */
  record(block: OutputBlock, names: readonly string[], range: number): void;
}

/** Plain VCF, VCF in BGZF, BCF in BGZF, plain BCF: as in bcftools. */
export type OutputType = "v" | "z" | "b" | "u";

type NamedOutput = Pick<OutputOptions, "output" | "outputType">;

/** Names that an output may have, by its type. */
const NAMES: Readonly<Record<OutputType, string>> = {
  v: "OUT.vcf",
  z: "OUT.vcf.gz",
  b: "OUT.bcf",
  u: "OUT.bcf",
};
const KINDS: Readonly<Record<OutputType, string>> = {
  v: "plain text",
  z: "BGZF",
  b: "BCF",
  u: "plain BCF",
};

/** Returns what an output is by its name. */
function typeOfName(output: string): OutputType {
  if (/\.bcf$/i.test(output)) return "b";
  return isCompressedName(output) ? "z" : "v";
}

/** Tells whether an output is BGZF: as was asked for, or by its name. */
export function isCompressed({ output, outputType }: NamedOutput): boolean {
  return "zb".includes(outputType ?? typeOfName(output));
}

/** Tells whether an output is BCF: as was asked for, or by its name. */
export function isBcf({ output, outputType, format }: NamedOutput & Pick<OutputOptions, "format">) {
  return format === "vcf" && "bu".includes(outputType ?? typeOfName(output));
}

/** Tells whether an output is Parquet, by its name. */
export function isParquet(output: string): boolean {
  return /\.parquet$/i.test(output);
}

/** Returns a warning where the name of an output says what it is not; undefined otherwise. */
export function typeWarning({ output, outputType }: NamedOutput): string | undefined {
  if (outputType === undefined || output === "-") return undefined;
  const named = typeOfName(output);
  // A name does not tell whether BCF is compressed.
  if (named === outputType || NAMES[named] === NAMES[outputType]) return undefined;
  return `warning: ${output} is written as ${KINDS[outputType]}, as -O ${outputType} says; other ` +
    `programs may go by its name, as in ${NAMES[outputType]}`;
}
