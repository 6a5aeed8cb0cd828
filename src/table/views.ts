/**
 * Holds the views and macros that answer questions in the terms of a VCF.
 *
 * @module
 */
import type { RowExtras } from "../matrix/dialects/dialect.ts";
import { BLOCKS, genotypesOf, sitesOf } from "./dialect_views.ts";
import { createPopulationViews } from "./population_views.ts";

export { selectGenotypes } from "./dialect_views.ts";

/**
 * Views and macros count over whole arrays and take single elements by their place, as both are
 * quick at thousands of haplotypes. Slices and joins copy an array, but not a list. Numbers are
 * signed, so that differences may be negative; POS is stored signed, as a cast in a view would hide
 * the column from the minima and maxima by which a scan skips rows. Counts become signed at the end,
 * as DuckDB would count alleles twice for a filter on one that is so before. What is unnested is a
 * list, as DuckDB unnests no array before 1.4.
 */
const GENOTYPES = `
CREATE VIEW genotypes AS
SELECT r.chrom AS "CHROM", r.pos AS "POS", r.id AS "ID", r.ref AS "REF", s.sample,
  CASE s.ploidy
    WHEN 1 THEN CAST(r.alleles[s.first] AS VARCHAR)
    WHEN 2 THEN r.alleles[s.first] || s.mark || r.alleles[s.first + 1]
    ELSE if(s.phased, array_to_string(r.alleles[s.first:s.first + s.ploidy - 1], '|'),
      array_to_string(r.alleles[s.first:s.first + s.ploidy - 1], '/'))
  END AS gt,
  r.alleles[s.first:s.first + s.ploidy - 1] AS alleles, s.phased, CAST(r.line AS BIGINT) AS line
FROM (SELECT chrom, pos, id, ref, CAST(alleles AS allele[]) AS alleles, line FROM records) r, (
  SELECT sample, any_value(phased) AS phased, if(any_value(phased), '|', '/') AS mark,
    count(*) AS ploidy, min(h.ordinal) + 1 AS first
  FROM haplotypes h JOIN samples USING (sample) GROUP BY sample
) s;`;

const SITES = `
SELECT chrom AS "CHROM", pos AS "POS", id AS "ID", ref AS "REF", alt AS "ALT",
  list_transform(alt, lambda a: CAST(counts[a] AS INTEGER)) AS "AC", CAST(an AS INTEGER) AS "AN",
  list_transform(alt, lambda a: round(counts[a] / an, 6)) AS "AF",
  CAST(missing AS INTEGER) AS missing, CAST(line AS BIGINT) AS line
FROM (
  SELECT chrom, pos, id, ref, line, counts, missing,
    CAST(length(alleles) - missing AS UINTEGER) AS an,
    list_transform(list_sort(list_transform(
      list_filter(map_keys(counts), lambda a: a <> ref AND a <> '.'),
      lambda a: {place: list_position(alleles, a), allele: a}
    )), lambda found: found.allele) AS alt
  FROM (
    SELECT chrom, pos, id, ref, line, alleles, counts,
      CAST(coalesce(counts['.'], 0) AS UINTEGER) AS missing
    FROM (SELECT *, list_histogram(CAST(alleles AS allele[])) AS counts FROM records)
  )
)`;

/**
 * Returns the statement that creates the view `sample_summary`. The cells of a sample stand side by
 * side, two and two, and what such two are is counted. Their alleles would be as quick, but have as
 * many kinds as there are pairs of alleles.
 */
function sampleSummary(absent: boolean): string {
  const gone = absent ? ", x = '' AS gone_x, y = '' AS gone_y" : "";
  const cells = absent
    ? "CAST(NOT gone_x AS INTEGER) + coalesce(CAST(NOT gone_y AS INTEGER), 0)"
    : "1 + CAST(missing_y IS NOT NULL AS INTEGER)";
  const both = `NOT missing_x AND NOT missing_y${absent ? " AND NOT gone_x AND NOT gone_y" : ""}`;
  return `
CREATE VIEW sample_summary AS
SELECT sample, CAST(any_value(s.ploidy) AS BIGINT) AS ploidy, any_value(sites) AS sites,
  round(sum(missing) / nullif(sum(cells), 0), 6) AS missingness,
  CASE WHEN any_value(s.ploidy) = 2 THEN CAST(any_value(differ) AS BIGINT) END AS heterozygous,
  CASE WHEN any_value(s.ploidy) = 2
    THEN round(any_value(differ) / nullif(any_value(called), 0), 6) END AS heterozygosity
FROM (
  SELECT piece, CAST(sum(n) AS BIGINT) AS sites,
    sum(n * (CAST(missing_x AS INTEGER) + coalesce(CAST(missing_y AS INTEGER), 0))) AS missing,
    sum(n * (${cells})) AS cells, coalesce(sum(n) FILTER (WHERE ${both}), 0) AS called,
    coalesce(sum(n) FILTER (WHERE ${both} AND differ), 0) AS differ
  FROM (
    SELECT piece, x <> y AS differ, x = '.' AS missing_x, y = '.' AS missing_y${gone},
      count(*) AS n
    FROM (
      SELECT unnest(pieces) AS piece, unnest(list_transform(firsts, lambda place: l[place])) AS x,
        unnest(list_transform(seconds, lambda place: l[place])) AS y
      FROM (SELECT CAST(alleles AS allele[]) AS l FROM records), (
        SELECT list(ordinal ORDER BY ordinal) AS pieces,
          list(CAST(ordinal + 1 AS BIGINT) ORDER BY ordinal) AS firsts,
          list(CASE WHEN phase < ploidy THEN CAST(ordinal + 2 AS BIGINT) END ORDER BY ordinal) AS seconds
        FROM (
          SELECT h.ordinal, h.phase, s.ploidy FROM haplotypes h JOIN samples s USING (sample)
          WHERE h.phase % 2 = 1
        )
      )
    ) GROUP BY ALL
  ) GROUP BY piece
) JOIN haplotypes h ON h.ordinal = piece JOIN samples s USING (sample)
GROUP BY sample ORDER BY min(h.ordinal);`;
}

