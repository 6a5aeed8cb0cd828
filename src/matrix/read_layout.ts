/**
 * Takes the first look at a matrix: its header, and what its columns are.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import { exists } from "../base/files.ts";
import { readText } from "../base/text_file.ts";
import { refuseGenotypes } from "./guards.ts";
import { hasHeader, type MatrixHead, type MatrixHeader, matrixHeader, readHead } from "./header.ts";
import type { InputFile } from "./input_file.ts";
import { type MatrixLayout, matrixLayout } from "./layout.ts";

/** Options that decide what the columns are. */
export interface ColumnOptions {
  /** File with the header line, if the matrix has none. */
  header?: string;
  /** File with the sample sheet. */
  samples?: string;
  ploidy?: "auto" | 1 | 2;
  /** What letters for two bases mean; `split` makes a column without a partner a whole genotype. */
  iupac?: string;
  /** Ends the wait for a header or a sheet on standard input. */
  signal?: AbortSignal;
}

/**
 * Reads the header of a matrix.
 *
 * @throws {InputError} Located: there is no header, or it does not fit the options; the first rows
 * hold no alleles.
 */
export async function readLayout(
  input: InputFile,
  options: ColumnOptions,
): Promise<{ head: MatrixHead; header: MatrixHeader; layout: MatrixLayout }> {
  const { samples, ploidy, iupac, signal } = options;
  const head = await readHead(input, options), header = await matrixHeader(head, options, input);
  const layout = matrixLayout(header, {
    ploidy,
    split: iupac === "split",
    sheet: samples === undefined
      ? undefined
      : { text: await readSheet(samples, signal), file: samples },
  });
  const start = hasHeader(head, layout.columns)
    ? { bytes: head.end, lines: head.number }
    : { bytes: head.mark, lines: 0 };
  await refuseGenotypes(input, layout, start);
  return { head, header, layout };
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
