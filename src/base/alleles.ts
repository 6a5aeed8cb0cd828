/**
 * Codes of the alleles that every table has.
 *
 * @module
 */

/** The first alleles of every table, in code order. Missing is `.`. */
export const BASE_ALLELES = ["A", "C", "G", "T", "N", ".", "*"] as const;
/** Code of `N`: in an allele cell it is missing, unless it is REF beside a symbolic allele. */
export const ANY_BASE = 4;
/** Code of the missing allele. */
export const MISSING = 5;
/** Code of `*`, an allele deleted by an upstream event. */
export const STAR = 6;
/**
 * Code of the haplotype that a sample does not have, in the vocabulary of dialects that can say so
 * only. Its text is empty.
 */
export const ABSENT = 7;

/** Returns the bases of the longest allele. */
export function longestOf(alleles: readonly string[]): number {
  return alleles.reduce((most, { length }) => Math.max(most, length), 1);
}
