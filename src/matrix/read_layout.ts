/**
 * Takes the first look at a matrix: its header, and what its columns are.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import { exists } from "../base/files.ts";
import { readText } from "../base/text_file.ts";
import type { CellReading } from "./cell_codes.ts";
import { checkColumns } from "./check_columns.ts";
import { firstRows } from "./first_rows.ts";
import { refuseGenotypes } from "./guards.ts";
import { type MatrixHead, type MatrixHeader, matrixHeader, readHead, rowsOf } from "./header.ts";
import type { InputFile } from "./input_file.ts";
import { type MatrixLayout, matrixLayout } from "./layout.ts";

/** Options that decide what the columns are. */
export interface ColumnOptions extends Partial<CellReading> {
  /** File with the header line, if the matrix has none. */
  header?: string;
  /** File with the sample sheet. */
  samples?: string;
  ploidy?: "auto" | 1 | 2;
  /** Ends the wait for a header or a sheet on standard input. */
  signal?: AbortSignal;
}

/** What the first look tells. */
export interface Columns {
  head: MatrixHead;
  header: MatrixHeader;
  /** Offset of the first row in the (uncompressed) bytes, and the number of lines before it. */
  rows: { start: number; lines: number };
  layout: MatrixLayout;
}

/**
 * Reads the header of a matrix, and looks at its first rows.
 *
 * @throws {InputError} Located: there is no header, it does not fit the options or the rows, or
 * cells are no alleles.
 */
export async function readLayout(input: InputFile, options: ColumnOptions): Promise<Columns> {
  const { samples, ploidy, iupac, signal } = options;
  const head = await readHead(input, options), header = await matrixHeader(head, options, input);
  const layout = matrixLayout(header, {
    ploidy,
    split: iupac === "split",
    sheet: samples === undefined
      ? undefined
      : { text: await readSheet(samples, signal), file: samples },
  });
  const rows = rowsOf(head, header.columns), start = { file: input.shown, ...rows };
  const first = await firstRows(input, rows.start, header.columns.length, header.quoted);
  refuseGenotypes(first, layout, start, options);
  checkColumns(first, layout, start, options);
  return { head, header, rows, layout };
}

/** Reads the sample sheet. Other programs take a list of names where this one takes a file. */
async function readSheet(path: string, signal: AbortSignal | undefined): Promise<string> {
  // The name of a long list is none that a file can have.
  if (path === "-" || await exists(path).catch(() => false)) return await readText(path, signal);
  const list = path.includes(",") ? ", and this looks like a list of names" : "";
  throw new InputError(
    "there is no such file; --samples takes a file with a line for each sample, its name and then " +
      `its columns, TAB-separated${list}`,
    { file: path },
  );
}
