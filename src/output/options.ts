/**
 * Defines the options of the second half of a conversion, from the table on.
 *
 * @module
 */
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
  homozygous: boolean;
  threads: number;
  /** Budget of the whole process, in bytes. */
  memory: number;
  signal?: AbortSignal;
  onNote: (line: string) => void;
}
