/**
 * Holds the figures of records: what is counted, and how the counts of parts add up.
 *
 * @module
 */
import { addSampledSites, type SampledSites } from "./site_sample.ts";
import { gathered, type WindowCounts } from "./windows.ts";

/** Places of the numbers of one sample in {@linkcode FigureArrays.samples}. */
export const SAMPLE = {
  /** Haplotypes that are missing, that the sample does not have, and that are no REF. */
  Missing: 0,
  Absent: 1,
  Alternate: 2,
  /** ALTs that no other haplotype of the record has. */
  Singletons: 3,
  /** Genotypes of two called alleles, and those of them that differ; of samples of two haplotypes. */
  Compared: 4,
  Heterozygous: 5,
  Numbers: 6,
} as const;

/** Names and places of the numbers in {@linkcode FigureArrays.sites}. */
export const SITE_FIGURES = [
  "records",
  "variants",
  "multiallelic",
  // Haplotypes in all records.
  "missing",
  "absent",
  // Variants whose REF is more frequent than any ALT, as frequent as one, or less frequent.
  "ref_major",
  "ref_tied",
  "ref_minor",
  // ALTs by what they are.
  "snps",
  "mnps",
  "insertions",
  "deletions",
  "others",
  "stars",
  "symbolic",
  "transitions",
  "transversions",
  // Records with such an ALT.
  "snp_records",
  "indel_records",
] as const;

/** The name of a number in {@linkcode FigureArrays.sites}. */
export type SiteFigure = typeof SITE_FIGURES[number];

/** Classes of the allele frequency: class `n` has those from `n / 50` to `(n + 1) / 50` (exclusive). */
export const FREQUENCY_CLASSES = 50;
/** Longest length of an indel that has a class of its own; longer ones are in the last. */
export const MOST_LENGTH = 60;

/** The figures of records, as they go from thread to thread. */
export interface FigureArrays {
  /** {@linkcode SAMPLE}.Numbers numbers for each sample. */
  samples: Float64Array<ArrayBuffer>;
  /** By the places of {@linkcode SITE_FIGURES}. */
  sites: Float64Array<ArrayBuffer>;
  /** Records by their number of alleles, REF included. */
  alleles: Float64Array<ArrayBuffer>;
  /** ALTs by the class of their frequency among the called haplotypes. */
  frequencies: Float64Array<ArrayBuffer>;
  /** Records of two alleles by the count of the rarer one. */
  spectrum: Float64Array<ArrayBuffer>;
  /** Indels by length (ALT less REF) plus MOST_LENGTH. */
  lengths: Float64Array<ArrayBuffer>;
  /** The counts of parts; those of all are their sum. */
  windows: WindowCounts[];
  /** Undefined where there are too many samples to compare them. */
  sampled: SampledSites | undefined;
}

/** Returns the figures of no record. */
export function noFigures(samples: number, haplotypes: number): FigureArrays {
  return {
    samples: new Float64Array(SAMPLE.Numbers * samples),
    sites: new Float64Array(SITE_FIGURES.length),
    alleles: new Float64Array(8),
    frequencies: new Float64Array(FREQUENCY_CLASSES),
    spectrum: new Float64Array((haplotypes >> 1) + 1),
    lengths: new Float64Array(2 * MOST_LENGTH + 1),
    windows: [],
    sampled: undefined,
  };
}

/** Returns figures with those of one more part of the same samples, where there are some. */
export function withFigures(
  total: FigureArrays | undefined,
  { figures: more }: { figures?: FigureArrays },
): FigureArrays | undefined {
  if (!more || !total) return more ?? total;
  for (const name of ["samples", "sites", "frequencies", "spectrum", "lengths"] as const) {
    addAll(total[name], more[name]);
  }
  total.alleles = grown(total.alleles, more.alleles.length);
  addAll(total.alleles, more.alleles);
  total.windows = gathered([...total.windows, ...more.windows]);
  total.sampled = addSampledSites(total.sampled, more.sampled);
  return total;
}

function addAll(total: Float64Array, more: Float64Array): void {
  for (let n = 0; n < more.length; n++) total[n] += more[n];
}

/** Returns numbers with room for so many. */
export function grown(
  numbers: Float64Array<ArrayBuffer>,
  length: number,
): Float64Array<ArrayBuffer> {
  if (length <= numbers.length) return numbers;
  const longer = new Float64Array(Math.max(length, 2 * numbers.length));
  longer.set(numbers);
  return longer;
}
