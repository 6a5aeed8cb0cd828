/**
 * Defines what a tokenizer is told; plain data, for `postMessage`.
 *
 * @module
 */
import type { CellReading } from "./cell_codes.ts";
import type { Dialect, DialectPlan } from "./dialects/dialect.ts";

/** The columns of a matrix, and how to read its cells. */
export interface TokenizerPlan extends CellReading {
  /** Names of the source columns, for messages. */
  columns: string[];
  /** Per source column a `Role` or the haplotype's 0-based ordinal. */
  roles: Int32Array;
  /** Per source column how many haplotypes it holds. */
  copies: Uint8Array;
  /** What stands between the fields in the file, for messages; a TAB by default. */
  separator?: Dialect["separator"];
  /** False where no row may be read by a kernel. */
  kernels?: boolean;
  /** How rows are read by a `DialectTokenizer`; undefined for a `Tokenizer`. */
  dialect?: DialectPlan;
}

/** Alleles and contigs that are known ahead, by code. */
export interface Vocabulary {
  alleles: string[];
  contigs: string[];
}
