/**
 * Takes the batches of all producers in file order, counts lines, and handles bad rows.
 *
 * @module
 */
import type { RingConsumer } from "./batch_ring.ts";
import { InputError, MachineError } from "../base/errors.ts";
import { changedFile } from "../base/input_state.ts";
import { type RowSource, segmentCount, sourceLength } from "../matrix/line_segments.ts";
import { Control } from "./control.ts";
import { type ProblemRecord, producerOf } from "./row_producer.ts";
import type { RowBatch } from "../matrix/row_batch.ts";
import { writing } from "../base/write_error.ts";

/** The ring and the problem file of one producer. */
export interface ProducerEnd {
  ring: RingConsumer;
  problemFile: string;
  /**
   * Makes a producer on this thread publish a batch, and returns false where none is left;
   * undefined for a producer on another thread.
   */
  pump?: () => boolean;
}

/** Receives each bad row once, in file order; `line` is 1-based in the file. */
export type RejectSink = (line: number, problem: ProblemRecord) => void;

/** The batches of a run, in file order. */
export class BatchFeed implements Disposable {
  /** Bytes of the source used up so far. */
  sourceBytes = 0;
  /** Lines before the current segment. */
  lineBase: number;
  /** Cell of the grid that the current batch is in, 0-based. */
  cell = 0;
  /** The error that ended the run early. */
  failure: Error | undefined;
  /** CRC-32 of each segment; empty unless they are wanted. */
  readonly checksums: Uint32Array;
  #segment = 0;
  readonly #segments: number;
  readonly #control: Control;
  readonly #problems: (Deno.FsFile | undefined)[];

  constructor(
    private readonly source: RowSource,
    private readonly producers: readonly ProducerEnd[],
    control: SharedArrayBuffer,
    private readonly headerLines: number,
    private readonly reject: RejectSink | undefined,
  ) {
    this.#segments = segmentCount(source);
    this.checksums = new Uint32Array(source.checksums ? this.#segments : 0);
    this.#control = new Control(control);
    this.#problems = producers.map(() => undefined);
    this.lineBase = headerLines;
  }

  /** True while rows are wanted: nothing is unforeseen, has failed or was interrupted. */
  get going(): boolean {
    return this.#control.ingesting;
  }

  /**
   * Returns the next batch with rows; undefined at the end, or when the run is over early. The
   * batch is the caller's until {@linkcode release}.
   */
  next(): RowBatch | undefined {
    while (this.#segment < this.#segments) {
      const producer = this.#current();
      if (!this.#wait(producer)) return undefined;
      const head = producer.ring.head();
      this.sourceBytes += head.sourceBytes;
      this.cell = head.cell;
      if (head.problemBytes > 0) this.#readProblems(head.problemBytes);
      if (this.failure) return this.#stop();
      const batch = producer.ring.batch();
      if (batch.rows > 0) return batch;
      this.release();
    }
    if (this.sourceBytes === sourceLength(this.source)) return undefined;
    this.failure = changedFile(this.source.shown);
    return this.#stop();
  }

  /** Gives back the batch of {@linkcode next}. */
  release(): void {
    const { ring } = this.#current();
    const { endOfSegment, lines, crc } = ring.head();
    ring.release();
    if (!endOfSegment) return;
    this.checksums[this.#segment] = crc;
    this.lineBase += lines;
    this.#segment++;
  }

  /** Ends the run; producers stop at the next batch. */
  #stop(): undefined {
    this.#control.stop();
  }

  #current(): ProducerEnd {
    return this.producers[producerOf(this.#segment, this.producers.length)];
  }

  #wait({ ring, pump }: ProducerEnd): boolean {
    while (pump && ring.isEmpty() && this.going) {
      if (!pump()) throw new Error("the rows ended before the file did");
    }
    return ring.waitForBatch(() => this.going) && this.going;
  }

  /** Reads the next problems of a producer, which are in its file in the order of its batches. */
  #readProblems(bytes: number): void {
    const index = producerOf(this.#segment, this.producers.length);
    const { problemFile } = this.producers[index];
    const file = writing(
      problemFile,
      () => this.#problems[index] ??= Deno.openSync(problemFile),
    );
    const buffer = new Uint8Array(bytes);
    for (let at = 0; at < bytes;) {
      const read = file.readSync(buffer.subarray(at));
      if (read === null) {
        throw new MachineError("it was cut while it was read; run again", { file: problemFile });
      }
      at += read;
    }
    for (const text of new TextDecoder().decode(buffer).trimEnd().split("\n")) {
      const problem: ProblemRecord = JSON.parse(text);
      const line = this.lineBase + problem.line;
      if (this.reject && !problem.fatal) this.reject(line, problem);
      else {
        const { column, detail } = problem;
        this.failure = new InputError(detail, { file: this.source.shown, line, column });
        return;
      }
    }
  }

  [Symbol.dispose](): void {
    for (const file of this.#problems) file?.close();
  }
}
