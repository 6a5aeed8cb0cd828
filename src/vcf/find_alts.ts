/**
 * Finds which alleles of a record are ALT, in which order, and how many are missing. Pure.
 *
 * @module
 */
import { MISSING } from "../base/alleles.ts";
import type { Codes } from "../base/codes.ts";

/**
 * Returns the codes of the ALTs in order of appearance; sets their ranks in `ranks`, which was all
 * 0.
 */
export function findAlts(
  alleles: Codes,
  from: number,
  to: number,
  ref: number,
  ranks: Int32Array,
): number[] {
  const alts: number[] = [];
  for (let at = from; at < to; at++) {
    const code = alleles[at];
    if (code !== ref && code !== MISSING && ranks[code] === 0) ranks[code] = alts.push(code);
  }
  return alts;
}

/** Counts the missing haplotypes from `from` to `to` (exclusive). */
export function countMissing(alleles: Codes, from: number, to: number): number {
  let missing = 0;
  for (let at = from; at < to; at++) if (alleles[at] === MISSING) missing++;
  return missing;
}
