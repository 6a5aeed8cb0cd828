/**
 * Holds those of the views that differ where rows have more than alleles: phase by the cell, blocks,
 * declared ALTs, haplotypes that a sample does not have.
 *
 * @module
 */
import { type RowExtras, WHOLE_CONTIG } from "../matrix/dialects/dialect.ts";

/**
 * Returns the SQL that tells whether the alleles of a sample `s` have an order in a row `r`, whose
 * columns of phase are lists.
 */
export function isOrdered(phase: boolean, sets: boolean): string {
  if (!phase) return "s.phased";
  const bit = "(r.phased[s.ordinal // 8 + 1] >> CAST(s.ordinal % 8 AS UTINYINT)) & 1 = 1";
  return sets ? `(${bit} AND r.phase_set[s.ordinal + 1] > 0)` : `(${bit})`;
}

/** Returns the SQL of the columns of phase as lists, of which single elements are quick. */
export function phaseLists({ phase, sets }: Pick<RowExtras, "phase" | "sets">): string {
  return (phase ? ", CAST(phased AS UTINYINT[]) AS phased" : "") +
    (sets ? ", CAST(phase_set AS UINTEGER[]) AS phase_set" : "");
}

/** SQL of the number of a block, NULL without one and where the block is the whole contig. */
const NUMBERED = `nullif(nullif(CAST(r.phase_set[s.ordinal + 1] AS BIGINT), 0), ${WHOLE_CONTIG})`;

/** SQL of a value under the name of its column. */
type NamedValue = readonly [name: string, value: string];

/** Returns what a row `r` has at each sample. */
function rowValues({ alt }: RowExtras): NamedValue[] {
  return [
    ['"CHROM"', "r.chrom"],
    ['"POS"', "r.pos"],
    ['"ID"', "r.id"],
    ['"REF"', "r.ref"],
    ...alt ? [['"ALT"', "r.alt"] as const] : [],
  ];
}

/** Returns what a sample `s` has at a row `r`; an absent haplotype is left out. */
function sampleValues({ phase, sets, absent }: RowExtras): NamedValue[] {
  // A slice copies all alleles of the row.
  const slice = `CASE s.ploidy WHEN 1 THEN [r.alleles[s.first]]
    WHEN 2 THEN [r.alleles[s.first], r.alleles[s.first + 1]]
    ELSE r.alleles[s.first:s.first + s.ploidy - 1] END`;
  const alleles = absent ? `list_filter(${slice}, lambda a: a <> '')` : slice;
  const single = absent ? "s.ploidy = 1 OR r.alleles[s.first + 1] = ''" : "s.ploidy = 1";
  const ordered = isOrdered(phase, sets), mark = `if(${ordered}, '|', '/')`;
  const gt = `CASE
    WHEN ${single} THEN CAST(r.alleles[s.first] AS VARCHAR)
    WHEN s.ploidy = 2 THEN r.alleles[s.first] || ${mark} || r.alleles[s.first + 1]
    WHEN ${ordered} THEN array_to_string(${alleles}, '|')
    ELSE array_to_string(${alleles}, '/')
  END`;
  return [
    ["sample", "s.sample"],
    ["gt", gt],
    ["alleles", alleles],
    ["phased", ordered],
    ...sets ? [["phase_set", NUMBERED] as const] : [],
  ];
}

/** Returns the SQL of the columns of `records` that genotypes are made of. */
function genotypeColumns({ alt, phase, sets }: RowExtras): string {
  return `chrom, pos, id, ref, CAST(alleles AS allele[]) AS alleles, line${alt ? ", alt" : ""}${
    phaseLists({ phase, sets })
  }`;
}

/** Returns the statement that creates the view `genotypes`. */
export function genotypesOf(extras: RowExtras): string {
  const values = [...rowValues(extras), ...sampleValues(extras)];
  return `
CREATE VIEW genotypes AS
SELECT ${values.map(([name, value]) => `${value} AS ${name}`).join(", ")},
  CAST(r.line AS BIGINT) AS line
FROM (
  SELECT ${genotypeColumns(extras)} FROM records
) r, (
  SELECT sample, any_value(phased) AS phased, CAST(any_value(s.ordinal) AS INTEGER) AS ordinal,
    count(*) AS ploidy, min(h.ordinal) + 1 AS first
  FROM haplotypes h JOIN samples s USING (sample) GROUP BY sample
) s;`;
}

