/**
 * Turns rows of dialects into the bytes of VCF records: phase and ploidy by the cell, declared
 * ALTs, blocks. Pure.
 *
 * @module
 */
import { ABSENT, MISSING, STAR } from "../base/alleles.ts";
import { InputError } from "../base/errors.ts";
import { BAR, COMMA, DOT, LF, SLASH, TAB, writeNumber, ZERO } from "../base/bytes.ts";
import { OutputBuffer } from "../base/output_buffer.ts";
import type { Codes } from "../base/codes.ts";
import { NO_EXTRAS, WHOLE_CONTIG } from "../matrix/dialects/dialect.ts";
import { RowAlleles } from "./declared_alts.ts";
import { InfoWriter } from "./info_fields.ts";
import { CodeFormatter } from "./code_rows.ts";
import {
  isView,
  type RecordRows,
  type RowFormatter,
  type RowStyle,
  type SampleStyle,
} from "./row_formatter.ts";
import { SiteCounter } from "./site_filter.ts";
import { TsvFormatter } from "./tsv_record.ts";
import { RecordFormatter } from "./vcf_record.ts";

const encoder = new TextEncoder();
const QUAL_FILTER = encoder.encode("\t.\t.\t");
const GT = encoder.encode("\tGT"), GT_PS = encoder.encode("\tGT:PS");
const PR = encoder.encode("PR"), LATER_PR = encoder.encode(";PR");
const COLON = 58;

/** The formatter of VCF records of dialects. */
export class DialectFormatter implements RowFormatter {
  readonly out: OutputBuffer = new OutputBuffer();
  readonly sites: SiteCounter;
  readonly #alleles: RowAlleles;
  readonly #texts: Uint8Array[];
  /** The character of each allele's code in GT, where all of a record have one digit. */
  readonly #glyphs: Uint8Array;
  readonly #info: InfoWriter | undefined;
  readonly #style: RowStyle;
  readonly #samples: SampleStyle[];
  readonly #haplotypes: number;
  /** Code of an absent haplotype, or -1. */
  readonly #absent: number;
  /** True where all samples have two haplotypes, with the same order unless cells say it. */
  readonly #isDiploid: boolean;
  /** True where records have blocks. */
  readonly #hasSets: boolean;
  #contig = new Uint8Array(0);

