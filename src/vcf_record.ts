/**
 * Rows of codes to the bytes of VCF records: the hot loop of convert. Pure.
 *
 * @module
 */
import type { Codes } from "./dictionary.ts";
import { BASE_ALLELES, MISSING } from "./tokenizer.ts";

/** How records are written; plain data. */
export interface RecordStyle {
  /** Alleles by code. */
  alleles: string[];
  /** Haplotypes per sample, in output order. */
  ploidies: number[];
  /** `/` between alleles. */
  unphased: boolean;
  /** Haploid samples as homozygous diploids. */
  homozygous: boolean;
  /** Leave out records without ALT. */
  variantsOnly: boolean;
}

/** Rows of one contig, as columns. */
export interface RecordRows {
  /** 1-based. */
  pos: Uint32Array;
  ref: Codes;
  /** Row after row, all haplotypes in output order. */
  alleles: Codes;
  /** ID of a row, or null for `.`; undefined without IDs. */
  id: ((row: number) => string | null) | undefined;
}

/** What was written. */
export interface RecordCounts {
  records: number;
  /** Records with at least one ALT. */
  variants: number;
  /** Records with two or more ALTs. */
  multiallelic: number;
  /** Missing haplotypes in all records. */
  missing: number;
  /** Records whose position is that of the record before. */
  duplicates: number;
}

/** Samples of one ploidy that follow each other. */
interface PloidyRun {
  samples: number;
  ploidy: number;
}

/** What is the same in all records of one REF and one list of ALTs, all of one base. */
interface SiteTemplate {
  /** From ID's TAB, without the ID, to INFO: `TAB REF TAB ALT TAB . TAB . TAB . TAB GT`. */
  middle: Uint8Array;
  /** `TAB a|b` as little-endian 32 bits, by `code of a << 3 | code of b`. */
  pairs: Uint32Array;
  /** GT character by code. */
  glyphs: Uint8Array;
  /** All genotypes of a record whose haplotypes are all REF, with the line end. */
  monomorphic: Uint8Array;
  alts: number;
}

const TAB = 9, LF = 10, DOT = 46, ZERO = 48;
const encoder = new TextEncoder();
const AFTER_ALT = encoder.encode("\t.\t.\t.\tGT");

/**
 * Writes records into a buffer that its user takes away block by block.
 *
 * @example
 * ```ts
 * import { RecordFormatter } from "./vcf_record.ts";
 * const formatter = new RecordFormatter({
 *   alleles: ["A", "C", "G", "T", "N", ".", "*"], ploidies: [2], unphased: false,
 *   homozygous: false, variantsOnly: false,
 * });
 * formatter.begin("1", new Uint8Array(64));
 * formatter.write({ pos: Uint32Array.of(7), ref: Uint8Array.of(0), alleles: Uint8Array.of(0, 2),
 *   id: undefined }, 0);
 * const text = new TextDecoder().decode(formatter.bytes.subarray(0, formatter.length));
 * console.assert(text === "1\t7\t.\tA\tG\t.\t.\t.\tGT\t0|1\n");
 * ```
 */
export class RecordFormatter {
  /** The records so far are its first `length` bytes. It may be another after a `write`. */
  bytes = new Uint8Array(0);
  length = 0;
  counts: RecordCounts = noCounts();
  readonly #haplotypes: number;
  readonly #runs: PloidyRun[];
  readonly #allelePool: Uint8Array[];
  readonly #separator: number;
  /** By REF and up to four ALTs, three bits each, 7 for none. */
  readonly #templates: (SiteTemplate | undefined)[] = new Array(1 << 15).fill(undefined);
  /** Rank of an allele's code in the record at hand, or 0; for records of any alleles. */
  readonly #ranks: Int32Array;
  #view: DataView<ArrayBuffer> = new DataView(this.bytes.buffer);
  #contig = new Uint8Array(0);
  /** Positions of the first and last record of this contig, 0 without records. */
  firstPos = 0;
  lastPos = 0;
  readonly #homozygous: boolean;
  readonly #variantsOnly: boolean;
  /** Bytes that a record of one-base alleles takes at most, beside contig and ID. */
  readonly #plainBytes: number;

  constructor(style: RecordStyle) {
    this.#haplotypes = style.ploidies.reduce((sum, ploidy) => sum + ploidy, 0);
    this.#runs = ploidyRuns(style.ploidies);
    this.#allelePool = style.alleles.map((allele) => encoder.encode(allele));
    this.#ranks = new Int32Array(style.alleles.length);
    this.#separator = (style.unphased ? "/" : "|").charCodeAt(0);
    this.#homozygous = style.homozygous;
    this.#variantsOnly = style.variantsOnly;
    this.#plainBytes = 64 + 4 * this.#haplotypes;
  }

  /** Go on with another contig and an empty buffer. */
  begin(contig: string, buffer: Uint8Array<ArrayBuffer>): void {
    this.#contig = encoder.encode(contig + "\t");
    this.firstPos = this.lastPos = 0;
    this.use(buffer);
  }

