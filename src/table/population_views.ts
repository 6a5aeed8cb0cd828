/**
 * Holds the views and macros by which a table answers as a population geneticist asks: counts of
 * populations, diversity, divergence, Weir and Cockerham's Fst, heterozygosity, linkage.
 *
 * The unit is the haplotype column, so that any ploidy, and several in one population, are right. A
 * row is used, or not, by the alleles that are called in the samples that have a population.
 *
 * What keeps them quick: alleles become a list once, and the counts of a population are the histogram
 * of the elements at its places. A lambda over the array, or a join, takes many times as long. Sums
 * over the alleles of a row are made within lists, so that no state grows with the rows.
 *
 * @module
 */
import type { RowExtras } from "../matrix/dialects/dialect.ts";
import { createLinkage } from "./linkage_views.ts";
import {
  CELLS,
  type Check,
  checked,
  goneOf,
  HAS_SITE_REF,
  isCalled,
  isSite,
  missingOf,
} from "./site_sql.ts";

/** A macro, or a view, as help shows it. */
export interface Question {
  /** Its name, and the arguments of a macro. */
  usage: string;
  help: string;
}

/** What can be asked of populations. */
export const POPULATION_QUESTIONS: readonly Question[] = [
  { usage: "diversity(size, step)", help: "pi, theta and Tajima's D of a window and population" },
  { usage: "divergence(size, step)", help: "dxy and Hudson's Fst of a window and two populations" },
  { usage: "weir_cockerham(size, step)", help: "their Fst, of whole diploid genotypes" },
  { usage: "heterozygosity(size, step)", help: "what is observed of a window and sample" },
  { usage: "ld(contig, first_pos, last_pos)", help: "r2 and |D'| of two biallelic sites" },
  { usage: "population_counts", help: "allele counts of each population at each site" },
  { usage: "populations", help: "which sample is of which population" },
];

/** Returns the name of a question, as SQL has it. */
export function questionName({ usage }: Question): string {
  return usage.split("(")[0];
}

/** Takes all samples for one population, where a table was told of none. */
export const ONE_POPULATION = `
CREATE VIEW populations AS SELECT sample, 'all' AS population FROM samples;`;

/** Creates the table that says which sample is of which population. */
export const CREATE_POPULATIONS = "CREATE TABLE populations (sample VARCHAR, population VARCHAR)";

/** Queries for the table of populations, as texts: whether there is one, and what it has. */
export const HAS_POPULATIONS =
  "SELECT CAST(count(*) AS VARCHAR) FROM duckdb_tables() WHERE table_name = 'populations'";
export const SELECT_POPULATIONS = "SELECT sample, population FROM populations ORDER BY rowid";

/** Query for whether a database has something called `populations`, whoever made it. */
export const HAS_POPULATIONS_TABLE =
  "SELECT count(*) AS own FROM information_schema.tables WHERE lower(table_name) = 'populations'";

/** Query for whether a table has the macros, of a version that keeps them. */
export const HAS_POPULATION_VIEWS =
  "SELECT count(*) AS known FROM duckdb_functions() WHERE function_name = 'diversity' AND NOT internal";

/**
 * A common table of the populations: `places` of their haplotypes, 1-based, and their number `k`, by
 * the first of them.
 */
const PLACES = `places AS (
  SELECT p.population AS name, row_number() OVER (ORDER BY min(h.ordinal)) AS k,
    list(CAST(h.ordinal + 1 AS BIGINT) ORDER BY h.ordinal) AS places
  FROM haplotypes h JOIN populations p ON h.sample = p.sample GROUP BY p.population
)`;

/** A common table of the rows with `counts`: for each population a map of its cells. */
const COUNTED = `counted AS (
  SELECT chrom, pos, line, ref, list_transform(every, lambda places:
    list_histogram(list_transform(places, lambda place: l[place]))) AS counts
  FROM (${CELLS}), (SELECT list(places ORDER BY k) AS every FROM places)
)`;

const WINDOW_CHECKS: readonly Check[] = [
  [
    "size < 1 OR CAST(size AS DOUBLE) <> floor(CAST(size AS DOUBLE))",
    "'size is a whole number of bases from 1 on'",
  ],
  [
    "step < 1 OR CAST(step AS DOUBLE) <> floor(CAST(step AS DOUBLE))",
    "'step is a whole number of bases from 1 on'",
  ],
  ["step IS NOT NULL AND size IS NULL", "'a step needs a size: size := 10000, step := 5000'"],
];
const ALLELE_CHECK: Check = ["max_alleles < 1", "'max_alleles is a number from 1 on'"];

