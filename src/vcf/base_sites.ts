/**
 * Finds REF and ALTs of rows whose alleles all are in BASE_ALLELES, as those of most rows are: the
 * hot loop of convert, where no kernel takes the rows. Pure.
 *
 * @module
 */
import { ANY_BASE, MISSING } from "../base/alleles.ts";
import type { RecordRows } from "./row_formatter.ts";

/** Number of keys; see {@linkcode BaseSites.take}. */
export const BASE_KEYS = 1 << 14;

/** REF and ALTs of a key, as codes. */
export function allelesOfKey(key: number): { ref: number; alts: number[] } {
  const alts = [9, 6, 3, 0].map((shift) => key >> shift & 7).filter((code) => code !== 7);
  return { ref: key >> 12, alts };
}

/** The site of one row after another. */
export class BaseSites {
  /** Set of the row's codes, by bits. */
  seen = 0;
  /** Number of missing haplotypes. */
  missing = 0;

  constructor(private readonly haplotypes: number) {}

  /**
   * Goes on with a row. The loop collects the set of codes and counts the missing ones; four codes a
   * load take 1.3 to 1.6 instead of 2.3 ns a cell in a wide matrix. It stays in one function, as V8
   * does not inline what it would call; see DECISIONS.md, "what a loop costs".
   *
   * @returns The key of REF (two bits) and up to four ALTs (three bits each, 7 for none); -1 where
   * an allele is none of BASE_ALLELES, or REF is not A, C, G or T.
   */
  take({ alleles, words, stride, ref }: RecordRows, row: number): number {
    const from = row * stride, to = from + this.haplotypes;
    let seen = 0, missing = 0, large = 0, at = from;
    if (words) {
      for (; at + 3 < to; at += 4) {
        const four = words.getInt32(at, true);
        const pairs = four & 0x07070707 | (four & 0x07000700) >>> 5;
        const site = SITE_OF_FOUR[pairs & 0x3f | pairs >>> 10 & 0xfc0];
        seen |= site;
        missing += site >> 8;
        large |= four & 0xf8f8f8f8;
      }
      seen &= 0xff;
    }
    for (; at < to; at++) {
      const code = alleles[at];
      seen |= 1 << code;
      large |= code & ~7;
      if (code === MISSING) missing++;
    }
    if (large !== 0 || (seen & 128) !== 0 || ref[row] >= ANY_BASE) return -1;
    this.seen = seen;
    this.missing = missing;
    return keyOf(ref[row], seen, alleles, from);
  }
}

/** Returns the key of a row; its ALTs come in order of appearance. */
function keyOf(ref: number, seen: number, alleles: RecordRows["alleles"], from: number): number {
  let others = seen & ~(1 << ref) & ~(1 << MISSING);
  let key = ref << 12 | 0xfff, shift = 9;
  if (others === 0) return key;
  if ((others & (others - 1)) === 0) return ref << 12 | (31 - Math.clz32(others)) << 9 | 0x1ff;
  for (let at = from; others !== 0; at++) {
    const code = alleles[at];
    if ((others & (1 << code)) === 0) continue;
    others &= ~(1 << code);
    key = key & ~(7 << shift) | code << shift;
    shift -= 3;
  }
  return key;
}

/**
 * The set of four codes and, eight bits higher, the number of missing ones; by three bits of each
 * code.
 */
const SITE_OF_FOUR = Uint16Array.from({ length: 1 << 12 }, (_, four) => {
  const codes = [four & 7, four >> 3 & 7, four >> 6 & 7, four >> 9];
  const missing = codes.filter((code) => code === MISSING).length;
  return codes.reduce((set, code) => set | 1 << code, missing << 8);
});
