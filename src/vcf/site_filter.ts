/**
 * Decides which sites are written, and counts them.
 *
 * @module
 */

/** Conditions that a site must meet to be written. */
export interface SiteChoice {
  /** Fewest and most alleles of a record, REF included. */
  minAlleles: number;
  maxAlleles: number;
  /** True where only records whose alleles all are single bases or `*` are written. */
  snpsOnly: boolean;
  /** Largest share of missing haplotypes, 0 to 1. */
  maxMissingRate: number;
}

/** The choice that keeps every site. */
export const ALL_SITES: Readonly<SiteChoice> = Object.freeze({
  minAlleles: 1,
  maxAlleles: 2 ** 31,
  snpsOnly: false,
  maxMissingRate: 1,
});

/** Numbers of records written, and of records left out, by reason. */
export interface SiteCounts {
  /** Rows that came in, and those of them that a kernel took. */
  rows: number;
  kernelRows: number;
  records: number;
  /** Records with at least one ALT. */
  variants: number;
  /** Records with two or more ALTs. */
  multiallelic: number;
  /** Missing haplotypes in all records. */
  missing: number;
  /** Haplotypes that samples do not have, in all records. */
  absent: number;
  /** Records whose position is that of the record before. */
  duplicates: number;
  /** Records left out: too few alleles, too many, not SNPs, too many missing. */
  tooFewAlleles: number;
  tooManyAlleles: number;
  notSnps: number;
  tooManyMissing: number;
  /** Records left out because they are in no region. */
  outsideRegions: number;
  /** Records whose REF is not what the reference has; left out, or only counted. */
  refMismatches: number;
}

/** Returns counts that all are 0. */
export function noCounts(): SiteCounts {
  return {
    rows: 0,
    kernelRows: 0,
    records: 0,
    variants: 0,
    multiallelic: 0,
    missing: 0,
    absent: 0,
    duplicates: 0,
    tooFewAlleles: 0,
    tooManyAlleles: 0,
    notSnps: 0,
    tooManyMissing: 0,
    outsideRegions: 0,
    refMismatches: 0,
  };
}

/** Returns the most missing haplotypes that a record of so many may have. */
export function mostMissing(
  { maxMissingRate }: Pick<SiteChoice, "maxMissingRate">,
  haplotypes: number,
): number {
  // A product of decimals may be a little less than the whole number that is meant.
  return Math.floor(maxMissingRate * haplotypes + 1e-9);
}

/**
 * Counter of sites, which tells which of them are written.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { ALL_SITES, SiteCounter } from "./site_filter.ts";
 * const counter = new SiteCounter({ ...ALL_SITES, minAlleles: 2 }, 4);
 * assert(!counter.takes(7, 0, 1, true));
 * assert(counter.counts.tooFewAlleles === 1);
 * ```
 */
export class SiteCounter {
  counts: SiteCounts = noCounts();
  /** Positions of the contig's first and last record since {@linkcode begin}, 0 without records. */
  firstPos = 0;
  lastPos = 0;
  readonly #mostMissing: number;

  /** @param haplotypes Haplotypes of a record. */
  constructor(private readonly choice: SiteChoice, readonly haplotypes: number) {
    this.#mostMissing = mostMissing(choice, haplotypes);
  }

  /** Begins with another part of the output. */
  begin(): void {
    this.counts = noCounts();
    this.firstPos = this.lastPos = 0;
  }

  /** Goes on with another contig, whose first record repeats no position. */
  nextContig(): void {
    this.firstPos = this.lastPos = 0;
  }

  /**
   * Counts a site, and tells whether it is written.
   *
   * @param pos 1-based.
   * @param alts Number of ALTs.
   * @param missing Number of missing haplotypes.
   * @param snp True where REF and all ALTs are single bases or `*`, as bcftools and plink2 see it.
   * @param absent Number of haplotypes that samples do not have there.
   */
  takes(pos: number, alts: number, missing: number, snp: boolean, absent = 0): boolean {
    const { counts, choice } = this;
    if (alts + 1 < choice.minAlleles) return counts.tooFewAlleles++, false;
    if (alts + 1 > choice.maxAlleles) return counts.tooManyAlleles++, false;
    if (choice.snpsOnly && !snp) return counts.notSnps++, false;
    const most = absent === 0 ? this.#mostMissing : mostMissing(choice, this.haplotypes - absent);
    if (missing > most) return counts.tooManyMissing++, false;
    counts.records++;
    if (alts > 0) counts.variants++;
    if (alts > 1) counts.multiallelic++;
    counts.missing += missing;
    counts.absent += absent;
    if (pos === this.lastPos) counts.duplicates++;
    if (this.firstPos === 0) this.firstPos = pos;
    this.lastPos = pos;
    return true;
  }
}
