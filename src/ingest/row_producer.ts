/**
 * Tokenizes pieces of the input into a ring of batches, or, once something unforeseen has turned
 * up, goes on only to collect alleles and contigs.
 *
 * @module
 */
import { CodeSums } from "../checksum/sum_codes.ts";
import type { SumArrays } from "../checksum/sums.ts";
import { recordsOf, type RowStyle } from "../vcf/row_formatter.ts";
import type { RingProducer } from "./batch_ring.ts";
import { TEXT_OVERHEAD } from "../base/dictionary.ts";
import { memoryTooSmall } from "../base/memory_budget.ts";
import { Control } from "./control.ts";
import { batchBytes, missingIn, RowBatch } from "../matrix/row_batch.ts";
import { writing } from "../base/write_error.ts";
import type { TokenizerPlan, Vocabulary } from "../matrix/tokenizer_plan.ts";
import { type RowTokenizer, tokenizerOf } from "../matrix/dialects/row_tokenizer.ts";
import { BasesReader } from "../reference/bases_reader.ts";
import type { ReferenceSource } from "../reference/fasta_index.ts";
import {
  overlongProblem,
  type Piece,
  type RowSource,
  segmentCount,
  sourceLength,
} from "../matrix/line_segments.ts";

/** The job of all producers; plain data, for `postMessage`. */
export interface TokenizeJob {
  plan: TokenizerPlan;
  /** Code of an absent haplotype, or -1. */
  absent: number;
  /** Says what REF is where rows do not; undefined where they do, or nothing does. */
  reference: ReferenceSource | undefined;
  vocabulary: Vocabulary;
  source: RowSource;
  /** Whether a bad row ends the run, or is put aside. */
  onBadRow: "error" | "skip";
  names: NameLimit;
  /** What the genotypes are, where they are summed; undefined where they are not. */
  summed: RowStyle | undefined;
  /** Memory of the {@linkcode Control} that all threads share. */
  control: SharedArrayBuffer;
}

/** How many names of alleles and contigs the memory is enough for. */
export interface NameLimit {
  /** Bytes that the names of one producer may have. */
  most: number;
  /** Bytes of the codes of a row, for the error. */
  rowBytes: number;
}

/** A bad row on its way to the store: a JSON line in the producer's problem file. */
export interface ProblemRecord {
  /** Line, 1-based in its segment. */
  line: number;
  column?: string;
  detail: string;
  /** The row itself, where rows are put aside. */
  row?: string;
  /** True where the run ends, even if bad rows are put aside. */
  fatal?: boolean;
}

/** What a producer learnt of the rows, beside the rows themselves. */
export interface Collected {
  /** Unforeseen alleles. */
  alleles: string[];
  /** Unforeseen contigs in order, each with the segment it was met in. */
  contigs: { name: string; segment: number }[];
  /** Haplotypes (0-based) that no row had an allele of. */
  missing: number[];
  /** Rows that a kernel has read. */
  kernelRows: number;
  /** Sums of the genotypes of all rows, where they are wanted. */
  sums: SumArrays | undefined;
}

/** A producer: it tokenizes pieces into its ring, on its own thread or on the calling one. */
export class RowProducer {
  readonly #tokenizer: RowTokenizer;
  readonly #bases: BasesReader | undefined;
  readonly #control: Control;
  readonly #contigs: Collected["contigs"] = [];
  readonly #known: Vocabulary;
  readonly #sums: CodeSums | undefined;
  /** Code of the contig that is summed. */
  #contig = -1;
  #problems: Deno.FsFile | undefined;
  #problemBytes = 0;
  #sourceBytes = 0;
  /** Bytes of the source that this producer has used up. */
  #readBytes = 0;
  #scratch: RowBatch | undefined;
  /** Haplotypes that no row had an allele of so far; mostly none after the first batch. */
  #missing: number[];

  /**
   * @param job The job, which all producers share.
   * @param ring Takes the batches.
   * @param problemFile Path of this producer's problem file, which is made when it is first needed.
   */
  constructor(
    private readonly job: TokenizeJob,
    private readonly ring: RingProducer,
    private readonly problemFile: string,
  ) {
    this.#known = job.vocabulary;
    this.#sums = job.summed && new CodeSums(job.summed);
    this.#bases = job.reference && new BasesReader(job.reference);
    this.#tokenizer = tokenizerOf(job.plan, job.vocabulary, this.#bases);
    const haplotypes = job.plan.copies.reduce((sum, copies) => sum + copies, 0);
    this.#missing = Array.from({ length: haplotypes }, (_, ordinal) => ordinal);
    this.#control = new Control(job.control);
  }

  /** Tells whether pieces of a segment are still of use. */
  wants(segment: number): boolean {
    return !this.#control.stopped && segment <= this.#control.badSegment;
  }

