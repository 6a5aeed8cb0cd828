/**
 * Turns rows of codes into the bytes of VCF records: the hot loop of convert. Pure.
 *
 * @module
 */
import type { Codes } from "../base/codes.ts";
import { AlleleCounts } from "./allele_counts.ts";
import { allelesOfKey, BASE_KEYS, BaseSites } from "./base_sites.ts";
import { countMissing, findAlts } from "./find_alts.ts";
import { InfoWriter } from "./info_fields.ts";
import { OutputBuffer } from "../base/output_buffer.ts";
import { type PloidyRun, ploidyRuns } from "./ploidy_runs.ts";
import type { RecordRows, RowFormatter, RowStyle } from "./row_formatter.ts";
import { SiteCounter } from "./site_filter.ts";
import { BASE_ALLELES, MISSING, STAR } from "../base/alleles.ts";
import { BAR, COMMA, DOT, LF, SLASH, TAB, writeNumber, ZERO } from "../base/bytes.ts";

/**
 * The bytes that all records of one REF and one list of ALTs share, where each allele has one code
 * of BASE_ALLELES.
 */
interface SiteTemplate {
  /** `TAB REF TAB ALT TAB . TAB . TAB`, and `. TAB GT` where INFO is not asked for. */
  middle: Uint8Array;
  /** `TAB a|b` as little-endian 32 bits, by `code of b << 8 | code of a`; without the separator. */
  pairs: Int32Array;
  /** GT character of each code. */
  glyphs: Uint8Array;
  /** All genotypes of a record whose haplotypes are all REF, with the line end. */
  monomorphic: Uint8Array;
  /** Codes of the ALTs. */
  alts: number[];
}

const encoder = new TextEncoder();
const QUAL_FILTER = encoder.encode("\t.\t.\t");
const GT = encoder.encode("\tGT");
const NO_INFO_GT = encoder.encode(".\tGT");

/**
 * The formatter of VCF records.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { ALL_SITES } from "./site_filter.ts";
 * import { RecordFormatter } from "./vcf_record.ts";
 * const formatter = new RecordFormatter({
 *   format: "vcf", alleles: ["A", "C", "G", "T", "N", ".", "*"],
 *   samples: [{ ploidy: 2, phased: true }], homozygous: false, info: [], sites: ALL_SITES,
 * });
 * formatter.begin("1");
 * formatter.write({ pos: Uint32Array.of(7), ref: Uint8Array.of(0), alleles: Uint8Array.of(0, 2),
 *   words: undefined, stride: 2, id: undefined, line: () => 2 }, 0);
 * const text = new TextDecoder().decode(formatter.out.written());
 * assert(text === "1\t7\t.\tA\tG\t.\t.\t.\tGT\t0|1\n");
 * ```
 */
export class RecordFormatter implements RowFormatter {
  readonly out: OutputBuffer = new OutputBuffer();
  readonly sites: SiteCounter;
  readonly #haplotypes: number;
  readonly #runs: PloidyRun[];
  readonly #texts: Uint8Array[];
  readonly #bases: BaseSites;
  /** Templates by the keys of `BaseSites`. */
  readonly #templates: (SiteTemplate | undefined)[] = new Array(BASE_KEYS).fill(undefined);
  /** Rank of an allele's code in the current record, or 0; for records of any alleles. */
  readonly #ranks: Int32Array;
  readonly #homozygous: boolean;
  readonly #info: InfoWriter | undefined;
  /** Bytes that a record of one-base alleles takes at most, beside contig, ID and INFO. */
  readonly #plainBytes: number;
  #contig = new Uint8Array(0);

