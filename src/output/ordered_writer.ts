/**
 * Writes the blocks of many partitions, which come in any order, in the order of the partitions.
 *
 * @module
 */
import { type ByteSink, writeAll } from "../base/files.ts";

/** A block of output, and who wants to know of it. */
export interface Block {
  bytes: Uint8Array;
  /**
   * Receives the block's offset in the output, in bytes, as soon as it is known; in ascending
   * order.
   */
  placed?: (offset: number) => void;
  /** Is called when the buffer is free again. */
  written: () => void;
}

/**
 * A writer of the blocks of partition 0, then those of 1, and so on. The makers of blocks bound
 * what is in flight: each has a few buffers, and gets one back when it is written.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { OrderedWriter } from "./ordered_writer.ts";
 * const text: string[] = [];
 * const writer = new OrderedWriter({
 *   write: (bytes) => { text.push(new TextDecoder().decode(bytes)); return Promise.resolve(bytes.length); },
 * });
 * const block = (of: string) => ({ bytes: new TextEncoder().encode(of), written: () => {} });
 * writer.add(1, block("b"));
 * writer.end(1);
 * writer.add(0, block("a"));
 * writer.end(0);
 * await writer.idle();
 * assert(text.join("") === "ab");
 * ```
 */
export class OrderedWriter {
  /** Bytes written or on their way. */
  bytes = 0;
  /** Rejects when a write fails; never resolves. */
  readonly failure: Promise<never>;
  #fail: (error: unknown) => void;
  #head = 0;
  readonly #held = new Map<number, Block[]>();
  readonly #ended = new Set<number>();
  #last: Promise<void> = Promise.resolve();

  constructor(private readonly sink: ByteSink) {
    const { promise, reject } = Promise.withResolvers<never>();
    this.failure = promise;
    this.failure.catch(() => {});
    this.#fail = reject;
  }

  /** Writes bytes before those of all partitions. */
  prepend(bytes: Uint8Array): void {
    this.#write({ bytes, written: () => {} });
  }

  /** Takes a block of a partition (0-based). */
  add(partition: number, block: Block): void {
    if (partition === this.#head) return this.#write(block);
    const held = this.#held.get(partition);
    if (held) held.push(block);
    else this.#held.set(partition, [block]);
  }

  /** Notes that no more blocks of a partition will come. */
  end(partition: number): void {
    this.#ended.add(partition);
    while (this.#ended.delete(this.#head)) {
      this.#head++;
      for (const block of this.#held.get(this.#head) ?? []) this.#write(block);
      this.#held.delete(this.#head);
    }
  }

  /** Waits until all blocks are written whose turn has come. */
  async idle(): Promise<void> {
    await Promise.race([this.#last, this.failure]);
  }

  #write(block: Block): void {
    block.placed?.(this.bytes);
    this.bytes += block.bytes.length;
    this.#last = this.#last.then(async () => {
      await writeAll(this.sink, block.bytes);
      block.written();
    });
    this.#last.catch(this.#fail);
  }
}
