/**
 * Makes synthetic genome matrices of any size, the same bytes for the same options.
 *
 * Every row is a function of the seed and the row's index alone, so rows can be made in any order
 * without holding them: a shuffled file is the same rows visited through a permutation of indexes.
 * Everything works on bytes; only multiplication and comparison touch floating point, so that the
 * bytes do not hang on one engine's `Math.log`.
 *
 * @module
 */

import { UsageError } from "../base/errors.ts";
import { DOT, LF, TAB, writeNumber } from "../base/bytes.ts";
import { mix, permutation, Sfc32 } from "./random.ts";

/** The size and the shape of a synthetic genome matrix. */
export interface GenerateOptions {
  /** Rows below the header, at least 1. */
  rows: number;
  /** Samples, haploid ones included, at least 1. */
  samples: number;
  /** How many of the samples are haploid: one column each, named `Vida`, `Vida2`, ... */
  haploid: number;
  /** Chromosomes, named `1`, `2`, ...; the rows are spread evenly over them. */
  chromosomes: number;
  /** Any whole number from 0 to 2^32 - 1. */
  seed: number;
  /** Share of the cells that are missing (`.`), 0 to 1. */
  missing: number;
  /** Share of the rows that are indel sites, 0 to 1. */
  indels: number;
  /** Share of the rows with two or three ALT alleles, 0 to 1. */
  multiallelic: number;
  /** Rows in random order; else chromosomes are contiguous and positions ascend within each. */
  shuffle: boolean;
  /** Allele columns in random order; else `1a`, `1b`, `2a`, `2b`, ..., then the haploid samples. */
  scatter: boolean;
  /** Leave the header line out, for a matrix whose header is a file of its own. */
  headerApart: boolean;
}

/**
 * The options of `data/genome_matrix.tsv`, except for its header: 2,000 rows, 31 allele columns.
 */
export const DEFAULT_GENERATE_OPTIONS: Readonly<GenerateOptions> = Object.freeze({
  rows: 2000,
  samples: 16,
  haploid: 1,
  chromosomes: 4,
  seed: 1,
  missing: 0.02,
  indels: 0,
  multiallelic: 0.03,
  shuffle: false,
  scatter: true,
  headerApart: false,
});

/** Mean distance of two sites, in bases. Each site lies at random within a stretch of its own. */
const SPACING = 10;
/** Largest POS (1-based) that VCF's readers take. */
const LAST_POSITION = 2 ** 31 - 1;
/** Longest allele, in bases. It is a prime, which makes the alleles of an indel site distinct. */
const LONGEST_ALLELE = 7;
/** REF and at most three ALTs, as there are four bases. */
const MOST_ALLELES = 4;
/** Share of monomorphic rows among those that are neither indel nor multi-allelic sites. */
const MONOMORPHIC = 0.05;
/** Share of three ALTs among the multi-allelic rows. */
const THREE_ALTS = 0.25;
/** Bytes of a block; a longer row gets a block of its own size. */
const BLOCK_BYTES = 1 << 20;

const TWO_32 = 2 ** 32;
/**
 * Ordered so that `code ^ 2` is a transition (A-G, C-T) and `code ^ 1`, `code ^ 3` transversions.
 */
const BASES = new TextEncoder().encode("ACGT");
/**
 * Orders in which a site takes its ALT bases, as masks on REF's code; two in three begin with 2.
 */
const ALT_MASKS = [[2, 1, 3], [2, 3, 1], [2, 1, 3], [2, 3, 1], [1, 2, 3], [3, 2, 1]];
/** Code of a missing cell; 0 is REF, 1 to 3 are ALTs. */
const MISSING_CELL = MOST_ALLELES;

/** Numbers that keep the random streams of one seed apart. */
const ROW_STREAM = 0x726f7773;
const ORDER_STREAM = 0x73687566;
const COLUMN_STREAM = 0x636f6c73;
const GENOME_STREAM = 0x67656e6f;

/**
 * Yields the matrix as blocks of bytes, each of whole lines (LF), the header line first unless
 * {@linkcode GenerateOptions.headerApart} is set. **All blocks share one buffer: a block is valid
 * only until the next one is asked for.**
 *
 * REF comes from one imaginary genome per seed, so overlapping sites agree on its bases. A site
 * that is not monomorphic has at least one carrier of each ALT, as far as there are columns and
 * the carrier's cell is not missing.
 *
 * @param options What differs from {@linkcode DEFAULT_GENERATE_OPTIONS}.
 * @throws {UsageError} At once, where an option is out of its range.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { generateMatrix } from "./generate.ts";
 * let bytes = 0;
 * for (const block of generateMatrix({ rows: 100_000, shuffle: true })) bytes += block.length;
 * assert(bytes > 100_000 * 2 * 34);
 * ```
 */
export function generateMatrix(options: Partial<GenerateOptions> = {}): Generator<Uint8Array> {
  return blocks(complete(options));
}

