/**
 * Counts codes by row and by haplotype with a kernel, for rows whose codes are bytes.
 *
 * @module
 */
import { BASE_ALLELES } from "../base/alleles.ts";
import type { RecordRows } from "../vcf/row_formatter.ts";
import { type Kernel, MemoryLayout, startKernel } from "../kernels/kernel.ts";
import { COUNTS } from "../kernels/modules.ts";

interface CountFunctions {
  layOut(
    haplotypes: number,
    missing: number,
    usual: number,
    unknown: number,
    differ: number,
    singles: number,
  ): void;
  addColumns(rows: number, codes: number, stride: number, refs: number): void;
  countRows(
    rows: number,
    codes: number,
    stride: number,
    refs: number,
    missing: number,
    sites: number,
  ): void;
}

/** Addresses that `kernels/counts.ts` knows, and the first one that it does not. */
const BITS = 1024, NO_CELLS = 1040, FREE = 2048;
/** Bytes of codes that are counted at a time, if a few rows fit, and most rows. */
const WINDOW_BYTES = 1 << 18, FEWEST = 8, MOST = 2048;

/** What stands for the missing haplotypes of a row that is not counted, as it has other codes. */
export const NOT_COUNTED = 0xffffffff;
/** Numbers of sites before those of the spectrum, and their places. */
const BEFORE_SPECTRUM = 130;
const PLACES = { Records: 0, Missing: 1, Major: 2, Tied: 3, Minor: 4, SnpRecords: 5 } as const;
const ALLELES = 8, PAIRS = 16, FREQUENCIES = 80;

/** The numbers of sites of one-base alleles. */
export interface BaseSiteCounts {
  records: number;
  missing: number;
  /** Variants whose REF is more frequent than any ALT, as frequent, or less frequent. */
  major: number;
  tied: number;
  minor: number;
  /** Records with a SNP. */
  snpRecords: number;
  /** Records by their number of alleles. */
  alleles: Uint32Array;
  /** ALTs by `REF << 3 | ALT`, as codes. */
  pairs: Uint32Array;
  frequencies: Uint32Array;
  spectrum: Uint32Array;
}

/** Rows that wait until they are many, and their counts. */
export class CellCounts {
  /** Rows that wait. */
  rows = 0;
  /** Codes of the rows that wait, row after row, and from one to the next. */
  readonly codes: Uint8Array<ArrayBuffer>;
  stride = 0;
  /** Positions (1-based), and codes of REF. */
  readonly pos: Uint32Array<ArrayBuffer>;
  readonly refs: Uint8Array<ArrayBuffer>;
  /** Missing haplotypes of each row that waits, or NOT_COUNTED. */
  readonly missing: Uint32Array<ArrayBuffer>;
  readonly #sites: Uint32Array<ArrayBuffer>;
  readonly #kernel: Kernel<CountFunctions>;
  readonly #most: number;
  readonly #bytes: number;
  readonly #columns: number[];
  #counted = 0;

  constructor(private readonly haplotypes: number, stride: number) {
    this.#most = Math.max(FEWEST, Math.min(MOST, Math.floor(WINDOW_BYTES / Math.max(1, stride))));
    this.#bytes = this.#most * stride;
    const layout = new MemoryLayout(FREE), blocks = 4 * (haplotypes + 16);
    const refs = layout.take(this.#most), pos = layout.take(4 * this.#most);
    const missingAt = layout.take(4 * this.#most);
    const siteNumbers = BEFORE_SPECTRUM + (haplotypes >> 1) + 1,
      sites = layout.take(4 * siteNumbers);
    this.#columns = Array.from({ length: 5 }, () => layout.take(blocks));
    const codes = layout.take(this.#bytes);
    this.#kernel = startKernel<CountFunctions>(COUNTS, layout.length);
    const { memory, functions } = this.#kernel, { buffer } = memory;
    this.codes = new Uint8Array(buffer, codes, this.#bytes);
    this.pos = new Uint32Array(buffer, pos, this.#most);
    this.refs = new Uint8Array(buffer, refs, this.#most);
    this.missing = new Uint32Array(buffer, missingAt, this.#most);
    this.#sites = new Uint32Array(buffer, sites, siteNumbers);
    for (let code = 0; code < 16; code++) {
      memory[BITS + code] = code < BASE_ALLELES.length ? 1 << code : 128;
    }
    memory.fill(255, NO_CELLS + ((haplotypes - 1) & 15) + 1, NO_CELLS + 16);
    const [missing, usual, unknown, differ, singles] = this.#columns;
    functions.layOut(haplotypes, missing, usual, unknown, differ, singles);
  }

  /** Tells whether rows of a stride can wait here beside those that do. */
  fits(stride: number): boolean {
    return stride * FEWEST <= this.#bytes && (this.rows === 0 || stride === this.stride);
  }

  /** Has rows `from` to `to` (0-based, exclusive) wait, as many as there is room for; returns them. */
  push({ alleles, pos, ref, stride }: RecordRows, from: number, to: number): number {
    this.stride = stride;
    const most = Math.min(this.#most, Math.floor(this.#bytes / stride));
    const count = Math.min(to - from, most - this.rows), end = from + count;
    if (count === 0) return 0;
    const last = (end - 1) * stride + this.haplotypes;
    this.codes.set(alleles.subarray(from * stride, last), this.rows * stride);
    this.pos.set(pos.subarray(from, end), this.rows);
    this.refs.set(ref.subarray(from, end) as Uint8Array, this.rows);
    this.rows += count;
    return count;
  }

  /** Counts the rows that wait, by site and by haplotype; they wait on until {@linkcode clear}. */
  count(): void {
    const { functions } = this.#kernel, codes = this.codes.byteOffset;
    const refs = this.refs.byteOffset, { rows, stride } = this;
    functions.addColumns(rows, codes, stride, refs);
    const missing = this.missing.byteOffset;
    functions.countRows(rows, codes, stride, refs, missing, this.#sites.byteOffset);
  }

  /** Lets the counted rows go. */
  clear(): void {
    this.#counted += this.rows;
    this.rows = 0;
  }

  /** Returns the number of rows that were counted since the last call. */
  takeRows(): number {
    const taken = this.#counted;
    this.#counted = 0;
    return taken;
  }

  /** Returns what was counted of sites since the last call. */
  takeSites(): BaseSiteCounts {
    const taken = this.#sites.slice();
    this.#sites.fill(0);
    return {
      records: taken[PLACES.Records],
      missing: taken[PLACES.Missing],
      major: taken[PLACES.Major],
      tied: taken[PLACES.Tied],
      minor: taken[PLACES.Minor],
      snpRecords: taken[PLACES.SnpRecords],
      alleles: taken.subarray(ALLELES, PAIRS),
      pairs: taken.subarray(PAIRS, FREQUENCIES),
      frequencies: taken.subarray(FREQUENCIES, BEFORE_SPECTRUM),
      spectrum: taken.subarray(BEFORE_SPECTRUM),
    };
  }

  /**
   * Returns what was counted for each haplotype since the last call: how often it is missing; missing
   * or REF; it or the next one missing; the two called and different; and the singletons.
   */
  takeColumns(): Uint32Array<ArrayBuffer>[] {
    const { buffer } = this.#kernel.memory;
    return this.#columns.map((at) => {
      const numbers = new Uint32Array(buffer, at, this.haplotypes), taken = numbers.slice();
      // Beyond the last haplotype there is what nobody reads.
      numbers.fill(0);
      return taken;
    });
  }
}
