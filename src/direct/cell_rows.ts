/**
 * Tokenizes the rows of one cell of the grid, and finds out how they are cut into partitions.
 *
 * @module
 */
import { enumWidth } from "../base/codes.ts";
import { GridTracker, type LineRange } from "../matrix/grid.ts";
import { batchBytes, batchShape, missingIn, RowBatch, type RowParts } from "../matrix/row_batch.ts";
import type { RowProblem } from "../matrix/row_problem.ts";
import type { TokenizerPlan } from "../matrix/tokenizer_plan.ts";
import { absentCode, firstAlleles } from "../matrix/dialects/row_extras.ts";
import { type RowTokenizer, tokenizerOf } from "../matrix/dialects/row_tokenizer.ts";
import { BasesReader } from "../reference/bases_reader.ts";
import type { ReferenceSource } from "../reference/fasta_index.ts";
import type { OrderedRows } from "../output/ordered_rows.ts";
import { CHUNK_ROWS } from "../base/memory_budget.ts";
import { type RecordRows, recordsOf } from "../vcf/row_formatter.ts";

/** What is read, and what becomes of bad rows. */
export interface CellReadingJob {
  plan: TokenizerPlan;
  haplotypes: number;
  parts: RowParts;
  /** Says what REF is where rows do not; undefined where they do, or nothing does. */
  bases: ReferenceSource | undefined;
  onBadRow: "error" | "skip";
}

/** A run of rows of one contig within one range of the grid. */
interface Run {
  contig: number;
  /** The range, 0-based. */
  range: number;
  /** Rows of the batches, end excluded; the first and the last batch may have others, too. */
  slices: { batch: number; from: number; to: number }[];
}

/** A part of a cell that the table would give as one partition. */
export interface CellPartition {
  runs: Run[];
}

/** A contig in a cell. */
export interface CellContig {
  code: number;
  records: number;
  /** Positions of its first and last row, 1-based. */
  firstPos: number;
  lastPos: number;
  /** Lines of its first and last row, 1-based in the cell. */
  firstLine: number;
  lastLine: number;
}

/** Alleles and contigs, and bytes of them, above which their codes are given anew. */
const MOST_NAMES = 1 << 14, MOST_NAME_BYTES = 1 << 20;

/** The rows of a cell. The memory is used again for the next one. */
export class CellRows {
  /** Lines of the cell. */
  lines = 0;
  /** Good rows, and those of them that a kernel has read. */
  rows = 0;
  kernelRows = 0;
  /** Bad rows, in order; where they end the run, only the first. */
  problems: (RowProblem & { row?: string })[] = [];
  /** True where a position is less than the one before. */
  falls = false;
  /** True where a contig comes back after another one. */
  comesBack = false;
  /** The ranges of the rows, by lines in the cell. */
  ranges: LineRange[] = [];
  /** The contigs; where rows are out of order, those up to there. */
  contigs: CellContig[] = [];
  readonly #met = new Set<number>();
  #tokenizer: RowTokenizer;
  readonly #bases: BasesReader | undefined;
  #width: 1 | 2 | 4 = 1;
  #batches: { batch: RowBatch; records: RecordRows }[] = [];
  #used = 0;
  #runs: Run[] = [];
  /** Haplotypes that no row had an allele of so far. */
  #missing: number[];
  /** Bases of the longest allele so far. */
  longest = 1;
  #measured = 0;

  constructor(private readonly job: CellReadingJob) {
    this.#bases = job.bases && new BasesReader(job.bases);
    this.#tokenizer = this.#newTokenizer();
    this.#missing = Array.from({ length: job.haplotypes }, (_, ordinal) => ordinal);
  }

  /** Haplotypes (0-based) that no row of any cell had an allele of. */
  get missing(): readonly number[] {
    return this.#missing;
  }

  /** Alleles by code; there may be more after the next cell, and other ones. */
  get alleles(): string[] {
    return this.#tokenizer.alleles.texts();
  }

  /** Number of alleles that have codes. */
  get alleleCount(): number {
    return this.#tokenizer.alleles.size;
  }

  /** Returns the name of a contig. */
  contigName(code: number): string {
    return this.#tokenizer.contigs.text(code);
  }