/**
 * Returns the header line of {@linkcode generateMatrix} for the same options: `CHROM`, `POS`, `REF`
 * and the allele columns, TAB-separated, without a newline.
 *
 * @param options What differs from {@linkcode DEFAULT_GENERATE_OPTIONS}.
 * @throws {UsageError} Where an option is out of its range.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { generatedHeader } from "./generate.ts";
 * const header = generatedHeader({ samples: 3, scatter: false });
 * assert(header === "CHROM\tPOS\tREF\t1a\t1b\t2a\t2b\tVida");
 * ```
 */
export function generatedHeader(options: Partial<GenerateOptions> = {}): string {
  const all = complete(options);
  return ["CHROM", "POS", "REF", ...alleleColumns(all)].join("\t");
}

/** Returns the names of the allele columns, in file order. */
function alleleColumns({ samples, haploid, scatter, seed }: GenerateOptions): string[] {
  const names: string[] = [];
  for (let k = 1; k <= samples - haploid; k++) names.push(`${k}a`, `${k}b`);
  for (let k = 1; k <= haploid; k++) names.push(k === 1 ? "Vida" : `Vida${k}`);
  if (!scatter) return names;
  const place = permutation(names.length, seed ^ COLUMN_STREAM);
  return names.map((_, column) => names[place(column)]);
}

function* blocks(options: GenerateOptions): Generator<Uint8Array> {
  if (!options.headerApart) yield new TextEncoder().encode(generatedHeader(options) + "\n");
  const maker = new RowMaker(options);
  const buffer = new Uint8Array(Math.max(BLOCK_BYTES, maker.longestRow));
  const indexOf = options.shuffle
    ? permutation(options.rows, options.seed ^ ORDER_STREAM)
    : (row: number) => row;
  let end = 0;
  for (let row = 0; row < options.rows; row++) {
    if (end + maker.longestRow > buffer.length) {
      yield buffer.subarray(0, end);
      end = 0;
    }
    end = maker.write(indexOf(row), buffer, end);
  }
  yield buffer.subarray(0, end);
}

/** A maker of rows, each from the seed and the row's index alone. */
class RowMaker {
  /** Most bytes of a row: 22 for CHROM and POS, then REF and the cells, all with separators. */
  readonly longestRow: number;
  readonly #options: GenerateOptions;
  readonly #random = new Sfc32();
  /** One code per allele column: REF, an ALT or {@linkcode MISSING_CELL}. */
  readonly #cells: Uint8Array;
  /** Exclusive ends of the draws that give code 1, 2, 3 and 4; what is above them is REF. */
  readonly #bounds = new Float64Array(MISSING_CELL);
  /** Bytes of allele `k` from `k * LONGEST_ALLELE` on; the last of them is the missing one. */
  readonly #alleles = new Uint8Array((MOST_ALLELES + 1) * LONGEST_ALLELE);
  /** Length of each allele, in bytes. */
  readonly #lengths = new Uint8Array(MOST_ALLELES + 1);

  constructor(options: GenerateOptions) {
    const columns = 2 * options.samples - options.haploid;
    this.#options = options;
    this.#cells = new Uint8Array(columns);
    this.longestRow = 22 + (columns + 1) * (LONGEST_ALLELE + 1);
    this.#alleles[MISSING_CELL * LONGEST_ALLELE] = DOT;
    this.#lengths.fill(1);
  }

  /**
   * Writes one row with its newline.
   *
   * @param index Number of the row, 0-based, in sorted order.
   * @param start Offset of the row in `out`.
   * @returns Offset of the row's end in `out`, exclusive.
   */
  write(index: number, out: Uint8Array, start: number): number {
    const { rows, chromosomes, seed, indels, multiallelic } = this.#options;
    const random = this.#random;
    random.start(seed, index, ROW_STREAM);
    const chromosome = Math.floor((index * chromosomes) / rows);
    const site = index - Math.ceil((chromosome * rows) / chromosomes);
    const position = site * SPACING + 1 + random.below(SPACING);

    const indel = random.chance(indels);
    const alts = random.chance(multiallelic)
      ? (random.chance(THREE_ALTS) ? 3 : 2)
      : (indel || !random.chance(MONOMORPHIC) ? 1 : 0);
    if (indel) this.#indelAlleles(chromosome, position);
    else this.#baseAlleles(chromosome, position);
    this.#drawCells(alts);

    let end = writeNumber(out, start, chromosome + 1);
    out[end++] = TAB;
    end = writeNumber(out, end, position);
    out[end++] = TAB;
    end = this.#writeAllele(0, out, end);
    end = indel ? this.#writeIndelCells(out, end) : this.#writeBaseCells(out, end);
    out[end - 1] = LF;
    return end;
  }

