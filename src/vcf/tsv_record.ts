/**
 * Turns rows of codes into lines of TSV: the matrix again, or haplotypes as phase-Extender and
 * pHASE-Stitcher read them. Pure.
 *
 * @module
 */
import type { Codes } from "../base/codes.ts";
import { OutputBuffer } from "../base/output_buffer.ts";
import type { RecordRows, RowFormatter, RowStyle, SampleStyle } from "./row_formatter.ts";
import { SiteCounter } from "./site_filter.ts";
import { STAR } from "../base/alleles.ts";
import { countMissing, findAlts } from "./find_alts.ts";
import { COMMA, DOT, LF, TAB } from "../base/bytes.ts";

const encoder = new TextEncoder();
const NO_ID = Uint8Array.of(DOT);

/** The formatter of `tsv`, `haplotype` and `haplotype-legacy`. */
export class TsvFormatter implements RowFormatter {
  readonly out: OutputBuffer = new OutputBuffer();
  readonly sites: SiteCounter;
  readonly #texts: Uint8Array[];
  readonly #ranks: Int32Array;
  readonly #haplotypes: number;
  readonly #samples: SampleStyle[];
  readonly #format: RowStyle["format"];
  readonly #copies: number;
  #contig = new Uint8Array(0);

  constructor({ format, alleles, samples, sites, homozygous }: RowStyle) {
    this.#format = format;
    this.#samples = samples;
    this.#haplotypes = samples.reduce((sum, { ploidy }) => sum + ploidy, 0);
    this.#texts = alleles.map((allele) => encoder.encode(allele));
    this.#ranks = new Int32Array(alleles.length);
    this.#copies = homozygous ? 2 : 1;
    this.sites = new SiteCounter(sites, this.#haplotypes);
  }

  begin(contig: string): void {
    this.#contig = encoder.encode(contig);
    this.sites.nextContig();
  }

  write(rows: RecordRows, row: number): void {
    const { alleles } = rows, ref = rows.ref[row];
    const from = row * rows.stride, to = from + this.#haplotypes;
    const alts = findAlts(alleles, from, to, ref, this.#ranks);
    for (const code of alts) this.#ranks[code] = 0;
    const missing = countMissing(alleles, from, to);
    const snp = [ref, ...alts].every((code) => code <= STAR);
    if (!this.sites.takes(rows.pos[row], alts.length, missing, snp)) return;
    const { out } = this;
    out.append(this.#contig);
    out.byte(TAB);
    out.number(rows.pos[row]);
    out.byte(TAB);
    out.append(this.#texts[ref]);
    if (this.#format === "tsv") this.#writeMatrixCells(rows, row, from, to);
    else this.#writeHaplotypeCells(alleles, from, ref, alts);
    out.byte(LF);
  }

  #writeMatrixCells(rows: RecordRows, row: number, from: number, to: number): void {
    const { out } = this;
    if (rows.id) {
      out.byte(TAB);
      out.append(rows.id(row) ?? NO_ID);
    }
    for (let at = from; at < to; at++) {
      out.byte(TAB);
      out.append(this.#texts[rows.alleles[at]]);
    }
  }

  #writeHaplotypeCells(alleles: Codes, from: number, ref: number, alts: readonly number[]): void {
    const { out } = this;
    const listed = this.#format === "haplotype" ? [ref, ...alts] : alts;
    out.byte(TAB);
    if (listed.length === 0) out.byte(DOT);
    listed.forEach((code, index) => {
      if (index > 0) out.byte(COMMA);
      out.append(this.#texts[code]);
    });
    let at = from;
    for (const sample of this.#samples) {
      this.#writeHaplotypes(sample, alleles, at);
      at += sample.ploidy;
    }
  }

  /**
   * Writes the block of a sample, which is the contig, and its alleles; `.` twice where all are
   * missing.
   */
  #writeHaplotypes({ ploidy, phased }: SampleStyle, alleles: Codes, at: number): void {
    const { out } = this;
    const called = countMissing(alleles, at, at + ploidy) < ploidy;
    out.byte(TAB);
    if (called) out.append(this.#contig);
    else out.byte(DOT);
    out.byte(TAB);
    if (!called) return out.byte(DOT);
    const copies = ploidy === 1 ? this.#copies : ploidy;
    for (let copy = 0; copy < copies; copy++) {
      if (copy > 0) out.byte((phased ? "|" : "/").charCodeAt(0));
      out.append(this.#texts[alleles[at + (copy < ploidy ? copy : 0)]]);
    }
  }
}
