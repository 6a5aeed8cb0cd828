/**
 * Draws a result as a box for a person, as wide as the terminal; long and wide results are cut in
 * the middle.
 *
 * @module
 */
import type { DuckDBDataChunk } from "@duckdb/node-api";
import stringWidth from "string-width";
import { printable } from "../base/text.ts";
import { type NumberStyle, ungrouped } from "../base/text.ts";
import type { ResultColumn, StatementResult } from "../query/sql_session.ts";
import { isNumeric, typeName, valueText } from "../query/value_text.ts";

/** A result of which only the first and last rows are kept. */
export interface ResultExcerpt {
  columns: readonly ResultColumn[];
  /** Number of rows of the whole result. */
  rows: number;
  /** Number of rows that are kept; there is no gap if all are. */
  kept: number;
  /** Number of rows that are kept before the gap. */
  before: number;
  /** Returns the text of a kept row's column, both 0-based; null for NULL. */
  text(row: number, column: number): string | null;
}

/** Most rows that a box shows. */
export const SHOWN_ROWS = 40;
/** Characters that a column keeps at least when it is cut to fit. */
const NARROW = 16;
/** Characters of the column that stands for those left out. */
const GAP_WIDTH = 4;

/** Reads a result to its end, and keeps the rows that a box shows. */
export async function excerpt(
  { columns, chunks }: StatementResult,
  most = SHOWN_ROWS,
): Promise<ResultExcerpt> {
  const head: DuckDBDataChunk[] = [], tail: DuckDBDataChunk[] = [];
  const half = Math.ceil(most / 2);
  let rows = 0, headRows = 0, tailRows = 0;
  for await (const chunk of chunks) {
    rows += chunk.rowCount;
    if (headRows < most) headRows += head.push(chunk) && chunk.rowCount;
    else tailRows += tail.push(chunk) && chunk.rowCount;
    while (tail.length > 1 && tailRows - tail[0].rowCount >= half) {
      tailRows -= tail.shift()!.rowCount;
    }
  }
  const places = [...head, ...tail].flatMap((chunk) =>
    Array.from({ length: chunk.rowCount }, (_, row) => ({ chunk, row }))
  );
  const whole = rows <= most;
  const before = whole ? rows : half;
  const kept = whole
    ? places
    : [...places.slice(0, before), ...places.slice(places.length - (most - before))];
  return {
    columns,
    rows,
    kept: kept.length,
    before,
    text(row, column) {
      const { chunk, row: at } = kept[row];
      return valueText(chunk.getColumnVector(column).getItem(at), columns[column].type);
    },
  };
}

/** A column as it is drawn. */
interface DrawnColumn {
  title: string;
  type: string;
  cells: string[];
  width: number;
  right: boolean;
}

/**
 * Draws a result.
 *
 * @param result The rows to draw.
 * @param width Characters of a line.
 * @param number How the numbers of rows and columns are written below it.
 */
export function drawBox(
  result: ResultExcerpt,
  width: number,
  number: NumberStyle = ungrouped,
): string {
  if (result.columns.length === 0) return "";
  const columns = chooseColumns(result, width);
  const line = (left: string, middle: string, right: string) =>
    left + columns.map((column) => "─".repeat((column?.width ?? 1) + 2)).join(middle) + right;
  const row = (pick: (column: DrawnColumn) => string, gap: string) =>
    `│ ${columns.map((column) => column ? pick(column) : gap).join(" │ ")} │`;
  const lines = [
    line("┌", "┬", "┐"),
    row(({ title, width }) => centred(title, width), "…"),
    row(({ type, width }) => centred(type, width), " "),
    line("├", "┼", "┤"),
  ];
  for (let at = 0; at < result.kept; at++) {
    if (at === result.before) {
      for (let dots = 0; dots < 3; dots++) {
        lines.push(row(({ width, right }) => aligned("·", width, right), "·"));
      }
    }
    lines.push(row(({ cells, width, right }) => aligned(cells[at], width, right), "…"));
  }
  lines.push(
    line("└", "┴", "┘"),
    footer(result, columns.filter((column) => column).length, number),
  );
  return `${lines.join("\n")}\n`;
}

