/**
 * Reads cells that hold all alleles of a sample: bases (`A/G`, `A|G`, `A/`), codes (`0|1`), letters
 * (`AG`, `R`).
 *
 * @module
 */
import { ABSENT, MISSING } from "../../base/alleles.ts";
import { BAR, SLASH, TAB, ZERO } from "../../base/bytes.ts";
import { isAnyBases } from "../cell_bytes.ts";
import { shown } from "../cell_problems.ts";
import type { RowBatch } from "../row_batch.ts";
import { type AlleleFinder, ILLEGAL } from "./allele_finder.ts";
import { type CellPlace, CellReader, isOnly, markPhased, READ } from "./cell_reader.ts";

const COLON = 58;

/** Reads alleles with a separator between them. */
export class PairReader extends CellReader {
  readonly bytes: number = 4;
  readonly copies = 2;

  constructor(finder: AlleleFinder) {
    super(finder);
    this.useAlleles();
  }

  protected useAlleles(): void {
    this.useLetters(this.finder.codes.alleles);
  }

  override run(
    raw: Uint8Array,
    from: number,
    most: number,
    batch: RowBatch,
    at: number,
    sample: number,
  ): number {
    const { alleles, phased, rows, shape: { phaseBytes = 0 } } = batch, table = this.table;
    let n = 0, mark = sample, bits = 0;
    const bitsAt = rows * phaseBytes;
    for (let p = from, to = at; n < most; n++, p += 4, to += 2) {
      const first = table[raw[p]], second = table[raw[p + 2]], separator = raw[p + 1];
      if ((first | second) < 0 || raw[p + 3] !== TAB) break;
      if (separator === BAR) bits |= 1 << (mark & 7);
      else if (separator !== SLASH) break;
      alleles[to] = first;
      alleles[to + 1] = second;
      if ((++mark & 7) === 0) {
        if (phaseBytes) phased[bitsAt + (mark >> 3) - 1] |= bits;
        bits = 0;
      }
    }
    if (bits !== 0 && phaseBytes) phased[bitsAt + (mark >> 3)] |= bits;
    return n;
  }

  override cell(
    raw: Uint8Array,
    from: number,
    to: number,
    batch: RowBatch,
    place: CellPlace,
  ): number {
    if (to - from === 3 && this.#usual(raw, from, batch, place)) return READ;
    // N may be REF beside a symbolic allele, which is known at the end of the row.
    const mayBeRef = this.finder.anyBasesRef >= 0 && isAnyBases(raw, from, to);
    if (!mayBeRef && this.isMissing(raw, from, to)) return this.fill(batch, place, MISSING);
    let called = 0, bars = 0;
    for (let at = from; at <= to;) {
      let end = at;
      while (end < to && raw[end] !== BAR && raw[end] !== SLASH && raw[end] !== COLON) end++;
      // `A/` is the call of one haplotype.
      if (at === to && called === 1 && raw[to - 1] !== COLON) break;
      if (at === end || called === place.copies) return ILLEGAL;
      if (called === 0 && end === to) return this.single(raw, from, to, batch, place);
      const code = this.allele(raw, at, end);
      if (code < 0) return code;
      batch.alleles[place.at + called++] = code;
      if (end < to && raw[end] === BAR) bars++;
      at = end + 1;
      if (end === to) break;
    }
    this.fillAbsent(batch, place, called);
    // One haplotype alone has no order to be unsure of.
    if (called === 1 || bars === called - 1) markPhased(batch, place.sample);
    return called > 1 && bars !== 0 && bars !== called - 1 ? ILLEGAL : READ;
  }

  /** Stores a usual cell; returns false for any other of as many bytes. */
  #usual(
    raw: Uint8Array,
    from: number,
    batch: RowBatch,
    { at, sample, copies }: CellPlace,
  ): boolean {
    const first = this.table[raw[from]], second = this.table[raw[from + 2]];
    const separator = raw[from + 1];
    if ((first | second) < 0 || copies !== 2 || this.finder.anyBasesRef >= 0) return false;
    if (separator === BAR) markPhased(batch, sample);
    else if (separator !== SLASH) return false;
    batch.alleles[at] = first;
    batch.alleles[at + 1] = second;
    return true;
  }

  protected isMissing(raw: Uint8Array, from: number, to: number): boolean {
    return this.finder.isMissing(raw, from, to);
  }

  protected allele(raw: Uint8Array, from: number, to: number): number {
    return this.finder.find(raw, from, to);
  }

  /** Stores one allele alone: both haplotypes have it. */
  protected single(
    raw: Uint8Array,
    from: number,
    to: number,
    batch: RowBatch,
    place: CellPlace,
  ): number {
    if (to - from === 1 && this.split(raw[from], batch, place)) return READ;
    const code = this.allele(raw, from, to);
    return code < 0 ? code : this.fill(batch, place, code);
  }
}

/** Reads codes of alleles, as GT of a VCF has them; what stands after a colon is left out. */
export class CodeReader extends PairReader {
  readonly #codes: number[] = [];

  /** @param wholly True where `.` alone means that all haplotypes are missing, not one. */
  constructor(finder: AlleleFinder, private readonly wholly: boolean) {
    super(finder);
  }

