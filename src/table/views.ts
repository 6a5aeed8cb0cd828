/**
 * Holds the views and macros that answer questions in the terms of a VCF.
 *
 * @module
 */

/**
 * Creates the views and macros. They count over whole arrays and take single elements by their
 * place, as both are quick at thousands of haplotypes. Slices and joins copy an array, but not a
 * list.
 */
export const CREATE_VIEWS = `
CREATE VIEW genotypes AS
SELECT r.chrom AS "CHROM", r.pos AS "POS", r.ref AS "REF", s.sample,
  CASE s.ploidy
    WHEN 1 THEN CAST(r.alleles[s.first] AS VARCHAR)
    WHEN 2 THEN r.alleles[s.first] || '|' || r.alleles[s.first + 1]
    ELSE array_to_string(r.alleles[s.first:s.first + s.ploidy - 1], '|')
  END AS gt, r.line
FROM (SELECT chrom, pos, ref, CAST(alleles AS allele[]) AS alleles, line FROM records) r, (
  SELECT sample, count(*) AS ploidy, min(ordinal) + 1 AS first FROM haplotypes GROUP BY sample
) s;

CREATE VIEW sites AS
SELECT chrom AS "CHROM", pos AS "POS", ref AS "REF", alt AS "ALT",
  list_transform(alt, lambda a: CAST(counts[a] AS UINTEGER)) AS "AC", an AS "AN",
  list_transform(alt, lambda a: round(counts[a] / an, 6)) AS "AF", missing, line
FROM (
  SELECT chrom, pos, ref, line, counts, missing, CAST(length(alleles) - missing AS UINTEGER) AS an,
    list_transform(list_sort(list_transform(
      list_filter(map_keys(counts), lambda a: a <> ref AND a <> '.'),
      lambda a: {place: list_position(alleles, a), allele: a}
    )), lambda found: found.allele) AS alt
  FROM (
    SELECT chrom, pos, ref, line, alleles, counts, CAST(coalesce(counts['.'], 0) AS UINTEGER) AS missing
    FROM (SELECT *, list_histogram(CAST(alleles AS allele[])) AS counts FROM records)
  )
);

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
    SELECT unnest(alleles) AS a, unnest(alleles[2:]) AS b, generate_subscripts(alleles, 1) AS place
    FROM records
  ) GROUP BY place
) ON place = ordinal + 1
GROUP BY sample ORDER BY min(ordinal);

CREATE MACRO region(contig, first_pos, last_pos) AS TABLE
SELECT * FROM matrix
WHERE CAST("CHROM" AS VARCHAR) = CAST(contig AS VARCHAR) AND "POS" BETWEEN first_pos AND last_pos
ORDER BY "POS";

CREATE MACRO haplotype(named) AS TABLE
SELECT chrom AS "CHROM", pos AS "POS", ref AS "REF", alleles[coalesce(
  (SELECT ordinal + 1 FROM haplotypes WHERE name = named),
  error('there is no haplotype ''' || named || '''; .samples lists them')
)] AS allele
FROM records;

CREATE MACRO site_frequency_spectrum(most_missing := 0) AS TABLE
SELECT least("AC"[1], "AN" - "AC"[1]) AS minor_count, count(*) AS sites
FROM sites WHERE length("ALT") = 1 AND missing <= most_missing
GROUP BY minor_count ORDER BY minor_count;

CREATE MACRO haplotype_place(of, nth) AS coalesce(
  (SELECT max(ordinal) + 1 FROM haplotypes WHERE sample = of AND phase <= nth),
  error('there is no sample ''' || of || '''; .samples lists them')
);

CREATE MACRO identity(one, other) AS TABLE
SELECT one AS sample_1, other AS sample_2, count(*) AS sites,
  count(*) FILTER (shared = 2) AS same_genotype, count(*) FILTER (shared = 0) AS nothing_shared,
  round(avg(shared) / 2, 6) AS identity
FROM (
  SELECT greatest(
    CAST(a = b AS UTINYINT) + CAST(a2 = b2 AS UTINYINT),
    CAST(a = b2 AS UTINYINT) + CAST(a2 = b AS UTINYINT)
  ) AS shared
  FROM (
    SELECT alleles[haplotype_place(one, 1)] AS a, alleles[haplotype_place(one, 2)] AS a2,
      alleles[haplotype_place(other, 1)] AS b, alleles[haplotype_place(other, 2)] AS b2
    FROM records
  ) WHERE a <> '.' AND a2 <> '.' AND b <> '.' AND b2 <> '.'
);`;
