/**
 * Holds the SQL that gives the table of a chart, over the views of a kept table.
 *
 * @module
 */

import { literal } from "../table/quote.ts";

/** Samples: the table of the chart, column by column. */
export const SAMPLES_SQL =
  `SELECT sample AS "Sample", round(missing / nullif(present, 0), 6) AS "Missing",
  heterozygosity AS "Heterozygosity",
  round(alternate / nullif(present - missing, 0), 6) AS "Alternate",
  missing AS "Missing haplotypes", heterozygous AS "Heterozygous genotypes",
  alternate AS "Alternate haplotypes", singletons AS "Singletons"
FROM samples LEFT JOIN (
  SELECT sample, count(*) AS present, count(*) FILTER (a = '.') AS missing,
    count(*) FILTER (a <> '.' AND a <> ref) AS alternate,
    count(*) FILTER (a <> ref AND list_contains(single, a)) AS singletons
  FROM (
    SELECT sample, CAST("REF" AS VARCHAR) AS ref, CAST(unnest(g.alleles) AS VARCHAR) AS a,
      list_transform(s.single, lambda alt: CAST(alt AS VARCHAR)) AS single
    FROM genotypes g JOIN (
      SELECT line, list_filter("ALT", lambda alt: "AC"[list_position("ALT", alt)] = 1) AS single
      FROM sites
    ) s USING (line)
  ) GROUP BY sample
) USING (sample) LEFT JOIN sample_summary USING (sample)
ORDER BY ordinal`;

/** Returns the SQL that tells how alike two samples are; the names of any two can be put in. */
export function identitySql(one: string, other: string): string {
  return `SELECT sample_1, sample_2, identity FROM identity(${literal(one)}, ${literal(other)})`;
}

/** Contigs, the largest first. */
export const CONTIGS_SQL = `SELECT CAST("CHROM" AS VARCHAR) AS "Contig", count(*) AS "Records",
  round(sum(missing) / nullif(sum(missing) + sum("AN"), 0), 6) AS "Missing"
FROM sites GROUP BY "CHROM" ORDER BY "Records" DESC, "Contig" LIMIT 50`;

/** Returns the SQL of windows of so many bases. */
export function windowsSql(size: number): string {
  return `SELECT "CHROM" || ':' || CAST(part * ${size} + 1 AS VARCHAR) AS "Window",
  count(*) AS "Records",
  round(sum(missing) / nullif(sum(missing) + sum("AN"), 0), 6) AS "Missing"
FROM (SELECT *, ("POS" - 1) // ${size} AS part FROM sites) JOIN (
  SELECT "CHROM", count(*) AS on_contig FROM sites
  GROUP BY "CHROM" ORDER BY on_contig DESC, CAST("CHROM" AS VARCHAR) LIMIT 50
) USING ("CHROM")
GROUP BY "CHROM", on_contig, part ORDER BY on_contig DESC, CAST("CHROM" AS VARCHAR), part`;
}

/** ALTs with what is known of them, a row for each. */
const ALTS = `(
  SELECT CAST("REF" AS VARCHAR) AS ref, "AN", alt, ac
  FROM (SELECT "REF", "AN", CAST(unnest("ALT") AS VARCHAR) AS alt, unnest("AC") AS ac FROM sites)
)`;

/** ALTs and their REF without what the two begin with, and without what the rest ends with. */
const CHANGES = `(
  SELECT alt, more, r[:greatest(1, len(r) - same)] AS r, a[:greatest(1, len(a) - same)] AS a,
    len(r) = 0 OR len(a) = 0 AS whole
  FROM (
    SELECT alt, more, r, a, least(len(r) - 1, len(a) - 1, coalesce(list_min(list_filter(
      range(least(len(r), len(a))), lambda n: r[len(r) - n] <> a[len(a) - n])), 1000000)) AS same
    FROM (
      SELECT alt, len(alt) - len(ref) AS more, ref[same + 1:] AS r, alt[same + 1:] AS a
      FROM (
        SELECT ref, alt, coalesce(list_min(list_filter(range(least(len(ref), len(alt))),
          lambda n: ref[n + 1] <> alt[n + 1])), least(len(ref), len(alt))) AS same
        FROM ${ALTS}
      )
    )
  )
)`;

