/**
 * Turns rows of codes into the bytes of BCF records, of matrices and dialects alike. Pure. The bytes
 * are those that htslib makes of the same record in VCF.
 *
 * @module
 */
import { ABSENT, MISSING, STAR } from "../base/alleles.ts";
import { InputError } from "../base/errors.ts";
import { OutputBuffer } from "../base/output_buffer.ts";
import { AlleleCounts } from "./allele_counts.ts";
import type { BcfKeys } from "./bcf_header.ts";
import { BcfInfo } from "./bcf_info.ts";
import { RowAlleles } from "./declared_alts.ts";
import { noRef } from "./dialect_record.ts";
import type { BcfStyle, RecordRows, RowFormatter, RowStyle, SampleStyle } from "./row_formatter.ts";
import { SamplePhase } from "./sample_phase.ts";
import { SiteCounter } from "./site_filter.ts";
import {
  appendInteger,
  appendShape,
  appendText,
  type IntegerWidth,
  putInteger,
  Type,
  widthOf,
} from "./typed_values.ts";

/** Bytes before the ID: two lengths, contig, position, length of REF, QUAL, and two pairs of counts. */
const FIXED_BYTES = 32;
const NO_QUAL = 0x7f800001;
/** A record has 16 bits for its number of alleles. */
const MOST_ALLELES = 0xffff;
/** The largest place of an allele whose genotype, `(place + 1) << 1 | phased`, is a byte. */
const MOST_BYTE_RANK = 62;

/**
 * The formatter of records of BCF.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { BcfFormatter } from "./bcf_record.ts";
 * import { ALL_SITES } from "./site_filter.ts";
 * const formatter = new BcfFormatter({
 *   format: "vcf", alleles: ["A", "C", "G", "T", "N", ".", "*"],
 *   samples: [{ ploidy: 2, phased: true }], homozygous: false, info: [], sites: ALL_SITES,
 * }, { keys: { GT: 1 }, contigs: ["1"] });
 * formatter.begin("1");
 * formatter.write({ pos: Uint32Array.of(7), ref: Uint8Array.of(0), alleles: Uint8Array.of(0, 2),
 *   words: undefined, stride: 2, id: undefined, line: () => 2 }, 0);
 * const genotype = formatter.out.written().slice(-2);
 * assert.deepEqual([...genotype], [(0 + 1) << 1, (1 + 1) << 1 | 1]); // 0|1
 * ```
 */
export class BcfFormatter implements RowFormatter {
  readonly out: OutputBuffer = new OutputBuffer();
  readonly sites: SiteCounter;
  readonly #alleles: RowAlleles;
  readonly #texts: Uint8Array[];
  readonly #info: BcfInfo;
  readonly #phase: SamplePhase;
  readonly #keys: BcfKeys;
  readonly #contigs: ReadonlyMap<string, number>;
  readonly #samples: SampleStyle[];
  readonly #homozygous: boolean;
  /** Code of an absent haplotype, or -1. */
  readonly #absent: number;
  /** True where all samples have two haplotypes, whose order no cell tells. */
  readonly #isPlain: boolean;
  /** Most alleles of a genotype. */
  readonly #most: number;
  /** Blocks of the row. */
  readonly #sets: Uint32Array;
  #contig = 0;

  constructor(style: RowStyle, { keys, contigs }: BcfStyle) {
    const { alleles, samples, homozygous, sites, extras } = style;
    const haplotypes = samples.reduce((sum, { ploidy }) => sum + ploidy, 0);
    this.sites = new SiteCounter(sites, haplotypes);
    this.#alleles = new RowAlleles(alleles, extras?.absent === true, haplotypes);
    this.#texts = alleles.map((allele) => new TextEncoder().encode(allele));
    this.#info = new BcfInfo(style, keys, AlleleCounts.of(style));
    this.#phase = new SamplePhase(style);
    this.#keys = keys;
    this.#contigs = new Map(contigs.map((name, number) => [name, number]));
    this.#samples = samples;
    this.#homozygous = homozygous;
    this.#absent = extras?.absent ? ABSENT : -1;
    this.#isPlain = !extras?.phase && !extras?.sets &&
      samples.every(({ ploidy, phased }) => ploidy === 2 && phased === samples[0].phased);
    this.#most = samples.reduce((most, { ploidy }) => Math.max(most, this.#copies(ploidy)), 0);
    this.#sets = new Uint32Array(samples.length);
  }

  begin(contig: string): void {
    this.#contig = this.#contigs.get(contig)!;
    this.sites.nextContig();
  }

