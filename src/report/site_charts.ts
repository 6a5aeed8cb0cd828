/**
 * Makes the charts of sites: where they are, and what alleles they have.
 *
 * @module
 */
import type { Chart } from "./chart.ts";
import { type Counts, roundedShare } from "./counts_reader.ts";
import * as sql from "./sql.ts";

/** Returns the charts of sites. */
export function siteCharts(counts: Counts): Chart[] {
  return [
    contigsChart(counts),
    windowsChart(counts),
    frequencyChart(counts),
    spectrumChart(counts),
    alleleNumbersChart(counts),
    kindsChart(counts),
    lengthsChart(counts),
    substitutionsChart(counts),
    referenceChart(counts),
  ];
}

/** What most charts have in common: one column of numbers. */
const PLAIN = { kind: "bar", drawn: [1], shares: [], marked: [] } as const;

/** Haplotypes that records of a place have, without those that samples do not have. */
function present(counts: Counts, records: number, absent: number): number {
  return records * counts.total("haplotypes") - absent;
}

function contigsChart(counts: Counts): Chart {
  const missing = counts.rows("contig.missing"), absent = counts.rows("contig.absent");
  const others = counts.total("other_contigs"), more = counts.total("other_records");
  const row = (name: string, records: number, gone: number, never: number) => [
    name,
    records,
    roundedShare(gone, present(counts, records, never)),
  ];
  const text = others > 0
    ? `The 50 contigs with the most records; the other ${others} are one.`
    : `Contigs that have records: ${counts.total("contigs")}.`;
  return {
    ...PLAIN,
    id: "contigs",
    title: "Contigs",
    text: [text, "Missing is the share of haplotypes that are not called."],
    columns: ["Contig", "Records", "Missing"],
    rows: [
      ...counts.rows("contig.records").map(({ name, count }, n) =>
        row(name!, count, missing[n].count, absent[n].count)
      ),
      ...others > 0
        ? [row("all others", more, counts.total("other_missing"), counts.total("other_absent"))]
        : [],
    ],
    drawn: [1, 2],
    shares: [2],
    sql: sql.CONTIGS_SQL,
  };
}

function windowsChart(counts: Counts): Chart {
  const missing = counts.rows("window.missing"), absent = counts.rows("window.absent");
  const size = counts.total("window_size");
  return {
    ...PLAIN,
    id: "windows",
    title: "Sites along the contigs",
    text: [
      `Records in windows of ${size} ${size === 1 ? "base" : "bases"}, of the contigs above that ` +
      "have a name there. A window without a record is left out. The size is chosen so that there " +
      "are at most 2,048 windows beside one for each contig.",
    ],
    kind: "line",
    columns: ["Window", "Records", "Missing"],
    rows: counts.rows("window.records").map(({ name, place, count }, n) => [
      `${name}:${place}`,
      count,
      roundedShare(missing[n].count, present(counts, count, absent[n].count)),
    ]),
    drawn: [1, 2],
    shares: [2],
    sql: sql.windowsSql(size),
  };
}

/** Returns all classes from the first to the last, those without anything, too. */
function filled(counts: Counts, figure: string, first: number, last: number): [number, number][] {
  const found = new Map(counts.rows(figure).map(({ place, count }) => [place, count]));
  return Array.from({ length: last - first + 1 }, (_, n) => {
    return [first + n, found.get(first + n) ?? 0];
  });
}

function frequencyChart(counts: Counts): Chart {
  return {
    ...PLAIN,
    id: "frequency",
    title: "Allele frequency",
    text: [
      "ALTs by their share of the called haplotypes of the record, in 50 classes. A class has its " +
      "lower bound and not its upper one; the last one has both.",
    ],
    columns: ["From", "ALTs"],
    rows: filled(counts, "frequency", 0, 49).map(([part, count]) => [part / 50, count]),
    sql: sql.FREQUENCY_SQL,
  };
}

