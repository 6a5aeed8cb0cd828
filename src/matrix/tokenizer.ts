/**
 * Turns the bytes of matrix rows into codes in typed arrays: the hot loop of ingest.
 *
 * @module
 */
import { MISSING } from "../base/alleles.ts";
import { keepAnyBases } from "./any_bases.ts";
import {
  fieldCount,
  isBases,
  isBlank,
  isFiller,
  isSymbolic,
  lineEnd,
  namesContig,
  parsePosition,
  restOfLine,
  trimBlanks,
} from "./cell_bytes.ts";
import {
  alleleProblem,
  contigProblem,
  fieldsProblem,
  idProblem,
  positionProblem,
  referenceProblem,
} from "./cell_problems.ts";
import { CellCodes, IUPAC, NO_PAIR, OTHER } from "./cell_codes.ts";
import { Dictionary, UPPER_CASE } from "../base/dictionary.ts";
import type { Codes } from "../base/codes.ts";
import { Role } from "./layout.ts";
import { appendId, hasRoom, type RowBatch } from "./row_batch.ts";
import { RowKernel } from "./row_kernel.ts";
import { type RowProblem, rowProblem } from "./row_problem.ts";
import type { TokenizerPlan, Vocabulary } from "./tokenizer_plan.ts";
import { BAR, DOT, HASH, LESS, LF, SLASH, TAB } from "../base/bytes.ts";

/**
 * The TABs, and their mask, of two one-byte cells with a TAB after each, as a little-endian number.
 */
const TABS_OF_PAIR = 0x09000900, TAB_BYTES = 0xff00ff00 | 0;
/** The kinds of lines that the tokenizer tells apart. */
const Outcome = { Row: 0, Skipped: 1, Bad: 2, Unforeseen: 3 } as const;

/**
 * Tokenizer of rows. With an open vocabulary new alleles and contigs are added to it, to collect
 * them; with a closed one a new one stops the tokenizer with {@linkcode Tokenizer.unforeseen}.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { BASE_ALLELES } from "../base/alleles.ts";
 * import { batchBytes, RowBatch } from "./row_batch.ts";
 * import { Tokenizer } from "./tokenizer.ts";
 * const tokenizer = new Tokenizer({
 *   columns: ["CHROM", "POS", "REF", "10a", "10b"], roles: Int32Array.of(-2, -3, -4, 0, 1),
 *   copies: Uint8Array.of(0, 0, 0, 1, 1), missing: [], gap: "missing",
 *   iupac: "error",
 * }, { alleles: [...BASE_ALLELES], contigs: ["1"] });
 * const shape = { capacity: 4, stride: 2, width: 1, idBytes: 0 } as const;
 * const batch = new RowBatch(shape, new ArrayBuffer(batchBytes(shape)));
 * const raw = new TextEncoder().encode("1\t100\tA\tA\tG\n");
 * assert(tokenizer.fill(raw, 0, raw.length, batch) === raw.length);
 * assert(batch.pos[0] === 100 && batch.alleles[1] === 2);
 * ```
 */
export class Tokenizer {
  /** Lines seen in this segment; set to 0 where one starts. */
  line = 0;
  /** The last bad row, until the caller takes it. */
  problem: RowProblem | undefined;
  /** True when `fill` met an allele or contig that a closed vocabulary lacks. */
  unforeseen = false;
  readonly alleles: Dictionary;
  readonly contigs: Dictionary;
  /** True where new alleles and contigs are added instead of stopping. */
  open = false;
  readonly #roles: Int32Array;
  /** End (exclusive) of the run of one-haplotype columns that a column belongs to. */
  readonly #runEnd: Int32Array;
  /** End (exclusive) of the part of that run in which ordinals ascend by one. */
  readonly #evenEnd: Int32Array;
  readonly #columns: string[];
  readonly #codes: CellCodes;
  /** Reads usual rows; made when rows come, and null where the columns are no usual ones. */
  #kernel: RowKernel | null | undefined;
  /** True where rows begin with CHROM, POS and REF. */
  readonly #startsAsUsual: boolean;
  /** True unless the user has said outright that N is missing. */
  readonly #keepsAnyBases: boolean;
  #lastContig: Uint8Array = new Uint8Array(0);
  #lastContigCode = -1;
  /** Memory for the name of a contig, by its length in bytes. */
  readonly #contigs: Uint8Array<ArrayBuffer>[] = [];

