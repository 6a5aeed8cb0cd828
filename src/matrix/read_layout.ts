/**
 * Takes the first look at a matrix: its header, and what its columns are.
 *
 * @module
 */
import { LF } from "../base/bytes.ts";
import { InputError, type Location, UsageError } from "../base/errors.ts";
import { exists } from "../base/files.ts";
import { readText } from "../base/text_file.ts";
import type { CellReading } from "./cell_codes.ts";
import { checkColumns } from "./check_columns.ts";
import { chosenColumns, type LayoutOptions } from "./column_samples.ts";
import type { DialectOptions } from "./dialects/dialect.ts";
import { dialectNeeds } from "./dialects/dialect_needs.ts";
import { findDialect, type FoundDialect } from "./dialects/find_dialect.ts";
import { joinedLayout } from "./dialects/join_sites.ts";
import type { SitesFile } from "./dialects/sites_file.ts";
import type { RowsStart } from "./first_rows.ts";
import { refuseGenotypes } from "./guards.ts";
import { type MatrixHead, type MatrixHeader, matrixHeader, readHead } from "./header.ts";
import { cellBytes, segmentBytes } from "./grid.ts";
import type { InputFile } from "./input_file.ts";
import type { RowSource } from "./line_segments.ts";
import { cellAt } from "./cell_bytes.ts";
import { type MatrixLayout, matrixLayout, Role } from "./layout.ts";
import { splitExclusion, type WantedSamples } from "./sample_names.ts";

/** Options that decide what the columns are. */
export interface ColumnOptions extends Partial<CellReading>, DialectOptions {
  /** File with the header line, if the matrix has none. */
  header?: string;
  /** Names of samples; a `^` before the first one leaves them out. */
  samples?: readonly string[];
  /** File with the sample sheet, or with names of samples. */
  samplesFile?: string;
  /** True where the names that the file lists are left out. */
  excludeListed?: boolean;
  ploidy?: "auto" | 1 | 2;
  /** Most bytes of a line without its LF. */
  maxLine?: number;
  /** The FASTA of the run, where there is one. */
  reference?: string;
  /** The format of the output, where one is known: a haplotype table needs no REF. */
  format?: string;
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
  /** The sites of a table that has none. */
  sites?: SitesFile;
  /** Mean bytes of the texts of a row (ID, ALTs, frequencies) in the first rows. */
  rowTextBytes: number;
}

/**
 * Reads the header of a matrix, or finds out what else a file is, and looks at its first rows.
 *
 * @throws {InputError} Located: there is no header, it does not fit the options or the rows, cells
 * are no alleles, or what a dialect needs is missing.
 */
export async function readLayout(input: InputFile, options: ColumnOptions): Promise<Columns> {
  const { ploidy, iupac } = options;
  const { head, found, choice } = await lookAtFile(input, options);
  const { header, rows, first } = found;
  const { dialect: needed, facts, names, sites } = await dialectNeeds(input, found, options);
  const dialect = { ...needed, separator: SEPARATORS[header.style ?? "tabs"] };
  const split = iupac === "split" && dialect.name === "genotypes";
  if (ploidy !== undefined && ploidy !== "auto" && dialect.name !== "matrix" && !split) {
    throw new UsageError(`\`ploidy\` is for a matrix; the input is ${dialect.name}`);
  }
  const layout = matrixLayout(header, { ...choice, ploidy, split, dialect, facts, names });
  checkFirst(first, layout, { file: input.shown, ...rows }, options);
  if (sites) {
    return { head, header, rows, layout: joinedLayout(layout), sites, rowTextBytes: sites.idBytes };
  }
  return { head, header, rows, layout, rowTextBytes: rowTextBytes(first, layout) };
}

/** What stands between fields, by their style. */
const SEPARATORS = { tabs: "tab", quoted: "tab", commas: "comma", blanks: "blank" } as const;

/** What a file is, and the samples of it that are chosen. */
interface FileLook {
  head: MatrixHead;
  found: FoundDialect;
  choice: Pick<LayoutOptions, "samples" | "samplesFile">;
}