  /** Takes REF from the genome, then the other three bases in a random order. */
  #baseAlleles(chromosome: number, position: number): void {
    const ref = genomeBase(this.#options.seed, chromosome, position);
    const masks = ALT_MASKS[this.#random.below(ALT_MASKS.length)];
    this.#alleles[0] = BASES[ref];
    for (let k = 1; k < MOST_ALLELES; k++) {
      this.#alleles[k * LONGEST_ALLELE] = BASES[ref ^ masks[k - 1]];
    }
    this.#lengths[0] = 1;
  }

  /**
   * Makes the alleles of an indel site, which begin alike and differ in length. The lengths are
   * steps around a circle of a prime circumference, so no two are the same. REF (insertion) or the
   * first ALT (deletion) is the one of a single base.
   */
  #indelAlleles(chromosome: number, position: number): void {
    const random = this.#random;
    const step = 1 + random.below(LONGEST_ALLELE - 1);
    const first = random.chance(0.5) ? LONGEST_ALLELE - step : 0;
    for (let k = 0; k < MOST_ALLELES; k++) {
      this.#lengths[k] = 1 + (first + k * step) % LONGEST_ALLELE;
    }
    for (let at = 0; at < LONGEST_ALLELE; at++) {
      const base = at < this.#lengths[0]
        ? genomeBase(this.#options.seed, chromosome, position + at)
        : random.below(BASES.length);
      for (let k = 0; k < MOST_ALLELES; k++) this.#alleles[k * LONGEST_ALLELE + at] = BASES[base];
    }
  }

  /** Draws every cell, and a carrier for each ALT, without which a site would not be variant. */
  #drawCells(alts: number): void {
    const cells = this.#cells;
    const random = this.#random;
    const missing = this.#options.missing * TWO_32;
    const variant = alts === 0 ? 0 : (TWO_32 - missing) * rareShare(random.share());
    const bounds = this.#bounds;
    bounds[0] = alts > 1 ? variant / 2 : variant;
    bounds[1] = alts > 2 ? variant * 3 / 4 : variant;
    bounds[2] = variant;
    const refFrom = bounds[3] = variant + missing;
    for (let column = 0; column < cells.length; column++) {
      const drawn = random.next();
      let code = 0;
      if (drawn < refFrom) { while (drawn >= bounds[code++]); }
      cells[column] = code;
    }
    let carrier = random.below(cells.length);
    for (let alt = 1; alt <= alts; alt++) {
      if (cells[carrier] !== MISSING_CELL) cells[carrier] = alt;
      carrier = (carrier + 1) % cells.length;
    }
  }

  /** Writes cells of one byte each, as in most rows, without a loop over an allele's bytes. */
  #writeBaseCells(out: Uint8Array, start: number): number {
    const cells = this.#cells;
    const alleles = this.#alleles;
    let end = start;
    for (let column = 0; column < cells.length; column++) {
      out[end] = alleles[cells[column] * LONGEST_ALLELE];
      out[end + 1] = TAB;
      end += 2;
    }
    return end;
  }

  #writeIndelCells(out: Uint8Array, start: number): number {
    let end = start;
    for (const cell of this.#cells) end = this.#writeAllele(cell, out, end);
    return end;
  }

  /** Writes one allele and a TAB. */
  #writeAllele(allele: number, out: Uint8Array, start: number): number {
    const from = allele * LONGEST_ALLELE;
    let end = start;
    for (let k = 0; k < this.#lengths[allele]; k++) out[end++] = this.#alleles[from + k];
    out[end++] = TAB;
    return end;
  }
}

/** Turns an even share into an allele frequency: most are rare, a few common, the mean is 1/5. */
function rareShare(even: number): number {
  return even * even * even * even;
}

/**
 * Returns the code of the imaginary genome's base at a position (1-based) of a chromosome
 * (0-based).
 */
function genomeBase(seed: number, chromosome: number, position: number): number {
  return mix(mix(seed ^ GENOME_STREAM ^ chromosome) ^ position) & 3;
}

/** Returns the options with the defaults filled in, and checks that all are within range. */
function complete(given: Partial<GenerateOptions>): GenerateOptions {
  const options = { ...DEFAULT_GENERATE_OPTIONS, ...given };
  checkWhole("rows", options.rows, 1, TWO_32 - 1);
  checkWhole("samples", options.samples, 1, 1_000_000);
  checkWhole("haploid", options.haploid, 0, options.samples);
  checkWhole("chromosomes", options.chromosomes, 1, options.rows);
  checkWhole("seed", options.seed, 0, TWO_32 - 1);
  for (const name of ["missing", "indels", "multiallelic"] as const) {
    checkShare(name, options[name]);
  }
  const needed = Math.ceil(options.rows / options.chromosomes) * SPACING;
  if (needed > LAST_POSITION - LONGEST_ALLELE) {
    throw new UsageError(
      `cannot place ${options.rows} rows on ${options.chromosomes} chromosomes: ` +
        `positions end at ${LAST_POSITION}; take more chromosomes`,
    );
  }
  return options;
}

function checkWhole(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new UsageError(`${name} must be a whole number from ${least} to ${most}: ${value}`);
}

function checkShare(name: string, value: number): void {
  if (value >= 0 && value <= 1) return;
  throw new UsageError(`${name} must be a number from 0 to 1: ${value}`);
}
