/**
 * Reads a table that a user has as text: TAB-separated, CSV, BED or GFF. It becomes columns with
 * kinds, and rows of texts.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import { printable, steers } from "../base/text.ts";
import { folded } from "../table/quote.ts";
import { ROLE_NAMES } from "../matrix/column_names.ts";

/** The kind of a column, as SQL has it. */
export type ColumnKind = "BIGINT" | "DOUBLE" | "BOOLEAN" | "DATE" | "VARCHAR";

/** A table of texts. */
export interface TextTable {
  columns: { name: string; kind: ColumnKind }[];
  /** Yields the rows, as many fields as columns; null is a value that is missing. */
  rows: () => Iterable<(string | null)[]>;
  /** True where the first line is no header, and columns have made-up names. */
  isNameless: boolean;
}

/** A line of the file: its fields, and its number, 1-based. */
interface Line {
  fields: string[];
  line: number;
}

/** How a file is written. */
interface Format {
  /** Yields the lines that are neither blank nor comments. */
  lines: (text: string, file: string) => Iterable<Line>;
  /** Names of the columns of a row of so many fields, where the format has them. */
  names?: (fields: number) => string[];
  /** Fewest and most fields, where the format says so. */
  fields?: readonly [number, number];
  /** True where `.` is no value whatever the column holds. */
  dotIsMissing?: boolean;
}

/** Columns of a BED, 0-based with ends excluded, and of a GFF, 1-based with ends included. */
const BED_COLUMNS = [
  ...["chrom", "chromStart", "chromEnd", "name", "score", "strand", "thickStart", "thickEnd"],
  ...["itemRgb", "blockCount", "blockSizes", "blockStarts"],
];
const GFF_COLUMNS = [
  ...["seqid", "source", "type", "start", "end", "score", "strand", "phase", "attributes"],
];

/** Columns that are texts whatever they hold, as those that they are compared with are. */
const TEXT_NAMES: ReadonlySet<string> = new Set([
  ...ROLE_NAMES.CHROM,
  ...ROLE_NAMES.ID,
  ...["SEQID", "SAMPLE", "SAMPLES", "SAMPLE_ID", "SAMPLEID", "FID", "IID", "INDIVIDUAL", "NAME"],
  ...["POPULATION", "POP"],
]);

/**
 * Reads a table. Its format is that of the file's name (`.csv`, `.bed`, `.gff`, `.gtf`, also with `.gz`),
 * else that of its first line. Lines of `#` before the header are comments.
 *
 * A column holds whole numbers, numbers, truth values or dates where all of its values are such, but
 * contigs and samples are texts. A number that begins with a 0 is a text. Missing is an empty field,
 * `NA`, in a column of numbers also `.` and `NaN`, and `.` anywhere in a BED or GFF.
 *
 * @param text The file.
 * @param file Its path, for its format and for messages.
 * @throws {InputError} Located: a row of another number of fields, a name that is there twice, quotes
 * that do not end, an empty file.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readTextTable } from "./text_table.ts";
 * const { columns, rows } = readTextTable("sample\theight\n10\t1.8\nVida\tNA\n", "h.tsv");
 * assert(columns.map(({ kind }) => kind).join() === "VARCHAR,DOUBLE" && [...rows()][1][1] === null);
 * ```
 */
export function readTextTable(text: string, file: string): TextTable {
  const format = formatOf(text, file), [first] = format.lines(text, file);
  if (first === undefined) throw new InputError("the file has no rows", { file });
  const { fields, line } = first, names = format.names?.(fields.length) ?? headerOf(fields);
  const [least, most] = format.fields ?? [1, Infinity];
  if (fields.length < least || fields.length > most) {
    const detail = `${fieldsOf(fields.length)}, expected ${least} of this format`;
    throw new InputError(detail, { file, line });
  }
  const columns = names ?? fields.map((_, index) => `column${index}`);
  checkNames(columns, file, line);
  const hasHeader = !format.names && names !== undefined;
  // The text is gone through twice, as its rows take many times as much memory as it does.
  const rows = () => rowsOf(format.lines(text, file), hasHeader, columns.length, file);
  const kinds = kindsOf(columns, rows());
  return {
    columns: columns.map((name, index) => ({ name, kind: kinds[index] })),
    rows: () => valuesOf(rows(), kinds, format.dotIsMissing),
    isNameless: names === undefined,
  };
}