/** SQL of the step between windows, in bases; NULL where a window is a contig. */
const STEP = "CAST(coalesce(step, size) AS BIGINT)";

/**
 * SQL of the numbers of the windows that a row is in: window `k` has `size` positions from
 * `1 + k * step` on.
 */
const WINDOWS = `CASE WHEN size IS NULL THEN [CAST(0 AS BIGINT)] ELSE range(
    (greatest(CAST(pos AS BIGINT) - CAST(size AS BIGINT), 0) + ${STEP} - 1) // ${STEP},
    (CAST(pos AS BIGINT) - 1) // ${STEP} + 1) END`;

/** Returns the SQL of the columns that tell the window `w` of a contig of `contigs`. */
const WINDOW_COLUMNS = `chrom AS "CHROM", w * coalesce(${STEP}, 0) + 1 AS first_pos,
  CASE WHEN size IS NULL THEN CAST(max_pos AS BIGINT)
    ELSE w * ${STEP} + CAST(size AS BIGINT) END AS last_pos`;
const CONTIGS = "JOIN contigs ON contigs.name = CAST(chrom AS VARCHAR)";

/** SQL of the sum of the squares of the numbers of a map. */
function squares(counts: string): string {
  return `CAST(list_sum(list_transform(map_values(${counts}), lambda c: c * c)) AS BIGINT)`;
}

/** SQL of all cells of the populations. */
const KINDS = "flatten(list_transform(counts, lambda m: map_keys(m)))";

/**
 * A common table of the rows with their windows; of a row that is no site there are none. As a filter,
 * that would be asked before the counts are there, which then are made twice.
 */
const SITES = `sites AS (
  SELECT chrom, counts, CASE WHEN ${isSite(KINDS)} THEN ${WINDOWS} ELSE [] END AS windows
  FROM counted WHERE ${HAS_SITE_REF} AND ${checked([...WINDOW_CHECKS, ALLELE_CHECK])}
)`;

const POPULATION_COUNTS = `
CREATE VIEW population_counts AS
WITH ${PLACES}, ${COUNTED}
SELECT chrom AS "CHROM", pos AS "POS", ref AS "REF", name AS population, map_from_entries(
    list_filter(map_entries(m), lambda e: ${isCalled("e.key")})) AS counts, len(places)
    - missing - gone AS called, missing, CAST(line AS BIGINT) AS line
FROM (
  SELECT *, ${missingOf("m")} AS missing, ${goneOf("m")} AS gone
  FROM (SELECT chrom, pos, line, ref, name, places, counts[k] AS m FROM counted, places)
);`;

const DIVERSITY = `
CREATE MACRO diversity(size := NULL, step := NULL, indels := false, max_alleles := NULL) AS TABLE
WITH ${PLACES}, ${COUNTED}, ${SITES}, per_site AS (
  SELECT chrom, windows, name, haplotypes, haplotypes - missing AS n, square - missing ** 2 - gone ** 2 AS same,
    cardinality(m) - CAST(missing > 0 AS INTEGER) - CAST(gone > 0 AS INTEGER) > 1 AS segregating
  FROM (
    SELECT *, len(places) - gone AS haplotypes, ${squares("m")} AS square FROM (
      SELECT *, ${missingOf("m")} AS missing, ${goneOf("m")} AS gone
      FROM (
        SELECT chrom, windows, name, places, counts[k] AS m FROM sites, places
      )
    )
  )
), per_number AS (
  SELECT chrom, w, name, n, count(*) AS sites, count(*) FILTER (WHERE segregating) AS s,
    sum(CAST(n * n - same AS BIGINT) // 2) AS differences, sum(haplotypes - n) AS missing, sum(haplotypes) AS cells
  FROM (SELECT *, unnest(windows) AS w FROM per_site) GROUP BY chrom, w, name, n
), harmonics AS (
  SELECT n, sum(1 / (n - 1)) FILTER (WHERE n > 1) OVER (ORDER BY n) AS a1,
    sum(1 / ((n - 1) * (n - 1))) FILTER (WHERE n > 1) OVER (ORDER BY n) AS a2
  FROM (SELECT CAST(unnest(range(1, (SELECT max(len(places)) FROM places) + 1)) AS DOUBLE) AS n)
), terms AS (
  SELECT p.*, CASE WHEN p.n > 1 THEN CAST(p.n * (p.n - 1) // 2 AS BIGINT) END AS pairs, s / a1 AS theta,
    ((h.n + 1) / (3 * (h.n - 1)) - 1 / a1) / a1 AS e1,
    (2 * (h.n * h.n + h.n + 3) / (9 * h.n * (h.n - 1)) - (h.n + 2) / (a1 * h.n) + a2 / (a1 * a1))
      / (a1 * a1 + a2) AS e2
  FROM per_number p LEFT JOIN harmonics h ON p.n = h.n AND h.n > 1
), sums AS (
  SELECT chrom, w, name, CAST(coalesce(sum(sites) FILTER (WHERE n > 0), 0) AS BIGINT) AS sites,
    CAST(sum(s) AS BIGINT) AS segregating, CAST(sum(differences) AS BIGINT) AS differences,
    CAST(coalesce(sum(pairs * sites), 0) AS BIGINT) AS comparisons,
    sum(missing) AS missing, sum(cells) AS cells,
    coalesce(sum(differences / pairs), 0) AS k_pi, coalesce(sum(theta), 0) AS k_theta,
    -- Of three haplotypes and fewer, both terms are exactly 0.
    sum(sqrt(e1 * s + e2 * s * (s - 1))) FILTER (WHERE n > 3 AND s > 0) AS deviation
  FROM terms GROUP BY chrom, w, name
)
SELECT ${WINDOW_COLUMNS}, sums.name AS population, sites, segregating,
  differences / nullif(comparisons, 0) AS pi, k_theta / nullif(sites, 0) AS theta_w,
  (k_pi - k_theta) / nullif(deviation, 0) AS tajima_d, missing / nullif(cells, 0) AS missingness,
  differences, comparisons
FROM sums ${CONTIGS};`;

