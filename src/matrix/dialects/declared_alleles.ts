/**
 * Reads the alleles that a row declares, carried or not.
 *
 * @module
 */
import { ANY_BASE, MISSING, STAR } from "../../base/alleles.ts";
import { COMMA, SLASH } from "../../base/bytes.ts";
import { UPPER_CASE } from "../../base/dictionary.ts";
import { isSymbolic } from "../cell_bytes.ts";
import type { AlleleFinder } from "./allele_finder.ts";

const LESS = 60;

/** The declared alleles of a row, and where they stand in its bytes. */
export class DeclaredAlleles {
  readonly codes: number[] = [];
  readonly #from: number[] = [];
  readonly #to: number[] = [];
  /** True where one of them is symbolic. */
  symbolic = false;

  /** @param slashes True where `/` stands between alleles, too. */
  constructor(private readonly finder: AlleleFinder, private readonly slashes: boolean) {}

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
      if (code !== MISSING && code !== ANY_BASE && !this.codes.includes(code)) {
        this.#from[this.codes.length] = at;
        this.#to[this.codes.length] = end;
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
    return this.finder.find(raw, from, to);
  }

  /**
   * Copies the alleles beside REF to `into` from `at` on, with commas between them.
   *
   * @returns The offset after them; -1 where there is no room before `limit`.
   */
  copyAlts(raw: Uint8Array, ref: number, into: Uint8Array, at: number, limit: number): number {
    const start = at;
    for (let n = 0; n < this.codes.length; n++) {
      if (this.codes[n] === ref) continue;
      const from = this.#from[n], to = this.#to[n];
      if (at + to - from + 1 > limit) return -1;
      if (at > start) into[at++] = COMMA;
      const keepsCase = raw[from] === LESS;
      for (let p = from; p < to; p++) into[at++] = keepsCase ? raw[p] : UPPER_CASE[raw[p]];
    }
    return at;
  }
}
