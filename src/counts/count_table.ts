/**
 * Makes one small table of the figures of records, which a report is drawn from and a kept table
 * keeps: a row for each number.
 *
 * @module
 */
import { type FigureArrays, MOST_LENGTH, SAMPLE, SITE_FIGURES } from "./figures.ts";
import { samplePairs } from "./identity.ts";
import { fewerWindows, sumOfWindows, WINDOW, windowSize, windowsOf } from "./windows.ts";

/** A number of the table. */
export interface CountRow {
  /** What was counted, such as `sample.missing`. */
  figure: string;
  /** The sample or the contig of which it is; null for all. */
  name: string | null;
  /** Place of the sample or contig, or the class of what was counted, such as a length. */
  place: number;
  count: number;
}

/** The samples of the records, in output order. */
export type CountedSamples = readonly { name: string; ploidy: number }[];

/** Most contigs that have rows of their own; the others are one. */
export const MOST_CONTIGS = 50;

/** Windows that are few, and the least average number of records of more of them. */
const FEW_WINDOWS = 40, WINDOW_RECORDS = 20;

/** Names of the numbers of a sample, by {@linkcode SAMPLE}. */
const SAMPLE_NAMES = [
  "missing",
  "absent",
  "alternate",
  "singletons",
  "compared",
  "heterozygous",
];
const WINDOW_NAMES = ["records", "missing", "absent"];

/** Returns the table of figures. */
export function countTable(figures: FigureArrays, samples: CountedSamples): CountRow[] {
  const { sites, alleles, frequencies, spectrum, lengths } = figures;
  const haplotypes = samples.reduce((sum, { ploidy }) => sum + ploidy, 0);
  return [
    total("haplotypes", haplotypes),
    ...SITE_FIGURES.map((name, n) => total(name, sites[n])),
    ...sampleRows(figures, samples),
    ...contigRows(figures),
    ...classes("alleles", alleles, 0),
    ...classes("frequency", frequencies, 0),
    ...classes("spectrum", spectrum, 0),
    ...classes("length", lengths, -MOST_LENGTH),
    ...identityRows(figures, samples),
  ];
}

/** Returns a number of all records. */
export function total(name: string, count: number): CountRow {
  return { figure: `total.${name}`, name: null, place: 0, count };
}

/** Returns the classes that have something, the first one of a place. */
function classes(figure: string, counts: Float64Array, first: number): CountRow[] {
  return [...counts].flatMap((count, n) =>
    count > 0 ? [{ figure, name: null, place: first + n, count }] : []
  );
}

function sampleRows({ samples: numbers }: FigureArrays, samples: CountedSamples): CountRow[] {
  return samples.flatMap(({ name, ploidy }, place) => [
    { figure: "sample.ploidy", name, place, count: ploidy },
    ...SAMPLE_NAMES.map((number, n) => ({
      figure: `sample.${number}`,
      name,
      place,
      count: numbers[SAMPLE.Numbers * place + n],
    })),
  ]);
}

/** Returns the rows of the largest contigs and of their windows, and those of all others. */
function contigRows({ windows: counted, sites: [records] }: FigureArrays): CountRow[] {
  // Windows of a record or two would show chance.
  const windows = fewerWindows(
    sumOfWindows(counted),
    Math.max(FEW_WINDOWS, records / WINDOW_RECORDS),
  );
  const sums = new Map<string, number[]>();
  for (const { contig, numbers } of windowsOf(windows)) {
    const sum = sums.get(contig);
    if (!sum) sums.set(contig, [...numbers]);
    else for (let n = 0; n < WINDOW.Numbers; n++) sum[n] += numbers[n];
  }
  const largest = [...sums].sort(([name, [records]], [other, [others]]) =>
    others - records || (name < other ? -1 : 1)
  );
  const shown = new Map(largest.slice(0, MOST_CONTIGS).map(([name], place) => [name, place]));
  const rest = largest.slice(MOST_CONTIGS);
  const size = windowSize(windows.level);
  return [
    total("contigs", sums.size),
    total("window_size", size),
    ...largest.slice(0, MOST_CONTIGS).flatMap(([name, sum], place) =>
      WINDOW_NAMES.map((number, n) => ({ figure: `contig.${number}`, name, place, count: sum[n] }))
    ),
    total("other_contigs", rest.length),
    ...WINDOW_NAMES.map((number, n) =>
      total(`other_${number}`, rest.reduce((all, [, sum]) => all + sum[n], 0))
    ),
    ...[...windowsOf(windows)].filter(({ contig }) => shown.has(contig))
      .sort((a, b) => shown.get(a.contig)! - shown.get(b.contig)! || a.window - b.window)
      .flatMap(({ contig: name, window, numbers }) =>
        WINDOW_NAMES.map((number, n) => ({
          figure: `window.${number}`,
          name,
          place: window * size + 1,
          count: numbers[n],
        }))
      ),
  ];
}

/** Returns the rows of pairs of samples; the place of a pair is `first * samples + second`. */
function identityRows({ sampled }: FigureArrays, samples: CountedSamples): CountRow[] {
  if (!sampled) return [];
  const pairs = samplePairs(sampled, samples.map(({ ploidy }) => ploidy));
  return [
    total("identity_sites", sampled.hashes.length),
    ...pairs.flatMap(({ first, second, sites, shared }) => {
      const place = first * samples.length + second;
      return [
        { figure: "identity.sites", name: null, place, count: sites },
        { figure: "identity.shared", name: null, place, count: shared },
      ];
    }),
  ];
}
