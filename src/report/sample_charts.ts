/**
 * Makes the charts of samples: what is missing, heterozygous, alternate, and who is like whom.
 *
 * @module
 */
import type { Cell, Chart, Note } from "./chart.ts";
import { type Counts, roundedShare } from "./counts_reader.ts";
import { identitySql, SAMPLES_SQL } from "./sql.ts";

/** Fewest samples of which one can stand out. */
const FEWEST = 8;
/** How far, in distances between the quartiles, a sample lies beyond them that stands out. */
const FAR = 3;
/** Least difference to the quartile, as a share. */
const LEAST = 0.01;

const RULE =
  `A sample is marked where a share lies more than ${FAR} times the distance between the quartiles ` +
  `beyond them, and at least ${LEAST} beyond; with fewer than ${FEWEST} samples none is.`;

/** Returns the places of values that stand out. */
export function outliers(values: readonly (number | null)[]): number[] {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  if (known.length < FEWEST) return [];
  const low = quantile(known, 0.25), high = quantile(known, 0.75);
  const far = Math.max(LEAST, FAR * (high - low));
  return values.flatMap((value, n) =>
    value !== null && (value < low - far || value > high + far) ? [n] : []
  );
}

function quantile(sorted: readonly number[], part: number): number {
  const at = (sorted.length - 1) * part, below = Math.floor(at);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

/** Columns of the table of samples, those of shares first. */
const COLUMNS = [
  "Sample",
  "Missing",
  "Heterozygosity",
  "Alternate",
  "Missing haplotypes",
  "Heterozygous genotypes",
  "Alternate haplotypes",
  "Singletons",
];
const SHARES = [1, 2, 3], DRAWN = [...SHARES, 7];

/** Returns the chart of samples. */
export function samplesChart(counts: Counts): Chart {
  const rows = sampleRows(counts);
  const marked = SHARES.flatMap((column) => outliers(rows.map((row) => row[column] as number)));
  return {
    id: "samples",
    title: "Samples",
    text: [
      "Missing is the share of a sample's haplotypes that are not called, heterozygosity that of " +
      "its genotypes of two called alleles that differ, alternate that of its called haplotypes " +
      "that are not REF. Singletons are ALTs that no other haplotype of the record has.",
      RULE,
    ],
    kind: "points",
    columns: COLUMNS,
    rows,
    drawn: DRAWN,
    shares: SHARES,
    marked: [...new Set(marked)].sort((a, b) => a - b),
    sql: SAMPLES_SQL,
  };
}

function sampleRows(counts: Counts): Cell[][] {
  const records = counts.total("records");
  const numbers = (name: string) => counts.rows(`sample.${name}`).map(({ count }) => count);
  const [missing, absent, alternate] = ["missing", "absent", "alternate"].map(numbers);
  const [singletons, compared, different] = ["singletons", "compared", "heterozygous"].map(numbers);
  return counts.rows("sample.ploidy").map(({ name, count: ploidy }, n) => {
    const haplotypes = ploidy * records - absent[n], called = haplotypes - missing[n];
    return [
      name,
      roundedShare(missing[n], haplotypes),
      ploidy === 2 ? roundedShare(different[n], compared[n]) : null,
      roundedShare(alternate[n], called),
      missing[n],
      ploidy === 2 ? different[n] : null,
      alternate[n],
      singletons[n],
    ];
  });
}

const IDENTITY = { id: "identity", title: "Identity between samples" };

/** Says why there is no heat map. */
function noPairs(samples: number): Note {
  const text = samples > 1
    ? `There are ${samples} samples. The heat map is drawn for up to 200 of them.`
    : "There are no two samples to compare.";
  return { ...IDENTITY, text: [text] };
}

/** Says of how many records the heat map is. */
function comparedRecords(taken: number, records: number): string {
  const one = "The SQL, which is for two samples at a time, looks at all records.";
  return taken < records
    ? `This heat map alone comes from a sample: ${taken} of ${records} records, which the hash of ` +
      `their contig and position has chosen. ${one}`
    : `All ${records} records were compared. The SQL is for two samples at a time.`;
}

/** Returns the chart of pairs of samples, or what there is to say where there is none. */
export function identityChart(counts: Counts): Chart | Note {
  const names = counts.rows("sample.ploidy").map(({ name }) => name!);
  if (!counts.has("identity_sites")) return noPairs(names.length);
  const sites = counts.rows("identity.sites");
  const pairs = new Map(
    counts.rows("identity.shared").map(({ place, count }, n) =>
      [place, roundedShare(count, sites[n].count)] as const
    ),
  );
  const alike = (a: number, b: number) =>
    a === b ? 1 : pairs.get(Math.min(a, b) * names.length + Math.max(a, b)) ?? null;
  const columns = names.map((_, n) => n + 1);
  return {
    ...IDENTITY,
    text: [
      "The average share of alleles that two samples have in common, over the records at which both " +
      "are called. Two samples that are alike may be one person, or relatives.",
      comparedRecords(counts.total("identity_sites"), counts.total("records")),
    ],
    kind: "heat",
    columns: ["Sample", ...names],
    rows: names.map((name, a) => [name, ...names.map((_, b) => alike(a, b))]),
    drawn: columns,
    shares: columns,
    marked: [],
    sql: identitySql(names[0], names[1]),
  };
}
