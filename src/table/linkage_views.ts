/**
 * Holds the macro that tells the linkage of pairs of sites.
 *
 * @module
 */
import { type RowExtras, WHOLE_CONTIG } from "../matrix/dialects/dialect.ts";
import { CELLS, type Check, checked, GONE, HAS_SITE_REF, isCalled, isSite } from "./site_sql.ts";

const LD_CHECKS: readonly Check[] = [
  [
    "(SELECT count(*) FROM contigs c WHERE c.name = CAST(contig AS VARCHAR)) = 0",
    `'there is no contig ''' || coalesce(CAST(contig AS VARCHAR), 'NULL') || '''; .contigs lists them'`,
  ],
  [
    "population IS NOT NULL AND " +
    "(SELECT count(*) FROM populations p WHERE p.population = CAST(population AS VARCHAR)) = 0",
    "'there is no population ''' || population || '''; the table populations has them'",
  ],
  [
    "max_distance < 0 OR CAST(max_distance AS DOUBLE) <> floor(CAST(max_distance AS DOUBLE))",
    "'max_distance is a whole number of bases from 0 on'",
  ],
];

/** SQL of the distance of two sites, where none is given, and of what holds for any. */
const FAR = "CAST(coalesce(max_distance, 2147483647) AS BIGINT)";

/** Cells that become bits at a time. */
const BLOCK = 64;

/**
 * Returns the SQL of bits, one for each cell that is asked, by a condition on its number `nth`. The
 * cells are taken in blocks, as DuckDB makes a text of 16 bytes for each cell of 2,048 rows before.
 */
function bits(condition: string): string {
  return `CAST(array_to_string(list_transform(blocks, lambda block: array_to_string(
      list_transform(block, lambda nth: CASE WHEN ${condition} THEN '1' ELSE '0' END), '')), '') AS BIT)`;
}

/** SQL of the numbers of all cells that are asked, 1-based, in blocks. */
const BLOCKS = `list_transform(range(0, len(places), ${BLOCK}), lambda first:
    range(first + 1, least(first + ${BLOCK}, len(places)) + 1)) AS blocks`;

/** SQL that tells whether a sample, with its population, is asked. */
const ASKED = "(population IS NULL OR p.population = CAST(population AS VARCHAR))";
const DECIDES = "(population IS NULL OR p.population IS NOT NULL)";
const MEMBERS = "haplotypes h JOIN samples s ON h.sample = s.sample " +
  "LEFT JOIN populations p ON h.sample = p.sample";

const IN_RANGE = `WHERE CAST(chrom AS VARCHAR) = coalesce(CAST(contig AS VARCHAR), '')
    AND pos BETWEEN coalesce(first_pos, 1) AND coalesce(last_pos, 2147483647)`;

/** Returns the statement that creates `ld`; where genotypes have a phase, it is theirs that counts. */
export function createLinkage({ phase, sets }: Pick<RowExtras, "phase" | "sets">): string {
  return `
CREATE MACRO ld(contig, first_pos, last_pos, population := NULL, max_distance := NULL,
  indels := false) AS TABLE
WITH asked AS (${phase ? PHASED_MEMBERS : PLAIN_MEMBERS}
), ${sitesWith(phase, sets)}, ${pairsWith(sets)}
SELECT TRY_CAST(CAST(contig AS VARCHAR) AS contig) AS "CHROM", pos_1, pos_2, n AS haplotypes,
  (n * n11 - n1 * n2) ** 2 / nullif(CAST(n1 AS DOUBLE) * (n - n1) * n2 * (n - n2), 0) AS r2,
  abs(n * n11 - n1 * n2) / nullif(CASE WHEN n * n11 > n1 * n2
    THEN least(n1 * (n - n2), n2 * (n - n1)) ELSE least(n1 * n2, (n - n1) * (n - n2)) END, 0) AS d_prime,
  CAST(line_1 AS BIGINT) AS line_1, CAST(line_2 AS BIGINT) AS line_2
FROM counted;`;
}

/** Returns the common table `sites`: rows of two alleles, with bits of one allele and of what is called. */
function sitesWith(phase: boolean, sets: boolean): string {
  const takesPart = phase ? " AND codes[nth] >= 0" : "";
  const deciding = "map_keys(list_histogram(list_transform(deciding, lambda place: l[place])))";
  return `rows_asked AS (
  SELECT pos, line, list_transform(places, lambda place: l[place]) AS cells
    ${phase ? `, ${codesOf(sets)} AS codes` : ""}
  FROM (${phase ? phasedRows(sets) : `${CELLS} ${IN_RANGE}`}), asked
  WHERE ${HAS_SITE_REF} AND ${isSite(deciding, false)} AND ${checked(LD_CHECKS)}
), sites AS MATERIALIZED (
  SELECT *, row_number() OVER (ORDER BY pos, line) AS i, CAST(pos AS BIGINT) // (${FAR} + 1) AS bin
  FROM (
    SELECT pos, line, ${phase ? "codes, " : ""}
      ${bits(`cells[nth] = kinds[1]${takesPart}`)} AS one,
      ${bits(`${isCalled("cells[nth]")}${takesPart}`)} AS called
    FROM (
      SELECT *, list_filter(map_keys(list_histogram(cells)), lambda a: ${isCalled("a")}) AS kinds
      FROM rows_asked
    ), (SELECT blocks FROM asked) WHERE len(kinds) = 2
  )
)`;
}

