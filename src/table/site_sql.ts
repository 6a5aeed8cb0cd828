/**
 * Holds the SQL that the statistics of populations have in common: what a cell is, and what a site.
 *
 * @module
 */

/** SQL of the rows, with their alleles as a list. */
export const CELLS = "SELECT chrom, pos, line, ref, CAST(alleles AS allele[]) AS l FROM records";

/** SQL of the haplotype that a haploid call lacks; NULL where the table knows none. */
export const GONE = "TRY_CAST('' AS allele)";

/** Returns the SQL that tells whether a cell is called: neither missing nor absent. */
export function isCalled(cell: string): string {
  return `(${cell} <> '.' AND ${cell} IS DISTINCT FROM ${GONE})`;
}

/** Returns the SQL of the number of cells of a map that are missing. */
export function missingOf(counts: string): string {
  return `CAST(coalesce(${counts}['.'], 0) AS BIGINT)`;
}

/** Returns the SQL of the number of cells of a map that are absent. */
export function goneOf(counts: string): string {
  return `CAST(coalesce(${counts}[${GONE}], 0) AS BIGINT)`;
}

/** SQL that tells whether the REF of a row lets it be a site. */
export const HAS_SITE_REF = "(coalesce(indels, false) OR len(CAST(ref AS VARCHAR)) = 1)";

/** Returns the SQL that tells whether the cells that decide, each kind once or more, make a site. */
export function isSite(kinds: string, mayLimit = true): string {
  const simple = `(coalesce(indels, false) OR
    len(list_filter(${kinds}, lambda a: len(CAST(a AS VARCHAR)) > 1 OR a = '*')) = 0)`;
  const few = `(max_alleles IS NULL OR
    len(list_distinct(list_filter(${kinds}, lambda a: ${isCalled("a")}))) <= max_alleles)`;
  return mayLimit ? `${simple} AND ${few}` : simple;
}

/** SQL of what is wrong with an argument, and of a text that explains it. */
export type Check = readonly [wrong: string, why: string];

/** Returns a condition that is true, or fails where an argument is wrong. */
export function checked(checks: readonly Check[]): string {
  const cases = checks.map(([wrong, why]) => `WHEN ${wrong} THEN error(${why})`);
  return `(SELECT CASE ${cases.join(" ")} END) IS NULL`;
}