  write(rows: RecordRows, row: number): void {
    const found = this.#alleles, { alts } = found, { out } = this, start = out.length;
    found.take(rows, row);
    if (found.ref === MISSING) throw noRef(rows.line(row));
    const snp = found.ref <= STAR && alts.every((code) => code <= STAR);
    if (!this.sites.takes(rows.pos[row], alts.length, found.missing, snp, found.absent)) return;
    if (alts.length >= MOST_ALLELES) throw tooManyAlleles(rows.line(row), alts.length + 1);
    out.reserve(FIXED_BYTES);
    out.length += FIXED_BYTES;
    appendText(out, rows.id?.(row) ?? NOTHING);
    appendText(out, this.#texts[found.ref]);
    for (let n = 0; n < alts.length; n++) appendText(out, this.#texts[alts[n]]);
    appendShape(out, 0, Type.Flag); // FILTER
    const tags = this.#info.append(out, rows, row, found);
    const shared = out.length - start - 8;
    this.#phase.take(rows, row);
    this.#appendGenotypes(rows, row);
    if (this.#phase.hasSets) this.#appendSets();
    this.#setFixed(start, rows.pos[row], shared, tags);
  }

  /** Writes what stands before the ID of the record that begins at `start`, and is whole. */
  #setFixed(start: number, pos: number, shared: number, tags: number): void {
    const { ref, alts } = this.#alleles, { view } = this.out;
    const formats = this.#phase.hasSets ? 2 : 1;
    view.setUint32(start, shared, true);
    view.setUint32(start + 4, this.out.length - start - 8 - shared, true);
    view.setInt32(start + 8, this.#contig, true);
    view.setInt32(start + 12, pos - 1, true);
    view.setInt32(start + 16, this.#texts[ref].length, true);
    view.setUint32(start + 20, NO_QUAL, true);
    view.setUint32(start + 24, (alts.length + 1) << 16 | tags, true);
    view.setUint32(start + 28, formats << 24 | this.#samples.length, true);
  }

  #appendGenotypes(rows: RecordRows, row: number): void {
    const { out } = this, { absent } = this.#alleles, from = row * rows.stride;
    const isPlain = this.#isPlain && absent === 0;
    const most = absent === 0 ? this.#most : this.#mostCopies(rows, from);
    const width = this.#genotypeWidth(rows, from);
    appendInteger(out, this.#keys.GT);
    appendShape(out, most, width.type);
    out.reserve(most * width.bytes * this.#samples.length);
    if (isPlain && width.bytes === 1) this.#writePlain(rows, from);
    else this.#writeAny(rows, from, most, width);
  }

  /** Writes genotypes of two haplotypes in a byte each. */
  #writePlain({ alleles }: RecordRows, from: number): void {
    const { out } = this, { bytes } = out, { ranks } = this.#alleles;
    const samples = this.#samples, phased = samples[0].phased ? 1 : 0;
    const end = from + 2 * samples.length;
    let n = out.length;
    for (let at = from; at < end; at += 2, n += 2) {
      bytes[n] = (ranks[alleles[at]] + 1) << 1;
      bytes[n + 1] = (ranks[alleles[at + 1]] + 1) << 1 | phased;
    }
    out.length = n;
  }

  /** Notes the blocks of the row beside its genotypes, as one without an allele has none. */
  #writeAny({ alleles }: RecordRows, from: number, most: number, width: IntegerWidth): void {
    const { view } = this.out, { ranks } = this.#alleles, samples = this.#samples;
    const phase = this.#phase, { bytes } = width;
    let at = from, n = this.out.length;
    for (let sample = 0; sample < samples.length; sample++) {
      const { ploidy } = samples[sample], called = this.#called(alleles, at, ploidy);
      const copies = this.#copies(called), ordered = phase.isOrdered(sample) ? 1 : 0;
      let known = false;
      for (let copy = 0; copy < most; copy++) {
        let value = width.end;
        if (copy < copies) {
          // A missing allele has the rank -1.
          const rank = ranks[alleles[at + Math.min(copy, called - 1)]];
          value = (rank + 1) << 1 | (copy > 0 ? ordered : 0);
          if (rank >= 0) known = true;
        }
        n = putInteger(view, n, value, bytes);
      }
      if (phase.hasSets) this.#sets[sample] = known ? phase.set(sample) : 0;
      at += ploidy;
    }
    this.out.length = n;
  }

  #appendSets(): void {
    const { out } = this, sets = this.#sets;
    const { type, bytes, missing } = widthOf(sets.reduce((most, set) => Math.max(most, set), 0));
    appendInteger(out, this.#keys.PS);
    appendShape(out, 1, type);
    out.reserve(sets.length * bytes);
    for (let sample = 0; sample < sets.length; sample++) {
      out.length = putInteger(out.view, out.length, sets[sample] || missing, bytes);
    }
  }

  /** Returns the width that the row's genotypes need; declared ALTs may not be carried. */
  #genotypeWidth({ alleles }: RecordRows, from: number): IntegerWidth {
    const { alts, ranks } = this.#alleles, haplotypes = this.sites.haplotypes;
    let most = 0;
    if (alts.length > MOST_BYTE_RANK) {
      for (let at = from; at < from + haplotypes; at++) most = Math.max(most, ranks[alleles[at]]);
    }
    return widthOf((most + 1) << 1 | 1);
  }

  /** Returns the number of haplotypes that a sample has in a row. */
  #called(alleles: RecordRows["alleles"], at: number, ploidy: number): number {
    let called = 1;
    while (called < ploidy && alleles[at + called] !== this.#absent) called++;
    return called;
  }

  /** Returns the number of alleles in a genotype. */
  #copies(called: number): number {
    return called === 1 && this.#homozygous ? 2 : called;
  }

  #mostCopies({ alleles }: RecordRows, from: number): number {
    let most = 0, at = from;
    for (const { ploidy } of this.#samples) {
      most = Math.max(most, this.#copies(this.#called(alleles, at, ploidy)));
      at += ploidy;
    }
    return most;
  }
}

const NOTHING = new Uint8Array(0);

function tooManyAlleles(line: number, alleles: number): InputError {
  return new InputError(
    `the row has ${alleles} alleles, and BCF holds ${MOST_ALLELES} of a record; write .vcf.gz`,
    { line },
  );
}