  protected override useAlleles(): void {
    this.table[".".charCodeAt(0)] = MISSING;
  }

  override number(ref: number, declared: readonly number[]): void {
    const codes = this.#codes, before = codes.length;
    while (codes.length > 0) codes.pop();
    if (ref >= 0) codes.push(ref);
    for (let n = 0; n < declared.length; n++) if (declared[n] !== ref) codes.push(declared[n]);
    const most = Math.min(10, Math.max(before, codes.length));
    for (let n = 0; n < most; n++) this.table[ZERO + n] = n < codes.length ? codes[n] : -1;
  }

  override cell(
    raw: Uint8Array,
    from: number,
    to: number,
    batch: RowBatch,
    place: CellPlace,
  ): number {
    let end = from;
    while (end < to && raw[end] !== COLON) end++;
    return super.cell(raw, from, end, batch, place);
  }

  protected override isMissing(raw: Uint8Array, from: number, to: number): boolean {
    const isDot = to - from === 1 && raw[from] === 46;
    return isDot ? this.wholly : this.finder.isMissing(raw, from, to);
  }

  protected override allele(raw: Uint8Array, from: number, to: number): number {
    if (to - from === 1) return raw[from] === 46 ? MISSING : this.table[raw[from]];
    let code = 0;
    for (let p = from; p < to; p++) {
      const digit = raw[p] - 48;
      if (digit < 0 || digit > 9 || code > 1e6) return ILLEGAL;
      code = 10 * code + digit;
    }
    return this.#codes[code] ?? ILLEGAL;
  }

  /** Stores the call of one haplotype. */
  protected override single(
    raw: Uint8Array,
    from: number,
    to: number,
    batch: RowBatch,
    place: CellPlace,
  ): number {
    const code = this.allele(raw, from, to);
    if (code < 0) return code;
    batch.alleles[place.at] = code;
    this.fillAbsent(batch, place, 1);
    markPhased(batch, place.sample);
    return READ;
  }

  override problem(raw: Uint8Array, from: number, to: number): string {
    const highest = this.#codes.length - 1;
    return `${
      shown(raw, from, to)
    } is no genotype of this row, whose alleles have the codes 0 to ${highest}; ` +
      "expected as in 0/1, 0|1, 1 or ./.; is ALT complete?";
  }
}

/** Reads two letters, or one for both haplotypes. */
export class LetterReader extends PairReader {
  override readonly bytes: number = 3;

  /** @param dialect What `-` means: a call of an indel, or no haplotype, as in files of DNA tests. */
  constructor(finder: AlleleFinder, private readonly gap: "missing" | "absent" | "indel") {
    super(finder);
  }

  protected override useAlleles(): void {
    const { bases } = this.finder.codes;
    for (const letter of "ACGTacgt") {
      this.table[letter.charCodeAt(0)] = bases[letter.charCodeAt(0)];
    }
    for (const letter of "Nn") this.table[letter.charCodeAt(0)] = MISSING;
  }

  override run(raw: Uint8Array, from: number, most: number, batch: RowBatch, at: number): number {
    const { alleles } = batch, table = this.table;
    let n = 0;
    for (let p = from, to = at; n < most; n++, p += 3, to += 2) {
      const first = table[raw[p]], second = table[raw[p + 1]];
      if ((first | second) < 0 || raw[p + 2] !== TAB) break;
      alleles[to] = first;
      alleles[to + 1] = second;
    }
    return n;
  }

  override cell(
    raw: Uint8Array,
    from: number,
    to: number,
    batch: RowBatch,
    place: CellPlace,
  ): number {
    if (to - from === 2 && !this.isMissing(raw, from, to)) {
      const first = this.table[raw[from]], second = this.table[raw[from + 1]];
      if ((first | second) >= 0) {
        batch.alleles[place.at] = first;
        batch.alleles[place.at + 1] = second;
        return READ;
      }
    }
    return super.cell(raw, from, to, batch, place);
  }

  /** Indels without bases are no calls. */
  protected override isMissing(raw: Uint8Array, from: number, to: number): boolean {
    if (this.gap === "indel" && isOnly(raw, from, to, 2, "+-0")) return true;
    if (this.gap === "absent" && isOnly(raw, from, to, 2, "DI")) return true;
    return super.isMissing(raw, from, to);
  }

  protected override allele(raw: Uint8Array, from: number, to: number): number {
    return to - from === 1 ? this.table[raw[from]] : ILLEGAL;
  }

  protected override single(
    raw: Uint8Array,
    from: number,
    to: number,
    batch: RowBatch,
    place: CellPlace,
  ): number {
    if (this.gap !== "absent") return super.single(raw, from, to, batch, place);
    const code = this.allele(raw, from, to);
    if (code < 0) return code;
    batch.alleles[place.at] = code;
    batch.alleles[place.at + 1] = ABSENT;
    return READ;
  }

  override problem(raw: Uint8Array, from: number, to: number): string {
    return `${shown(raw, from, to)} is no genotype of letters; expected one or two of A C G T` +
      (this.gap === "absent" ? ", D or I" : ", or a letter for two of them (R Y S W K M)") +
      "; further texts for missing with --missing";
  }
}
