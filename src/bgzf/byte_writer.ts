/**
 * Writes little-endian numbers, of which the index formats are made.
 *
 * @module
 */

/**
 * A growing buffer of little-endian numbers.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { ByteWriter } from "./byte_writer.ts";
 * const out = new ByteWriter();
 * const countAt = out.uint32(0);
 * out.ascii("AB");
 * out.patch(countAt, 2);
 * assert.deepEqual([...out.view()], [2, 0, 0, 0, 65, 66]);
 * ```
 */
export class ByteWriter {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  /** Places of the virtual offsets. */
  #offsets = new Uint32Array(64);
  #offsetCount = 0;

  /** Returns what has been written; valid until the next write. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Writes a number and returns its place, for {@linkcode patch}. */
  uint32(value: number): number {
    const at = this.#reserve(4);
    this.#view.setUint32(at, value, true);
    return at;
  }

  /** Writes another number at a place that {@linkcode uint32} gave. */
  patch(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  /** Writes a whole number of up to 2^53. */
  uint64(value: number): void {
    this.uint32(value % 2 ** 32);
    this.uint32(Math.floor(value / 2 ** 32));
  }

  /** Writes `block << 16 | within`, from its halves: as one number they could pass 2^53. */
  virtualOffset(block: number, within: number): void {
    if (this.#offsetCount === this.#offsets.length) {
      const offsets = new Uint32Array(2 * this.#offsetCount);
      offsets.set(this.#offsets);
      this.#offsets = offsets;
    }
    this.#offsets[this.#offsetCount++] = this.#reserve(8);
    this.#setOffset(this.#length - 8, block, within);
  }

  /** Moves the blocks of all virtual offsets by so many bytes of the compressed file. */
  moveBlocks(by: number): void {
    const view = this.#view;
    for (const at of this.#offsets.subarray(0, this.#offsetCount)) {
      const low = view.getUint32(at, true), high = view.getUint32(at + 4, true);
      this.#setOffset(at, high * 2 ** 16 + (low >>> 16) + by, low & 0xffff);
    }
  }

  #setOffset(at: number, block: number, within: number): void {
    this.#view.setUint32(at, (block % 2 ** 16) * 2 ** 16 + within, true);
    this.#view.setUint32(at + 4, Math.floor(block / 2 ** 16), true);
  }

  /** Writes a text without its length. */
  ascii(text: string): void {
    this.bytes(new TextEncoder().encode(text));
  }

  /** Writes bytes as they are. */
  bytes(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.length);
    this.#bytes.set(bytes, at);
  }

  #reserve(size: number): number {
    const at = this.#length;
    this.#length += size;
    if (this.#length > this.#bytes.length) {
      const bytes = this.#bytes;
      this.#bytes = new Uint8Array(2 * this.#length);
      this.#bytes.set(bytes);
      this.#view = new DataView(this.#bytes.buffer);
    }
    return at;
  }
}
