/**
 * Holds sums of genotypes: what they are, how they add up, and how they are written.
 *
 * @module
 */

/** The sums of one sample. */
export interface SampleSums {
  name: string;
  /** Genotypes with at least one allele. */
  called: number;
  /** Sums of 64 bits, over alleles in any order, and over alleles with their phase. */
  alleles: bigint;
  phase: bigint;
}

/** The sums of records. */
export interface Sums {
  records: number;
  /** In the order of the file. */
  samples: SampleSums[];
  /** Sum over contig, position and REF of all records. */
  sites: bigint;
}

/** Returns the sums over all samples; they do not depend on the order of the samples. */
export function allSamples({ samples }: Pick<Sums, "samples">): SampleSums {
  const all = { name: "*", called: 0, alleles: 0n, phase: 0n };
  for (const { name, called, alleles, phase } of samples) {
    const key = nameHash(name);
    all.called += called;
    all.alleles = wrap(all.alleles + mix(wrap(key + alleles)));
    all.phase = wrap(all.phase + mix(wrap(key + phase)));
  }
  return all;
}

/** Sums as arrays by sample, as they go from thread to thread. */
export interface SumArrays {
  records: number;
  sites: bigint;
  called: Uint32Array<ArrayBuffer>;
  /** Two for each sample: over alleles, and over alleles with their phase. */
  sums: BigUint64Array<ArrayBuffer>;
}

/** Returns the sums of no record of so many samples. */
export function noSums(samples: number): SumArrays {
  return {
    records: 0,
    sites: 0n,
    called: new Uint32Array(samples),
    sums: new BigUint64Array(2 * samples),
  };
}

/** Adds to sums those of other records of the same samples, in the same order. */
export function addSums(total: SumArrays, more: SumArrays): void {
  total.records += more.records;
  total.sites = wrap(total.sites + more.sites);
  for (let n = 0; n < total.called.length; n++) total.called[n] += more.called[n];
  // An array of 64 bits wraps what it stores.
  for (let n = 0; n < total.sums.length; n++) total.sums[n] += more.sums[n];
}

/** Returns sums with those of one more part, where there are some. */
export function withSums(
  total: SumArrays | undefined,
  { sums }: { sums?: SumArrays },
): SumArrays | undefined {
  if (!sums || !total) return sums ?? total;
  addSums(total, sums);
  return total;
}

/** Returns sums with the names of the samples. */
export function namedSums(names: readonly string[], arrays: SumArrays): Sums {
  const { records, sites, called, sums } = arrays;
  const samples = names.map((name, n) => ({
    name,
    called: called[n],
    alleles: sums[2 * n],
    phase: sums[2 * n + 1],
  }));
  return { records, sites, samples };
}

/** Returns sums as arrays, without the names of the samples. */
export function sumArrays({ records, sites, samples }: Sums): SumArrays {
  return {
    records,
    sites,
    called: Uint32Array.from(samples, ({ called }) => called),
    sums: BigUint64Array.from(samples.flatMap(({ alleles, phase }) => [alleles, phase])),
  };
}

/**
 * Returns sums as lines: `#sample`, a line for each sample, `*` and `sites`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { sumLines } from "./sums.ts";
 * const [header, ...lines] = sumLines({ records: 0, samples: [], sites: 0n });
 * assert.equal(header, "#sample\trecords\tcalled\talleles\tphase");
 * assert.equal(lines[0], "*\t0\t0\t0000000000000000\t0000000000000000");
 * ```
 */
export function sumLines(sums: Sums): string[] {
  const { records, samples, sites } = sums;
  const line = ({ name, called, alleles, phase }: SampleSums) =>
    [name, records, called, hex(alleles), hex(phase)].join("\t");
  return [
    "#sample\trecords\tcalled\talleles\tphase",
    ...samples.map(line),
    line(allSamples(sums)),
    `sites\t${records}\t.\t${hex(sites)}\t.`,
  ];
}

/** Returns a sum as 16 hexadecimal digits. */
export function hex(sum: bigint): string {
  return sum.toString(16).padStart(16, "0");
}

function wrap(number: bigint): bigint {
  return BigInt.asUintN(64, number);
}

/** Returns the hash by which a sample's name counts. */
export function nameHash(name: string): bigint {
  return mix(hashOf(name));
}

/** FNV-1a over UTF-8. */
function hashOf(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = wrap((hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash;
}

/** The finalizer of splitmix64. */
function mix(number: bigint): bigint {
  let x = wrap((number ^ number >> 30n) * 0xbf58476d1ce4e5b9n);
  x = wrap((x ^ x >> 27n) * 0x94d049bb133111ebn);
  return x ^ x >> 31n;
}
