/**
 * Tells REF from missing where both are written N.
 *
 * @module
 */
import { ANY_BASE } from "../base/alleles.ts";
import { BAR, LF, SLASH, TAB } from "../base/bytes.ts";
import { isAnyBases, trimBlanks } from "./cell_bytes.ts";
import { Role } from "./layout.ts";
import type { RowBatch } from "./row_batch.ts";

/** The columns of a matrix; {@linkcode MatrixLayout} says what the fields mean. */
interface Columns {
  roles: Int32Array;
  copies: Uint8Array;
}

/**
 * Stores REF for the cells that equal it, where REF is N only. It is for rows with a symbolic
 * allele: callers of structural variants write REF as N, so that N beside `<DEL>` is an allele, and
 * not a missing one. Only such a row is read twice.
 *
 * @param at Offset of the row, whose other cells are in the batch already.
 */
export function keepAnyBases(raw: Uint8Array, at: number, columns: Columns, batch: RowBatch): void {
  const { roles, copies } = columns, { alleles, shape } = batch;
  const ref = batch.ref[batch.rows], base = batch.rows * shape.stride;
  if (ref < ANY_BASE) return;
  const [refAt, refTo] = cellAt(raw, at, roles.indexOf(Role.Ref));
  if (!isAnyBases(raw, refAt, refTo)) return;
  const isRef = (from: number, to: number) =>
    to - from === refTo - refAt && isAnyBases(raw, from, to);
  for (let column = 0, from = at; column < roles.length; column++) {
    const to = cellEnd(raw, from), place = base + roles[column];
    const end = column === roles.length - 1 ? trimBlanks(raw, from, to) : to;
    if (roles[column] >= 0) {
      const middle = copies[column] > 1 ? firstEnd(raw, from, end) : end;
      if (isRef(from, middle)) alleles[place] = ref;
      if (copies[column] > 1 && isRef(middle === end ? from : middle + 1, end)) {
        alleles[place + 1] = ref;
      }
    }
    from = to + 1;
  }
}

function cellAt(raw: Uint8Array, at: number, column: number): [from: number, to: number] {
  let from = at;
  for (let left = column; left > 0; left--) from = cellEnd(raw, from) + 1;
  const to = cellEnd(raw, from);
  return [from, raw[to] === LF ? trimBlanks(raw, from, to) : to];
}

function cellEnd(raw: Uint8Array, from: number): number {
  let to = from;
  while (raw[to] !== TAB && raw[to] !== LF) to++;
  return to;
}

/** Returns the end of the first allele of a genotype. */
function firstEnd(raw: Uint8Array, from: number, to: number): number {
  let middle = from;
  while (middle < to && raw[middle] !== BAR && raw[middle] !== SLASH) middle++;
  return middle;
}
