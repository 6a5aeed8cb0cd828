/**
 * One output file: blocks of many partitions come in any order and are written in theirs.
 *
 * @module
 */
import { type ByteSink, writeAll } from "../base/files.ts";

/** A block of output. */
export interface Block {
  bytes: Uint8Array;
  /** Is told the offset in the output, in bytes, as soon as it is known; in order of the offsets. */
  placed?: (offset: number) => void;
  /** Is told when the buffer is free again. */
  written: () => void;
}

/**
 * Writes the blocks of partition 0, then those of 1, and so on. What is in flight is bounded by the
 * makers: each has a few buffers, and gets one back when it is written.
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

  /** Write bytes before those of all partitions. */
  prepend(bytes: Uint8Array): void {
    this.#write({ bytes, written: () => {} });
  }

  /** Take a block of a partition. */
  add(partition: number, block: Block): void {
    if (partition === this.#head) return this.#write(block);
    const held = this.#held.get(partition);
    if (held) held.push(block);
    else this.#held.set(partition, [block]);
  }

  /** No more blocks of a partition will come. */
  end(partition: number): void {
    this.#ended.add(partition);
    while (this.#ended.delete(this.#head)) {
      this.#head++;
      for (const block of this.#held.get(this.#head) ?? []) this.#write(block);
      this.#held.delete(this.#head);
    }
  }

  /** Wait until everything given in order is written. */
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