/** The kind of an ALT. */
const KIND = `CASE WHEN alt = '*' THEN '*' WHEN alt LIKE '<%' THEN 'symbolic'
    WHEN whole AND more > 0 THEN 'insertion' WHEN whole THEN 'deletion'
    WHEN len(r) = 1 AND len(a) = 1 THEN 'SNP' WHEN len(r) = len(a) THEN 'MNP'
    WHEN len(r) > 1 AND len(a) > 1 OR r[-1:] <> a[-1:] THEN 'other'
    WHEN more > 0 THEN 'insertion' ELSE 'deletion' END`;

/** ALTs by frequency. */
export const FREQUENCY_SQL = `SELECT part / 50 AS "From", count(ac) AS "ALTs"
FROM (SELECT unnest(range(50)) AS part) LEFT JOIN (
  SELECT ac, least(49, CAST(ac AS BIGINT) * 50 // "AN") AS part FROM ${ALTS} WHERE "AN" > 0
) USING (part)
GROUP BY part ORDER BY part`;

/** Records by the count of the rarer of two alleles. */
export const SPECTRUM_SQL = `SELECT minor_count AS "Rarer allele", sites AS "Records"
FROM site_frequency_spectrum(most_missing := 1000000000)`;

/** Records by number of alleles. */
export const ALLELES_SQL = `SELECT len("ALT") + 1 AS "Alleles", count(*) AS "Records"
FROM sites GROUP BY "Alleles" ORDER BY "Alleles"`;

/** ALTs by kind. */
export const KINDS_SQL = `SELECT kind AS "Kind", count(alt) AS "ALTs"
FROM (
  SELECT unnest(['SNP', 'MNP', 'insertion', 'deletion', 'other', '*', 'symbolic']) AS kind,
    unnest(range(7)) AS place
) LEFT JOIN (
  SELECT alt, ${KIND} AS kind FROM ${CHANGES}
) USING (kind)
GROUP BY kind, place ORDER BY place`;

/** Indels by length. */
export const LENGTHS_SQL = `SELECT greatest(-60, least(60, more)) AS "Length", count(*) AS "ALTs"
FROM (SELECT more, ${KIND} AS kind FROM ${CHANGES})
WHERE kind IN ('insertion', 'deletion')
GROUP BY "Length" ORDER BY "Length"`;

/** Transitions and transversions. */
export const SUBSTITUTIONS_SQL = `SELECT change AS "Change", count(alt) AS "ALTs"
FROM (SELECT unnest(['transition', 'transversion']) AS change) LEFT JOIN (
  SELECT alt, if(r || a IN ('AG', 'GA', 'CT', 'TC'), 'transition', 'transversion') AS change
  FROM (SELECT alt, r, a, ${KIND} AS kind FROM ${CHANGES})
  WHERE kind = 'SNP' AND r IN ('A', 'C', 'G', 'T') AND a IN ('A', 'C', 'G', 'T')
) USING (change)
GROUP BY change ORDER BY change`;

/** Variants by how frequent their REF is. */
export const REFERENCE_SQL = `SELECT name AS "REF is", count(most) AS "Variants"
FROM (
  SELECT unnest(['more frequent than any ALT', 'as frequent as an ALT', 'less frequent than an ALT'])
    AS name, unnest([1, 0, -1]) AS side
) LEFT JOIN (
  SELECT most, sign("AN" - list_sum("AC") - most) AS side
  FROM (SELECT *, list_max("AC") AS most FROM sites WHERE len("ALT") > 0)
) USING (side)
GROUP BY name, side ORDER BY side DESC`;
