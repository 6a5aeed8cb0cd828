/**
 * Declares the calls that workers answer where rows go straight to the output.
 *
 * @module
 */
import type { RowSource } from "../matrix/line_segments.ts";
import type { Call } from "../threads/worker_calls.ts";
import type { CellBlock, CellEnd, CellFacts, CellJob } from "./cell_formatter.ts";

/** A part of an answer. */
export type CellPart = { begin: CellFacts } | { block: CellBlock } | { end: CellEnd };

/** The question to format cells `index`, `index + of`, ... (0-based) of a plain file. */
export interface CellsAsk {
  /** A segment of it is a cell. */
  source: RowSource;
  index: number;
  of: number;
}

/** The lines of one cell, each with its LF. */
export interface TextAsk {
  cell: number;
  text: ArrayBuffer;
  /** Bytes of `text` that are lines. */
  length: number;
  /** Bytes of the file that they took. */
  bytes: number;
  /** True where the line after them is too long to be read. */
  overlong: boolean;
  /** With the last cell, the CRC-32 of all, where it is wanted; else 0. */
  crc: number;
}

/** Makes the worker ready to format cells. */
export const OPEN_CELLS: Call<CellJob, void> = { name: "open cells" };
/** Formats cells of a plain file. */
export const FORMAT_CELLS: Call<CellsAsk, void, CellPart> = { name: "format cells" };
/** Formats one cell; the answer gives the memory of the text back. */
export const FORMAT_TEXT: Call<TextAsk, ArrayBuffer, CellPart> = { name: "format text" };
/** Stops after the current block; what is on its way is of no more use. */
export const STOP_CELLS: Call<undefined, void> = { name: "stop cells" };
/** Ends the work; the answer has the haplotypes (0-based) that were missing in all rows. */
export const CLOSE_CELLS: Call<undefined, readonly number[]> = { name: "close cells" };
