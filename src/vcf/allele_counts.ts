/**
 * Counts the alleles of a record, as `bcftools +fill-tags` does.
 *
 * @module
 */
import { ABSENT, MISSING } from "../base/alleles.ts";
import type { Codes } from "../base/codes.ts";

/** The part of a style that counts depend on. */
interface CountedStyle {
  alleles: readonly string[];
  samples: readonly { ploidy: number }[];
  homozygous: boolean;
  extras?: { absent: boolean };
}

/** The counts of one record after another. */
export class AlleleCounts {
  /** Number of times that each code occurs in the record. */
  readonly byCode: Int32Array;
  /** Called haplotypes. */
  total = 0;
  /** Samples with a called haplotype. */
  samples = 0;

  /**
   * @param alleles Number of codes.
   * @param ploidies Number of haplotypes of each sample.
   * @param homozygous True where a haploid allele is written twice, and so counts twice.
   * @param absent Code of a haplotype that a sample does not have, if there can be any.
   */
  constructor(
    alleles: number,
    private readonly ploidies: Uint32Array,
    private readonly homozygous: boolean,
    private readonly absent = -1,
  ) {
    this.byCode = new Int32Array(alleles);
  }

  /** Returns the counts of records of a style. */
  static of({ alleles, samples, homozygous, extras }: CountedStyle): AlleleCounts {
    const ploidies = Uint32Array.from(samples, ({ ploidy }) => ploidy);
    const absent = extras?.absent ? ABSENT : undefined;
    return new AlleleCounts(alleles.length, ploidies, homozygous, absent);
  }

  /** Counts a record, whose haplotypes begin at `from`, and whose counts all are 0. */
  take(alleles: Codes, from: number): void {
    const { byCode, ploidies, homozygous, absent } = this;
    let total = 0, samples = 0, at = from;
    for (let sample = 0; sample < ploidies.length; sample++) {
      const ploidy = ploidies[sample], isHaploid = ploidy === 1 || alleles[at + 1] === absent;
      const weight = isHaploid && homozygous ? 2 : 1;
      let called = 0;
      for (const end = at + ploidy; at < end; at++) {
        const code = alleles[at];
        if (code === MISSING || code === absent) continue;
        byCode[code] += weight;
        called += weight;
      }
      total += called;
      if (called > 0) samples++;
    }
    this.total = total;
    this.samples = samples;
  }

  /** Makes the counts of a record's alleles 0 again. */
  clear(ref: number, alts: readonly number[]): void {
    this.byCode[ref] = 0;
    for (let rank = 0; rank < alts.length; rank++) this.byCode[alts[rank]] = 0;
  }
}
