/**
 * Draws a sample of sites, of which the genotypes of samples are compared: those with the least
 * hashes of contig and position. It is the same in whatever parts the records come.
 *
 * @module
 */
import { MISSING } from "../base/alleles.ts";
import type { Codes } from "../base/codes.ts";

/** Most sites of a sample; where there are no more records, it has them all. */
export const SAMPLED_SITES = 1000;
/** Most samples that are compared. */
export const COMPARED_SAMPLES = 200;
/** What stands for haplotypes that are missing, or that a sample does not have. */
export const NO_ALLELE = 0xffff, NO_HAPLOTYPE = 0xfffe;

/** A sample of sites; plain data. */
export interface SampledSites {
  hashes: Uint32Array<ArrayBuffer>;
  /** Site after site, a number for each haplotype: alleles by appearance, from 0. */
  alleles: Uint16Array<ArrayBuffer>;
}

/** The sample of rows that come one by one. */
export class SiteSample {
  #seed = 0;
  #hashes = new Uint32Array(2 * SAMPLED_SITES);
  #alleles: Uint16Array<ArrayBuffer>;
  #sites = 0;
  /** The hashes that have been taken since the beginning, `met` of them. */
  readonly #taken = new Uint32Array(2 * SAMPLED_SITES);
  #met = 0;
  /** Largest hash that may still be taken. */
  #most = 0xffffffff;
  /** Number of each code in the current row; 0 for none yet. */
  #numbers: Uint16Array;

  /**
   * @param codes Number of codes.
   * @param absent Code of a haplotype that a sample does not have, or -1.
   */
  constructor(private readonly haplotypes: number, codes: number, private readonly absent: number) {
    this.#alleles = new Uint16Array(2 * SAMPLED_SITES * haplotypes);
    this.#numbers = new Uint16Array(codes);
  }

  /** Goes on with another contig. */
  begin(contig: string): void {
    let seed = 0;
    for (let n = 0; n < contig.length; n++) seed = mixed(seed ^ contig.charCodeAt(n));
    this.#seed = seed;
  }

  /** Goes on with so many codes. */
  useCodes(codes: number): void {
    if (codes > this.#numbers.length) this.#numbers = new Uint16Array(codes);
  }

  /** Takes or leaves the row at a position (1-based) whose codes begin at `from`. */
  take(pos: number, codes: Codes, from: number): void {
    const hash = mixed(pos ^ this.#seed);
    if (hash > this.#most) return;
    this.#hashes[this.#sites] = hash;
    this.#number(codes, from, this.#sites * this.haplotypes);
    if (++this.#sites === this.#hashes.length) this.#choose();
    this.#taken[this.#met++] = hash;
    if (this.#met === this.#taken.length) this.#narrow();
  }

  /** Leaves what is behind a whole sample, be that of earlier parts, too. */
  #narrow(): void {
    this.#taken.sort();
    this.#met = SAMPLED_SITES;
    this.#most = this.#taken[SAMPLED_SITES - 1];
  }

  /** Writes a row with numbers in place of codes, which mean nothing to other threads. */
  #number(codes: Codes, from: number, to: number): void {
    const numbers = this.#numbers, met: number[] = [];
    for (let n = 0; n < this.haplotypes; n++) {
      const code = codes[from + n];
      if (code === MISSING) this.#alleles[to + n] = NO_ALLELE;
      else if (code === this.absent) this.#alleles[to + n] = NO_HAPLOTYPE;
      else {
        if (numbers[code] === 0) numbers[code] = met.push(code);
        this.#alleles[to + n] = numbers[code] - 1;
      }
    }
    for (const code of met) numbers[code] = 0;
  }

  #choose(): void {
    const chosen = chosenSites(this.#sample(), this.haplotypes);
    this.#hashes.set(chosen.hashes);
    this.#alleles.set(chosen.alleles);
    this.#sites = chosen.hashes.length;
  }

  #sample(): SampledSites {
    const hashes = this.#hashes.subarray(0, this.#sites);
    return { hashes, alleles: this.#alleles.subarray(0, this.#sites * this.haplotypes) };
  }

  /**
   * Returns what of the sample came since the last call, and begins anew, but for what cannot be in
   * the sample of all parts.
   */
  takeAll(): SampledSites {
    const taken = chosenSites(this.#sample(), this.haplotypes);
    this.#sites = 0;
    return taken;
  }
}

/** The finalizer of MurmurHash3. */
function mixed(number: number): number {
  let x = Math.imul(number ^ number >>> 16, 0x85ebca6b);
  x = Math.imul(x ^ x >>> 13, 0xc2b2ae35);
  return (x ^ x >>> 16) >>> 0;
}

/** Returns the sites of the least hashes, in their order; of one position, in that of the alleles. */
function chosenSites({ hashes, alleles }: SampledSites, haplotypes: number): SampledSites {
  const order = Uint32Array.from(hashes, (_, n) => n).sort((a, b) =>
    hashes[a] - hashes[b] || compared(alleles, a * haplotypes, b * haplotypes, haplotypes)
  ).subarray(0, SAMPLED_SITES);
  const chosen = new Uint16Array(order.length * haplotypes);
  order.forEach((site, n) => {
    chosen.set(alleles.subarray(site * haplotypes, (site + 1) * haplotypes), n * haplotypes);
  });
  return { hashes: Uint32Array.from(order, (site) => hashes[site]), alleles: chosen };
}

function compared(alleles: Uint16Array, a: number, b: number, haplotypes: number): number {
  for (let n = 0; n < haplotypes; n++) {
    if (alleles[a + n] !== alleles[b + n]) return alleles[a + n] - alleles[b + n];
  }
  return 0;
}

/** Returns the sample of two parts, which both are in order. */
export function addSampledSites(
  one: SampledSites | undefined,
  other: SampledSites | undefined,
): SampledSites | undefined {
  if (!one || !other || other.hashes.length === 0) return one ?? other;
  if (one.hashes.length === 0) return other;
  const haplotypes = one.alleles.length / one.hashes.length;
  const sites = Math.min(SAMPLED_SITES, one.hashes.length + other.hashes.length);
  const hashes = new Uint32Array(sites), alleles = new Uint16Array(sites * haplotypes);
  for (let n = 0, a = 0, b = 0; n < sites; n++) {
    const first = comesFirst(one, a, other, b, haplotypes), at = first ? a++ : b++;
    const from = first ? one : other;
    hashes[n] = from.hashes[at];
    alleles.set(from.alleles.subarray(at * haplotypes, (at + 1) * haplotypes), n * haplotypes);
  }
  return { hashes, alleles };
}

/** Tells whether site `a` of one sample comes before site `b` of the other. */
function comesFirst(
  one: SampledSites,
  a: number,
  other: SampledSites,
  b: number,
  haplotypes: number,
): boolean {
  if (a === one.hashes.length || b === other.hashes.length) return b === other.hashes.length;
  if (one.hashes[a] !== other.hashes[b]) return one.hashes[a] < other.hashes[b];
  for (let n = 0; n < haplotypes; n++) {
    const more = one.alleles[a * haplotypes + n] - other.alleles[b * haplotypes + n];
    if (more !== 0) return more < 0;
  }
  return true;
}