  /** Go on in an empty buffer. */
  use(buffer: Uint8Array<ArrayBuffer>): void {
    this.#setBuffer(buffer);
    this.length = 0;
  }

  /** Append the record of a row. */
  write(rows: RecordRows, row: number): void {
    const { alleles } = rows, ref = rows.ref[row];
    const from = row * this.#haplotypes, to = from + this.#haplotypes;
    let seen = 0, or = 0;
    for (let at = from; at < to; at++) {
      const code = alleles[at];
      seen |= 1 << code;
      or |= code;
    }
    // Codes past those of BASE_ALLELES, or a longer REF: nothing can be looked up.
    if (or > 7 || (seen & 128) !== 0 || ref >= MISSING) return this.#writeAny(rows, row);
    const template = this.#template(ref, seen, alleles, from);
    if (template.alts === 0 && this.#variantsOnly) return;
    this.#count(template.alts, rows.pos[row]);
    this.#reserve(this.#plainBytes + this.#contig.length);
    this.#writeStart(rows, row);
    const bytes = this.bytes, { middle } = template;
    let n = this.length;
    for (let i = 0; i < middle.length; i++) bytes[n++] = middle[i];
    this.length = n;
    if (seen === 1 << ref) {
      bytes.set(template.monomorphic, n);
      this.length = n + template.monomorphic.length;
      return;
    }
    if (seen & (1 << MISSING)) this.#countMissing(alleles, from, to);
    this.#writeGenotypes(template, alleles, from);
  }

  #writeGenotypes({ pairs, glyphs }: SiteTemplate, alleles: Codes, from: number): void {
    const bytes = this.bytes, view = this.#view, homozygous = this.#homozygous;
    let at = from, n = this.length;
    for (const { samples, ploidy } of this.#runs) {
      if (ploidy === 2) {
        for (const end = at + samples * 2; at < end; at += 2, n += 4) {
          view.setUint32(n, pairs[alleles[at] << 3 | alleles[at + 1]], true);
        }
      } else if (ploidy === 1 && homozygous) {
        for (const end = at + samples; at < end; at++, n += 4) {
          view.setUint32(n, pairs[alleles[at] * 9], true);
        }
      } else {
        for (let sample = 0; sample < samples; sample++) {
          for (let haplotype = 0; haplotype < ploidy; haplotype++) {
            bytes[n++] = haplotype === 0 ? TAB : this.#separator;
            bytes[n++] = glyphs[alleles[at++]];
          }
        }
      }
    }
    bytes[n++] = LF;
    this.length = n;
  }