const MACROS = `
CREATE MACRO contig_named(named) AS coalesce(
  (SELECT name FROM contigs WHERE name = CAST(named AS VARCHAR)),
  error('there is no contig ''' || named || '''; .contigs lists them')
);

CREATE MACRO region(contig, first_pos, last_pos) AS TABLE
SELECT * FROM matrix
WHERE CAST("CHROM" AS VARCHAR) = CAST(contig AS VARCHAR) AND "POS" BETWEEN first_pos AND last_pos
  AND (SELECT contig_named(contig)) IS NOT NULL
ORDER BY "POS";

CREATE MACRO haplotype(named) AS TABLE
SELECT chrom AS "CHROM", pos AS "POS", id AS "ID", ref AS "REF", alleles[coalesce(
  (SELECT ordinal + 1 FROM haplotypes WHERE name = named),
  error('there is no haplotype ''' || named || '''; .samples lists them')
)] AS allele, CAST(line AS BIGINT) AS line
FROM records;

CREATE MACRO site_frequency_spectrum(most_missing := 0) AS TABLE
SELECT least("AC"[1], "AN" - "AC"[1]) AS minor_count, count(*) AS sites
FROM sites WHERE length("ALT") = 1 AND missing <= most_missing
GROUP BY minor_count ORDER BY minor_count;

CREATE MACRO first_haplotype(of) AS coalesce(
  (SELECT min(ordinal) + 1 FROM haplotypes WHERE sample = of),
  error('there is no sample ''' || of || '''; .samples lists them')
);

CREATE MACRO last_haplotype(of) AS coalesce(
  (SELECT max(ordinal) + 1 FROM haplotypes WHERE sample = of),
  error('there is no sample ''' || of || '''; .samples lists them')
);

CREATE MACRO haplotypes_of(row_alleles, of) AS CAST(row_alleles AS allele[])[
  first_haplotype(of):last_haplotype(of)
];

CREATE MACRO alleles_in_common(one, other) AS list_sum(list_transform(
  list_distinct(one),
  lambda a: least(
    len(list_filter(one, lambda b: b = a)) * len(other),
    len(list_filter(other, lambda b: b = a)) * len(one)
  )
)) / (len(one) * len(other));`;

/**
 * Compares samples of up to two haplotypes cell by cell, and others as lists. Where a call lacks its
 * second haplotype, it counts as homozygous, as a haploid sample does.
 */
const IDENTITY = `
CREATE MACRO identity(one, other) AS TABLE
SELECT one AS sample_1, other AS sample_2, count(*) AS sites,
  count(*) FILTER (WHERE shared = 1) AS same_genotype,
  count(*) FILTER (WHERE shared = 0) AS nothing_shared, round(avg(shared), 6) AS identity
FROM (
  SELECT CASE WHEN many THEN alleles_in_common(list_1, list_2) ELSE greatest(
    CAST(a = b AS UTINYINT) + CAST(a_2 = b_2 AS UTINYINT),
    CAST(a = b_2 AS UTINYINT) + CAST(a_2 = b AS UTINYINT)
  ) / 2 END AS shared
  FROM (
    SELECT many, a, b, CASE WHEN a_2 IS DISTINCT FROM gone THEN a_2 ELSE a END AS a_2,
      CASE WHEN b_2 IS DISTINCT FROM gone THEN b_2 ELSE b END AS b_2, gone,
      list_filter(list_1, lambda x: x IS DISTINCT FROM gone) AS list_1,
      list_filter(list_2, lambda x: x IS DISTINCT FROM gone) AS list_2
    FROM (
      SELECT many, TRY_CAST('' AS allele) AS gone, l[first_1] AS a, l[last_1] AS a_2, l[first_2] AS b, l[last_2] AS b_2,
        CASE WHEN many THEN l[first_1:last_1] END AS list_1,
        CASE WHEN many THEN l[first_2:last_2] END AS list_2
      FROM (SELECT CAST(alleles AS allele[]) AS l FROM records), (
        SELECT max(ploidy) > 2 AS many, first_haplotype(one) AS first_1,
          last_haplotype(one) AS last_1, first_haplotype(other) AS first_2,
          last_haplotype(other) AS last_2
        FROM samples WHERE sample IN (one, other)
      )
    )
  ) WHERE CASE WHEN many THEN len(list_1) > 0 AND len(list_2) > 0 AND
      NOT list_contains(list_1, '.') AND NOT list_contains(list_2, '.')
    ELSE a <> '.' AND a_2 <> '.' AND b <> '.' AND b_2 <> '.'
      AND a IS DISTINCT FROM gone AND b IS DISTINCT FROM gone END
);`;

/** Returns the query of the view `sites`. */
export function selectSites(extras: RowExtras): string {
  return extras.alt || extras.absent ? sitesOf(extras) : SITES;
}

/** Returns the statements that create the views and macros of a table. */
export function createViews(extras: RowExtras): string {
  const { alt, phase, sets, absent } = extras;
  return [
    alt || phase || sets || absent ? genotypesOf(extras) : GENOTYPES,
    `CREATE VIEW sites AS${selectSites(extras)};`,
    sampleSummary(absent),
    ...sets ? [BLOCKS] : [],
    MACROS,
    IDENTITY,
    createPopulationViews(extras),
  ].join("\n");
}