/** Returns a line with the numbers of rows and columns, and how many of them are shown. */
function footer(
  { rows, kept, columns }: ResultExcerpt,
  drawn: number,
  number: NumberStyle,
): string {
  const count = (all: number, shown: number, what: string) =>
    `${number(all)} ${what}${all === 1 ? "" : "s"}${
      shown < all ? ` (${number(shown)} shown)` : ""
    }`;
  const parts = [count(rows, kept, "row")];
  if (drawn < columns.length) parts.push(count(columns.length, drawn, "column"));
  return parts.join(", ");
}

/** Returns the columns that fit, with `null` in the middle for those that do not. */
function chooseColumns(result: ResultExcerpt, width: number): (DrawnColumn | null)[] {
  const total = result.columns.length;
  const room = (column: DrawnColumn) => column.width + 3;
  // A line has one border more than it has columns.
  const space = Math.max(width, 2 * NARROW) - 1;
  if (total * 4 <= space) {
    const all = result.columns.map((_, index) => drawnColumn(result, index));
    const needs = all.reduce((sum, column) => sum + room(column), 0);
    if (needs <= space) return all;
    const limit = commonLimit(all.map(({ width }) => width), space);
    if (limit >= NARROW) return all.map((column) => narrowed(column, limit));
  }
  const left: DrawnColumn[] = [], right: DrawnColumn[] = [];
  let free = space - GAP_WIDTH;
  for (let taken = 0; taken < total; taken++) {
    const fromLeft = taken % 2 === 0;
    const index = fromLeft ? left.length : total - 1 - right.length;
    const column = narrowed(drawnColumn(result, index), Math.min(NARROW, space - GAP_WIDTH - 3));
    if (room(column) > free) break;
    free -= room(column);
    if (fromLeft) left.push(column);
    else right.unshift(column);
  }
  return left.length + right.length === total ? [...left, ...right] : [...left, null, ...right];
}

/** Returns the largest width to cut columns to so that they fit into `space`. */
function commonLimit(widths: readonly number[], space: number): number {
  let limit = space;
  const needs = () => widths.reduce((sum, width) => sum + Math.min(width, limit) + 3, 0);
  while (limit > 0 && needs() > space) limit--;
  return limit;
}

function drawnColumn(result: ResultExcerpt, index: number): DrawnColumn {
  const { name, type } = result.columns[index];
  const cells = Array.from({ length: result.kept }, (_, row) => shown(result.text(row, index)));
  const title = shown(name), ofType = shown(typeName(type));
  const width = Math.max(1, ...[title, ofType, ...cells].map(widthOf));
  return { title, type: ofType, cells, width, right: isNumeric(type) };
}

function narrowed(column: DrawnColumn, limit: number): DrawnColumn {
  if (column.width <= limit) return column;
  const cut = (text: string) => cutTo(text, limit);
  const title = cut(column.title), type = cut(column.type), cells = column.cells.map(cut);
  const width = Math.max(...[title, type, ...cells].map(widthOf));
  return { ...column, title, type, cells, width };
}

/** Returns a text on one line, without characters that steer a terminal. */
function shown(text: string | null): string {
  if (text === null) return "NULL";
  return printable(text.replaceAll("\n", "\\n").replaceAll("\r", "\\r"), Infinity);
}

function widthOf(text: string): number {
  return /^[\x20-\x7e]*$/.test(text) ? text.length : stringWidth(text);
}

function cutTo(text: string, limit: number): string {
  if (widthOf(text) <= limit) return text;
  let kept = "", width = 0;
  for (const { segment } of new Intl.Segmenter().segment(text.slice(0, 4 * limit))) {
    width += widthOf(segment);
    if (width > limit - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

function aligned(text: string, width: number, right: boolean): string {
  const blanks = " ".repeat(Math.max(0, width - widthOf(text)));
  return right ? blanks + text : text + blanks;
}

function centred(text: string, width: number): string {
  const blanks = Math.max(0, width - widthOf(text));
  return aligned(" ".repeat(Math.floor(blanks / 2)) + text, width, false);
}
