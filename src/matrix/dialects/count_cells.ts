/**
 * Reads cells that are numbers of one allele: counts of ALT (`0`, `1`, `2`), and one code each
 * (`0`, `1`, `?`, `-`).
 *
 * @module
 */
import { ABSENT, MISSING } from "../../base/alleles.ts";
import { TAB, ZERO } from "../../base/bytes.ts";
import { shown } from "../cell_problems.ts";
import type { RowBatch } from "../row_batch.ts";
import { type AlleleFinder, ILLEGAL } from "./allele_finder.ts";
import { type CellPlace, CellReader, markUnphased, READ, runOfSingles } from "./cell_reader.ts";

/** Reads counts of ALT of diploids. */
export class DosageReader extends CellReader {
  readonly bytes = 2;
  readonly copies = 2;
  #ref = -1;
  #alt = -1;

  override number(ref: number, declared: readonly number[]): void {
    this.#ref = ref;
    this.#alt = declared.length === 1 ? declared[0] : -1;
  }

  override run(
    raw: Uint8Array,
    from: number,
    most: number,
    { alleles }: RowBatch,
    at: number,
  ): number {
    const ref = this.#ref, alt = this.#alt;
    let n = 0;
    for (let p = from, to = at; n < most; n++, p += 2, to += 2) {
      const count = raw[p] - ZERO;
      if (count < 0 || count > 2 || raw[p + 1] !== TAB || count > 0 && alt < 0) break;
      alleles[to] = count === 2 ? alt : ref;
      alleles[to + 1] = count === 0 ? ref : alt;
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
    const count = raw[from] - ZERO;
    if (to - from === 1 && count >= 0 && count <= 2) {
      if (count > 0 && this.#alt < 0) return ILLEGAL;
      batch.alleles[place.at] = count === 2 ? this.#alt : this.#ref;
      batch.alleles[place.at + 1] = count === 0 ? this.#ref : this.#alt;
      return READ;
    }
    return this.finder.isMissing(raw, from, to) ? this.fill(batch, place, MISSING) : ILLEGAL;
  }

  override problem(raw: Uint8Array, from: number, to: number): string {
    const cell = shown(raw, from, to);
    return this.#alt < 0 && /^'[12]'$/.test(cell)
      ? `${cell} counts ALTs, and the row has not just one`
      : `${cell} is no count of ALT; expected 0, 1, 2, or missing (NA, ., -1, -9, 9): no call ` +
        "is made of a fraction";
  }
}

/** Reads one code of an allele for each haplotype; a `*` after it says that the order is unknown. */
export class HapsReader extends CellReader {
  readonly bytes = 2;
  readonly copies = 1;
  override readonly phaseFill = 0xff;

  constructor(finder: AlleleFinder) {
    super(finder);
    this.table["?".charCodeAt(0)] = MISSING;
  }

  override number(ref: number, declared: readonly number[]): void {
    const isFirst = ref >= 0 && declared[0] !== ref, [first = -1, second = -1] = declared;
    this.table[ZERO] = isFirst ? ref : first;
    this.table[ZERO + 1] = isFirst ? first : second;
  }

  override run(
    raw: Uint8Array,
    from: number,
    most: number,
    { alleles }: RowBatch,
    at: number,
  ): number {
    return runOfSingles(raw, from, most, this.table, alleles, at);
  }

  override cell(
    raw: Uint8Array,
    from: number,
    to: number,
    batch: RowBatch,
    place: CellPlace,
  ): number {
    const { sample, phase } = place, length = to - from;
    if (length === 1 && raw[from] === GAP) {
      return phase === 0 ? ILLEGAL : this.fill(batch, place, ABSENT);
    }
    if (length === 2 && raw[from + 1] === STAR_BYTE) markUnphased(batch, sample);
    else if (length !== 1) return this.#missing(raw, from, to, batch, place);
    const code = this.table[raw[from]];
    return code < 0 ? this.#missing(raw, from, to, batch, place) : this.fill(batch, place, code);
  }

  #missing(
    raw: Uint8Array,
    from: number,
    to: number,
    batch: RowBatch,
    place: CellPlace,
  ): number {
    // bcftools writes `-1 -` for a haploid call that is missing.
    const isMinusOne = to - from === 2 && raw[from] === GAP && raw[from + 1] === ZERO + 1;
    return isMinusOne || this.finder.isMissing(raw, from, to)
      ? this.fill(batch, place, MISSING)
      : ILLEGAL;
  }

  override problem(raw: Uint8Array, from: number, to: number): string {
    return `${
      shown(raw, from, to)
    } is no haplotype; expected 0, 1, ? (missing), or - for a second haplotype ` +
      "that a sample does not have";
  }
}

const GAP = "-".charCodeAt(0), STAR_BYTE = "*".charCodeAt(0);
