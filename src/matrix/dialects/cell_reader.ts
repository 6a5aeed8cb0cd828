/**
 * Defines what all readers of cells have in common, and makes the one of a dialect.
 *
 * @module
 */
import { ABSENT } from "../../base/alleles.ts";
import { TAB } from "../../base/bytes.ts";
import { IUPAC, OTHER } from "../cell_codes.ts";
import type { RowBatch } from "../row_batch.ts";
import type { AlleleFinder } from "./allele_finder.ts";

/** The outcome of a cell that was read; otherwise it is ILLEGAL or NEW. */
export const READ = 0;

/** Where the haplotypes of a cell go. */
export interface CellPlace {
  /** Place of the first of them in the batch's codes, and their number. */
  at: number;
  copies: number;
  /** The sample, 0-based. */
  sample: number;
  /** Place of the cell's first haplotype among those of its sample. */
  phase: number;
}

/** A reader of the cells of one kind. */
export abstract class CellReader {
  /** Bytes of a usual cell and the TAB after it. */
  abstract readonly bytes: number;
  /** Haplotypes of a usual cell. */
  abstract readonly copies: 1 | 2;
  /** What the bits of phase are before a row is read. */
  readonly phaseFill: number = 0;
  /** Code of an allele by its one byte; -1 for any other byte. */
  protected readonly table: Int32Array = new Int32Array(256).fill(-1);
  /** Places of the first of the two bases of each IUPAC letter of the row. */
  readonly splits: number[] = [];

  constructor(protected readonly finder: AlleleFinder) {}

  /** Begins a row. */
  begin(): void {
    if (this.splits.length > 0) this.splits.length = 0;
  }

  /**
   * Takes what numbers in the cells of the row stand for.
   *
   * @param ref Code of REF, which is 0 wherever it is declared; below 0 where it is not known yet.
   * @param declared Codes of the declared alleles, in order.
   */
  number(_ref: number, _declared: readonly number[]): void {}

  /**
   * Reads usual cells, each with a TAB after it, from `raw[from]` on, `most` at most.
   *
   * @param at Place of the first haplotype.
   * @param sample Sample of the first cell, 0-based.
   * @returns The number of cells that were read.
   */
  abstract run(
    raw: Uint8Array,
    from: number,
    most: number,
    batch: RowBatch,
    at: number,
    sample: number,
  ): number;

  /** Reads any other cell, `raw[from..to)`. */
  abstract cell(
    raw: Uint8Array,
    from: number,
    to: number,
    batch: RowBatch,
    place: CellPlace,
  ): number;

  /** Says what is wrong with an illegal cell; undefined for what is wrong with an allele. */
  problem(_raw: Uint8Array, _from: number, _to: number): string | undefined {
    return undefined;
  }

  /** Takes the letters of the alphabet of bases, and what else means one allele. */
  protected useLetters(bytes: Uint8Array): void {
    for (let byte = 0; byte < 256; byte++) {
      if (bytes[byte] !== OTHER) this.table[byte] = bytes[byte];
    }
  }

  /** Stores one code for all haplotypes of a cell. */
  protected fill({ alleles }: RowBatch, { at, copies }: CellPlace, code: number): number {
    for (let copy = 0; copy < copies; copy++) alleles[at + copy] = code;
    return READ;
  }

  /** Stores a call of fewer haplotypes than a cell can have. */
  protected fillAbsent({ alleles }: RowBatch, { at, copies }: CellPlace, called: number): void {
    for (let copy = called; copy < copies; copy++) alleles[at + copy] = ABSENT;
  }

  /** Stores the two bases of an IUPAC letter; returns false where the byte is none. */
  protected split(byte: number, { alleles }: RowBatch, { at, copies }: CellPlace): boolean {
    const bases = copies === 2 ? IUPAC[String.fromCharCode(byte & 0xdf)] : undefined;
    if (!bases) return false;
    [alleles[at], alleles[at + 1]] = bases;
    this.splits.push(at);
    return true;
  }
}

/** Marks the alleles of a sample as ordered, in the batch's current row. */
export function markPhased({ phased, rows, shape }: RowBatch, sample: number): void {
  if (shape.phaseBytes) phased[rows * shape.phaseBytes + (sample >> 3)] |= 1 << (sample & 7);
}

/** Marks them as unordered. */
export function markUnphased({ phased, rows, shape }: RowBatch, sample: number): void {
  if (shape.phaseBytes) phased[rows * shape.phaseBytes + (sample >> 3)] &= ~(1 << (sample & 7));
}

/** Reads cells of one allele. */
export class AlleleReader extends CellReader {
  readonly bytes = 2;
  readonly copies = 1;

  constructor(finder: AlleleFinder) {
    super(finder);
    this.useLetters(finder.codes.alleles);
  }

  run(raw: Uint8Array, from: number, most: number, { alleles }: RowBatch, at: number): number {
    return runOfSingles(raw, from, most, this.table, alleles, at);
  }

  cell(raw: Uint8Array, from: number, to: number, batch: RowBatch, place: CellPlace): number {
    const code = this.finder.find(raw, from, to);
    return code < 0 ? code : this.fill(batch, place, code);
  }
}

/** Reads one-byte cells by a table. */
export function runOfSingles(
  raw: Uint8Array,
  from: number,
  most: number,
  table: Int32Array,
  alleles: RowBatch["alleles"],
  at: number,
): number {
  let n = 0;
  for (let p = from; n < most; n++, p += 2) {
    const code = table[raw[p]];
    if (code < 0 || raw[p + 1] !== TAB) break;
    alleles[at + n] = code;
  }
  return n;
}

/** Tells whether `raw[from..to)` has 1 to `most` bytes, all of them of `kinds`. */
export function isOnly(
  raw: Uint8Array,
  from: number,
  to: number,
  most: number,
  kinds: string,
): boolean {
  if (to === from || to - from > most) return false;
  for (let p = from; p < to; p++) if (!kinds.includes(String.fromCharCode(raw[p]))) return false;
  return true;
}
