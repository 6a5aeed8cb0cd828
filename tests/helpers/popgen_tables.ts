/**
 * Tables of statistics as texts: those that are expected, those that a kept table gives, and what
 * differs between the two.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Matrix, openMatrix, type Row } from "../../mod.ts";

/** A row by the names of its columns; an empty text is NULL. */
export type TextRow = Record<string, string>;

/** Reads a TSV with a header. */
export function readTable(path: string): TextRow[] {
  const [header, ...lines] = Deno.readTextFileSync(path).trimEnd().split("\n")
    .map((line) => line.split("\t"));
  return lines.map((fields) =>
    Object.fromEntries(header.map((name, at) => [name, fields[at] ?? ""]))
  );
}

/** Asks an open table. */
export async function ask(matrix: Matrix, sql: string): Promise<Row[]> {
  return (await Array.fromAsync(matrix.query(sql))).flat();
}

/** Opens a table with populations of a file, and asks it. */
export async function askWith(
  database: string,
  populations: string | undefined,
  sql: string,
): Promise<Row[]> {
  await using matrix = await openMatrix(database, { populations });
  return await ask(matrix, sql);
}

/** Columns that say what a row is about, in some order; all others hold statistics. */
const KEYS = [
  "CHROM",
  "first_pos",
  "last_pos",
  "population",
  "population_1",
  "population_2",
  "sample",
  "line_1",
  "line_2",
  "pos_1",
  "pos_2",
];

function isClose(actual: string, expected: string, tolerance: number): boolean {
  if (actual === expected) return true;
  if (actual === "" || expected === "") return false;
  const [a, b] = [actual, expected].map(Number);
  return Math.abs(a - b) <= tolerance * Math.max(1e-6, Math.abs(b));
}

function texts(row: Row | TextRow): TextRow {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value === null ? "" : String(value)]),
  );
}

/**
 * Makes sure that rows are those of an expected table, in any order, with all numbers equal within a
 * relative tolerance. Columns that are not expected are not looked at.
 *
 * @returns The number of values that were compared.
 */
export function compareTables(
  actual: readonly (Row | TextRow)[],
  expected: readonly TextRow[],
  tolerance: number,
  about: string,
): number {
  const columns = Object.keys(expected[0] ?? {});
  const keys = columns.filter((name) => KEYS.includes(name));
  const keyOf = (row: TextRow) => keys.map((name) => row[name]).join("\t");
  const rows = actual.map(texts), byKey = new Map(rows.map((row) => [keyOf(row), row]));
  assert.equal(byKey.size, rows.length, `${about}: a key comes twice`);
  assert.deepEqual([...byKey.keys()].sort(), expected.map(keyOf).sort(), about);
  for (const row of expected) {
    for (const name of columns) {
      const found = byKey.get(keyOf(row))![name];
      if (isClose(found, row[name], tolerance)) continue;
      assert.fail(`${about}: ${keyOf(row)}: ${name} is ${found}, expected ${row[name]}`);
    }
  }
  return expected.length * columns.length;
}
