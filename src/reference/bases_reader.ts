/**
 * Reads bases of a reference while rows are tokenized, which waits for nothing: a window at a time,
 * by the index.
 *
 * @module
 */
import { inflateRawSync } from "node:zlib";
import { isCompressedName, readAt } from "../base/files.ts";
import { likeName } from "./contig_names.ts";
import type { ReferenceSource } from "./fasta_index.ts";

/** Bases of a window. */
const WINDOW = 1 << 16;

/** A line of the index; offsets and lengths in bytes. */
interface Sequence {
  length: number;
  offset: number;
  lineBases: number;
  lineBytes: number;
}

/**
 * A reader of a reference at any positions.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { BasesReader } from "./bases_reader.ts";
 * import { openReference } from "./fasta_index.ts";
 * const path = `${await Deno.makeTempDir()}/r.fa`;
 * await Deno.writeTextFile(path, ">1\nacg\nt\n");
 * const reader = new BasesReader(await openReference(path));
 * assert(reader.has("1") && reader.at("1", 3, 5) === "GT");
 * reader[Symbol.dispose]();
 * ```
 */
export class BasesReader implements Disposable {
  readonly #sequences = new Map<string, Sequence>();
  /** What has been said of contigs that the reference lacks. */
  readonly #likes = new Map<string, string>();
  readonly #file: Deno.FsFile;
  readonly #blocks: BlockReader | undefined;
  #contig = "";
  /** Upper-case. */
  #bases = "";
  /** Position of the window's first base, 1-based, and the bases it has room for. */
  #first = 1;
  #size = 0;

  constructor({ path, fai }: ReferenceSource) {
    for (const line of fai.split("\n")) {
      const [name, ...numbers] = line.split("\t");
      const [length, offset, lineBases, lineBytes] = numbers.map(Number);
      if (lineBytes > 0) this.#sequences.set(name, { length, offset, lineBases, lineBytes });
    }
    this.#file = Deno.openSync(path);
    this.#blocks = isCompressedName(path) ? new BlockReader(this.#file, `${path}.gzi`) : undefined;
  }

  /** Tells whether there is a sequence of that name. */
  has(contig: string): boolean {
    return this.#sequences.has(contig);
  }

  /** Says which sequence a contig may be that the reference lacks; empty where none looks like it. */
  like(contig: string): string {
    const known = this.#likes.get(contig) ?? likeName(contig, this.#sequences.keys());
    this.#likes.set(contig, known);
    return known;
  }

  /**
   * Returns the bases of a contig from `pos` on (1-based), upper-case; fewer than `length` where the
   * contig ends.
   */
  at(contig: string, pos: number, length: number): string {
    if (contig !== this.#contig || pos < this.#first || pos + length > this.#first + this.#size) {
      this.#move(contig, pos, Math.max(WINDOW, length));
    }
    const from = pos - this.#first;
    return this.#bases.slice(from, from + length);
  }

  #move(contig: string, pos: number, size: number): void {
    const { length, offset, lineBases, lineBytes } = this.#sequences.get(contig)!;
    const placeOf = (base: number) =>
      offset + Math.floor(base / lineBases) * lineBytes + base % lineBases;
    const from = Math.min(pos - 1, length), to = Math.min(pos - 1 + size, length);
    const bytes = new Uint8Array(Math.max(0, placeOf(to) - placeOf(from)));
    const read = this.#blocks
      ? this.#blocks.read(bytes, placeOf(from))
      : readAt(this.#file, placeOf(from), bytes);
    const text = new TextDecoder("latin1").decode(bytes.subarray(0, read));
    this.#contig = contig;
    this.#first = pos;
    this.#size = size;
    this.#bases = text.replaceAll(/[\r\n]/g, "").toUpperCase();
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/** Most bytes of a BGZF block, compressed or not; and those of its header and trailer. */
const BLOCK = 1 << 16, HEADER = 18, TRAILER = 8;

/** A reader of a BGZF file at offsets of its text. */
class BlockReader {
  /** Offsets of the blocks, in the file and in its text. */
  readonly #places: { file: number; text: number }[];

  constructor(private readonly file: Deno.FsFile, index: string) {
    const bytes = Deno.readFileSync(index), view = new DataView(bytes.buffer);
    const number = (at: number) => Number(view.getBigUint64(at, true));
    const count = number(0);
    this.#places = [{ file: 0, text: 0 }];
    for (let n = 0; n < count; n++) {
      this.#places.push({ file: number(8 + 16 * n), text: number(16 + 16 * n) });
    }
  }

  /** Fills `into` from an offset of the text on; returns the bytes that were there. */
  read(into: Uint8Array, from: number): number {
    let low = 0, high = this.#places.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#places[middle].text <= from) low = middle;
      else high = middle - 1;
    }
    let { file, text } = this.#places[low], filled = 0;
    const raw = new Uint8Array(BLOCK);
    while (filled < into.length) {
      const read = readAt(this.file, file, raw);
      if (read < HEADER + TRAILER) break;
      const size = (raw[16] | raw[17] << 8) + 1;
      const block = inflateRawSync(raw.subarray(HEADER, size - TRAILER));
      const skip = Math.max(0, from - text);
      if (skip < block.length) {
        const part = block.subarray(skip, skip + into.length - filled);
        into.set(part, filled);
        filled += part.length;
      }
      text += block.length;
      file += size;
      if (block.length === 0) break;
    }
    return filled;
  }
}