const DIVERGENCE = `
CREATE MACRO divergence(size := NULL, step := NULL, indels := false, max_alleles := NULL) AS TABLE
WITH ${PLACES}, ${COUNTED}, ${SITES}, pairs AS (
  SELECT p.name AS name_1, q.name AS name_2, p.k AS i, q.k AS j, len(p.places) AS h1, len(q.places) AS h2
  FROM places p JOIN places q ON p.k < q.k
), per_site AS (
  SELECT chrom, windows, name_1, name_2, n1, n2, n1 * n2 - shared AS differ,
    (n1 * n1 - square_1 + missing_1 ** 2 + gone_1 ** 2) / nullif(n1 * (n1 - 1), 0) AS within_1,
    (n2 * n2 - square_2 + missing_2 ** 2 + gone_2 ** 2) / nullif(n2 * (n2 - 1), 0) AS within_2
  FROM (
    SELECT *, h1 - missing_1 - gone_1 AS n1, h2 - missing_2 - gone_2 AS n2,
      CAST(list_sum(list_transform(map_entries(m1), lambda e: e.value * coalesce(m2[e.key], 0))) AS BIGINT)
        - missing_1 * missing_2 - gone_1 * gone_2 AS shared
    FROM (
      SELECT *, ${missingOf("m1")} AS missing_1, ${goneOf("m1")} AS gone_1, ${
  squares("m1")
} AS square_1,
        ${missingOf("m2")} AS missing_2, ${goneOf("m2")} AS gone_2, ${squares("m2")} AS square_2
      FROM (
        SELECT chrom, windows, name_1, name_2, h1, h2, counts[i] AS m1, counts[j] AS m2
        FROM sites, pairs
      )
    )
  )
), sums AS (
  SELECT chrom, w, name_1, name_2, count(*) FILTER (WHERE n1 > 0 AND n2 > 0) AS sites,
    count(*) FILTER (WHERE paired AND (differ > 0 OR within_1 > 0 OR within_2 > 0)) AS snps,
    CAST(sum(differ) AS BIGINT) AS differences, CAST(sum(n1 * n2) AS BIGINT) AS comparisons,
    sum(differ / (n1 * n2)) FILTER (WHERE paired) AS among,
    sum((within_1 + within_2) / 2) FILTER (WHERE paired) AS within
  FROM (SELECT *, n1 > 1 AND n2 > 1 AS paired, unnest(windows) AS w FROM per_site)
  GROUP BY chrom, w, name_1, name_2
)
SELECT ${WINDOW_COLUMNS}, name_1 AS population_1, name_2 AS population_2, sites,
  differences / nullif(comparisons, 0) AS dxy, snps, (among - within) / nullif(among, 0) AS fst,
  differences, comparisons
FROM sums ${CONTIGS};`;

