/**
 * Tokenizes pieces of the input into a ring of batches, or, once something unforeseen has turned up,
 * goes on only to collect alleles and contigs.
 *
 * @module
 */
import type { RingProducer } from "./batch_ring.ts";
import { Control } from "./control.ts";
import { batchBytes, RowBatch } from "../matrix/row_batch.ts";
import { Tokenizer, type TokenizerPlan, type Vocabulary } from "../matrix/tokenizer.ts";
import { type Piece, type RowSource, segmentCount } from "../matrix/line_segments.ts";

/** A job for producers; plain data, for `postMessage`. */
export interface TokenizeJob {
  plan: TokenizerPlan;
  vocabulary: Vocabulary;
  source: RowSource;
  /** Does a bad row end the run, or is it put aside? */
  onBadRow: "error" | "skip";
  /** What {@linkcode Control} is made over. */
  control: SharedArrayBuffer;
}

/** A bad row on its way to the main thread: a JSON line in the producer's problem file. */
export interface ProblemRecord {
  /** Line, 1-based in its segment. */
  line: number;
  column?: string;
  detail: string;
  /** The row itself, where rows are put aside. */
  row?: string;
}

/** Alleles and contigs that were met, contigs in order and with the segment they were met in. */
export interface Collected {
  alleles: string[];
  contigs: { name: string; segment: number }[];
}

/** One of the threads, or the only one, that tokenize. */
export class RowProducer {
  readonly #tokenizer: Tokenizer;
  readonly #control: Control;
  readonly #contigs: Collected["contigs"] = [];
  readonly #known: Vocabulary;
  #problems: Deno.FsFile | undefined;
  #problemBytes = 0;
  #sourceBytes = 0;
  #scratch: RowBatch | undefined;

  /**
   * @param job What to do.
   * @param ring Where batches go.
   * @param problemFile Path of this producer's problem file; made when it is first needed.
   */
  constructor(
    private readonly job: TokenizeJob,
    private readonly ring: RingProducer,
    private readonly problemFile: string,
  ) {
    this.#known = job.vocabulary;
    this.#tokenizer = new Tokenizer(job.plan, job.vocabulary);
    this.#control = new Control(job.control);
  }

  /** Is a piece of this segment still of use? */
  wants(segment: number): boolean {
    return !this.#control.stopped && segment <= this.#control.badSegment;
  }

  /**
   * Tokenize one piece. Yields after each batch it has published; the caller goes on only when the
   * ring has a free slot again.
   */
  *produce(piece: Piece): Generator<void> {
    const tokenizer = this.#tokenizer, { raw, to } = piece;
    if (piece.first) tokenizer.line = 0;
    this.#sourceBytes += piece.bytes;
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
        this.#publish(false, 0);
        yield;
        batch = this.#emptyBatch();
      }
    }
    this.#publish(piece.last || at < to, piece.crc);
    yield;
  }

  /** What was met beside the known vocabulary. */
  collected(): Collected {
    return {
      alleles: this.#tokenizer.alleles.texts(this.#known.alleles.length),
      contigs: this.#contigs,
    };
  }

  /** Close the problem file. */
  close(): void {
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
      const known = this.#known.contigs.length + this.#contigs.length;
      for (const name of tokenizer.contigs.texts(known)) {
        this.#contigs.push({ name, segment: piece.segment });
      }
      if (!tokenizer.problem) continue;
      tokenizer.problem = undefined;
      if (this.job.onBadRow === "error") return this.#control.markBad(piece.segment);
    }
  }

  /** Codes are of no use while collecting, so they may be cut to a byte. */
  #newScratch(): RowBatch {
    const shape = { ...this.ring.free().shape, capacity: 64 };
    return new RowBatch(shape, new ArrayBuffer(batchBytes(shape)));
  }

  #report(raw: Uint8Array, segment: number): void {
    const problem = this.#tokenizer.problem!;
    this.#tokenizer.problem = undefined;
    const { line, column, detail, from, to } = problem;
    const record: ProblemRecord = { line, column, detail };
    if (this.job.onBadRow === "error") this.#control.markBad(segment);
    else record.row = new TextDecoder().decode(raw.subarray(from, to));
    const bytes = new TextEncoder().encode(JSON.stringify(record) + "\n");
    this.#problems ??= Deno.openSync(this.problemFile, { append: true, create: true });
    for (let at = 0; at < bytes.length;) at += this.#problems.writeSync(bytes.subarray(at));
    this.#problemBytes += bytes.length;
  }

  #publish(endOfSegment: boolean, crc: number): void {
    this.ring.publish({
      endOfSegment,
      lines: this.#tokenizer.line,
      problemBytes: this.#problemBytes,
      sourceBytes: this.#sourceBytes,
      crc,
    });
    this.#problemBytes = this.#sourceBytes = 0;
  }
}

/** Which producer has a segment: they take turns. */
export function producerOf(segment: number, producers: number): number {
  return segment % producers;
}

/** How many producers can work on a source. */
export function producersFor(source: RowSource, threads: number): number {
  return Math.max(1, Math.min(threads, segmentCount(source)));
}
