/**
 * Defines what a tokenizer is told, and what it tells of a bad row; plain data, for `postMessage`.
 *
 * @module
 */
import type { CellReading } from "./cell_codes.ts";

/** The columns of a matrix, and how to read its cells. */
export interface TokenizerPlan extends CellReading {
  /** Names of the source columns, for messages. */
  columns: string[];
  /** Per source column a `Role` or the haplotype's 0-based ordinal. */
  roles: Int32Array;
  /** Per source column how many haplotypes it holds. */
  copies: Uint8Array;
  /** False where no row may be read by a kernel. */
  kernels?: boolean;
}

/** Alleles and contigs that are known ahead, by code. */
export interface Vocabulary {
  alleles: string[];
  contigs: string[];
}

/** A bad row, and why it is bad. */
export interface RowProblem {
  /** Line, 1-based in its segment. */
  line: number;
  /** Column name, if one cell is to blame. */
  column?: string;
  /** What was found, what is expected, what to do. */
  detail: string;
  /** Start and end (exclusive) of the row in `raw`, line end excluded. */
  from: number;
  to: number;
}
