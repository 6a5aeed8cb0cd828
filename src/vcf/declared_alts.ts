/**
 * Finds the ALTs of rows that may declare some, and which haplotypes are missing or absent.
 *
 * @module
 */
import { ABSENT, MISSING } from "../base/alleles.ts";
import { COMMA } from "../base/bytes.ts";
import { Dictionary } from "../base/dictionary.ts";
import type { RecordRows } from "./row_formatter.ts";

/** Codes of the bases by their byte; -1 for other bytes. */
const BASE_CODES = new Int8Array(256).fill(-1);
[..."ACGT"].forEach((base, code) => BASE_CODES[base.charCodeAt(0)] = code);

/** Calls back with the code of each allele of a text with commas. */
function forEachAlt(text: Uint8Array, alleles: Dictionary, take: (code: number) => void): void {
  for (let from = 0; from < text.length;) {
    let to = from;
    while (to < text.length && text[to] !== COMMA) to++;
    // The four bases have the first codes.
    const base = to - from === 1 ? BASE_CODES[text[from]] : -1;
    const code = base >= 0 ? base : alleles.find(text, from, to);
    if (code >= 0) take(code);
    from = to + 1;
  }
}

/** Returns the codes of the alleles of a text with commas. */
export function codesOfAlts(text: Uint8Array, alleles: Dictionary): Uint32Array {
  const codes: number[] = [];
  forEachAlt(text, alleles, (code) => codes.push(code));
  return Uint32Array.from(codes);
}

/** The alleles of one row after another. */
export class RowAlleles {
  /** Codes of the ALTs: the declared ones first, then others in order of appearance. */
  readonly alts: number[] = [];
  /** Place of each allele's code among REF (0) and ALTs; -1 for others. */
  readonly ranks: Int32Array;
  missing = 0;
  absent = 0;
  /** Code of REF. */
  ref = -1;
  readonly #alleles: Dictionary;
  readonly #absent: number;

  /**
   * @param alleles All alleles, by code.
   * @param hasAbsent True where ABSENT is the haplotype that a sample does not have.
   */
  constructor(alleles: readonly string[], hasAbsent: boolean, private readonly haplotypes: number) {
    this.ranks = new Int32Array(alleles.length).fill(-1);
    this.#alleles = new Dictionary(alleles);
    this.#absent = hasAbsent ? ABSENT : -1;
  }

  /** Goes on with another row. */
  take(rows: RecordRows, row: number): void {
    const { alts, ranks } = this, { alleles } = rows, absent = this.#absent;
    if (this.ref >= 0) ranks[this.ref] = -1;
    while (alts.length > 0) ranks[alts.pop()!] = -1;
    const ref = this.ref = rows.ref[row], from = row * rows.stride;
    ranks[ref] = 0;
    const declared = rows.alt?.(row);
    if (declared instanceof Uint32Array) this.#takeCodes(declared);
    else if (declared) this.#takeText(declared);
    let missing = 0, gone = 0;
    for (let at = from; at < from + this.haplotypes; at++) {
      const code = alleles[at];
      if (ranks[code] >= 0) continue;
      if (code === MISSING) missing++;
      else if (code === absent) gone++;
      else ranks[code] = alts.push(code);
    }
    // A row whose REF is not known has the code of a missing one.
    if (ref === MISSING) missing = this.#count(alleles, from, MISSING);
    this.missing = missing;
    this.absent = gone;
  }

  #takeCodes(codes: Uint32Array): void {
    const { alts, ranks } = this;
    for (let n = 0; n < codes.length; n++) {
      if (ranks[codes[n]] < 0) ranks[codes[n]] = alts.push(codes[n]);
    }
  }

  #takeText(text: Uint8Array): void {
    const { alts, ranks } = this;
    forEachAlt(text, this.#alleles, (code) => {
      if (ranks[code] < 0) ranks[code] = alts.push(code);
    });
  }

  #count(alleles: RecordRows["alleles"], from: number, wanted: number): number {
    let found = 0;
    for (let at = from; at < from + this.haplotypes; at++) if (alleles[at] === wanted) found++;
    return found;
  }
}