  constructor(private readonly plan: TokenizerPlan, vocabulary: Vocabulary) {
    this.#columns = plan.columns;
    this.#roles = plan.roles;
    this.alleles = new Dictionary(vocabulary.alleles, UPPER_CASE);
    this.contigs = new Dictionary(vocabulary.contigs);
    this.#codes = new CellCodes(plan);
    this.#keepsAnyBases = !plan.missing.some((text) => /^N+$/i.test(text));
    const [first, second, third] = plan.roles;
    this.#startsAsUsual = first === Role.Chrom && second === Role.Pos && third === Role.Ref;
    this.#runEnd = new Int32Array(plan.roles.length);
    this.#evenEnd = new Int32Array(plan.roles.length);
    for (let column = plan.roles.length - 1; column >= 0; column--) {
      const simple = plan.roles[column] >= 0 && plan.copies[column] === 1;
      this.#runEnd[column] = simple ? Math.max(column + 1, this.#runEnd[column + 1] ?? 0) : column;
      this.#evenEnd[column] = simple ? column + 1 : column;
      if (simple && plan.roles[column + 1] === plan.roles[column] + 1) {
        this.#evenEnd[column] = Math.max(column + 1, this.#evenEnd[column + 1]);
      }
    }
  }

  /**
   * Adds the rows of `raw[from..to)`, whole lines that each end in LF, to the batch until it is
   * full, the bytes end, a row is bad (`problem`) or, with a closed vocabulary, something is
   * unforeseen.
   *
   * @returns The offset to go on from, after the last line that was used up.
   */
  fill(raw: Uint8Array, from: number, to: number, batch: RowBatch): number {
    const kernel = this.#startKernel();
    let at = from;
    while (at < to && hasRoom(batch)) {
      if (kernel) {
        const contig = this.#lastContig, code = this.#lastContigCode, before = batch.rows;
        at = kernel.read(raw, at, to, batch, { contig, code, line: this.line });
        this.line += batch.rows - before;
        if (batch.rows > before) continue;
      }
      const first = raw[at];
      this.line++;
      const outcome = first <= HASH ? this.#unusualLine(raw, at, batch) : this.#row(raw, at, batch);
      if (outcome === Outcome.Row) {
        if (this.#unfinished) this.#finish(raw, at, batch);
        batch.line[batch.rows++] = this.line;
        at = this.#next;
        continue;
      }
      if (outcome === Outcome.Unforeseen) {
        this.line--;
        this.unforeseen = true;
        return at;
      }
      at = raw.indexOf(LF, at) + 1;
      if (outcome === Outcome.Bad) return at;
    }
    return at;
  }

  /** Rows that a kernel has read. */
  get kernelRows(): number {
    return this.#kernel?.rows ?? 0;
  }

  #startKernel(): RowKernel | undefined {
    this.#kernel ??= RowKernel.of(this.plan, this.#codes) ?? null;
    this.#kernel?.begin();
    return this.#kernel ?? undefined;
  }

  /** Offset of the next line, after a good row. */
  #next = 0;

  /**
   * Places in the batch where the current row has the first of the two bases of an IUPAC letter.
   */
  readonly #splits: number[] = [];
  /** True where the current row has a symbolic allele. */
  #symbolic = false;
  /** True where the current row has either, and so is not done with when its last cell is stored. */
  #unfinished = false;

  #finish(raw: Uint8Array, at: number, batch: RowBatch): void {
    if (this.#splits.length > 0) this.#putRefFirst(batch);
    if (this.#symbolic && this.#keepsAnyBases) keepAnyBases(raw, at, this.plan, batch);
  }

  /** Forgets what a row left to do; the row before may have been a bad one. */
  #begin(): void {
    this.#unfinished = this.#symbolic = false;
    this.#splits.length = 0;
  }