  /** CHROM, POS and ID, up to the TAB before REF. */
  #writeStart(rows: RecordRows, row: number): void {
    const contig = this.#contig, bytes = this.bytes;
    let n = this.length;
    for (let i = 0; i < contig.length; i++) bytes[n++] = contig[i];
    n = writeNumber(bytes, n, rows.pos[row]);
    bytes[n++] = TAB;
    const id = rows.id?.(row);
    if (!id) {
      bytes[n++] = DOT;
      this.length = n;
      return;
    }
    this.length = n;
    this.#append(encoder.encode(id));
    this.#reserve(this.#plainBytes);
  }

  #count(alts: number, pos: number): void {
    const counts = this.counts;
    counts.records++;
    if (alts > 0) counts.variants++;
    if (alts > 1) counts.multiallelic++;
    if (pos === this.lastPos) counts.duplicates++;
    if (this.firstPos === 0) this.firstPos = pos;
    this.lastPos = pos;
  }

  #countMissing(alleles: Codes, from: number, to: number): void {
    let missing = 0;
    for (let at = from; at < to; at++) if (alleles[at] === MISSING) missing++;
    this.counts.missing += missing;
  }

  /** The template of a record whose alleles all are in BASE_ALLELES; `seen` is the set of codes. */
  #template(ref: number, seen: number, alleles: Codes, from: number): SiteTemplate {
    let others = seen & ~(1 << ref) & ~(1 << MISSING);
    let key = ref << 12 | 0xfff, shift = 9;
    if (others !== 0) {
      if ((others & (others - 1)) === 0) {
        key = ref << 12 | (31 - Math.clz32(others)) << 9 | 0x1ff;
      } else {
        for (let at = from; others !== 0; at++) {
          const code = alleles[at];
          if ((others & (1 << code)) === 0) continue;
          others &= ~(1 << code);
          key = key & ~(7 << shift) | code << shift;
          shift -= 3;
        }
      }
    }
    return this.#templates[key] ??= this.#makeTemplate(key);
  }

  #makeTemplate(key: number): SiteTemplate {
    const ref = key >> 12;
    const alts = [9, 6, 3, 0].map((shift) => key >> shift & 7).filter((code) => code !== 7);
    const altText = alts.map((code) => BASE_ALLELES[code]).join() || ".";
    const glyphs = new Uint8Array(8).fill(DOT);
    [ref, ...alts].forEach((code, rank) => glyphs[code] = ZERO + rank);
    const pairs = new Uint32Array(64);
    for (let pair = 0; pair < 64; pair++) {
      pairs[pair] =
        (TAB | glyphs[pair >> 3] << 8 | this.#separator << 16 | glyphs[pair & 7] << 24) >>> 0;
    }
    const template: SiteTemplate = {
      middle: encoder.encode(`\t${BASE_ALLELES[ref]}\t${altText}\t.\t.\t.\tGT`),
      pairs,
      glyphs,
      monomorphic: new Uint8Array(0),
      alts: alts.length,
    };
    template.monomorphic = this.#monomorphic(template, ref);
    return template;
  }

  #monomorphic(template: SiteTemplate, ref: number): Uint8Array {
    const { bytes, length } = this;
    this.use(new Uint8Array(this.#plainBytes));
    this.#writeGenotypes(template, new Uint8Array(this.#haplotypes).fill(ref), 0);
    const genotypes = this.bytes.slice(0, this.length);
    this.#setBuffer(bytes);
    this.length = length;
    return genotypes;
  }

  /** A record of any alleles and any number of them. */
  #writeAny(rows: RecordRows, row: number): void {
    const { alleles } = rows, ref = rows.ref[row], ranks = this.#ranks;
    const from = row * this.#haplotypes, to = from + this.#haplotypes;
    const alts: number[] = [];
    for (let at = from; at < to; at++) {
      const code = alleles[at];
      if (code === ref || code === MISSING || ranks[code] !== 0) continue;
      ranks[code] = alts.push(code);
    }
    if (alts.length > 0 || !this.#variantsOnly) {
      this.#count(alts.length, rows.pos[row]);
      this.#countMissing(alleles, from, to);
      this.#reserve(this.#plainBytes + this.#contig.length);
      this.#writeStart(rows, row);
      this.#appendByte(TAB);
      this.#append(this.#allelePool[ref]);
      this.#writeAlts(alts);
      this.#append(AFTER_ALT);
      this.#writeAnyGenotypes(alleles, from, ref, alts.length);
    }
    for (const code of alts) ranks[code] = 0;
  }

  #writeAlts(alts: readonly number[]): void {
    if (alts.length === 0) this.#append(encoder.encode("\t."));
    for (const [index, code] of alts.entries()) {
      this.#appendByte(index === 0 ? TAB : ",".charCodeAt(0));
      this.#append(this.#allelePool[code]);
    }
  }

  #writeAnyGenotypes(alleles: Codes, from: number, ref: number, alts: number): void {
    const width = String(alts).length + 1;
    this.#reserve(this.#haplotypes * width * (this.#homozygous ? 2 : 1) + 1);
    const bytes = this.bytes, ranks = this.#ranks;
    let at = from, n = this.length;
    for (const { samples, ploidy } of this.#runs) {
      const copies = ploidy === 1 && this.#homozygous ? 2 : ploidy;
      for (let sample = 0; sample < samples; sample++) {
        for (let copy = 0; copy < copies; copy++) {
          const code = alleles[at + (copy < ploidy ? copy : 0)];
          bytes[n++] = copy === 0 ? TAB : this.#separator;
          if (code === MISSING) bytes[n++] = DOT;
          else n = writeNumber(bytes, n, code === ref ? 0 : ranks[code]);
        }
        at += ploidy;
      }
    }
    bytes[n++] = LF;
    this.length = n;
  }

  #append(text: Uint8Array): void {
    this.#reserve(text.length);
    this.bytes.set(text, this.length);
    this.length += text.length;
  }

  #appendByte(byte: number): void {
    this.#reserve(1);
    this.bytes[this.length++] = byte;
  }

  #reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more));
    grown.set(this.bytes.subarray(0, this.length));
    this.#setBuffer(grown);
  }

  #setBuffer(buffer: Uint8Array<ArrayBuffer>): void {
    this.bytes = buffer;
    this.#view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }
}

/** Counts of nothing. */
export function noCounts(): RecordCounts {
  return { records: 0, variants: 0, multiallelic: 0, missing: 0, duplicates: 0 };
}

function ploidyRuns(ploidies: readonly number[]): PloidyRun[] {
  const runs: PloidyRun[] = [];
  for (const ploidy of ploidies) {
    const last = runs.at(-1);
    if (last?.ploidy === ploidy) last.samples++;
    else runs.push({ samples: 1, ploidy });
  }
  return runs;
}

/** Write a whole number of 0 to 2^32-1 in decimal at `at`; the offset after it. */
function writeNumber(bytes: Uint8Array, at: number, number: number): number {
  let digits = 1;
  for (let bound = 10; number >= bound; bound *= 10) digits++;
  for (let n = at + digits - 1, left = number; n >= at; n--) {
    const rest = (left / 10) >>> 0;
    bytes[n] = ZERO + left - rest * 10;
    left = rest;
  }
  return at + digits;
}