/** Yields the rows below the header, each with as many fields as there are columns. */
function* rowsOf(
  lines: Iterable<Line>,
  hasHeader: boolean,
  columns: number,
  file: string,
): Generator<string[]> {
  let isFirst = hasHeader;
  for (const { fields, line } of lines) {
    if (!isFirst) yield cutTo(fields, columns, { file, line });
    isFirst = false;
  }
}

function* valuesOf(
  rows: Iterable<string[]>,
  kinds: readonly ColumnKind[],
  dotIsMissing = false,
): Generator<(string | null)[]> {
  for (const fields of rows) {
    yield fields.map((field, index) =>
      isMissing(field, kinds[index]) || dotIsMissing && field === "." ? null : field
    );
  }
}

function formatOf(text: string, file: string): Format {
  const name = file.toLowerCase().replace(/\.b?gz$/, "");
  if (/\.bed$/.test(name)) {
    const names = (fields: number) =>
      Array.from({ length: fields }, (_, index) => BED_COLUMNS[index] ?? `column${index}`);
    return { lines: bedLines, names, fields: [3, Infinity], dotIsMissing: true };
  }
  if (/\.(gff3?|gtf)$/.test(name)) {
    return { lines: gffLines, names: () => GFF_COLUMNS, fields: [9, 9], dotIsMissing: true };
  }
  const first = firstLine(text), isCsv = /\.csv$/.test(name);
  if (!isCsv && first.includes("\t")) return { lines: tabLines };
  const separator = first.includes(",") ? "," : first.includes(";") ? ";" : undefined;
  if (separator === undefined && !isCsv) return { lines: tabLines };
  return { lines: (text, file) => csvLines(text, file, separator ?? ",") };
}

/** Returns the first line that is neither blank nor a comment of `##`. */
function firstLine(text: string): string {
  for (const { text: line } of numberedLines(text)) if (!line.startsWith("##")) return line;
  return "";
}

/**
 * Returns the names that the first line has; undefined where it has a number, and so is a row, unless
 * it begins like a header.
 */
