/**
 * Gives alleles and contigs their codes by their bytes, without making JavaScript strings.
 *
 * @module
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * An open-addressing hash table from byte strings to codes 0, 1, 2, ... in order of addition.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Dictionary } from "./dictionary.ts";
 * const contigs = new Dictionary(["1", "2"]);
 * const raw = new TextEncoder().encode("x2x");
 * assert(contigs.find(raw, 1, 2) === 1);
 * ```
 */
export class Dictionary {
  #slots = new Int32Array(64).fill(-1);
  #hashes: Int32Array = new Int32Array(32);
  #bytes: Uint8Array = new Uint8Array(1024);
  /** Start of each entry in `#bytes`; one more than there are entries. */
  #starts: Uint32Array = new Uint32Array(33);
  size = 0;

  /**
   * @param entries First entries, codes 0, 1, ...
   * @param fold Maps each byte before it is compared or kept (to upper case for alleles). A text
   * that begins with `<`, a symbolic allele, keeps its case.
   */
  constructor(entries: Iterable<string> = [], private readonly fold: Uint8Array = IDENTITY) {
    for (const entry of entries) this.addText(entry);
  }

  /** Bytes of all entries. */
  get byteLength(): number {
    return this.#starts[this.size];
  }

  /** Adds a text that is not there yet, and returns its code. */
  addText(text: string): number {
    const bytes = encoder.encode(text);
    return this.add(bytes, 0, bytes.length);
  }

  /** Adds `raw[from..to)` (end exclusive) if it is new, and returns its code. */
  add(raw: Uint8Array, from: number, to: number): number {
    const found = this.find(raw, from, to);
    if (found >= 0) return found;
    const code = this.size++;
    const start = this.#starts[code], end = start + to - from;
    if (end > this.#bytes.length) {
      const bytes = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      bytes.set(this.#bytes);
      this.#bytes = bytes;
    }
    const fold = this.#foldFor(raw[from]);
    for (let i = from, o = start; i < to; i++) this.#bytes[o++] = fold[raw[i]];
    if (this.size >= this.#hashes.length) this.#grow();
    this.#starts[this.size] = end;
    this.#hashes[code] = this.#hash(raw, from, to);
    this.#insert(code);
    return code;
  }

  /** Returns the code of `raw[from..to)` (end exclusive), or -1. */
  find(raw: Uint8Array, from: number, to: number): number {
    const slots = this.#slots, mask = slots.length - 1;
    const hash = this.#hash(raw, from, to);
    for (let slot = hash & mask;; slot = (slot + 1) & mask) {
      const code = slots[slot];
      if (code < 0) return -1;
      if (this.#hashes[code] === hash && this.#equals(code, raw, from, to)) return code;
    }
  }

  /** Returns the entry of a code as text. */
  text(code: number): string {
    return decoder.decode(this.#bytes.subarray(this.#starts[code], this.#starts[code + 1]));
  }

  /** Returns the entries from code `from` on as text. */
  texts(from = 0): string[] {
    return Array.from({ length: this.size - from }, (_, index) => this.text(from + index));
  }

  #foldFor(first: number): Uint8Array {
    return first === 60 ? IDENTITY : this.fold;
  }

  #equals(code: number, raw: Uint8Array, from: number, to: number): boolean {
    const start = this.#starts[code];
    if (this.#starts[code + 1] - start !== to - from) return false;
    const bytes = this.#bytes, fold = this.#foldFor(raw[from]);
    for (let i = from, o = start; i < to; i++, o++) if (bytes[o] !== fold[raw[i]]) return false;
    return true;
  }

  #hash(raw: Uint8Array, from: number, to: number): number {
    const fold = this.#foldFor(raw[from]);
    let hash = 0x811c9dc5 | 0;
    for (let i = from; i < to; i++) hash = Math.imul(hash ^ fold[raw[i]], 0x01000193);
    return hash ^ (hash >>> 15);
  }

  #insert(code: number): void {
    const slots = this.#slots, mask = slots.length - 1;
    let slot = this.#hashes[code] & mask;
    while (slots[slot] >= 0) slot = (slot + 1) & mask;
    slots[slot] = code;
  }

  #grow(): void {
    const capacity = this.#hashes.length * 2;
    const hashes = new Int32Array(capacity), starts = new Uint32Array(capacity + 1);
    hashes.set(this.#hashes);
    starts.set(this.#starts);
    this.#hashes = hashes;
    this.#starts = starts;
    this.#slots = new Int32Array(capacity * 2).fill(-1);
    // The caller inserts the newest entry once its hash is known.
    for (let code = 0; code < this.size - 1; code++) this.#insert(code);
  }
}

const IDENTITY = Uint8Array.from({ length: 256 }, (_, byte) => byte);

/** Maps a to z to A to Z, and any other byte to itself. */
export const UPPER_CASE: Uint8Array = Uint8Array.from(
  { length: 256 },
  (_, byte) => byte >= 97 && byte <= 122 ? byte - 32 : byte,
);

/** Estimates the bytes that texts take in memory. */
export function textBytes(texts: readonly string[]): number {
  return texts.reduce((sum, { length }) => sum + length + TEXT_OVERHEAD, 0);
}

/** Bytes that a text takes beside its own. */
export const TEXT_OVERHEAD = 64;
