/**
 * Finds the codes of alleles by their bytes, for the cells of dialects.
 *
 * @module
 */
import { MISSING } from "../../base/alleles.ts";
import type { Dictionary } from "../../base/dictionary.ts";
import { isAnyBases, isBases, isFiller, isSymbolic } from "../cell_bytes.ts";
import { CellCodes, type CellReading, OTHER } from "../cell_codes.ts";

/** Results of a look-up that are no codes: not an allele, and one that a closed vocabulary lacks. */
export const ILLEGAL = -1, NEW = -2;

/** The alleles of a file, and the texts that mean missing in it. */
export class AlleleFinder {
  readonly codes: CellCodes;
  /** True where new alleles are added instead of being reported. */
  open = false;
  /** Code of the current row's REF where that has nothing but N, which then is no missing one. */
  anyBasesRef = -1;
  /** True where the current row has a symbolic allele. */
  symbolic = false;

  /** @param alleles The alleles that are known, which others may add to. */
  constructor(reading: CellReading, readonly alleles: Dictionary) {
    this.codes = new CellCodes(reading);
  }

  /** Tells whether `raw[from..to)` means missing. */
  isMissing(raw: Uint8Array, from: number, to: number): boolean {
    return this.codes.missing.find(raw, from, to) >= 0;
  }

  /** Returns the code of an allele, missing ones included. */
  find(raw: Uint8Array, from: number, to: number): number {
    const first = this.codes.alleles[raw[from]];
    if (this.anyBasesRef >= 0 && isAnyBases(raw, from, to)) {
      const code = this.alleles.find(raw, from, to);
      return code === this.anyBasesRef ? code : MISSING;
    }
    if (to - from === 1 && first !== OTHER) return first;
    if (this.isMissing(raw, from, to)) return MISSING;
    // NN and --- mean what N and - mean.
    if (isFiller(raw, from, to)) return first === OTHER ? ILLEGAL : first;
    const symbolic = isSymbolic(raw, from, to);
    if (symbolic) this.symbolic = true;
    return symbolic || isBases(raw, from, to) ? this.known(raw, from, to) : ILLEGAL;
  }

  /** Returns the code of a REF. */
  reference(raw: Uint8Array, from: number, to: number): number {
    if (to - from === 1 && this.codes.bases[raw[from]] !== OTHER) {
      return this.codes.bases[raw[from]];
    }
    return isBases(raw, from, to) ? this.known(raw, from, to) : ILLEGAL;
  }

  /** Returns the code of a text that may be an allele. */
  known(raw: Uint8Array, from: number, to: number): number {
    const code = this.alleles.find(raw, from, to);
    if (code >= 0) return code;
    return this.open ? this.alleles.add(raw, from, to) : NEW;
  }
}
