/**
 * Looks up the codes of one-letter cells, which most cells are, and the texts that mean missing.
 *
 * @module
 */
import { MISSING, STAR } from "../base/alleles.ts";
import { Dictionary, UPPER_CASE } from "../base/dictionary.ts";
import { printable } from "../base/text.ts";
import { isAnyBases, isBases, isSymbolic } from "./cell_bytes.ts";

/** Options for cells that are no plain alleles; plain data, for `postMessage`. */
export interface CellReading {
  /** Texts that mean missing, beside the usual ones. */
  missing: readonly string[];
  /** What `-` means. */
  gap: "missing" | "star" | "error";
  /** What R Y S W K M mean in an allele cell; `split` takes the letter for both its bases. */
  iupac: "error" | "missing" | "split";
}

/** Texts that always mean missing; case does not count. */
const MISSING_TEXTS = [".", "N", "", "NA"];

/** Codes of the two bases of an IUPAC letter. */
export const IUPAC: Readonly<Record<string, [number, number]>> = {
  R: [0, 2],
  Y: [1, 3],
  S: [1, 2],
  W: [0, 3],
  K: [2, 3],
  M: [0, 1],
};

/**
 * Warns of texts that the user calls missing although they are alleles: they vanish from every
 * cell.
 */
export function missingWarnings(
  { missing, gap }: { missing: readonly string[]; gap: CellReading["gap"] },
): string[] {
  const takesAway = (text: string) =>
    !MISSING_TEXTS.includes(text.toUpperCase()) &&
    (isAllele(text) || (gap === "star" && text === "-"));
  return missing.filter(takesAway).map((text) =>
    `warning: '${printable(text)}' is an allele, and --missing takes it away wherever it stands`
  );
}

function isAllele(text: string): boolean {
  const bytes = encode(text), to = bytes.length;
  return text === "*" || isSymbolic(bytes, 0, to) ||
    (isBases(bytes, 0, to) && !isAnyBases(bytes, 0, to));
}

/** Stands for a byte that is not a known cell of its own. */
export const OTHER = 255;
/** Stands for two bytes of which at least one is not a known cell of its own. */
export const NO_PAIR = 0xffff;

/** Look-ups of codes by the bytes of cells. */
export class CellCodes {
  /** Codes of allele cells by their one byte. */
  readonly alleles: Uint8Array = new Uint8Array(256).fill(OTHER);
  /** Codes of REFs by their one byte. */
  readonly bases: Uint8Array = new Uint8Array(256).fill(OTHER);
  /**
   * Codes of two allele cells by their bytes; the first cell is in the low half of index and code.
   */
  readonly pairs: Uint16Array = new Uint16Array(1 << 16).fill(NO_PAIR);
  /** All texts that mean missing; the code of an entry is of no use. */
  readonly missing: Dictionary = new Dictionary([], UPPER_CASE);

  constructor({ gap, iupac, missing }: CellReading) {
    if (gap === "star") this.alleles["-".charCodeAt(0)] = STAR;
    this.alleles["*".charCodeAt(0)] = STAR;
    for (const [code, base] of [..."ACGTN"].entries()) {
      for (const byte of encode(base + base.toLowerCase())) {
        this.bases[byte] = this.alleles[byte] = code;
      }
    }
    this.#addMissing([
      ...MISSING_TEXTS,
      ...gap === "missing" ? ["-"] : [],
      ...iupac === "missing" ? Object.keys(IUPAC) : [],
      ...missing,
    ]);
    this.#fillPairs();
  }

  #addMissing(texts: readonly string[]): void {
    for (const text of texts) {
      const bytes = encode(text);
      if (this.missing.find(bytes, 0, bytes.length) < 0) this.missing.addText(text);
      if (text.length !== 1 || text > "\x7f") continue;
      for (const byte of encode(text.toLowerCase() + text.toUpperCase())) {
        this.alleles[byte] = MISSING;
      }
    }
  }

  #fillPairs(): void {
    const { alleles, pairs } = this;
    for (let second = 0; second < 256; second++) {
      if (alleles[second] === OTHER) continue;
      for (let first = 0; first < 256; first++) {
        if (alleles[first] !== OTHER) {
          pairs[second << 8 | first] = alleles[second] << 8 | alleles[first];
        }
      }
    }
  }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
