/**
 * Compares the genotypes of all pairs of samples at a sample of sites, as the macro `identity` does.
 *
 * @module
 */
import { NO_ALLELE, NO_HAPLOTYPE, type SampledSites } from "./site_sample.ts";

/** Two samples (0-based, the first one less), and how alike they are. */
export interface SamplePair {
  first: number;
  second: number;
  /** Sites at which all haplotypes of both are called. */
  sites: number;
  /** Sum over these sites of the share of alleles in common, 0 to 1. */
  shared: number;
}

/** Returns all pairs of samples. */
export function samplePairs(
  { hashes, alleles }: SampledSites,
  ploidies: readonly number[],
): SamplePair[] {
  const starts = ploidies.map((_, n) => ploidies.slice(0, n).reduce((sum, more) => sum + more, 0));
  const haplotypes = ploidies.reduce((sum, more) => sum + more, 0);
  const numbers = sortedNumbers(alleles, hashes.length, ploidies, haplotypes);
  return starts.flatMap((_, first) =>
    starts.slice(first + 1).map((_, n) => {
      const second = first + 1 + n, one = [starts[first], ploidies[first]] as const;
      const pair = compare(numbers, haplotypes, one, [starts[second], ploidies[second]]);
      return { first, second, ...pair };
    })
  );
}

/** Returns alleles with those of each genotype in order; what is not there comes last. */
function sortedNumbers(
  alleles: Uint16Array,
  sites: number,
  ploidies: readonly number[],
  haplotypes: number,
): Uint16Array {
  const sorted = alleles.slice();
  for (let site = 0; site < sites; site++) {
    for (let sample = 0, at = site * haplotypes; sample < ploidies.length; sample++) {
      if (ploidies[sample] > 1) sorted.subarray(at, at + ploidies[sample]).sort();
      at += ploidies[sample];
    }
  }
  return sorted;
}

type Place = readonly [start: number, ploidy: number];

function compare(
  numbers: Uint16Array,
  haplotypes: number,
  [firstStart, firstPloidy]: Place,
  [secondStart, secondPloidy]: Place,
): Pick<SamplePair, "sites" | "shared"> {
  let sites = 0, shared = 0;
  for (let at = 0; at < numbers.length; at += haplotypes) {
    const one = lengthOf(numbers, at + firstStart, firstPloidy);
    const other = lengthOf(numbers, at + secondStart, secondPloidy);
    if (one === 0 || other === 0) continue;
    sites++;
    shared += inCommon(numbers, at + firstStart, one, at + secondStart, other);
  }
  return { sites, shared };
}

/** Returns the haplotypes of a genotype; 0 where one is missing. */
function lengthOf(numbers: Uint16Array, at: number, ploidy: number): number {
  let length = ploidy;
  while (length > 0 && numbers[at + length - 1] >= NO_HAPLOTYPE) {
    if (numbers[at + length - 1] === NO_ALLELE) return 0;
    length--;
  }
  return length;
}

/** Returns the share of alleles that two genotypes, whose alleles are in order, have in common. */
function inCommon(
  numbers: Uint16Array,
  first: number,
  firstLength: number,
  second: number,
  secondLength: number,
): number {
  let a = 0, b = 0, sum = 0;
  while (a < firstLength && b < secondLength) {
    const one = numbers[first + a], other = numbers[second + b];
    if (one < other) a++;
    else if (other < one) b++;
    else {
      let as = 0, bs = 0;
      for (; a < firstLength && numbers[first + a] === one; a++) as++;
      for (; b < secondLength && numbers[second + b] === one; b++) bs++;
      sum += Math.min(as * secondLength, bs * firstLength);
    }
  }
  return sum / (firstLength * secondLength);
}