  /**
   * Tokenizes one piece. It yields after each batch that it published; the caller goes on only when
   * the ring has a free slot again.
   */
  *produce(piece: Piece): Generator<void> {
    const tokenizer = this.#tokenizer, { raw, to } = piece;
    if (piece.first) tokenizer.line = 0;
    this.#sourceBytes += piece.bytes;
    this.#readBytes += piece.bytes;
    let at = piece.from;
    let batch = this.#emptyBatch();
    while (at < to) {
      if (!this.#control.ingesting) return this.#collect(piece, at);
      at = tokenizer.fill(raw, at, to, batch);
      if (tokenizer.unforeseen) {
        this.#control.collect();
        continue;
      }
      if (tokenizer.problem) {
        this.#report(raw, piece.segment);
        if (this.job.onBadRow === "error") break;
        if (this.#problemBytes < 1 << 20) continue;
      }
      if (at < to) {
        this.#publish(piece, false);
        yield;
        batch = this.#emptyBatch();
      }
    }
    if (piece.overlong && at >= to) {
      const detail = overlongProblem(this.job.source.maxLine!);
      this.#write({ line: tokenizer.line + 1, detail, fatal: true }, piece.segment);
    }
    this.#publish(piece, piece.last || at < to);
    yield;
  }

  /** Returns what was met beside the known vocabulary, and what was not met. */
  collected(): Collected {
    return {
      alleles: this.#tokenizer.alleles.texts(this.#known.alleles.length),
      contigs: this.#contigs,
      missing: this.#missing,
      kernelRows: this.#tokenizer.kernelRows,
      sums: this.#sums?.take(),
    };
  }

  /** Closes the problem file, and the reference. */
  close(): void {
    this.#bases?.[Symbol.dispose]();
    this.#problems?.close();
    this.#problems = undefined;
  }

  #emptyBatch(): RowBatch {
    const batch = this.ring.free();
    batch.rows = 0;
    return batch;
  }

  #collect(piece: Piece, from: number): void {
    const tokenizer = this.#tokenizer;
    const batch = this.#scratch ??= this.#newScratch();
    tokenizer.open = true;
    tokenizer.unforeseen = false;
    for (let at = from; at < piece.to && !this.#control.stopped;) {
      batch.rows = 0;
      at = tokenizer.fill(piece.raw, at, piece.to, batch);
      this.#checkNames();
      const known = this.#known.contigs.length + this.#contigs.length;
      for (const name of tokenizer.contigs.texts(known)) {
        this.#contigs.push({ name, segment: piece.segment });
      }
      if (!tokenizer.problem) continue;
      tokenizer.problem = undefined;
      if (this.job.onBadRow === "error") return this.#control.markBad(piece.segment);
    }
    if (piece.overlong) this.#control.markBad(piece.segment);
  }

  /**
   * Makes sure that the memory is enough for the names so far.
   *
   * @throws {UsageError} It is not; the size that would do is that for as many names in the rest.
   */
  #checkNames(): void {
    const { alleles, contigs } = this.#tokenizer, { source, names: { most, rowBytes } } = this.job;
    const bytes = alleles.byteLength + contigs.byteLength +
      TEXT_OVERHEAD * (alleles.size + contigs.size);
    if (bytes <= most) return;
    const all = bytes * Math.max(1, sourceLength(source) / this.#readBytes);
    throw memoryTooSmall(rowBytes, Math.ceil(all));
  }

  /** Makes a batch to collect into, whose codes are of no use and may be cut to its width. */
  #newScratch(): RowBatch {
    const shape = { ...this.ring.free().shape, capacity: 64 };
    return new RowBatch(shape, new ArrayBuffer(batchBytes(shape)));
  }

  #report(raw: Uint8Array, segment: number): void {
    const problem = this.#tokenizer.problem!;
    this.#tokenizer.problem = undefined;
    const { line, column, detail, from, to } = problem;
    const row = this.job.onBadRow === "error"
      ? undefined
      : new TextDecoder().decode(raw.subarray(from, to));
    this.#write({ line, column, detail, row, fatal: row === undefined }, segment);
  }

  /** Adds a record to the problem file. */
  #write(record: ProblemRecord, segment: number): void {
    if (record.fatal) this.#control.markBad(segment);
    const bytes = new TextEncoder().encode(JSON.stringify(record) + "\n");
    writing(this.problemFile, () => {
      this.#problems ??= Deno.openSync(this.problemFile, { append: true, create: true });
      for (let at = 0; at < bytes.length;) at += this.#problems.writeSync(bytes.subarray(at));
    });
    this.#problemBytes += bytes.length;
  }

  /** Sums the rows of a batch, contig by contig. */
  #sum(batch: RowBatch, sums: CodeSums): void {
    const { chrom, rows } = batch, records = recordsOf(batch);
    for (let from = 0, to = 0; from < rows; from = to) {
      while (to < rows && chrom[to] === chrom[from]) to++;
      if (chrom[from] !== this.#contig) {
        this.#contig = chrom[from];
        sums.begin(this.#known.contigs[this.#contig]);
      }
      sums.add(records, from, to);
    }
  }

  #publish({ crc, cell }: Piece, endOfSegment: boolean): void {
    if (this.#missing.length > 0) {
      this.#missing = missingIn(this.ring.free(), this.#missing, this.job.absent);
    }
    if (this.#sums) this.#sum(this.ring.free(), this.#sums);
    this.ring.publish({
      endOfSegment,
      lines: this.#tokenizer.line,
      problemBytes: this.#problemBytes,
      sourceBytes: this.#sourceBytes,
      crc: endOfSegment ? crc : 0,
      cell,
    });
    this.#problemBytes = this.#sourceBytes = 0;
  }
}

/** Returns the producer (0-based) that has a segment: they take turns. */
export function producerOf(segment: number, producers: number): number {
  return segment % producers;
}

/** Returns the number of producers that can work on a source. */
export function producersFor(source: RowSource, threads: number): number {
  return Math.max(1, Math.min(threads, segmentCount(source)));
}