/**
 * Returns a query for what the view `genotypes` has, in the order of `records` and, in each row, of
 * the samples. A join goes through the rows once for each sample, and copies all alleles of a row
 * for each.
 *
 * @param cohort Name of a table of the samples: sample, phased, ordinal, ploidy, and `first`, the
 * place of their first haplotype (1-based).
 */
export function selectGenotypes(extras: RowExtras, cohort: string): string {
  const ofRow = rowValues(extras), ofSample = sampleValues(extras);
  return `
SELECT ${[...ofRow, ...ofSample.map(([name]) => [`g.${name}`])].map(([name]) => name).join(", ")},
  line
FROM (
  SELECT ${ofRow.map(([name, value]) => `${value} AS ${name}`).join(", ")},
    CAST(r.line AS BIGINT) AS line,
    unnest(list_transform(cohort, lambda s: {
      ${ofSample.map(([name, value]) => `${name}: ${value}`).join(", ")}
    })) AS g
  FROM (
    SELECT ${genotypeColumns(extras)},
      (SELECT list(c ORDER BY ordinal) FROM ${cohort} c) AS cohort
    FROM records
  ) r
)`;
}

/** Returns the query of the view `sites`: declared ALTs come first, carried or not. */
export function sitesOf({ alt, absent }: RowExtras): string {
  const gone = absent ? "coalesce(counts[''], 0)" : "0";
  const declared = alt ? "CAST(coalesce(string_split(alt, ','), []) AS allele[])" : "[]::allele[]";
  return `
SELECT chrom AS "CHROM", pos AS "POS", id AS "ID", ref AS "REF", alts AS "ALT",
  list_transform(alts, lambda a: CAST(coalesce(counts[a], 0) AS INTEGER)) AS "AC",
  CAST(an AS INTEGER) AS "AN",
  list_transform(alts, lambda a: round(coalesce(counts[a], 0) / an, 6)) AS "AF",
  CAST(missing AS INTEGER) AS missing, CAST(line AS BIGINT) AS line
FROM (
  SELECT chrom, pos, id, ref, line, counts, missing, an,
    list_concat(declared, list_filter(met, lambda a: NOT list_contains(declared, a))) AS alts
  FROM (
    SELECT chrom, pos, id, ref, line, counts, missing, ${declared} AS declared,
      CAST(length(alleles) - missing - ${gone} AS UINTEGER) AS an,
      list_transform(list_sort(list_transform(
        list_filter(map_keys(counts), lambda a:
          a <> ref AND a <> '.'${absent ? " AND a <> ''" : ""}),
        lambda a: {place: list_position(alleles, a), allele: a}
      )), lambda found: found.allele) AS met
      ${alt ? ", alt" : ""}
    FROM (
      SELECT *, CAST(coalesce(counts['.'], 0) AS UINTEGER) AS missing
      FROM (SELECT *, list_histogram(CAST(alleles AS allele[])) AS counts FROM records)
    )
  )
)`;
}

/** Creates the view `blocks`: where each block of each sample begins and ends. */
export const BLOCKS = `
CREATE VIEW blocks AS
SELECT s.sample, contig, nullif(CAST(block AS BIGINT), ${WHOLE_CONTIG}) AS phase_set, min(pos) AS "first",
  max(pos) AS "last", count(*) AS sites
FROM (
  SELECT chrom AS contig, pos, line, block, ordinal,
    (phased[ordinal // 8 + 1] >> CAST(ordinal % 8 AS UTINYINT)) & 1 = 1 AS ordered
  FROM (
    SELECT chrom, pos, line, CAST(phased AS UTINYINT[]) AS phased,
      unnest(CAST(phase_set AS UINTEGER[])) AS block,
      CAST(generate_subscripts(phase_set, 1) - 1 AS INTEGER) AS ordinal
    FROM records
  )
) r JOIN samples s ON s.ordinal = r.ordinal
WHERE block > 0 AND ordered
GROUP BY s.ordinal, s.sample, contig, block
ORDER BY s.ordinal, contig, min(line);`;