function spectrumChart(counts: Counts): Chart {
  return {
    ...PLAIN,
    id: "spectrum",
    title: "Folded spectrum",
    text: ["Records of two alleles by the number of haplotypes with the rarer one."],
    kind: "line",
    columns: ["Rarer allele", "Records"],
    rows: counts.rows("spectrum").map(({ place, count }) => [place, count]),
    logarithmic: true,
    sql: sql.SPECTRUM_SQL,
  };
}

function alleleNumbersChart(counts: Counts): Chart {
  return {
    ...PLAIN,
    id: "alleles",
    title: "Number of alleles",
    text: ["Records by their number of alleles, REF included."],
    columns: ["Alleles", "Records"],
    rows: counts.rows("alleles").map(({ place, count }) => [place, count]),
    sql: sql.ALLELES_SQL,
  };
}

/** The kinds of ALTs, with their names in the table of counts. */
const KINDS: readonly (readonly [name: string, figure: string])[] = [
  ["SNP", "snps"],
  ["MNP", "mnps"],
  ["insertion", "insertions"],
  ["deletion", "deletions"],
  ["other", "others"],
  ["*", "stars"],
  ["symbolic", "symbolic"],
];

function kindsChart(counts: Counts): Chart {
  return {
    ...PLAIN,
    id: "kinds",
    title: "Kinds of ALTs",
    text: [
      "As bcftools sees them: bases that REF and ALT have in common at their ends do not count. A " +
      "SNP is one base for another, an MNP several for as many; an insertion only adds bases and a " +
      "deletion only takes some; what does more is other. `*` is an allele that an upstream " +
      "deletion has taken; symbolic ALTs stand in angle brackets.",
      `${counts.total("snp_records")} records have a SNP, ${counts.total("indel_records")} an ` +
      "insertion or a deletion.",
    ],
    columns: ["Kind", "ALTs"],
    rows: KINDS.map(([name, figure]) => [name, counts.total(figure)]),
    sql: sql.KINDS_SQL,
  };
}

function lengthsChart(counts: Counts): Chart {
  return {
    ...PLAIN,
    id: "lengths",
    title: "Length of indels",
    text: [
      "Bases of ALT less those of REF; deletions are below 0. Those of 60 and more bases are one " +
      "class.",
    ],
    columns: ["Length", "ALTs"],
    rows: counts.rows("length").map(({ place, count }) => [place, count]),
    sql: sql.LENGTHS_SQL,
  };
}

function substitutionsChart(counts: Counts): Chart {
  const ts = counts.total("transitions"), tv = counts.total("transversions");
  return {
    ...PLAIN,
    id: "substitutions",
    title: "Transitions and transversions",
    text: [
      tv > 0
        ? `The ratio is ${
          (ts / tv).toFixed(4)
        }. Over a whole human genome it is about 2, and 0.5 ` +
          "where bases were changed by chance."
        : "There are no transversions, and so there is no ratio.",
    ],
    columns: ["Change", "ALTs"],
    rows: [["transition", ts], ["transversion", tv]],
    sql: sql.SUBSTITUTIONS_SQL,
  };
}

function referenceChart(counts: Counts): Chart {
  const variants = counts.total("variants"), major = counts.total("ref_major");
  const part = roundedShare(major, variants);
  return {
    ...PLAIN,
    id: "reference",
    title: "Is REF the major allele?",
    text: [
      part === null
        ? "There are no variants."
        : `REF is the most frequent allele of ${part} of the variants. Where that is 1, REF may be ` +
          "the major allele and no reference: a reference has the rarer allele now and then. " +
          "Where it is about 0.5, REF may be any allele.",
      counts.has("ref_mismatches")
        ? `REF of ${counts.total("ref_mismatches")} records is not that of the reference.`
        : "REF was compared with no reference (--reference).",
    ],
    columns: ["REF is", "Variants"],
    rows: [
      ["more frequent than any ALT", major],
      ["as frequent as an ALT", counts.total("ref_tied")],
      ["less frequent than an ALT", counts.total("ref_minor")],
    ],
    sql: sql.REFERENCE_SQL,
  };
}
