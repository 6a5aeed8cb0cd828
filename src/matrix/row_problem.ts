/**
 * Describes bad rows.
 *
 * @module
 */
import { lineEnd } from "./cell_bytes.ts";

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

/** Describes a bad row, which is at fault whole where it is binary. */
export function rowProblem(
  raw: Uint8Array,
  lineAt: number,
  detail: string,
  line: number,
  column: string | undefined,
): RowProblem {
  const to = lineEnd(raw, lineAt), binary = raw.subarray(lineAt, to).indexOf(0) >= 0;
  return {
    line,
    column: binary ? undefined : column,
    detail: binary ? "the row has a NUL byte: the file is binary or damaged" : detail,
    from: lineAt,
    to,
  };
}
