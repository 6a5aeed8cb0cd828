/**
 * Defines the options of the second half of a conversion, from the table on.
 *
 * @module
 */
import { isCompressedName } from "../base/files.ts";
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
  outputType?: "v" | "z";
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
  threads: number;
  /** Budget of the whole process, in bytes. */
  memory: number;
  signal?: AbortSignal;
  onNote: (line: string) => void;
}

/** Tells whether an output is BGZF: as was asked for, or by its name. */
export function isCompressed(
  { output, outputType }: Pick<OutputOptions, "output" | "outputType">,
): boolean {
  return outputType === undefined ? isCompressedName(output) : outputType === "z";
}

/** Tells whether an output is Parquet, by its name. */
export function isParquet(output: string): boolean {
  return /\.parquet$/i.test(output);
}

/** Returns a warning where the name of an output says what it is not; undefined otherwise. */
export function typeWarning(
  { output, outputType }: Pick<OutputOptions, "output" | "outputType">,
): string | undefined {
  if (outputType === undefined || output === "-") return undefined;
  if (isCompressedName(output) === (outputType === "z")) return undefined;
  const [written, name] = outputType === "z" ? ["BGZF", "OUT.vcf.gz"] : ["plain text", "OUT.vcf"];
  return `warning: ${output} is written as ${written}, as -O ${outputType} says; other programs ` +
    `may go by its name, as in ${name}`;
}
