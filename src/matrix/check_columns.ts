/**
 * Looks at the first rows of a matrix for what its header does not tell: columns that hold no
 * alleles, and names of rows.
 *
 * @module
 */
import { MISSING } from "../base/alleles.ts";
import { BLANK, HASH, LF, TAB } from "../base/bytes.ts";
import { InputError } from "../base/errors.ts";
import {
  isBases,
  isFiller,
  isSymbolic,
  lineEnd,
  parsePosition,
  trimBlanks,
  trimSurplus,
} from "./cell_bytes.ts";
import { CellCodes, type CellReading, OTHER } from "./cell_codes.ts";
import { alleleProblem } from "./cell_problems.ts";
import type { RowsStart } from "./first_rows.ts";
import { type MatrixLayout, Role } from "./layout.ts";

/**
 * Makes sure that columns hold alleles, if no sample sheet chose them, and that rows have no names.
 * What is wrong with single cells and rows is left to ingest.
 *
 * @param rows The first rows, as whole lines.
 * @param start Where they are.
 * @throws {InputError} Located at the first such cell or row.
 */
export function checkColumns(
  rows: Uint8Array,
  layout: MatrixLayout,
  start: RowsStart,
  options: Partial<CellReading>,
): void {
  const { missing = [], gap = "missing", iupac = "error" } = options;
  const look = new FirstRows(layout, new CellCodes({ missing, gap, iupac }), start.lines);
  look.add(rows);
  look.refuseRowNames(start.file);
  if (!layout.bySheet) look.refuseAnnotation(start.file);
}

/** A cell in one look: missing, an allele or something like it, or no allele at all. */
const Kind = { Missing: 0, Known: 1, NoAllele: 2 } as const;

/** What other readings take for genotypes: IUPAC letters, and pairs of alleles or of codes. */
const GENOTYPE = (() => {
  const half = "(?:[acgtn]+|[rykmswbdhv]|[*.-]|\\d+|<[^<>,\\s]+>)?";
  return new RegExp(`^(?:[rykmswbdhv-]|${half}(?:[|/]${half})+)$`, "i");
})();

/** The cells of the first rows, counted by column. */
class FirstRows {
  /** Rows seen so far. */
  rows = 0;
  /** Rows with one field too many, of which the first looks like a name. */
  #named = 0;
  /** Number of the first row's line, 1-based. */
  #firstLine = 0;
  readonly #width: number;
  /** Rows that are not too long, and by column how many of their cells are missing or no allele. */
  #fitting = 0;
  readonly #missing: Int32Array;
  readonly #noAllele: Int32Array;
  /** By column, line and problem of the first cell that is no allele. */
  readonly #first = new Map<number, { line: number; problem: string }>();
  readonly #decoder = new TextDecoder();

  constructor(
    private readonly layout: MatrixLayout,
    private readonly codes: CellCodes,
    private lines: number,
  ) {
    this.#width = layout.columns.length;
    this.#missing = new Int32Array(this.#width);
    this.#noAllele = new Int32Array(this.#width);
  }

  /** Looks at rows, whole lines that each end in LF. */
  add(raw: Uint8Array): void {
    for (let at = 0; at < raw.length; at = raw.indexOf(LF, at) + 1) {
      this.lines++;
      if (raw[at] === HASH && raw[at + 1] === HASH) continue;
      if (raw[at] <= BLANK && trimBlanks(raw, at, lineEnd(raw, at)) === at) continue;
      if (this.rows++ === 0) this.#firstLine = this.lines;
      const lineTo = lineEnd(raw, at), end = trimSurplus(raw, at, lineTo);
      const fields = this.#count(raw, at, end, 1);
      if (fields <= this.#width) this.#fitting++;
      else this.#count(raw, at, end, -1);
      const isLonger = fields > this.#width || end < lineTo;
      if (isLonger && this.#isNamed(raw, at, lineTo)) this.#named++;
    }
  }

  /**
   * Counts the cells of a row, or takes them back; returns the number of its fields, surplus ones
   * apart.
   */
  #count(raw: Uint8Array, at: number, end: number, by: 1 | -1): number {
    const missing = this.#missing, { alleles } = this.codes;
    let column = 0;
    for (let p = at;; column++) {
      const code = alleles[raw[p]];
      if (code !== OTHER && raw[p + 1] === TAB && p + 1 < end) {
        if (code === MISSING) missing[column] += by;
        p += 2;
        continue;
      }
      let q = p;
      while (q < end && raw[q] !== TAB) q++;
      const kind = column < this.#width ? this.#kind(raw, p, q, column) : Kind.Known;
      if (kind === Kind.Missing) missing[column] += by;
      else if (kind === Kind.NoAllele) this.#noAllele[column] += by;
      if (q >= end) break;
      p = q + 1;
    }
    for (let rest = column + 1; rest < this.#width; rest++) missing[rest] += by;
    return column + 1;
  }

  #kind(raw: Uint8Array, from: number, to: number, column: number): number {
    if (this.layout.roles[column] < 0) return Kind.Known;
    const code = to - from === 1 ? this.codes.alleles[raw[from]] : OTHER;
    if (code === MISSING || this.codes.missing.find(raw, from, to) >= 0) return Kind.Missing;
    if (to - from > 1 && isFiller(raw, from, to)) return this.#kind(raw, from, from + 1, column);
    if (code !== OTHER || isBases(raw, from, to) || isSymbolic(raw, from, to)) return Kind.Known;
    if (GENOTYPE.test(this.#decoder.decode(raw.slice(from, to)))) return Kind.Known;
    if (!this.#first.has(column)) {
      this.#first.set(column, { line: this.lines, problem: alleleProblem(raw, from, to) });
    }
    return Kind.NoAllele;
  }

  /** Tells whether a row has one field more, and POS and REF one field further to the right. */
  #isNamed(raw: Uint8Array, at: number, end: number): boolean {
    const fields = this.#decoder.decode(raw.slice(at, end)).split("\t");
    if (fields.length !== this.#width + 1) return false;
    const { roles } = this.layout, encoder = new TextEncoder();
    const pos = encoder.encode(fields[roles.indexOf(Role.Pos) + 1]);
    const ref = encoder.encode(fields[roles.indexOf(Role.Ref) + 1]);
    return parsePosition(pos, 0, pos.length) > 0 && isBases(ref, 0, ref.length);
  }

  refuseRowNames(file: string): void {
    if (this.rows === 0 || this.#named < this.rows) return;
    throw new InputError(
      `the row has ${
        this.#width + 1
      } fields, expected ${this.#width}; the first one looks like a ` +
        `name of the row, as R writes them: write the table with row.names=FALSE`,
      { file, line: this.#firstLine },
    );
  }

  refuseAnnotation(file: string): void {
    for (const [column, noAlleles] of this.#noAllele.entries()) {
      const known = this.#fitting - this.#missing[column];
      if (2 * noAlleles <= known) continue;
      const { line, problem } = this.#first.get(column)!;
      throw new InputError(
        `${problem}; ${noAlleles} of the ${known} cells of this column in the first ${this.rows} ` +
          `rows, missing ones apart, are no alleles: if it is annotation, leave it out of the ` +
          `matrix, or choose the other samples with --samples`,
        { file, line, column: this.layout.columns[column] },
      );
    }
  }
}
