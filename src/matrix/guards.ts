/**
 * Looks at the first rows of a matrix for cells that would be read as something else than they are.
 *
 * @module
 */
import { HASH, LF, TAB } from "../base/bytes.ts";
import { InputError } from "../base/errors.ts";
import { isAnyBases, isBases, isFiller, trimBlanks } from "./cell_bytes.ts";
import type { RowsStart } from "./first_rows.ts";
import { type MatrixLayout, Role } from "./layout.ts";

/** A cell of a matrix: its line, counted from 1 at the first row, its column and its text. */
interface Cell {
  line: number;
  column: number;
  text: string;
}

/**
 * Refuses a matrix whose cells are genotypes of two letters (`AG`), as they would be read as
 * insertions.
 *
 * @param rows The first rows, as whole lines.
 * @param start Where they are.
 * @throws {InputError} Located at the first such cell.
 */
export function refuseGenotypes(rows: Uint8Array, layout: MatrixLayout, start: RowsStart): void {
  const cell = twoLetterCell(rows, layout);
  if (!cell) return;
  throw new InputError(
    `'${cell.text}' looks like a genotype of two letters, as most cells of the first rows do ` +
      `under a REF of one letter, and would be read as an insertion; write a / between the two ` +
      `letters and use --iupac split, or choose other samples with --samples`,
    { file: start.file, line: start.lines + cell.line, column: layout.columns[cell.column] },
  );
}

/**
 * Returns the first cell of two bases where each REF has one letter and more than half of the
 * cells have two; undefined otherwise. Cells of a row that has all four bases in pairs are no
 * genotypes of a SNP, and count as one letter. Pure.
 *
 * @param rows Whole lines, each with its LF.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { twoLetterCell } from "./guards.ts";
 * const rows = new TextEncoder().encode("1\t5\tA\tA\n1\t6\tC\tCT\n1\t7\tC\tNN\n");
 * const cell = twoLetterCell(rows, { roles: Int32Array.of(-2, -3, -4, 0) });
 * assert.deepEqual(cell, { line: 2, column: 3, text: "CT" });
 * ```
 */
export function twoLetterCell(
  rows: Uint8Array,
  { roles }: Pick<MatrixLayout, "roles">,
): Cell | undefined {
  let cells = 0, pairs = 0, line = 0, first: Cell | undefined;
  for (let at = 0; at < rows.length; at = rows.indexOf(LF, at) + 1) {
    line++;
    if (rows[at] === LF || (rows[at] === HASH && rows[at + 1] === HASH)) continue;
    const row = lookAtRow(rows, at, roles);
    if (row.ref !== 1) return undefined;
    cells += row.cells;
    if (row.bases.size === 4) continue;
    pairs += row.pairs;
    if (row.column >= 0) first ??= { line, column: row.column, text: row.text };
  }
  return 2 * pairs > cells ? first : undefined;
}

/** Counts the cells of the row at `at`, and those of two letters. */
function lookAtRow(rows: Uint8Array, at: number, roles: Int32Array) {
  const row = { ref: 0, cells: 0, pairs: 0, column: -1, text: "", bases: new Set<string>() };
  for (let column = 0, from = at, last = false; !last; column++) {
    let to = from;
    while (rows[to] !== TAB && rows[to] !== LF) to++;
    last = rows[to] === LF;
    const end = last ? trimBlanks(rows, from, to) : to;
    if (roles[column] === Role.Ref) row.ref = end - from;
    if (roles[column] >= 0) {
      row.cells++;
      if (end - from === 2 && isPair(rows, from, end)) {
        row.pairs++;
        const text = String.fromCharCode(rows[from], rows[from + 1]);
        for (const base of text.toUpperCase()) {
          if (base !== "N" && base !== "-") row.bases.add(base);
        }
        if (row.column < 0 && !isFiller(rows, from, end)) [row.column, row.text] = [column, text];
      }
    }
    from = to + 1;
  }
  return row;
}

/** Tells whether two letters are a genotype; `NA` is none. */
function isPair(rows: Uint8Array, from: number, to: number): boolean {
  if (isFiller(rows, from, to)) return true;
  return isBases(rows, from, to) && !isAnyBases(rows, from, from + 1);
}
