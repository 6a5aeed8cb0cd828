/**
 * A ring of row batches in shared memory: one thread tokenizes into it, another takes the batches
 * out, in order. The number of slots bounds what is in flight.
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

/** What a producer says with a batch. */
export interface BatchHead {
  /** Was this the last batch of its segment? Then `lines` is the segment's number of lines. */
  endOfSegment: boolean;
  lines: number;
  /** Bytes of bad rows that the producer has written to its problem file since the last batch. */
  problemBytes: number;
  /** Bytes of the source used up since the last batch. */
  sourceBytes: number;
  /** CRC-32 of the segment's bytes, with its last batch; 0 unless wanted. */
  crc: number;
}

const PRODUCED = 0, CONSUMED = 1, COUNTERS = 16;
const HEAD_WORDS = 16;
const ROWS = 0, END = 1, LINES = 2, PROBLEMS = 3, SOURCE = 4, CRC = 5;

/** Make a ring. */
export function ringMemory(shape: BatchShape, slots: number): RingMemory {
  const bytes = (COUNTERS + slots * HEAD_WORDS) * 4 + slots * batchBytes(shape);
  return { shape, slots, buffer: new SharedArrayBuffer(bytes) };
}

/**
 * Either end of a ring.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { BatchRing, ringMemory } from "./batch_ring.ts";
 * const memory = ringMemory({ capacity: 8, stride: 2, width: 1, idBytes: 0 }, 4);
 * const producer = new BatchRing(memory), consumer = new BatchRing(memory);
 * producer.free().rows = 3;
 * producer.publish({ endOfSegment: true, lines: 3, problemBytes: 0, sourceBytes: 30, crc: 0 });
 * assert(consumer.head().lines === 3 && consumer.batch().rows === 3);
 * consumer.release();
 * ```
 */
export class BatchRing {
  readonly #counters: Int32Array;
  readonly #heads: Int32Array;
  readonly #batches: RowBatch[];
  readonly #slots: number;
  #produced = 0;
  #consumed = 0;

  constructor({ shape, slots, buffer }: RingMemory) {
    this.#slots = slots;
    this.#counters = new Int32Array(buffer, 0, COUNTERS);
    this.#heads = new Int32Array(buffer, COUNTERS * 4, slots * HEAD_WORDS);
    const base = (COUNTERS + slots * HEAD_WORDS) * 4, bytes = batchBytes(shape);
    this.#batches = Array.from(
      { length: slots },
      (_, slot) => new RowBatch(shape, buffer, base + slot * bytes),
    );
  }

  /** Producer: wait for a free slot, as long as `going()`; true if there is one. */
  waitForFree(going: () => boolean): boolean {
    while (true) {
      if (!going()) return false;
      const consumed = Atomics.load(this.#counters, CONSUMED);
      if (this.#produced - consumed < this.#slots) return true;
      Atomics.wait(this.#counters, CONSUMED, consumed, 100);
    }
  }

  /** Producer: the batch of the next slot, which is free. */
  free(): RowBatch {
    return this.#batches[this.#produced % this.#slots];
  }

  /** Producer: hand over the batch of {@linkcode free}. */
  publish(head: BatchHead): void {
    const slot = this.#produced % this.#slots, at = slot * HEAD_WORDS;
    this.#heads[at + ROWS] = this.#batches[slot].rows;
    this.#heads[at + END] = head.endOfSegment ? 1 : 0;
    this.#heads[at + LINES] = head.lines;
    this.#heads[at + PROBLEMS] = head.problemBytes;
    this.#heads[at + SOURCE] = head.sourceBytes;
    this.#heads[at + CRC] = head.crc;
    this.#produced++;
    Atomics.store(this.#counters, PRODUCED, this.#produced);
    Atomics.notify(this.#counters, PRODUCED);
  }

  /** Consumer: is there a batch to take? */
  isEmpty(): boolean {
    return Atomics.load(this.#counters, PRODUCED) === this.#consumed;
  }

  /** Consumer: wait until there is a batch or `going()` no longer holds; true if there is one. */
  waitForBatch(going: () => boolean): boolean {
    while (this.isEmpty()) {
      if (!going()) return false;
      Atomics.wait(this.#counters, PRODUCED, this.#consumed, 100);
    }
    return true;
  }

  /** Consumer: the next batch, its `rows` set. */
  batch(): RowBatch {
    const slot = this.#consumed % this.#slots;
    const batch = this.#batches[slot];
    batch.rows = this.#heads[slot * HEAD_WORDS + ROWS];
    return batch;
  }

  /** Consumer: what was said with the next batch. */
  head(): BatchHead {
    const at = (this.#consumed % this.#slots) * HEAD_WORDS, heads = this.#heads;
    return {
      endOfSegment: heads[at + END] === 1,
      lines: heads[at + LINES],
      problemBytes: heads[at + PROBLEMS],
      sourceBytes: heads[at + SOURCE],
      crc: heads[at + CRC] >>> 0,
    };
  }

  /** Consumer: give the slot of {@linkcode batch} back. */
  release(): void {
    this.#consumed++;
    Atomics.store(this.#counters, CONSUMED, this.#consumed);
    Atomics.notify(this.#counters, CONSUMED);
  }
}
