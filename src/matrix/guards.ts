/**
 * Looks at the first rows of a matrix for cells that would be read as something else than they are.
 *
 * @module
 */
import { MISSING } from "../base/alleles.ts";
import { HASH, LF, TAB } from "../base/bytes.ts";
import { InputError } from "../base/errors.ts";
import { isAnyBases, isBases, isFiller, trimBlanks } from "./cell_bytes.ts";
import { CellCodes, type CellReading, OTHER } from "./cell_codes.ts";
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
 * @param reading What is missing, beside the usual texts.
 * @throws {InputError} Located at the first such cell.
 */
export function refuseGenotypes(
  rows: Uint8Array,
  layout: MatrixLayout,
  start: RowsStart,
  { missing = [], gap = "missing", iupac = "error" }: Partial<CellReading>,
): void {
  const cell = twoLetterCell(rows, layout, new CellCodes({ missing, gap, iupac }));
  if (!cell) return;
  throw new InputError(
    `'${cell.text}' looks like a genotype of two letters, as most called cells of the first rows do ` +
      `under a REF of one letter, and would be read as an insertion; --dialect genotypes reads ` +
      `genotypes, and --dialect matrix insertions, or choose other samples with --samples`,
    { file: start.file, line: start.lines + cell.line, column: layout.columns[cell.column] },
  );
}

/**
 * Returns the first cell of two bases where each REF has one letter and more than half of the
 * cells have two, missing ones apart (but `NN` and `--` count); undefined otherwise. Cells of a row that has all four bases
 * in pairs are no genotypes of a SNP, and count as one letter. Bad rows without a REF have no say.
 * Pure.
 *
 * @param rows Whole lines, each with its LF.
 * @param codes Which cells are missing.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { CellCodes } from "./cell_codes.ts";
 * import { twoLetterCell } from "./guards.ts";
 * const codes = new CellCodes({ missing: [], gap: "missing", iupac: "error" });
 * const rows = new TextEncoder().encode("1\t5\tA\t.\n1\t6\tC\tCT\n1\t7\tC\tNN\n");
 * const cell = twoLetterCell(rows, { roles: Int32Array.of(-2, -3, -4, 0) }, codes);
 * assert.deepEqual(cell, { line: 2, column: 3, text: "CT" });
 * ```
 */
export function twoLetterCell(
  rows: Uint8Array,
  { roles }: Pick<MatrixLayout, "roles">,
  codes: CellCodes,
): Cell | undefined {
  let cells = 0, pairs = 0, line = 0, first: Cell | undefined;
  for (let at = 0; at < rows.length; at = rows.indexOf(LF, at) + 1) {
    line++;
    if (rows[at] === LF || (rows[at] === HASH && rows[at + 1] === HASH)) continue;
    const row = lookAtRow(rows, at, roles, codes);
    if (row.ref === 0) continue;
    if (row.ref > 1) return undefined;
    cells += row.cells;
    if (row.bases.size === 4) continue;
    pairs += row.pairs;
    if (row.column >= 0) first ??= { line, column: row.column, text: row.text };
  }
  return 2 * pairs > cells ? first : undefined;
}

/** Counts the cells of the row at `at` that are not missing, and those of two bases. */
function lookAtRow(rows: Uint8Array, at: number, roles: Int32Array, codes: CellCodes) {
  const row = { ref: 0, cells: 0, pairs: 0, column: -1, text: "", bases: new Set<string>() };
  for (let column = 0, from = at, last = false; !last; column++) {
    const code = codes.alleles[rows[from]];
    if (code !== OTHER && rows[from + 1] === TAB && roles[column] !== Role.Ref) {
      if (roles[column] >= 0 && code !== MISSING) row.cells++;
      from += 2;
      continue;
    }
    let to = from;
    while (rows[to] !== TAB && rows[to] !== LF) to++;
    last = rows[to] === LF;
    const end = last ? trimBlanks(rows, from, to) : to;
    if (roles[column] === Role.Ref && isBases(rows, from, end)) row.ref = end - from;
    if (roles[column] >= 0 && !isMissing(rows, from, end, codes)) {
      row.cells++;
      if (isPair(rows, from, end)) {
        row.pairs++;
        const text = String.fromCharCode(...rows.subarray(from, end));
        for (const base of text.toUpperCase()) {
          if ("ACGT".includes(base)) row.bases.add(base);
        }
        if (row.column < 0 && !isFiller(rows, from, end)) [row.column, row.text] = [column, text];
      }
    }
    from = to + 1;
  }
  return row;
}

function isMissing(rows: Uint8Array, from: number, to: number, codes: CellCodes): boolean {
  if (to - from === 1) return codes.alleles[rows[from]] === MISSING;
  return codes.missing.find(rows, from, to) >= 0;
}

/** Tells whether a cell is a genotype of two letters, with a colon or without; `NC` is none. */
function isPair(rows: Uint8Array, from: number, to: number): boolean {
  if (to - from === 3) {
    return rows[from + 1] === COLON && isBases(rows, from, from + 1) && isBases(rows, to - 1, to);
  }
  if (to - from !== 2) return false;
  return isFiller(rows, from, to) ||
    (isBases(rows, from, to) && !isAnyBases(rows, from, from + 1));
}

const COLON = 58;
