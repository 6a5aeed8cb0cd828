/**
 * Takes the first look at a matrix: its header, and what its columns are.
 *
 * @module
 */
import { readText } from "../base/files.ts";
import type { CellReading } from "./cell_codes.ts";
import { checkColumns } from "./check_columns.ts";
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
 * @throws {InputError} Located: there is no header, it does not fit the options or the rows, or a
 * column holds no alleles.
 */
export async function readLayout(input: InputFile, options: ColumnOptions): Promise<Columns> {
  const { samples, ploidy, iupac } = options;
  const head = await readHead(input), header = matrixHeader(head, options, input);
  const layout = matrixLayout(header, {
    ploidy,
    split: iupac === "split",
    sheet: samples === undefined ? undefined : { text: readText(samples), file: samples },
  });
  const rows = rowsOf(head, header.columns);
  await checkColumns(input, { header, rows, layout }, options);
  return { head, header, rows, layout };
}