  constructor(style: RowStyle) {
    const { alleles, samples, homozygous, info, sites, extras = NO_EXTRAS, unphased } = style;
    this.#style = style;
    this.#samples = samples;
    this.#haplotypes = samples.reduce((sum, { ploidy }) => sum + ploidy, 0);
    this.sites = new SiteCounter(sites, this.#haplotypes);
    this.#alleles = new RowAlleles(alleles, extras.absent, this.#haplotypes);
    this.#texts = alleles.map((allele) => encoder.encode(allele));
    this.#glyphs = new Uint8Array(Math.max(8, alleles.length)).fill(DOT);
    this.#absent = extras.absent ? ABSENT : -1;
    this.#isDiploid = samples.every(({ ploidy, phased }) =>
      ploidy === 2 && phased === samples[0].phased
    );
    this.#hasSets = extras.sets && !unphased;
    const ploidies = Uint32Array.from(samples, ({ ploidy }) => ploidy);
    this.#info = info.length
      ? new InfoWriter(info, alleles.length, ploidies, homozygous, this.#absent)
      : undefined;
  }

  begin(contig: string): void {
    this.#contig = encoder.encode(contig + "\t");
    this.sites.nextContig();
  }

  write(rows: RecordRows, row: number): void {
    const found = this.#alleles, { alts } = found, { out } = this;
    found.take(rows, row);
    if (found.ref === MISSING) throw noRef(rows.line(row));
    const snp = found.ref <= STAR && alts.every((code) => code <= STAR);
    const { missing, absent } = found;
    if (!this.sites.takes(rows.pos[row], alts.length, missing, snp, absent)) return;
    out.append(this.#contig);
    out.number(rows.pos[row]);
    out.byte(TAB);
    const id = rows.id?.(row);
    if (id) out.append(id);
    else out.byte(DOT);
    this.#writeAlleles();
    out.append(QUAL_FILTER);
    this.#writeInfo(rows, row);
    const hasSets = this.#hasSets && !this.#isWhole(rows, row);
    out.append(hasSets ? GT_PS : GT);
    if (alts.length < 10 && !this.#hasSets) this.#writeShort(rows, row);
    else this.#writeLong(rows, row, hasSets);
  }

  /** Tells whether the order of the haplotypes of a row holds all over the contig. */
  #isWhole({ sets }: RecordRows, row: number): boolean {
    const samples = this.#samples.length;
    let whole = false;
    for (let at = row * samples; at < (row + 1) * samples; at++) {
      if (sets![at] === WHOLE_CONTIG) whole = true;
      else if (sets![at] > 0) return false;
    }
    return whole;
  }

  #writeAlleles(): void {
    const { out } = this, { ref, alts } = this.#alleles;
    out.byte(TAB);
    out.append(this.#texts[ref]);
    out.byte(TAB);
    if (alts.length === 0) out.byte(DOT);
    for (let n = 0; n < alts.length; n++) {
      if (n > 0) out.byte(COMMA);
      out.append(this.#texts[alts[n]]);
    }
  }

  #writeInfo({ alleles, stride }: RecordRows, row: number): void {
    const { out } = this, { ref, alts } = this.#alleles;
    this.#info?.write(out, alleles, row * stride, ref, alts);
    if (!this.#style.provisional) return this.#info ? undefined : out.byte(DOT);
    out.append(this.#info ? LATER_PR : PR);
  }

  /** Writes genotypes whose alleles have one digit each, and that are in no block. */
  #writeShort(rows: RecordRows, row: number): void {
    const glyphs = this.#glyphs, { ref, alts } = this.#alleles;
    glyphs[ref] = ref === MISSING ? DOT : ZERO;
    for (let n = 0; n < alts.length; n++) glyphs[alts[n]] = ZERO + 1 + n;
    this.out.reserve(4 * this.#haplotypes + 8);
    if (this.#isDiploid) this.#writeDiploids(rows, row);
    else this.#writeOthers(rows, row);
    this.out.byte(LF);
    glyphs[ref] = DOT;
    for (let n = 0; n < alts.length; n++) glyphs[alts[n]] = DOT;
  }

  /** Writes genotypes of samples that all have two haplotypes, or one of two. */
  #writeDiploids({ alleles, stride, phased }: RecordRows, row: number): void {
    const { out } = this, { bytes, view } = out, glyphs = this.#glyphs, absent = this.#absent;
    const samples = this.#samples.length, first = row * stride;
    const bits = this.#style.unphased ? undefined : phased, bitsAt = row * ((samples + 7) >> 3);
    const always = this.#style.unphased || !this.#samples[0].phased ? SLASH : BAR;
    let n = out.length, byte = 0;
    for (let sample = 0, at = first; sample < samples; sample++, at += 2) {
      let separator = always;
      if (bits !== undefined) {
        if ((sample & 7) === 0) byte = bits[bitsAt + (sample >> 3)];
        separator = (byte & 1) === 1 ? BAR : SLASH;
        byte >>= 1;
      }
      const one = alleles[at], other = alleles[at + 1];
      view.setInt32(n, TAB | glyphs[one] << 8 | separator << 16 | glyphs[other] << 24, true);
      if (other !== absent) n += 4;
      else if (this.#style.homozygous) {
        bytes[n + 3] = glyphs[one];
        n += 4;
      } else n += 2;
    }
    out.length = n;
  }

  #writeOthers({ alleles, stride, phased }: RecordRows, row: number): void {
    const { out } = this, { bytes } = out, glyphs = this.#glyphs, absent = this.#absent;
    const samples = this.#samples, { homozygous, unphased } = this.#style;
    const bitsAt = row * ((samples.length + 7) >> 3);
    let at = row * stride, n = out.length;
    for (let sample = 0; sample < samples.length; sample++) {
      const { ploidy, phased: always } = samples[sample];
      const marked = phased ? (phased[bitsAt + (sample >> 3)] >> (sample & 7) & 1) === 1 : always;
      const separator = marked && !unphased ? BAR : SLASH;
      bytes[n++] = TAB;
      bytes[n++] = glyphs[alleles[at]];
      let called = 1;
      for (; called < ploidy && alleles[at + called] !== absent; called++) {
        bytes[n++] = separator;
        bytes[n++] = glyphs[alleles[at + called]];
      }
      if (homozygous && called === 1) {
        bytes[n++] = separator;
        bytes[n++] = glyphs[alleles[at]];
      }
      at += ploidy;
    }
    out.length = n;
  }

  /** Writes genotypes of any alleles, and their blocks where they have some. */
  #writeLong(
    { alleles, stride, phased, sets }: RecordRows,
    row: number,
    hasSets: boolean,
  ): void {
    const { out } = this, samples = this.#samples, width = String(this.#alleles.alts.length).length;
    out.reserve(2 * this.#haplotypes * (width + 1) + 12 * samples.length + 1);
    const bitsAt = row * Math.ceil(samples.length / 8);
    let at = row * stride;
    for (let sample = 0; sample < samples.length; sample++) {
      const set = sets ? sets[row * samples.length + sample] : 0;
      const marked = phased
        ? (phased[bitsAt + (sample >> 3)] >> (sample & 7) & 1) === 1
        : samples[sample].phased;
      // A claim of order says in which block.
      const ordered = marked && !this.#style.unphased && (!sets || set > 0);
      const known = this.#writeGenotype(alleles, at, samples[sample].ploidy, ordered);
      if (hasSets) this.#writeSet(known && ordered && set !== WHOLE_CONTIG ? set : 0);
      at += samples[sample].ploidy;
    }
    out.byte(LF);
  }

  /** Writes one genotype, for which there is room; tells whether some of it is known. */
  #writeGenotype(alleles: Codes, at: number, ploidy: number, ordered: boolean): boolean {
    const { out } = this, { bytes } = out, { ranks } = this.#alleles;
    let called = 1, known = false, n = out.length;
    while (called < ploidy && alleles[at + called] !== this.#absent) called++;
    const copies = called === 1 && this.#style.homozygous ? 2 : called;
    for (let copy = 0; copy < copies; copy++) {
      bytes[n++] = copy === 0 ? TAB : ordered ? BAR : SLASH;
      const code = alleles[at + Math.min(copy, called - 1)];
      if (code === MISSING) bytes[n++] = DOT;
      else n = writeNumber(bytes, n, ranks[code]), known = true;
    }
    out.length = n;
    return known;
  }

  #writeSet(set: number): void {
    const { out } = this, { bytes } = out;
    bytes[out.length++] = COLON;
    if (set > 0) out.length = writeNumber(bytes, out.length, set);
    else bytes[out.length++] = DOT;
  }
}

/** Says that a table of haplotypes, which may leave REF open, is no VCF. */
function noRef(line: number): InputError {
  return new InputError(
    "REF is '.', and a VCF needs one; convert the haplotype table itself, with --reference FASTA",
    { line, column: "REF" },
  );
}

/** Returns the formatter of a style. */
export function formatterOf(style: RowStyle): RowFormatter {
  if (isView(style.format)) return new CodeFormatter(style);
  if (style.format !== "vcf") return new TsvFormatter(style);
  return style.extras ? new DialectFormatter(style) : new RecordFormatter(style);
}
