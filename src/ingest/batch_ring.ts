/**
 * Passes row batches from thread to thread by a ring in shared memory: one thread tokenizes into
 * it, another takes the batches out, in order. The number of slots bounds what is in flight.
 *
 * @module
 */
import { batchBytes, type BatchShape, RowBatch } from "../matrix/row_batch.ts";

/** A ring as plain data, for `postMessage`. */
export interface RingMemory {
  shape: BatchShape;
  slots: number;
  /** Counters, slot heads, batches. */
  buffer: SharedArrayBuffer;
}

/** The numbers that a producer publishes with a batch. */
export interface BatchHead {
  /** True for the last batch of its segment. */
  endOfSegment: boolean;
  /** Lines of the segment so far; all of them with its last batch. */
  lines: number;
  /** Bytes of bad rows that the producer has written to its problem file since the last batch. */
  problemBytes: number;
  /** Bytes of the source used up since the last batch. */
  sourceBytes: number;
  /** CRC-32 of the segment's bytes, with its last batch; 0 unless wanted. */
  crc: number;
  /** Cell of the grid that the lines start in, 0-based. */
  cell: number;
}

/**
 * The buffer, in 32-bit words:
 *
 * | words | what |
 * | --- | --- |
 * | 0 | batches published so far; only the producer writes it |
 * | 1 | batches released so far; only the consumer does |
 * | 2 to 15 | unused, so that heads begin on a cache line of their own |
 * | 16 for each slot | its head: rows, end of segment, lines, problem bytes, source bytes, CRC-32, cell |
 * | the rest | a batch for each slot |
 */
const PRODUCED = 0, CONSUMED = 1, COUNTERS = 16, HEAD_WORDS = 16;
const ROWS = 0, END = 1, LINES = 2, PROBLEMS = 3, SOURCE = 4, CRC = 5, CELL = 6;
/** Milliseconds after which a thread that waits looks whether the run still goes on. */
const PATIENCE = 100;

/** Makes the memory of a ring. */
export function ringMemory(shape: BatchShape, slots: number): RingMemory {
  const bytes = (COUNTERS + slots * HEAD_WORDS) * 4 + slots * batchBytes(shape);
  return { shape, slots, buffer: new SharedArrayBuffer(bytes) };
}

/** Typed arrays over the parts of a ring. */
class RingViews {
  readonly counters: Int32Array;
  readonly heads: Int32Array;
  readonly batches: RowBatch[];

  constructor({ shape, slots, buffer }: RingMemory) {
    this.counters = new Int32Array(buffer, 0, COUNTERS);
    this.heads = new Int32Array(buffer, COUNTERS * 4, slots * HEAD_WORDS);
    const base = (COUNTERS + slots * HEAD_WORDS) * 4, bytes = batchBytes(shape);
    this.batches = Array.from(
      { length: slots },
      (_, slot) => new RowBatch(shape, buffer, base + slot * bytes),
    );
  }
}

/**
 * The producer's end of a ring, which fills batches.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { RingConsumer, ringMemory, RingProducer } from "./batch_ring.ts";
 * const memory = ringMemory({ capacity: 8, stride: 2, width: 1, idBytes: 0 }, 4);
 * const producer = new RingProducer(memory), consumer = new RingConsumer(memory);
 * producer.free().rows = 3;
 * producer.publish({ endOfSegment: true, lines: 3, problemBytes: 0, sourceBytes: 30, crc: 0, cell: 0 });
 * assert(consumer.head().lines === 3 && consumer.batch().rows === 3);
 * consumer.release();
 * ```
 */
export class RingProducer {
  readonly #views: RingViews;
  readonly #slots: number;
  #produced = 0;

  constructor(memory: RingMemory) {
    this.#views = new RingViews(memory);
    this.#slots = memory.slots;
  }

  /** Waits for a free slot while `going()` holds; returns true if there is one. */
  waitForFree(going: () => boolean): boolean {
    const { counters } = this.#views;
    while (true) {
      if (!going()) return false;
      const consumed = Atomics.load(counters, CONSUMED);
      if (this.#produced - consumed < this.#slots) return true;
      Atomics.wait(counters, CONSUMED, consumed, PATIENCE);
    }
  }

  /** Returns the batch of the next slot, which is free. */
  free(): RowBatch {
    return this.#views.batches[this.#produced % this.#slots];
  }

  /** Hands over the batch of {@linkcode free}. */
  publish(head: BatchHead): void {
    const { counters, heads, batches } = this.#views;
    const slot = this.#produced % this.#slots, at = slot * HEAD_WORDS;
    heads[at + ROWS] = batches[slot].rows;
    heads[at + END] = head.endOfSegment ? 1 : 0;
    heads[at + LINES] = head.lines;
    heads[at + PROBLEMS] = head.problemBytes;
    heads[at + SOURCE] = head.sourceBytes;
    heads[at + CRC] = head.crc;
    heads[at + CELL] = head.cell;
    this.#produced++;
    Atomics.store(counters, PRODUCED, this.#produced);
    Atomics.notify(counters, PRODUCED);
  }
}

/**
 * The consumer's end of a ring, which takes batches out in the order in which they were published.
 */
export class RingConsumer {
  readonly #views: RingViews;
  readonly #slots: number;
  #consumed = 0;

  constructor(memory: RingMemory) {
    this.#views = new RingViews(memory);
    this.#slots = memory.slots;
  }

  /** Tells whether there is no batch to take. */
  isEmpty(): boolean {
    return Atomics.load(this.#views.counters, PRODUCED) === this.#consumed;
  }

  /** Waits for a batch while `going()` holds; returns true if there is one. */
  waitForBatch(going: () => boolean): boolean {
    while (this.isEmpty()) {
      if (!going()) return false;
      Atomics.wait(this.#views.counters, PRODUCED, this.#consumed, PATIENCE);
    }
    return true;
  }

  /** Returns the next batch, its `rows` set. */
  batch(): RowBatch {
    const slot = this.#consumed % this.#slots, batch = this.#views.batches[slot];
    batch.rows = this.#views.heads[slot * HEAD_WORDS + ROWS];
    return batch;
  }

  /** Returns the numbers that were published with the next batch. */
  head(): BatchHead {
    const at = (this.#consumed % this.#slots) * HEAD_WORDS, { heads } = this.#views;
    return {
      endOfSegment: heads[at + END] === 1,
      lines: heads[at + LINES],
      problemBytes: heads[at + PROBLEMS],
      sourceBytes: heads[at + SOURCE],
      crc: heads[at + CRC] >>> 0,
      cell: heads[at + CELL],
    };
  }

  /** Gives the slot of {@linkcode batch} back. */
  release(): void {
    const { counters } = this.#views;
    this.#consumed++;
    Atomics.store(counters, CONSUMED, this.#consumed);
    Atomics.notify(counters, CONSUMED);
  }
}