/** Returns the common table `counted`: pairs of sites, and the haplotypes that they have in common. */
function pairsWith(sets: boolean): string {
  const both = (one: string, other: string) =>
    `CAST(bit_count(${one} & ${other}${sets ? " & together" : ""}) AS BIGINT)`;
  const together = bits("x.codes[nth] = 0 OR y.codes[nth] = 0 OR x.codes[nth] = y.codes[nth]");
  return `pairs AS (
  SELECT x.pos AS pos_1, y.pos AS pos_2, x.line AS line_1, y.line AS line_2,
    x.one AS one_1, y.one AS one_2, x.called AS called_1, y.called AS called_2
    ${sets ? `, ${together} AS together` : ""}
  FROM (SELECT *, unnest([bin, bin + 1]) AS near FROM sites) x JOIN sites y
    ON x.near = y.bin AND x.i < y.i AND CAST(y.pos AS BIGINT) - x.pos <= ${FAR}
    ${sets ? ", (SELECT blocks FROM asked)" : ""}
), counted AS (
  SELECT pos_1, pos_2, line_1, line_2, ${both("called_1", "called_2")} AS n,
    ${both("one_1", "called_2")} AS n1, ${both("one_2", "called_1")} AS n2,
    ${both("one_1", "one_2")} AS n11
  FROM pairs
)`;
}

/** One row: the places that are asked, 1-based, and those that decide. Samples are phased or not. */
const PLAIN_MEMBERS = `
  SELECT *, ${BLOCKS} FROM (
    SELECT list(CAST(h.ordinal + 1 AS BIGINT) ORDER BY h.ordinal) FILTER (WHERE s.phased AND ${ASKED}) AS places,
      list(CAST(h.ordinal + 1 AS BIGINT)) FILTER (WHERE ${DECIDES}) AS deciding
    FROM ${MEMBERS}
  )`;

/** The same where each genotype is phased or not, and the samples that are asked. */
const PHASED_MEMBERS = `
  SELECT *, ${BLOCKS} FROM (
    SELECT flatten(list(range(first, last + 1) ORDER BY first) FILTER (WHERE asked)) AS places,
      flatten(list(range(first, last + 1)) FILTER (WHERE decides)) AS deciding,
      list({first: first, last: last, ordinal: ordinal} ORDER BY first) FILTER (WHERE asked) AS genotypes
    FROM (
      SELECT CAST(min(h.ordinal) + 1 AS BIGINT) AS first, CAST(max(h.ordinal) + 1 AS BIGINT) AS last,
        CAST(any_value(s.ordinal) AS INTEGER) AS ordinal, bool_or(${ASKED}) AS asked,
        bool_or(${DECIDES}) AS decides
      FROM ${MEMBERS} GROUP BY h.sample
    )
  )`;

function phasedRows(sets: boolean): string {
  return `
    SELECT pos, line, ref, CAST(alleles AS allele[]) AS l, CAST(phased AS UTINYINT[]) AS phased
      ${sets ? ", CAST(phase_set AS UINTEGER[]) AS phase_set" : ""}
    FROM records ${IN_RANGE}`;
}

/**
 * Returns the SQL of a number for each cell: the block that its order is in, 0 where its genotype takes
 * part in every block, as a homozygous one and a single haplotype do, and -1 where it takes part in
 * none.
 */
function codesOf(sets: boolean): string {
  const bit = "(phased[s.ordinal // 8 + 1] >> CAST(s.ordinal % 8 AS UTINYINT)) & 1 = 1";
  const ordered = sets ? `${bit} AND phase_set[s.ordinal + 1] > 0` : bit;
  const block = sets ? "CAST(phase_set[s.ordinal + 1] AS BIGINT)" : String(WHOLE_CONTIG);
  const here = `list_filter(l[s.first:s.last], lambda a: a IS DISTINCT FROM ${GONE})`;
  return `flatten(list_transform(genotypes, lambda s: list_transform(range(s.first, s.last + 1), lambda place:
      CASE WHEN len(${here}) < 2 OR len(list_distinct(${here})) = 1 AND NOT list_contains(${here}, '.')
        THEN 0 WHEN ${ordered} THEN ${block} ELSE -1 END)))`;
}
