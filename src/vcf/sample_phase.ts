/**
 * Tells which genotypes of a row claim an order of their haplotypes, and in which block.
 *
 * @module
 */
import { WHOLE_CONTIG } from "../matrix/dialects/dialect.ts";
import type { RecordRows, RowStyle } from "./row_formatter.ts";

/** The phase of one row after another. */
export class SamplePhase {
  /** True where rows have blocks. */
  readonly mayHaveSets: boolean;
  /** True where the row names blocks, which one does not whose order holds all over the contig. */
  hasSets = false;
  readonly #always: Uint8Array;
  readonly #unphased: boolean;
  #bits: Uint8Array | undefined;
  /** First of the row's bytes in the bits. */
  #bitsAt = 0;
  #sets: Uint32Array | undefined;
  /** First of the row's blocks. */
  #setsAt = 0;

  constructor({ samples, extras, unphased = false }: RowStyle) {
    this.#always = Uint8Array.from(samples, ({ phased }) => phased ? 1 : 0);
    this.#unphased = unphased;
    this.mayHaveSets = extras?.sets === true && !unphased;
  }

  /** Goes on with another row. */
  take({ phased, sets }: RecordRows, row: number): void {
    const { length } = this.#always;
    this.#bits = phased;
    this.#bitsAt = row * ((length + 7) >> 3);
    this.#sets = sets;
    this.#setsAt = row * length;
    this.hasSets = this.mayHaveSets && !this.#isWhole(sets!, row * length);
  }

  /** Tells whether `|` stands between the haplotypes of a sample (0-based). */
  isOrdered(sample: number): boolean {
    if (this.#unphased) return false;
    const marked = this.#bits
      ? this.#bits[this.#bitsAt + (sample >> 3)] >> (sample & 7) & 1
      : this.#always[sample];
    // A claim of order says in which block.
    return marked === 1 && (!this.#sets || this.#sets[this.#setsAt + sample] > 0);
  }

  /** Returns the block of a sample, where it has a number; 0 otherwise. */
  set(sample: number): number {
    const set = this.#sets![this.#setsAt + sample];
    return set !== WHOLE_CONTIG && this.isOrdered(sample) ? set : 0;
  }

  #isWhole(sets: Uint32Array, from: number): boolean {
    let whole = false;
    for (let at = from; at < from + this.#always.length; at++) {
      if (sets[at] === WHOLE_CONTIG) whole = true;
      else if (sets[at] > 0) return false;
    }
    return whole;
  }
}
