/**
 * Writes results as text for other programs, row by row: CSV, TSV, JSON, Markdown.
 *
 * @module
 */
import type { DuckDBDataChunk } from "@duckdb/node-api";
import { COMMA, TAB } from "../base/bytes.ts";
import { jsonText, printable, terminalText } from "../base/text.ts";
import { DelimitedRows, type Delimiters } from "./delimited_rows.ts";
import type { Format } from "./format_names.ts";
import type { ResultColumn, StatementResult } from "../query/sql_session.ts";
import { isNumeric, valueJson, valueText } from "../query/value_text.ts";

/** The parts of a format that is written row by row. */
interface StreamFormat {
  begin(columns: readonly ResultColumn[]): string;
  /** Returns a row; `first` is true for the first one. */
  row(cells: readonly string[], first: boolean, columns: readonly ResultColumn[]): string;
  end(rows: number): string;
  /** Returns the text of a cell, whose value is null for NULL. */
  cell(chunk: Cell): string;
}

/** A cell before it is text. */
interface Cell {
  value: Parameters<typeof valueText>[0];
  column: ResultColumn;
}

/** The format of RFC 4180, with LF. NULL is empty, an empty text is `""`, as DuckDB has it. */
const CSV: StreamFormat = {
  begin: (columns) => `${columns.map(({ name }) => csvField(name)).join(",")}\n`,
  row: (cells) => `${cells.join(",")}\n`,
  end: () => "",
  cell: ({ value, column }) => {
    const text = valueText(value, column.type);
    return text === null ? "" : csvField(text);
  },
};

function csvField(text: string): string {
  return text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Backslash escapes for TAB, line ends and backslash. NULL is empty. */
const TSV: StreamFormat = {
  begin: (columns) => `${columns.map(({ name }) => tsvField(name)).join("\t")}\n`,
  row: (cells) => `${cells.join("\t")}\n`,
  end: () => "",
  cell: ({ value, column }) => tsvField(valueText(value, column.type) ?? ""),
};

function tsvField(text: string): string {
  const escapes: Record<string, string> = { "\t": "\\t", "\n": "\\n", "\r": "\\r", "\\": "\\\\" };
  return text.replace(/[\t\n\r\\]/g, (character) => escapes[character]);
}

/** One array of objects, one object a line. */
const JSON_ARRAY: StreamFormat = {
  begin: () => "[",
  row: (cells, first, columns) => {
    const fields = cells.map((cell, index) => `${jsonText(columns[index].name)}:${cell}`);
    return `${first ? "" : ",\n"}{${fields.join(",")}}`;
  },
  end: () => "]\n",
  cell: ({ value, column }) => valueJson(value, column.type),
};

const MARKDOWN: StreamFormat = {
  begin: (columns) => {
    const rules = columns.map(({ type }) => isNumeric(type) ? "--:" : "---");
    return `| ${columns.map(({ name }) => markdownCell(name)).join(" | ")} |\n` +
      `| ${rules.join(" | ")} |\n`;
  },
  row: (cells) => `| ${cells.join(" | ")} |\n`,
  end: () => "",
  cell: ({ value, column }) => markdownCell(valueText(value, column.type) ?? "NULL"),
};

function markdownCell(text: string): string {
  const escaped = text.replace(/[\\|`*_<>[\]]/g, "\\$&").replace(/\r\n|\r|\n/g, "<br>");
  return printable(escaped, Infinity);
}

const STREAM_FORMATS: Record<Exclude<Format, "box">, StreamFormat> = {
  csv: CSV,
  tsv: TSV,
  json: JSON_ARRAY,
  markdown: MARKDOWN,
};

/** A receiver of a result; each call resolves when it may be given more. */
export interface ResultSink {
  write(text: string): Promise<void>;
  writeBytes(bytes: Uint8Array): Promise<void>;
}

/** The formats whose rows are written as bytes, where no terminal shows them. */
const DELIMITED: Partial<Record<Format, Delimiters>> = {
  csv: { separator: COMMA, field: csvField },
  tsv: { separator: TAB, field: tsvField },
};

/** Number of characters that are collected before they are written. */
const BLOCK = 1 << 16;

/**
 * Writes a result as it comes; memory does not grow with it.
 *
 * @param result The result.
 * @param format The format.
 * @param sink Takes text or bytes.
 * @param escape True to escape control characters, as a terminal shows the text.
 * @returns Number of rows.
 */
export async function writeStream(
  result: StatementResult,
  format: Exclude<Format, "box">,
  sink: ResultSink,
  escape = false,
): Promise<number> {
  const { columns, chunks } = result, style = STREAM_FORMATS[format];
  const delimiters = escape ? undefined : DELIMITED[format];
  if (delimiters) {
    await sink.write(style.begin(columns));
    return await writeDelimited(result, delimiters, sink);
  }
  const safe = escape ? terminalText : (text: string) => text;
  // Names are made safe once, not once for each row.
  let rows = 0, text = safe(style.begin(columns));
  for await (const chunk of chunks) {
    const cells = cellsOf(chunk, columns, style);
    for (let row = 0; row < chunk.rowCount; row++) {
      text += style.row(cells(row), rows++ === 0, columns);
      if (text.length < BLOCK) continue;
      await sink.write(safe(text));
      text = "";
    }
  }
  await sink.write(safe(text + style.end(rows)));
  return rows;
}

async function writeDelimited(
  { columns, chunks }: StatementResult,
  delimiters: Delimiters,
  sink: ResultSink,
): Promise<number> {
  const rows = new DelimitedRows(columns, delimiters, (bytes) => sink.writeBytes(bytes));
  let count = 0;
  for await (const chunk of chunks) {
    await rows.add(chunk);
    count += chunk.rowCount;
  }
  await rows.flush();
  return count;
}

function cellsOf(
  chunk: DuckDBDataChunk,
  columns: readonly ResultColumn[],
  { cell }: StreamFormat,
): (row: number) => string[] {
  const vectors = columns.map((_, index) => chunk.getColumnVector(index));
  return (row) =>
    columns.map((column, index) => cell({ value: vectors[index].getItem(row), column }));
}