  /**
   * Reads a cell.
   *
   * @param raw Its lines are `raw[from..to)`, each with its LF.
   * @returns False where alleles have other codes than before.
   */
  read(raw: Uint8Array, from: number, to: number): boolean {
    const { alleles, contigs } = this.#tokenizer;
    const tooMany = Math.max(alleles.size, contigs.size) > MOST_NAMES ||
      alleles.byteLength + contigs.byteLength > MOST_NAME_BYTES;
    if (tooMany) {
      this.#tokenizer = this.#newTokenizer();
      this.#measured = 0;
      this.#setWidth(1);
    }
    while (!this.#tokenize(raw, from, to)) this.#setWidth(enumWidth(this.alleleCount));
    this.#measure();
    this.#findRuns();
    return !tooMany;
  }

  /** Returns the partitions of the cell, in order. */
  partitions(): CellPartition[] {
    const partitions: CellPartition[] = [];
    for (let first = 0, end = 0; first < this.#runs.length; first = end) {
      const { range } = this.#runs[first];
      while (end < this.#runs.length && this.#runs[end].range === range) end++;
      const runs = this.#runs.slice(first, end), inner = runs.slice(1, -1);
      partitions.push({ runs: [runs[0]] });
      if (inner.length > 0) partitions.push({ runs: inner });
      if (runs.length > 1) partitions.push({ runs: [runs.at(-1)!] });
    }
    return partitions;
  }

  /** Closes the reference. */
  close(): void {
    this.#bases?.[Symbol.dispose]();
  }

  /** Yields the rows of a partition. */
  *rowsOf({ runs }: CellPartition): Generator<OrderedRows> {
    for (const [contig, { slices }] of runs.entries()) {
      for (const { batch, from, to } of slices) {
        const chunks = [this.#batches[batch].records];
        yield { contig, chunks, order: IN_ORDER.subarray(from, to) };
      }
    }
  }

  #newTokenizer(): RowTokenizer {
    const vocabulary = { alleles: firstAlleles(this.job.parts), contigs: [] };
    const tokenizer = tokenizerOf(this.job.plan, vocabulary, this.#bases);
    tokenizer.open = true;
    return tokenizer;
  }

  #setWidth(width: 1 | 2 | 4): void {
    if (width === this.#width) return;
    this.#width = width;
    this.#batches = [];
  }

  /** Tokenizes a cell; returns false where its codes do not fit the width of the batches. */
  #tokenize(raw: Uint8Array, from: number, to: number): boolean {
    const tokenizer = this.#tokenizer, { onBadRow } = this.job;
    const kernelRows = tokenizer.kernelRows;
    this.#used = this.rows = tokenizer.line = 0;
    this.problems = [];
    let batch: RowBatch | undefined;
    for (let at = from; at < to;) {
      batch ??= this.#nextBatch();
      at = tokenizer.fill(raw, at, to, batch);
      if (enumWidth(tokenizer.alleles.size) > this.#width) return false;
      const { problem } = tokenizer;
      if (problem) {
        tokenizer.problem = undefined;
        const row = onBadRow === "skip"
          ? new TextDecoder().decode(raw.subarray(problem.from, problem.to))
          : undefined;
        this.problems.push({ ...problem, row });
        if (onBadRow === "error") break;
        if (at < to && hasCapacity(batch)) continue;
      }
      this.rows += batch.rows;
      if (this.#missing.length > 0) {
        this.#missing = missingIn(batch, this.#missing, absentCode(this.job.parts));
      }
      batch = undefined;
    }
    this.lines = tokenizer.line;
    this.kernelRows = tokenizer.kernelRows - kernelRows;
    return true;
  }

  #nextBatch(): RowBatch {
    const { haplotypes, parts } = this.job;
    if (this.#used === this.#batches.length) {
      const shape = batchShape(haplotypes, parts, this.#width);
      const batch = new RowBatch(shape, new ArrayBuffer(batchBytes(shape)));
      this.#batches.push({ batch, records: recordsOf(batch) });
    }
    const { batch } = this.#batches[this.#used++];
    batch.rows = 0;
    return batch;
  }

  #measure(): void {
    const { alleles } = this.#tokenizer;
    for (; this.#measured < alleles.size; this.#measured++) {
      this.longest = Math.max(this.longest, alleles.text(this.#measured).length);
    }
  }

  #findRuns(): void {
    const grid = new GridTracker();
    for (let n = 0; n < this.#used; n++) grid.add(this.#batches[n].batch, 0, 0);
    this.ranges = grid.ranges;
    this.#runs = [];
    this.contigs = [];
    this.falls = this.comesBack = false;
    this.#met.clear();
    let range = 0;
    for (let n = 0; n < this.#used; n++) {
      const { batch } = this.#batches[n];
      for (let from = 0, to = 0; from < batch.rows; from = to) {
        while (batch.line[from] > grid.ranges[range].last) range++;
        to = this.#endOfRun(batch, from, grid.ranges[range]);
        this.#addSlice(n, from, to, range);
        // In random order, each row would begin another run.
        if (this.falls || this.comesBack) return;
      }
    }
  }

  /** Returns the end (exclusive) of the rows of one contig and range. */
  #endOfRun({ rows, chrom, line }: RowBatch, from: number, { last }: LineRange): number {
    const contig = chrom[from];
    let to = from + 1;
    while (to < rows && chrom[to] === contig && line[to] <= last) to++;
    return to;
  }

  #addSlice(n: number, from: number, to: number, range: number): void {
    const { chrom, pos, line } = this.#batches[n].batch, contig = chrom[from];
    const run = this.#runs.at(-1), slice = { batch: n, from, to };
    if (run?.contig === contig && run.range === range) run.slices.push(slice);
    else this.#runs.push({ contig, range, slices: [slice] });
    let open = this.contigs.at(-1);
    if (open?.code !== contig) {
      this.comesBack = this.#met.has(contig);
      this.#met.add(contig);
      const [firstPos, firstLine] = [pos[from], line[from]];
      open = {
        code: contig,
        records: 0,
        firstPos,
        lastPos: firstPos,
        firstLine,
        lastLine: firstLine,
      };
      this.contigs.push(open);
    }
    let last = open.lastPos;
    for (let row = from; row < to; row++) {
      if (pos[row] < last) this.falls = true;
      last = pos[row];
    }
    open.records += to - from;
    open.lastPos = last;
    open.lastLine = line[to - 1];
  }
}

/** Row numbers of a chunk whose rows are in order. */
const IN_ORDER = Uint32Array.from({ length: CHUNK_ROWS }, (_, row) => row);

function hasCapacity({ rows, shape }: RowBatch): boolean {
  return rows < shape.capacity;
}