  constructor(style: RowStyle) {
    const { alleles, samples, homozygous, info, sites } = style;
    this.#haplotypes = samples.reduce((sum, { ploidy }) => sum + ploidy, 0);
    this.sites = new SiteCounter(sites, this.#haplotypes);
    this.#bases = new BaseSites(this.#haplotypes);
    this.#runs = ploidyRuns(samples);
    this.#texts = alleles.map((allele) => encoder.encode(allele));
    this.#ranks = new Int32Array(alleles.length);
    this.#homozygous = homozygous;
    this.#info = info.length > 0 ? new InfoWriter(info, AlleleCounts.of(style)) : undefined;
    this.#plainBytes = 64 + 4 * this.#haplotypes;
  }

  begin(contig: string): void {
    this.#contig = encoder.encode(contig + "\t");
    this.sites.nextContig();
  }

  write(rows: RecordRows, row: number): void {
    const bases = this.#bases, key = bases.take(rows, row);
    if (key < 0) return this.#writeAny(rows, row);
    const { alleles, words } = rows, ref = rows.ref[row], from = row * rows.stride;
    const { seen, missing } = bases;
    const template = this.#templates[key] ??= this.#makeTemplate(key);
    const { alts, middle } = template;
    if (!this.sites.takes(rows.pos[row], alts.length, missing, true)) return;
    const { out } = this;
    out.reserve(this.#plainBytes + this.#contig.length);
    this.#writeStart(rows, row);
    const { bytes } = out;
    let n = out.length;
    for (let i = 0; i < middle.length; i++) bytes[n++] = middle[i];
    out.length = n;
    if (this.#info) this.#writeInfo(this.#info, alleles, from, ref, alts);
    if (seen === 1 << ref) out.append(template.monomorphic);
    else this.#writeGenotypes(template, alleles, words, from);
  }

  #writeInfo(info: InfoWriter, alleles: Codes, from: number, ref: number, alts: number[]): void {
    info.write(this.out, alleles, from, ref, alts);
    this.out.append(GT);
    this.out.reserve(this.#plainBytes);
  }

  #writeGenotypes(
    { pairs, glyphs }: SiteTemplate,
    alleles: Codes,
    words: DataView | undefined,
    from: number,
  ): void {
    const { bytes, view } = this.out, homozygous = this.#homozygous;
    let at = from, n = this.out.length;
    for (const { samples, ploidy, phased } of this.#runs) {
      const separator = phased ? BAR : SLASH, between = separator << 16;
      if (ploidy === 2) {
        const end = at + 2 * samples;
        if (words) {
          for (; at + 3 < end; at += 4, n += 8) {
            const four = words.getInt32(at, true);
            view.setInt32(n, pairs[four & 0x707] | between, true);
            view.setInt32(n + 4, pairs[four >>> 16 & 0x707] | between, true);
          }
        }
        for (; at < end; at += 2, n += 4) {
          view.setInt32(n, pairs[alleles[at + 1] << 8 | alleles[at]] | between, true);
        }
      } else if (ploidy === 1 && homozygous) {
        for (const end = at + samples; at < end; at++, n += 4) {
          view.setInt32(n, pairs[alleles[at] * 0x101] | between, true);
        }
      } else {
        for (let sample = 0; sample < samples; sample++) {
          for (let haplotype = 0; haplotype < ploidy; haplotype++) {
            bytes[n++] = haplotype === 0 ? TAB : separator;
            bytes[n++] = glyphs[alleles[at++]];
          }
        }
      }
    }
    bytes[n++] = LF;
    this.out.length = n;
  }

  /** Writes CHROM, POS and ID, up to the TAB before REF. */
  #writeStart(rows: RecordRows, row: number): void {
    const contig = this.#contig, { out } = this, { bytes } = out;
    let n = out.length;
    for (let i = 0; i < contig.length; i++) bytes[n++] = contig[i];
    n = writeNumber(bytes, n, rows.pos[row]);
    bytes[n++] = TAB;
    const id = rows.id?.(row);
    if (!id) bytes[n++] = DOT;
    out.length = n;
    if (!id) return;
    out.append(id);
    out.reserve(this.#plainBytes);
  }

  #makeTemplate(key: number): SiteTemplate {
    const { ref, alts } = allelesOfKey(key);
    const altText = alts.map((code) => BASE_ALLELES[code]).join() || ".";
    const glyphs = new Uint8Array(8).fill(DOT);
    [ref, ...alts].forEach((code, rank) => glyphs[code] = ZERO + rank);
    const pairs = new Int32Array(1 << 11);
    for (let a = 0; a < 8; a++) {
      for (let b = 0; b < 8; b++) pairs[b << 8 | a] = TAB | glyphs[a] << 8 | glyphs[b] << 24;
    }
    const info = this.#info ? "" : ".\tGT";
    const template: SiteTemplate = {
      middle: encoder.encode(`\t${BASE_ALLELES[ref]}\t${altText}\t.\t.\t${info}`),
      pairs,
      glyphs,
      monomorphic: new Uint8Array(0),
      alts,
    };
    template.monomorphic = this.#monomorphic(template, ref);
    return template;
  }

  #monomorphic(template: SiteTemplate, ref: number): Uint8Array {
    const { out } = this, { bytes, length } = out;
    out.use(new Uint8Array(this.#plainBytes));
    const alleles = new Uint8Array(this.#haplotypes).fill(ref);
    this.#writeGenotypes(template, alleles, undefined, 0);
    const genotypes = out.written();
    out.use(bytes);
    out.length = length;
    return genotypes;
  }

  /** Writes a record of any alleles and any number of them. */
  #writeAny(rows: RecordRows, row: number): void {
    const { alleles } = rows, ref = rows.ref[row], ranks = this.#ranks;
    const from = row * rows.stride, to = from + this.#haplotypes;
    const alts = findAlts(alleles, from, to, ref, ranks);
    const missing = countMissing(alleles, from, to);
    const snp = [ref, ...alts].every((code) => code <= STAR);
    if (this.sites.takes(rows.pos[row], alts.length, missing, snp)) {
      const { out } = this;
      out.reserve(this.#plainBytes + this.#contig.length);
      this.#writeStart(rows, row);
      out.byte(TAB);
      out.append(this.#texts[ref]);
      this.#writeAlts(alts);
      out.append(QUAL_FILTER);
      if (this.#info) this.#writeInfo(this.#info, alleles, from, ref, alts);
      else out.append(NO_INFO_GT);
      this.#writeAnyGenotypes(alleles, from, ref, alts.length);
    }
    for (const code of alts) ranks[code] = 0;
  }

  #writeAlts(alts: readonly number[]): void {
    const { out } = this;
    out.byte(TAB);
    if (alts.length === 0) out.byte(DOT);
    alts.forEach((code, index) => {
      if (index > 0) out.byte(COMMA);
      out.append(this.#texts[code]);
    });
  }

  #writeAnyGenotypes(alleles: Codes, from: number, ref: number, alts: number): void {
    const { out } = this, ranks = this.#ranks;
    const width = String(alts).length + 1;
    out.reserve(this.#haplotypes * width * (this.#homozygous ? 2 : 1) + 1);
    const { bytes } = out;
    let at = from, n = out.length;
    for (const { samples, ploidy, phased } of this.#runs) {
      const separator = phased ? BAR : SLASH;
      const copies = ploidy === 1 && this.#homozygous ? 2 : ploidy;
      for (let sample = 0; sample < samples; sample++) {
        for (let copy = 0; copy < copies; copy++) {
          const code = alleles[at + (copy < ploidy ? copy : 0)];
          bytes[n++] = copy === 0 ? TAB : separator;
          if (code === MISSING) bytes[n++] = DOT;
          else n = writeNumber(bytes, n, code === ref ? 0 : ranks[code]);
        }
        at += ploidy;
      }
    }
    bytes[n++] = LF;
    out.length = n;
  }
}