/** SQL that tells whether both cells of a genotype are called. */
const WHOLE = `${isCalled("e.key.x")} AND ${isCalled("e.key.y")}`;

/** Returns the SQL of the number of haplotypes with an allele `z` in a map of genotypes. */
function carried(genotypes: string): string {
  return `list_sum(list_transform(${genotypes}, lambda e:
          e.value * (CAST(e.key.x = z AS INTEGER) + CAST(e.key.y = z AS INTEGER))))`;
}

const WEIR_COCKERHAM = `
CREATE MACRO weir_cockerham(size := NULL, step := NULL, indels := false, max_alleles := NULL) AS TABLE
WITH ${PLACES}, diploids AS (
  SELECT name, list(first ORDER BY first) AS firsts FROM (
    SELECT p.population AS name, CAST(min(h.ordinal) + 1 AS BIGINT) AS first
    FROM haplotypes h JOIN populations p ON h.sample = p.sample
    GROUP BY p.population, h.sample HAVING count(*) = 2
  ) GROUP BY name
), genotypes AS (
  SELECT chrom, pos, list_transform(every, lambda firsts: list_filter(
    map_entries(list_histogram(list_transform(firsts, lambda f: {x: l[f], y: l[f + 1]}))),
    lambda e: ${WHOLE})) AS g
  FROM (${CELLS}),
    (SELECT list(coalesce(firsts, []) ORDER BY k) AS every FROM places LEFT JOIN diploids USING (name)),
    (SELECT flatten(list(places)) AS deciding FROM places)
  WHERE ${HAS_SITE_REF}
    AND ${isSite("map_keys(list_histogram(list_transform(deciding, lambda place: l[place])))")}
    AND ${checked([...WINDOW_CHECKS, ALLELE_CHECK])}
), numbers AS (
  SELECT *, list_transform(g, lambda one:
    CAST(coalesce(list_sum(list_transform(one, lambda e: e.value)), 0) AS DOUBLE)) AS n
  FROM genotypes
), pairs AS (
  SELECT *, CASE WHEN n1 > 0 AND n2 > 0 AND n1 + n2 > 2
    THEN list_distinct(flatten(list_transform(g1 || g2, lambda e: [e.key.x, e.key.y]))) END AS kinds
  FROM (
    SELECT chrom, pos, p.name AS name_1, q.name AS name_2, g[p.k] AS g1, g[q.k] AS g2,
      n[p.k] AS n1, n[q.k] AS n2
    FROM numbers, places p JOIN places q ON p.k < q.k
  )
), frequencies AS (
  SELECT chrom, name_1, name_2, n1, n2, (n1 + n2) / 2 AS nbar,
    CASE WHEN len(kinds) > 1 THEN ${WINDOWS} ELSE [] END AS windows,
    2 * n1 * n2 / (n1 + n2) AS nc, list_transform(CASE WHEN len(kinds) > 1 THEN kinds END, lambda z: {
      p1: ${carried("g1")} / (2 * n1),
      p2: ${carried("g2")} / (2 * n2),
      h: list_sum(list_transform(g1 || g2, lambda e:
          e.value * CAST((e.key.x = z) <> (e.key.y = z) AS INTEGER))) / (n1 + n2)
    }) AS f
  FROM pairs
), variances AS (
  SELECT chrom, windows, name_1, name_2, nbar, nc, list_transform(f, lambda q: {
      v: (n1 * q.p1 + n2 * q.p2) / (n1 + n2) * (1 - (n1 * q.p1 + n2 * q.p2) / (n1 + n2)),
      s2: 2 * n1 * n2 * (q.p1 - q.p2) ** 2 / (n1 + n2) ** 2,
      h: q.h
    }) AS f
  FROM frequencies
), components AS (
  SELECT chrom, windows, name_1, name_2,
    list_sum(list_transform(f, lambda q:
      nbar / nc * (q.s2 - (q.v - q.s2 / 2 - q.h / 4) / (nbar - 1)))) AS a,
    list_sum(list_transform(f, lambda q:
      nbar / (nbar - 1) * (q.v - q.s2 / 2 - (2 * nbar - 1) / (4 * nbar) * q.h))) AS b,
    list_sum(list_transform(f, lambda q: q.h / 2)) AS c
  FROM variances
), sums AS (
  SELECT chrom, w, name_1, name_2, count(*) AS snps, sum(a) AS a, sum(b) AS b, sum(c) AS c
  FROM (SELECT *, unnest(windows) AS w FROM components) GROUP BY chrom, w, name_1, name_2
)
SELECT ${WINDOW_COLUMNS}, name_1 AS population_1, name_2 AS population_2, snps,
  a / nullif(a + b + c, 0) AS fst, a, b, c
FROM sums ${CONTIGS};`;

