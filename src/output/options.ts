/**
 * What the second half of a conversion, from the table on, is asked.
 *
 * @module
 */
import type { InfoTag } from "../vcf/info_fields.ts";
import type { OutputFormat } from "../vcf/row_formatter.ts";

/** What the second half is asked; the meanings are those of `ConvertRequest`. */
export interface OutputOptions {
  /** Matrix or table, and table, for messages. */
  input: string;
  database?: string;
  output: string;
  /** In its place, which `-` then stands for. */
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
  /** Bytes of the whole process. */
  memory: number;
  signal?: AbortSignal;
  onNote: (line: string) => void;
}
