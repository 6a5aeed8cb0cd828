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
import { allelesOfKey, BASE_KEYS, BaseSites } from "./base_sites.ts";
import { BcfInfo, type RecordAlleles } from "./bcf_info.ts";
import { RowAlleles } from "./declared_alts.ts";
import { refIsNeeded } from "./dialect_record.ts";
import { type PloidyRun, ploidyRuns } from "./ploidy_runs.ts";
import type { RecordRows, RowFormatter, RowStyle, SampleStyle } from "./row_formatter.ts";
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

const END_BYTE = widthOf(0).end & 0xff;

/** The first bytes of a record, as whole words; those after `bytes` are 0. */
interface RecordStart {
  words: Int32Array;
  bytes: number;
}

/** What all records of one REF and one list of ALTs share, where all are in BASE_ALLELES. */
interface BaseSite extends RecordAlleles {
  /** Genotype of each code, without phase. */
  values: Uint8Array;
  /** Two of them, by `code of b << 8 | code of a`. */
  pairs: Uint16Array;
  /** What a record without ID and INFO has before its genotypes, once one has come. */
  start: RecordStart | undefined;
  /** All genotypes of a record whose haplotypes all are REF, once one has come. */
  monomorphic: Uint8Array | undefined;
}

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
 *   contigs: ["1"],
 * }, { GT: 1 });
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
  /** Finds the sites of a matrix; a dialect has more than alleles. */
  readonly #bases: BaseSites | undefined;
  readonly #sitesByKey: (BaseSite | undefined)[] = new Array(BASE_KEYS).fill(undefined);
  readonly #runs: PloidyRun[];
  /** Most alleles of a genotype. */
  readonly #most: number;
  /** Bytes of the genotypes of a record, a byte for each allele. */
  readonly #bytes: number;
  /** Blocks of the row. */
  readonly #sets: Uint32Array;
  #contig = 0;

  constructor(style: RowStyle, keys: BcfKeys) {
    const { alleles, samples, homozygous, sites, extras, contigs = [] } = style;
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
    this.#bases = extras ? undefined : new BaseSites(haplotypes);
    this.#runs = ploidyRuns(samples);
    this.#most = samples.reduce((most, { ploidy }) => Math.max(most, this.#copies(ploidy)), 0);
    this.#bytes = this.#most * samples.length;
    this.#sets = new Uint32Array(samples.length);
  }

  begin(contig: string): void {
    this.#contig = this.#contigs.get(contig)!;
    this.sites.nextContig();
  }

  write(rows: RecordRows, row: number): void {
    const key = this.#bases ? this.#bases.take(rows, row) : -1;
    if (key < 0) return this.#writeAny(rows, row);
    const site = this.#sitesByKey[key] ??= this.#siteOf(key), { missing, seen } = this.#bases!;
    if (!this.sites.takes(rows.pos[row], site.alts.length, missing, true)) return;
    const id = rows.id?.(row), start = this.out.length;
    if (site.start && !id) this.#appendStart(site.start, rows.pos[row]);
    else this.#appendSite(site, rows, row, id ?? NOTHING);
    if (seen !== 1 << site.ref) this.#appendBases(site, rows, row * rows.stride);
    else this.out.append(site.monomorphic ??= this.#monomorphic(site));
    if (id || this.#info.isWritten) return;
    site.start ??= startOf(this.out.written().subarray(start, this.out.length - this.#bytes));
  }

  /** Writes what a record has before its genotypes, which are of base alleles. */
  #appendSite(site: BaseSite, rows: RecordRows, row: number, id: Uint8Array): void {
    const { out } = this, start = out.length;
    this.#appendId(id);
    appendAlleles(out, this.#texts, site);
    const tags = this.#info.append(out, rows, row, site), shared = out.length - start - 8;
    appendInteger(out, this.#keys.GT);
    appendShape(out, this.#most, Type.Int8);
    this.#setFixed(
      start,
      out.length + this.#bytes,
      rows.pos[row],
      { shared, tags, formats: 1 },
      site,
    );
  }

  /** Writes again what an earlier record of the same alleles began with, for another position. */
  #appendStart({ words, bytes }: RecordStart, pos: number): void {
    const { out } = this, at = out.length;
    out.reserve(4 * words.length);
    const { view } = out;
    for (let n = 0; n < words.length; n++) view.setInt32(at + 4 * n, words[n], true);
    view.setInt32(at + 8, this.#contig, true);
    view.setInt32(at + 12, pos - 1, true);
    out.length = at + bytes;
  }

  /** Writes a record of any alleles and any number of them. */
  #writeAny(rows: RecordRows, row: number): void {
    const found = this.#alleles, { alts } = found, { out } = this, start = out.length;
    found.take(rows, row);
    if (found.ref === MISSING) throw refIsNeeded(rows.line(row));
    const snp = found.ref <= STAR && alts.every((code) => code <= STAR);
    if (!this.sites.takes(rows.pos[row], alts.length, found.missing, snp, found.absent)) return;
    if (alts.length >= MOST_ALLELES) throw tooManyAlleles(rows.line(row), alts.length + 1);
    this.#appendId(rows.id?.(row) ?? NOTHING);
    appendAlleles(out, this.#texts, found);
    const tags = this.#info.append(out, rows, row, found);
    const shared = out.length - start - 8;
    this.#phase.take(rows, row);
    this.#appendGenotypes(rows, row);
    if (this.#phase.hasSets) this.#appendSets();
    const formats = this.#phase.hasSets ? 2 : 1;
    this.#setFixed(start, out.length, rows.pos[row], { shared, tags, formats }, found);
  }

  /** Makes room for what stands before the ID, and writes that. */
  #appendId(id: Uint8Array): void {
    const { out } = this;
    out.reserve(FIXED_BYTES);
    out.length += FIXED_BYTES;
    appendText(out, id);
  }

  /** Writes what stands before the ID of a record, which is at `start` to `end` (exclusive). */
  #setFixed(
    start: number,
    end: number,
    pos: number,
    { shared, tags, formats }: { shared: number; tags: number; formats: number },
    { ref, alts }: RecordAlleles,
  ): void {
    const { view } = this.out;
    view.setUint32(start, shared, true);
    view.setUint32(start + 4, end - start - 8 - shared, true);
    view.setInt32(start + 8, this.#contig, true);
    view.setInt32(start + 12, pos - 1, true);
    view.setInt32(start + 16, this.#texts[ref].length, true);
    view.setUint32(start + 20, NO_QUAL, true);
    view.setUint32(start + 24, (alts.length + 1) << 16 | tags, true);
    view.setUint32(start + 28, formats << 24 | this.#samples.length, true);
  }

  #siteOf(key: number): BaseSite {
    const { ref, alts } = allelesOfKey(key), values = new Uint8Array(8);
    [ref, ...alts].forEach((code, rank) => values[code] = (rank + 1) << 1);
    const pairs = new Uint16Array(1 << 11);
    for (let a = 0; a < 8; a++) {
      for (let b = 0; b < 8; b++) pairs[b << 8 | a] = values[a] | values[b] << 8;
    }
    return { ref, alts, values, pairs, start: undefined, monomorphic: undefined };
  }

  /** Returns the genotypes of a record whose haplotypes all are REF. */
  #monomorphic(site: BaseSite): Uint8Array {
    const { out } = this, start = out.length;
    const alleles = new Uint8Array(this.sites.haplotypes).fill(site.ref);
    this.#appendBases(site, { alleles, words: undefined }, 0);
    const genotypes = out.written().slice(start);
    out.length = start;
    return genotypes;
  }

  /** Appends genotypes of base alleles, a byte for each. */
  #appendBases(
    { values, pairs }: BaseSite,
    { alleles, words }: Pick<RecordRows, "alleles" | "words">,
    from: number,
  ): void {
    const { out } = this, most = this.#most;
    out.reserve(this.#bytes);
    const { bytes, view } = out;
    let at = from, n = out.length;
    for (const { samples, ploidy, phased } of this.#runs) {
      const end = at + samples * ploidy, phase = phased ? 1 : 0;
      if (ploidy === 2 && most === 2) {
        const bits = phase << 8, twice = bits << 16 | bits;
        if (words) {
          for (; at + 3 < end; at += 4, n += 4) {
            const four = words.getInt32(at, true);
            view.setInt32(n, pairs[four & 0x707] | pairs[four >>> 16 & 0x707] << 16 | twice, true);
          }
        }
        for (; at < end; at += 2, n += 2) {
          view.setUint16(n, pairs[alleles[at + 1] << 8 | alleles[at]] | bits, true);
        }
        continue;
      }
      const copies = this.#copies(ploidy);
      for (; at < end; at += ploidy) {
        for (let copy = 0; copy < most; copy++) {
          bytes[n++] = copy >= copies
            ? END_BYTE
            : values[alleles[at + Math.min(copy, ploidy - 1)]] | (copy > 0 ? phase : 0);
        }
      }
    }
    out.length = n;
  }

  #appendGenotypes(rows: RecordRows, row: number): void {
    const { out } = this, { absent } = this.#alleles, from = row * rows.stride;
    const most = absent === 0 ? this.#most : this.#mostCopies(rows, from);
    const width = this.#genotypeWidth(rows, from);
    appendInteger(out, this.#keys.GT);
    appendShape(out, most, width.type);
    out.reserve(most * width.bytes * this.#samples.length);
    this.#writeGenotypes(rows, from, most, width);
  }

  /** Notes the blocks of the row beside its genotypes, as one without an allele has none. */
  #writeGenotypes({ alleles }: RecordRows, from: number, most: number, width: IntegerWidth): void {
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

function startOf(bytes: Uint8Array): RecordStart {
  const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  padded.set(bytes);
  return { words: new Int32Array(padded.buffer), bytes: bytes.length };
}

/** Appends REF, ALTs, and FILTER without a value. */
function appendAlleles(
  out: OutputBuffer,
  texts: readonly Uint8Array[],
  { ref, alts }: RecordAlleles,
): void {
  appendText(out, texts[ref]);
  for (let n = 0; n < alts.length; n++) appendText(out, texts[alts[n]]);
  appendShape(out, 0, Type.Flag);
}

function tooManyAlleles(line: number, alleles: number): InputError {
  return new InputError(
    `the row has ${alleles} alleles, and BCF holds ${MOST_ALLELES} of a record; write .vcf.gz`,
    { line },
  );
}
