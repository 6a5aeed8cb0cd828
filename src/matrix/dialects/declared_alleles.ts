/**
 * Reads the alleles that a row declares, carried or not.
 *
 * @module
 */
import { ANY_BASE, MISSING, STAR } from "../../base/alleles.ts";
import { COMMA, SLASH } from "../../base/bytes.ts";
import { isAnyBases, isSymbolic } from "../cell_bytes.ts";
import { type AlleleFinder, ILLEGAL } from "./allele_finder.ts";

/** The declared alleles of a row. */
export class DeclaredAlleles {
  readonly codes: number[] = [];
  /** True where one of them is symbolic. */
  symbolic = false;

  /**
   * @param slashes True where `/` stands between alleles, too.
   * @param numbered True where cells have the numbers of alleles, so that each has its place.
   */
  constructor(
    private readonly finder: AlleleFinder,
    private readonly slashes: boolean,
    private readonly numbered: boolean,
  ) {}

  #gaps = 0;

  /** True where nothing is declared but an indel without its bases. */
  get isIndel(): boolean {
    return this.#gaps > 0 && this.codes.length === 0;
  }

  clear(): void {
    this.#gaps = 0;
    // Cutting an array gives its memory back, and takes longer than all else here.
    while (this.codes.length > 0) this.codes.pop();
    this.symbolic = false;
  }

  /**
   * Adds the alleles of a list, `raw[from..to)`; what means none is passed over.
   *
   * @returns 0, NEW or ILLEGAL.
   */
  add(raw: Uint8Array, from: number, to: number): number {
    for (let at = from; at <= to;) {
      let end = at;
      while (end < to && raw[end] !== COMMA && !(this.slashes && raw[end] === SLASH)) end++;
      const code = this.#code(raw, at, end);
      if (code < 0) return code;
      const isNew = code !== MISSING && !this.codes.includes(code);
      // A `.` at the end is no allele; elsewhere the numbers after it would mean others.
      const isLost = code === MISSING ? end < to : end - at < to - from;
      if (!isNew && this.numbered && isLost) return ILLEGAL;
      if (isNew && (code !== ANY_BASE || this.numbered)) {
        this.codes.push(code);
        if (code > STAR && isSymbolic(raw, at, end)) this.symbolic = true;
      }
      at = end + 1;
    }
    return 0;
  }

  #code(raw: Uint8Array, from: number, to: number): number {
    // Alleles of an indel without bases, as HapMap has them.
    if (this.slashes && to - from === 1 && "+-0".includes(String.fromCharCode(raw[from]))) {
      this.#gaps++;
      return MISSING;
    }
    // A number may stand for N; elsewhere it is no allele to declare.
    if (this.numbered && isAnyBases(raw, from, to)) return this.finder.known(raw, from, to);
    return this.finder.find(raw, from, to);
  }

  /**
   * Copies the codes of the alleles beside REF to `into` from `at` on.
   *
   * @returns The place after them.
   */
  copyAlts(ref: number, into: Uint32Array, at: number): number {
    for (let n = 0; n < this.codes.length; n++) {
      if (this.codes[n] !== ref) into[at++] = this.codes[n];
    }
    return at;
  }
}
