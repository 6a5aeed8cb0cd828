/**
 * Holds the views and macros that answer questions in the terms of a VCF.
 *
 * @module
 */
import type { RowExtras } from "../matrix/dialects/dialect.ts";
import {
  BLOCKS,
  genotypesOf,
  identityOfCalled,
  sitesOf,
  SUMMARY_OF_CALLED,
} from "./dialect_views.ts";
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

const SAMPLE_SUMMARY = `
CREATE VIEW sample_summary AS
SELECT sample, count(*) AS ploidy, any_value(rows) AS sites,
  round(sum(missing) / sum(rows), 6) AS missingness,
  CASE count(*) WHEN 2 THEN first(differ ORDER BY ordinal) END AS heterozygous,
  CASE count(*) WHEN 2 THEN round(first(differ / called ORDER BY ordinal), 6) END AS heterozygosity
FROM haplotypes JOIN (
  SELECT place, count(*) AS rows, count(*) FILTER (a = '.') AS missing,
    count(*) FILTER (a <> '.' AND b <> '.') AS called,
    count(*) FILTER (a <> b AND a <> '.' AND b <> '.') AS differ
  FROM (
    SELECT unnest(CAST(alleles AS allele[])) AS a, unnest(alleles[2:]) AS b,
      generate_subscripts(alleles, 1) AS place
    FROM records
  ) GROUP BY place
) ON place = ordinal + 1
GROUP BY sample ORDER BY min(ordinal);`;

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

const IDENTITY = `
CREATE MACRO identity(one, other) AS TABLE
SELECT one AS sample_1, other AS sample_2, count(*) AS sites,
  count(*) FILTER (shared = 1) AS same_genotype, count(*) FILTER (shared = 0) AS nothing_shared,
  round(avg(shared), 6) AS identity
FROM (
  SELECT if(list1 IS NULL, greatest(
    CAST(a = b AS UTINYINT) + CAST(a2 = b2 AS UTINYINT),
    CAST(a = b2 AS UTINYINT) + CAST(a2 = b AS UTINYINT)
  ) / 2, alleles_in_common(list1, list2)) AS shared
  FROM (
    SELECT alleles[first_haplotype(one)] AS a, alleles[last_haplotype(one)] AS a2,
      alleles[first_haplotype(other)] AS b, alleles[last_haplotype(other)] AS b2,
      CASE WHEN many THEN haplotypes_of(alleles, one) END AS list1,
      CASE WHEN many THEN haplotypes_of(alleles, other) END AS list2
    FROM records, (
      SELECT max(ploidy) > 2 AS many FROM samples WHERE sample IN (one, other)
    )
  ) WHERE a <> '.' AND a2 <> '.' AND b <> '.' AND b2 <> '.' AND
    (list1 IS NULL OR NOT list_contains(list1, '.') AND NOT list_contains(list2, '.'))
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
    absent ? SUMMARY_OF_CALLED : SAMPLE_SUMMARY,
    ...sets ? [BLOCKS] : [],
    MACROS,
    absent ? identityOfCalled() : IDENTITY,
    createPopulationViews(extras),
  ].join("\n");
}
