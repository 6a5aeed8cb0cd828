/**
 * A growing buffer of output bytes, taken away block by block.
 *
 * @module
 */
import { writeNumber } from "./bytes.ts";

/**
 * A growing array of output bytes. Hot loops reserve room, write into `bytes` and set `length`;
 * others append.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { OutputBuffer } from "./output_buffer.ts";
 * const buffer = new OutputBuffer();
 * buffer.append(new TextEncoder().encode("POS="));
 * buffer.number(7);
 * assert(new TextDecoder().decode(buffer.written()) === "POS=7");
 * ```
 */
export class OutputBuffer {
  /** Holds the output in its first `length` bytes. A `reserve` may replace the array. */
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  /** Over `bytes`, for unaligned stores. */
  view: DataView<ArrayBuffer> = new DataView(this.bytes.buffer);
  length = 0;

  /** Goes on in another array, from its start. */
  use(bytes: Uint8Array<ArrayBuffer>): void {
    this.#set(bytes);
    this.length = 0;
  }

  /** Returns the output so far; valid until the next write. */
  written(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.length);
  }

  /** Makes room for `more` bytes after `length`. */
  reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more));
    grown.set(this.written());
    this.#set(grown);
  }

  append(text: Uint8Array): void {
    this.reserve(text.length);
    if (text.length > 32) {
      this.bytes.set(text, this.length);
      this.length += text.length;
      return;
    }
    // Calling `set` costs more than copying a few bytes.
    for (let i = 0; i < text.length; i++) this.bytes[this.length++] = text[i];
  }

  byte(byte: number): void {
    this.reserve(1);
    this.bytes[this.length++] = byte;
  }

  /** Appends a whole number of 0 to 2^32-1 in decimal. */
  number(number: number): void {
    this.reserve(10);
    this.length = writeNumber(this.bytes, this.length, number);
  }

  #set(bytes: Uint8Array<ArrayBuffer>): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
}