/** Finds out what a file is. */
export async function lookAtFile(input: InputFile, options: ColumnOptions): Promise<FileLook> {
  const head = await readHead(input, options), own = await matrixHeader(head, options, input);
  const choice = await sampleChoice(options, own.at);
  const found = await findDialect(input, head, own, { ...options, chosen: chosenColumns(choice) });
  return { head, found, choice };
}

/** Refuses first rows whose cells would be read as something else than they are. */
function checkFirst(
  first: Uint8Array,
  layout: MatrixLayout,
  start: RowsStart,
  options: ColumnOptions,
): void {
  const { name, cells, header } = layout.dialect;
  // Who says that it is a matrix means it.
  if ((name === "matrix" && options.dialect !== "matrix") || options.iupac === "split") {
    if (cells !== "letters") refuseGenotypes(first, layout, start, options);
  }
  const missing = [...options.missing ?? [], ...layout.dialect.missing];
  const hasAlleles = cells === "allele" || cells === "pair";
  if (hasAlleles && header === "line") {
    checkColumns(first, layout, start, { ...options, missing });
  }
}

/** Returns the samples that are chosen, as far as the options say. */
async function sampleChoice(
  { samples, samplesFile, excludeListed = false, signal }: ColumnOptions,
  at: Location,
): Promise<Pick<LayoutOptions, "samples" | "samplesFile">> {
  return {
    samples: samples && await wantedSamples(samples, at),
    samplesFile: samplesFile === undefined ? undefined : {
      text: await readSamplesFile(samplesFile, signal),
      file: samplesFile,
      exclude: excludeListed,
    },
  };
}

/** Returns where the rows of a file are, cut into segments and cells of the grid. */
export function rowSource(
  { path, shown, kind, size, state, part }: InputFile,
  { head, header, rows }: Columns,
  maxLine: number | undefined,
): RowSource {
  const segment = segmentBytes(head.line.length), gzip = kind === "gzip";
  const place = { path, shown, gzip, size, start: part?.start ?? rows.start, part, state, maxLine };
  const cells = { segmentBytes: segment, cellBytes: cellBytes(segment) };
  return { ...place, ...cells, style: header.style, checksums: part !== undefined };
}

/** Returns the mean bytes of the cells of whole lines that are kept as texts. */
function rowTextBytes(lines: Uint8Array, { roles }: MatrixLayout): number {
  const texts: readonly number[] = [Role.Id, Role.Alt, Role.Freq];
  const columns = [...roles.keys()].filter((column) => texts.includes(roles[column]));
  let bytes = 0, rows = 0;
  if (columns.length === 0) return 0;
  for (let from = 0; from < lines.length; from = lines.indexOf(LF, from) + 1, rows++) {
    for (const column of columns) {
      const [at, to] = cellAt(lines, from, column);
      bytes += to - at;
    }
  }
  return rows > 0 ? bytes / rows : 0;
}

/** Returns the names of a list as what chooses samples. */
async function wantedSamples(list: readonly string[], at: Location): Promise<WantedSamples> {
  const text = list.join(","), { exclude } = splitExclusion(text);
  const names = list.map((name, index) => ({
    name: index === 0 && exclude ? name.slice(1) : name,
    at,
  }));
  const file = text.replace(/^\^/, "");
  // The name of a long list is none that a file can have.
  return { names, exclude, file: await exists(file).catch(() => false) ? file : undefined };
}

/** Reads the file of samples. */
async function readSamplesFile(path: string, signal: AbortSignal | undefined): Promise<string> {
  // The name of a long list is none that a file can have.
  if (path === "-" || await exists(path).catch(() => false)) return await readText(path, signal);
  const list = path.includes(",") ? "; this looks like a list of names, which -s takes" : "";
  throw new InputError(
    "there is no such file; --samples-file takes a sheet (a line for each sample, its name and " +
      `then its columns, TAB-separated), or names of samples, one on each line${list}`,
    { file: path },
  );
}