function headerOf(fields: readonly string[]): string[] | undefined {
  const begins = TEXT_NAMES.has(fields[0].replace(/^# */, "").toUpperCase());
  if (!begins && fields.some((field) => isNumber(field))) return undefined;
  return fields.map((field, index) =>
    field === "" ? `column${index}` : index === 0 ? field.replace(/^# */, "") || field : field
  );
}

function checkNames(names: readonly string[], file: string, line: number): void {
  const seen = new Set<string>();
  for (const name of names) {
    const shown = printable(name), own = folded(name);
    if (seen.has(own)) {
      throw new InputError(`the column '${shown}' is there twice; case does not count`, {
        file,
        line,
      });
    }
    if (steers(name)) {
      const detail = `the column '${shown}' has a control character, or one that turns text`;
      throw new InputError(detail, { file, line });
    }
    seen.add(own);
  }
}

function cutTo(
  fields: string[],
  columns: number,
  at: { file: string; line: number },
): string[] {
  if (fields.length === columns) return fields;
  if (fields.length > columns && fields.slice(columns).every((field) => field.trim() === "")) {
    return fields.slice(0, columns);
  }
  throw new InputError(`${fieldsOf(fields.length)}, expected ${columns} as in the first line`, at);
}

function fieldsOf(count: number): string {
  return count === 1 ? "1 field" : `${count} fields`;
}

function* numberedLines(text: string): Generator<{ text: string; line: number }> {
  let from = 0;
  for (let line = 1; from < text.length; line++) {
    const end = text.indexOf("\n", from), to = end < 0 ? text.length : end;
    const own = text.slice(from, text[to - 1] === "\r" && to > from ? to - 1 : to);
    // A line of TABs is a row whose fields are all empty.
    if (!/^[^\S\t]*$/.test(own)) yield { text: own, line };
    from = to + 1;
  }
}

function* tabLines(text: string): Generator<Line> {
  let comment: Line | undefined, began = false;
  for (const { text: own, line } of numberedLines(text)) {
    const fields = own.split("\t").map(unquoted);
    if (!began && own.startsWith("#")) {
      comment = own.startsWith("##") ? undefined : { fields, line };
      continue;
    }
    // What looks like a comment is the header if it has as many fields as the rows.
    if (!began && comment?.fields.length === fields.length && fields.length > 1) yield comment;
    began = true;
    yield { fields, line };
  }
  if (!began && comment) yield comment;
}

/** Takes the quotes off a field that stands in some. */
function unquoted(field: string): string {
  return /^".*"$/.test(field) ? field.slice(1, -1).replaceAll('""', '"') : field;
}

function* bedLines(text: string): Generator<Line> {
  for (const { text: own, line } of numberedLines(text)) {
    if (/^(#|(track|browser)(\s|$))/.test(own)) continue;
    yield { fields: own.includes("\t") ? own.split("\t") : own.trim().split(/ +/), line };
  }
}

function* gffLines(text: string): Generator<Line> {
  for (const { text: own, line } of numberedLines(text)) {
    // What follows are sequences.
    if (own.startsWith("##FASTA") || own.startsWith(">")) return;
    if (!own.startsWith("#")) yield { fields: own.split("\t"), line };
  }
}

/** Yields the lines of a CSV (RFC 4180): a field in quotes may hold separators and line ends. */
function* csvLines(text: string, file: string, separator: string): Generator<Line> {
  let at = 0, line = 1, began = false;
  while (at < text.length) {
    const start = line, fields: string[] = [];
    const end = text.indexOf("\n", at), whole = text.slice(at, end < 0 ? text.length : end);
    if (whole.trim() === "" || !began && whole.startsWith("#") && !whole.includes(separator)) {
      at += whole.length + 1;
      line++;
      continue;
    }
    began = true;
    for (let more = true; more;) {
      const field = csvField(text, at, separator);
      if (field === undefined) {
        throw new InputError("the quotes of a field do not end", { file, line: start });
      }
      if (field.isCut) {
        throw new InputError(
          "text stands behind the quotes of a field; quotes within are doubled",
          {
            file,
            line: start,
          },
        );
      }
      fields.push(field.value);
      line += field.lines;
      more = text[field.end] === separator;
      at = field.end + 1;
    }
    line++;
    yield { fields, line: start };
  }
}

/**
 * Returns the field at a place, and where it ends (exclusive); undefined where its quotes do not. It is
 * cut where more than blanks stands behind them.
 */
function csvField(
  text: string,
  from: number,
  separator: string,
): { value: string; end: number; lines: number; isCut: boolean } | undefined {
  if (text[from] !== '"') {
    let end = from;
    while (end < text.length && text[end] !== separator && text[end] !== "\n") end++;
    const value = text.slice(
      from,
      text[end - 1] === "\r" && text[end] !== separator ? end - 1 : end,
    );
    return { value, end, lines: 0, isCut: false };
  }
  let close = text.indexOf('"', from + 1);
  while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2);
  if (close < 0) return undefined;
  const value = text.slice(from + 1, close);
  let end = close + 1;
  while (end < text.length && text[end] !== separator && text[end] !== "\n") end++;
  const lines = value.split("\n").length - 1;
  const isCut = text.slice(close + 1, end).trim() !== "";
  return { value: value.replaceAll('""', '"'), end, lines, isCut };
}

/** No number begins with a 0 that says nothing, as IDs do, or has more digits than are told apart. */
const WHOLE = /^[+-]?(?:0|[1-9]\d{0,17})$/;
const NUMBER = /^[+-]?(?:(?:0|[1-9]\d*)\.\d*|\.\d+|(?:0|[1-9]\d*)(?=e))(?:e[+-]?\d+)?$/i;

function isNumber(text: string): boolean {
  return WHOLE.test(text) || NUMBER.test(text) && Number.isFinite(Number(text));
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** The kinds of values, the narrowest first. */
const KINDS: readonly (readonly [ColumnKind, (text: string) => boolean])[] = [
  ["BIGINT", (text) => WHOLE.test(text)],
  ["DOUBLE", isNumber],
  ["BOOLEAN", (text) => /^(?:true|false)$/i.test(text)],
  ["DATE", isDate],
];

/** Returns the narrowest kind of each column. */
function kindsOf(names: readonly string[], rows: Iterable<string[]>): ColumnKind[] {
  const possible = names.map((name) => TEXT_NAMES.has(name.toUpperCase()) ? [] : [...KINDS]);
  const found = names.map(() => false);
  for (const fields of rows) {
    fields.forEach((field, column) => {
      const kinds = possible[column];
      if (kinds.length === 0 || isMissing(field, kinds[0][0])) return;
      found[column] = true;
      if (!kinds[0][1](field)) possible[column] = kinds.filter(([, is]) => is(field));
    });
  }
  return possible.map(([narrowest], column) =>
    narrowest && found[column] ? narrowest[0] : "VARCHAR"
  );
}

function isMissing(field: string, kind: ColumnKind): boolean {
  if (field === "" || field === "NA") return true;
  return kind !== "VARCHAR" && (field === "." || /^nan$/i.test(field));
}