/** SQL of the sites that all samples decide on, with their windows. */
const WINDOWED_ROWS = `SELECT chrom, l, unnest(${WINDOWS}) AS w FROM (${CELLS})
      WHERE ${HAS_SITE_REF} AND ${isSite("map_keys(list_histogram(l))", false)}
        AND ${checked(WINDOW_CHECKS)}`;

/** Returns the SQL of the samples of a ploidy, with the places of their haplotypes, 1-based. */
function samplesOf(ploidy: string): string {
  return `SELECT sample, min(ordinal) AS ordinal, CAST(min(ordinal) + 1 AS BIGINT) AS first,
        CAST(max(ordinal) + 1 AS BIGINT) AS last
      FROM haplotypes GROUP BY sample HAVING count(*) ${ploidy}`;
}

/** A diploid's two cells stand side by side; of a polyploid, each sample is counted by itself. */
const HETEROZYGOSITY = `
CREATE MACRO heterozygosity(size := NULL, step := NULL, indels := false) AS TABLE
WITH diploids AS (
  SELECT chrom, w, sample, count(*) FILTER (WHERE called) AS sites,
    CAST(count(*) FILTER (WHERE called AND x <> y) AS BIGINT) AS differences,
    CAST(count(*) FILTER (WHERE called) AS BIGINT) AS comparisons,
    CAST(count(*) FILTER (WHERE called AND x <> y) AS DOUBLE) AS shares
  FROM (
    SELECT chrom, w, sample, x, y, ${isCalled("x")} AND ${isCalled("y")} AS called FROM (
      SELECT chrom, w, unnest(names) AS sample, unnest(list_transform(firsts, lambda f: l[f])) AS x,
        unnest(list_transform(firsts, lambda f: l[f + 1])) AS y
      FROM (${WINDOWED_ROWS}), (
        SELECT list(first ORDER BY ordinal) AS firsts, list(sample ORDER BY ordinal) AS names
        FROM (${samplesOf("= 2")})
      )
    )
  ) GROUP BY chrom, w, sample
), polyploids AS (
  SELECT chrom, w, sample, count(*) FILTER (WHERE n > 1) AS sites,
    CAST(sum(pairs - alike) AS BIGINT) AS differences, CAST(sum(pairs) AS BIGINT) AS comparisons,
    sum((pairs - alike) / nullif(pairs, 0)) AS shares
  FROM (
    SELECT chrom, w, sample, n, n * (n - 1) // 2 AS pairs,
      CAST(coalesce(list_sum(list_transform(m, lambda c: c * (c - 1) // 2)), 0) AS BIGINT) AS alike
    FROM (
      SELECT chrom, w, sample, m, CAST(coalesce(list_sum(m), 0) AS BIGINT) AS n FROM (
        SELECT chrom, w, sample, list_transform(map_values(list_histogram(
          list_filter(l[first:last], lambda a: ${
  isCalled("a")
}))), lambda c: CAST(c AS BIGINT)) AS m
        FROM (${WINDOWED_ROWS}), (${samplesOf("> 2")})
      )
    )
  ) GROUP BY chrom, w, sample
)
SELECT ${WINDOW_COLUMNS}, sample, sites, differences, comparisons,
  shares / nullif(sites, 0) AS heterozygosity
FROM (FROM diploids UNION ALL FROM polyploids) ${CONTIGS};`;

/**
 * Returns the statements that create the views and macros of populations, but for `populations`,
 * which they ask.
 */
export function createPopulationViews(extras: RowExtras): string {
  return [
    POPULATION_COUNTS,
    DIVERSITY,
    DIVERGENCE,
    WEIR_COCKERHAM,
    HETEROZYGOSITY,
    createLinkage(extras),
  ].join("\n");
}

/** Returns the statements that make all of it for a session, on a table that does not keep it. */
export function temporaryPopulationViews(extras: RowExtras, hasPopulations: boolean): string {
  const statements = (hasPopulations ? "" : ONE_POPULATION) + createPopulationViews(extras);
  return statements.replaceAll(/^CREATE (?=VIEW|MACRO)/gm, "CREATE TEMP ");
}