  /** Puts REF first where an IUPAC letter has it, as the order is free and `0/1` is usual. */
  #putRefFirst({ alleles, ref, rows }: RowBatch): void {
    for (const at of this.#splits) {
      if (alleles[at + 1] !== ref[rows]) continue;
      alleles[at + 1] = alleles[at];
      alleles[at] = ref[rows];
    }
  }

  /** Handles a line that may be no row: a blank one, or a `##` one. */
  #unusualLine(raw: Uint8Array, at: number, batch: RowBatch): number {
    if (raw[at] === HASH && raw[at + 1] === HASH) return Outcome.Skipped;
    const end = lineEnd(raw, at);
    if (trimBlanks(raw, at, end) === at) return Outcome.Skipped;
    return this.#row(raw, at, batch);
  }

  #row(raw: Uint8Array, at: number, batch: RowBatch): number {
    const roles = this.#roles, runEnds = this.#runEnd, cellOfByte = this.#codes.alleles;
    const row = batch.rows, alleles = batch.alleles;
    const base = row * batch.shape.stride, last = roles.length - 1;
    const usual = this.#startsAsUsual ? this.#usualStart(raw, at, batch) : 0;
    let column = usual > 0 ? 3 : 0, p = usual > 0 ? usual : at;
    // Without the test, emptying an empty array took 54 of 191 ns a row; see DECISIONS.md.
    if (this.#unfinished) this.#begin();
    if (batch.shape.idBytes) batch.idEnd[row] = row ? batch.idEnd[row - 1] : 0;
    while (true) {
      if (runEnds[column] > column) {
        // The hot loop: one-letter cells between TABs.
        const end = runEnds[column] > last ? last : runEnds[column];
        const even = Math.min(end, this.#evenEnd[column]);
        if (even - column >= 2) {
          const pairs = this.#pairs(raw, p, even - column >> 1, alleles, base + roles[column]);
          column += 2 * pairs;
          p += 4 * pairs;
        }
        while (column < end) {
          const code = cellOfByte[raw[p]];
          if (code === OTHER || raw[p + 1] !== TAB) break;
          alleles[base + roles[column]] = code;
          p += 2;
          column++;
        }
        if (column === end && end !== last) continue;
        // The last column may not be part of the run: left out, or a whole genotype.
        if (column === last && runEnds[last] > last) {
          const code = cellOfByte[raw[p]];
          if (code !== OTHER && raw[p + 1] === LF) {
            alleles[base + roles[last]] = code;
            this.#next = p + 2;
            return Outcome.Row;
          }
        }
      }
      // Any other cell: find its end, then find out what it is.
      let q = p;
      let byte = raw[q];
      while (byte !== TAB && byte !== LF) byte = raw[++q];
      const atLineEnd = byte === LF;
      if (atLineEnd && column < last) return this.#wrongFields(raw, at, q === at ? 0 : column + 1);
      let cellEnd = q;
      if (column === last) {
        const rest = restOfLine(raw, q);
        if (rest < 0) return this.#wrongFields(raw, at, fieldCount(raw, at));
        if (atLineEnd) { while (cellEnd > p && isBlank(raw[cellEnd - 1])) cellEnd--; }
        else cellEnd = trimBlanks(raw, p, cellEnd);
        this.#next = rest;
      }
      const outcome = this.#cell(raw, at, p, cellEnd, column, batch);
      if (outcome !== Outcome.Row || column === last) return outcome;
      column++;
      p = q + 1;
    }
  }

  /**
   * Stores CHROM, POS and REF of a row that begins with them, where they are as they mostly are:
   * the contig of the row before, digits, one letter. It saves 32 of 125 ns a row; see
   * DECISIONS.md.
   *
   * @returns The offset of the next cell, or 0 where one of the three is unusual.
   */
  #usualStart(raw: Uint8Array, at: number, batch: RowBatch): number {
    const contig = this.#lastContig;
    if (contig.length === 0) return 0;
    let p = at;
    for (let i = 0; i < contig.length; i++) if (raw[p++] !== contig[i]) return 0;
    if (raw[p++] !== TAB) return 0;
    const digits = p;
    let pos = 0;
    for (let digit = raw[p] - 48; digit >= 0 && digit <= 9; digit = raw[++p] - 48) {
      pos = pos * 10 + digit;
    }
    if (pos === 0 || p - digits > 9 || raw[p++] !== TAB) return 0;
    const ref = this.#codes.bases[raw[p]];
    if (ref === OTHER || raw[p + 1] !== TAB) return 0;
    const row = batch.rows;
    batch.chrom[row] = this.#lastContigCode;
    batch.pos[row] = pos;
    batch.ref[row] = ref;
    return p + 2;
  }

  /**
   * Stores pairs of one-byte cells that a TAB follows, `most` at most, and returns their number.
   * Two cells a load take 1.01 instead of 1.75 ns a cell in a wide matrix; see DECISIONS.md.
   */
  #pairs(raw: Uint8Array, from: number, most: number, codes: Codes, to: number): number {
    if (this.#view.buffer !== raw.buffer) this.#view = new DataView(raw.buffer);
    const view = this.#view, cellsOfBytes = this.#codes.pairs, start = raw.byteOffset + from;
    const limit = Math.min(most, view.byteLength - start >> 2);
    let n = 0;
    for (; n < limit; n++) {
      const word = view.getInt32(start + 4 * n, true);
      if ((word & TAB_BYTES) !== TABS_OF_PAIR) break;
      const pair = cellsOfBytes[word >>> 8 & 0xff00 | word & 0xff];
      if (pair === NO_PAIR) break;
      codes[to + 2 * n] = pair & 0xff;
      codes[to + 2 * n + 1] = pair >>> 8;
    }
    return n;
  }

  /** A view of the buffer of the current bytes, for loads of whole words. */
  #view: DataView<ArrayBufferLike> = new DataView(new ArrayBuffer(0));

  /** Stores one cell, `raw[from..to)`. */
  #cell(
    raw: Uint8Array,
    lineAt: number,
    from: number,
    to: number,
    column: number,
    batch: RowBatch,
  ): number {
    const row = batch.rows;
    switch (this.#roles[column]) {
      case Role.Ignored:
      case Role.Alt:
      case Role.Block:
      case Role.Strand:
      case Role.Freq:
        return Outcome.Row;
      case Role.Chrom: {
        const code = this.#contig(raw, from, to);
        if (code === NEW) return Outcome.Unforeseen;
        if (code < 0) return this.#bad(raw, lineAt, column, contigProblem(raw, from, to));
        batch.chrom[row] = code;
        return Outcome.Row;
      }
      case Role.Pos: {
        const pos = parsePosition(raw, from, to);
        if (pos === 0) {
          return this.#bad(raw, lineAt, column, positionProblem(raw, from, to));
        }
        batch.pos[row] = pos;
        return Outcome.Row;
      }
      case Role.Ref: {
        const code = this.#reference(raw, from, to);
        if (code === NEW) return Outcome.Unforeseen;
        if (code < 0) return this.#bad(raw, lineAt, column, referenceProblem(raw, from, to));
        batch.ref[row] = code;
        return Outcome.Row;
      }
      case Role.Id:
        return this.#id(raw, lineAt, from, to, column, batch);
      default: {
        const at = row * batch.shape.stride + this.#roles[column];
        if (this.plan.copies[column] > 1) {
          return this.#genotype(raw, lineAt, from, to, column, batch, at);
        }
        const code = this.#allele(raw, from, to);
        if (code < 0) return this.#noAllele(raw, lineAt, from, to, column, code);
        batch.alleles[at] = code;
        return Outcome.Row;
      }
    }
  }

  #noAllele(
    raw: Uint8Array,
    lineAt: number,
    from: number,
    to: number,
    column: number,
    code: number,
  ): number {
    if (code === NEW) return Outcome.Unforeseen;
    return this.#bad(raw, lineAt, column, alleleProblem(raw, from, to));
  }

  /**
   * Stores a cell that holds both haplotypes of a sample: `A|G`, `A/G`, an IUPAC letter, or `A`.
   */
  #genotype(
    raw: Uint8Array,
    lineAt: number,
    from: number,
    to: number,
    column: number,
    batch: RowBatch,
    at: number,
  ): number {
    const split = this.plan.iupac === "split" && to - from === 1
      ? IUPAC[String.fromCharCode(UPPER_CASE[raw[from]])]
      : undefined;
    if (split) {
      [batch.alleles[at], batch.alleles[at + 1]] = split;
      this.#splits.push(at);
      this.#unfinished = true;
      return Outcome.Row;
    }
    let middle = from;
    while (middle < to && raw[middle] !== BAR && raw[middle] !== SLASH) middle++;
    const first = this.#allele(raw, from, middle);
    if (first < 0) return this.#noAllele(raw, lineAt, from, to, column, first);
    const second = middle === to ? first : this.#allele(raw, middle + 1, to);
    if (second < 0) return this.#noAllele(raw, lineAt, from, to, column, second);
    batch.alleles[at] = first;
    batch.alleles[at + 1] = second;
    return Outcome.Row;
  }

  /** Returns the code of a contig, NEW or ILLEGAL. Rows of a contig mostly follow each other. */
  #contig(raw: Uint8Array, from: number, to: number): number {
    const last = this.#lastContig;
    if (to - from === last.length) {
      let i = 0;
      while (i < last.length && raw[from + i] === last[i]) i++;
      if (i === last.length && i > 0) return this.#lastContigCode;
    }
    let code = this.contigs.find(raw, from, to);
    if (code < 0) {
      if (!namesContig(raw, from, to)) return ILLEGAL;
      if (!this.open) return NEW;
      code = this.contigs.add(raw, from, to);
    }
    // Memory that is there already: contigs of rows that are out of order change with each row.
    const name = this.#contigs[to - from] ??= new Uint8Array(to - from);
    for (let i = 0; i < name.length; i++) name[i] = raw[from + i];
    this.#lastContig = name;
    this.#lastContigCode = code;
    return code;
  }

  #reference(raw: Uint8Array, from: number, to: number): number {
    if (to - from === 1 && this.#codes.bases[raw[from]] !== OTHER) {
      return this.#codes.bases[raw[from]];
    }
    return isBases(raw, from, to) ? this.#known(raw, from, to) : ILLEGAL;
  }

  #allele(raw: Uint8Array, from: number, to: number): number {
    const first = this.#codes.alleles[raw[from]];
    if (to - from === 1 && first !== OTHER) return first;
    if (this.#codes.missing.find(raw, from, to) >= 0) return MISSING;
    // NN and --- mean what N and - mean.
    if (isFiller(raw, from, to)) return first === OTHER ? ILLEGAL : first;
    if (raw[from] === LESS) this.#symbolic = this.#unfinished = true;
    const known = this.alleles.find(raw, from, to);
    if (known >= 0) return known;
    if (!isBases(raw, from, to) && !isSymbolic(raw, from, to)) return ILLEGAL;
    return this.#known(raw, from, to);
  }

  #known(raw: Uint8Array, from: number, to: number): number {
    const code = this.alleles.find(raw, from, to);
    if (code >= 0) return code;
    return this.open ? this.alleles.add(raw, from, to) : NEW;
  }

  #id(
    raw: Uint8Array,
    lineAt: number,
    from: number,
    to: number,
    column: number,
    batch: RowBatch,
  ): number {
    if (to === from || to - from === 1 && raw[from] === DOT) return Outcome.Row;
    const problem = idProblem(raw, from, to);
    if (problem) return this.#bad(raw, lineAt, column, problem);
    appendId(batch, raw, from, to);
    return Outcome.Row;
  }

  #wrongFields(raw: Uint8Array, lineAt: number, found: number): number {
    return this.#bad(
      raw,
      lineAt,
      -1,
      fieldsProblem(found, this.#columns.length, this.plan.separator),
    );
  }

  #bad(raw: Uint8Array, lineAt: number, column: number, detail: string): number {
    this.problem = rowProblem(raw, lineAt, detail, this.line, this.#columns[column]);
    return Outcome.Bad;
  }
}

/** Results of a look-up that are no codes: legal but not known, and illegal. */
const NEW = -2, ILLEGAL = -1;
