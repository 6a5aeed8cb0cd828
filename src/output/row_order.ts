/**
 * Finds the order of rows by several columns of numbers.
 *
 * @module
 */

/** Bits that one pass sorts by. */
const DIGIT = 11;

/**
 * Returns the rows (0-based) in ascending order of columns of equal length. Rows that are equal in
 * all columns stay in the order that they have.
 *
 * @param columns The column that matters least first.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { orderBy } from "./row_order.ts";
 * const line = Uint32Array.of(9, 8, 7, 6), pos = Uint32Array.of(5, 70_000, 5, 1);
 * assert.deepEqual([...orderBy([line, pos])], [3, 2, 0, 1]);
 * ```
 */
export function orderBy(columns: readonly Uint32Array[]): Uint32Array {
  const rows = columns[0].length;
  let order = new Uint32Array(rows), other = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) order[row] = row;
  for (const [n, column] of columns.entries()) {
    if (n === 0 && ascends(column)) continue;
    const [least, most] = ends(column);
    for (let shift = 0; shift < 32 && (most - least) >>> shift > 0; shift += DIGIT) {
      sortByDigit(column, least, shift, order, other);
      [order, other] = [other, order];
    }
  }
  return order;
}

function ascends(column: Uint32Array): boolean {
  for (let row = 1; row < column.length; row++) if (column[row - 1] > column[row]) return false;
  return true;
}

function ends(column: Uint32Array): [least: number, most: number] {
  let least = column[0], most = least;
  for (let row = 1; row < column.length; row++) {
    if (column[row] < least) least = column[row];
    else if (column[row] > most) most = column[row];
  }
  return [least, most];
}

/** Sorts rows by some bits of a column, from `order` into `sorted`. */
function sortByDigit(
  column: Uint32Array,
  least: number,
  shift: number,
  order: Uint32Array,
  sorted: Uint32Array,
): void {
  const places = new Uint32Array(1 << DIGIT), mask = (1 << DIGIT) - 1;
  for (let n = 0; n < order.length; n++) places[(column[n] - least) >>> shift & mask]++;
  for (let digit = 0, place = 0; digit <= mask; digit++) {
    const rows = places[digit];
    places[digit] = place;
    place += rows;
  }
  for (let n = 0; n < order.length; n++) {
    const row = order[n];
    sorted[places[(column[row] - least) >>> shift & mask]++] = row;
  }
}
