/**
 * Turns rows of codes into lines of TSV: the matrix again, or haplotypes as phase-Extender and
 * pHASE-Stitcher read them. Pure.
 *
 * @module
 */
import { ABSENT, MISSING, STAR } from "../base/alleles.ts";
import { BAR, COMMA, DOT, LF, SLASH, TAB } from "../base/bytes.ts";
import { OutputBuffer } from "../base/output_buffer.ts";
import { NO_EXTRAS, type RowExtras, WHOLE_CONTIG } from "../matrix/dialects/dialect.ts";
import { RowAlleles } from "./declared_alts.ts";
import { countMissing } from "./find_alts.ts";
import type { RecordRows, RowFormatter, RowStyle } from "./row_formatter.ts";
import { SiteCounter } from "./site_filter.ts";

const encoder = new TextEncoder();
const NO_TEXT = Uint8Array.of(DOT);

/** The formatter of `tsv`, `haplotype` and `haplotype-legacy`. */
export class TsvFormatter implements RowFormatter {
  readonly out: OutputBuffer = new OutputBuffer();
  readonly sites: SiteCounter;
  readonly #texts: Uint8Array[];
  readonly #alleles: RowAlleles;
  readonly #haplotypes: number;
  readonly #style: RowStyle;
  readonly #extras: RowExtras;
  /** Code of an absent haplotype, or -1. */
  readonly #absent: number;
  #contig = new Uint8Array(0);

  constructor(style: RowStyle) {
    const { alleles, samples, sites, extras = NO_EXTRAS } = style;
    this.#style = style;
    this.#extras = extras;
    this.#absent = extras.absent ? ABSENT : -1;
    this.#haplotypes = samples.reduce((sum, { ploidy }) => sum + ploidy, 0);
    this.#texts = alleles.map((allele) => encoder.encode(allele));
    this.#alleles = new RowAlleles(alleles, extras.absent, this.#haplotypes);
    this.sites = new SiteCounter(sites, this.#haplotypes);
  }

  begin(contig: string): void {
    this.#contig = encoder.encode(contig);
    this.sites.nextContig();
  }

  write(rows: RecordRows, row: number): void {
    const found = this.#alleles, { alts } = found, from = row * rows.stride;
    found.take(rows, row);
    const { ref, missing, absent } = found;
    const snp = ref <= STAR && alts.every((code) => code <= STAR);
    if (!this.sites.takes(rows.pos[row], alts.length, missing, snp, absent)) return;
    const { out } = this;
    out.append(this.#contig);
    out.byte(TAB);
    out.number(rows.pos[row]);
    out.byte(TAB);
    out.append(this.#texts[ref]);
    if (this.#style.format === "tsv") this.#writeMatrixCells(rows, row, from);
    else this.#writeHaplotypeCells(rows, row);
    out.byte(LF);
  }

  #writeMatrixCells(rows: RecordRows, row: number, from: number): void {
    const { out } = this;
    if (rows.id) {
      out.byte(TAB);
      out.append(rows.id(row) ?? NO_TEXT);
    }
    for (let at = from; at < from + this.#haplotypes; at++) {
      out.byte(TAB);
      out.append(this.#texts[rows.alleles[at]]);
    }
  }

  #writeHaplotypeCells(rows: RecordRows, row: number): void {
    const { out } = this, { samples } = this.#style, listed = this.#listed(rows, row);
    out.byte(TAB);
    if (listed.length === 0) out.byte(DOT);
    listed.forEach((code, index) => {
      if (index > 0) out.byte(COMMA);
      out.append(this.#texts[code]);
    });
    if (rows.freq) {
      out.byte(TAB);
      out.append(rows.freq(row) ?? NO_TEXT);
    }
    let at = row * rows.stride;
    for (let sample = 0; sample < samples.length; sample++) {
      this.#writeHaplotypes(rows, row, sample, at);
      at += samples[sample].ploidy;
    }
  }

  /** Returns the alleles of a row that are listed before its cells. */
  #listed(rows: RecordRows, row: number): number[] {
    const { ref, alts } = this.#alleles, isLegacy = this.#style.format === "haplotype-legacy";
    if (ref !== MISSING) return isLegacy ? alts : [ref, ...alts];
    // The first one would be taken for REF, which is not known.
    return rows.alt && !rows.alt(row) ? [] : alts;
  }

  /**
   * Writes the block of a sample and its alleles; `.` where all are missing. Where the table knows
   * no blocks, haplotypes that have an order have it all over the contig, which then is the block.
   */
  #writeHaplotypes({ alleles, phased, sets }: RecordRows, row: number, sample: number, at: number) {
    const { out } = this, { samples, homozygous, unphased } = this.#style;
    const { ploidy, phased: always } = samples[sample];
    const called = countMissing(alleles, at, at + ploidy) < ploidy && !this.#isNone(alleles, at);
    const set = sets ? sets[row * samples.length + sample] : 0;
    const ordered = phased
      ? (phased[row * Math.ceil(samples.length / 8) + (sample >> 3)] >> (sample & 7) & 1) === 1
      : always;
    out.byte(TAB);
    if (set > 0 && set !== WHOLE_CONTIG) out.number(set);
    else if (set === WHOLE_CONTIG || !this.#extras.sets && called && (ordered || !phased)) {
      out.append(this.#contig);
    } else out.byte(DOT);
    out.byte(TAB);
    if (!called) return out.byte(DOT);
    // `A/` is the call of one haplotype.
    const isHaploid = ploidy > 1 && alleles[at + 1] === this.#absent;
    const separator = ordered && !unphased && !isHaploid ? BAR : SLASH;
    const copies = ploidy === 1 && homozygous ? 2 : ploidy;
    for (let copy = 0; copy < copies; copy++) {
      if (copy > 0) out.byte(separator);
      const code = alleles[at + (copy < ploidy ? copy : 0)];
      if (code === this.#absent) return;
      out.append(this.#texts[code]);
    }
  }

  /** Tells whether a call of one haplotype is missing. */
  #isNone(alleles: RecordRows["alleles"], at: number): boolean {
    return this.#absent >= 0 && alleles[at] === MISSING && alleles[at + 1] === this.#absent;
  }
}
