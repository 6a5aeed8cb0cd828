/**
 * Reads the bases of a reference, a window at a time.
 *
 * @module
 */
import type { IndexedFasta } from "@gmod/indexedfasta";
import { isCompressedName, readAt } from "../base/files.ts";
import type { ReferenceSource } from "./fasta_index.ts";

/** Bases of a window. */
const WINDOW = 1 << 20;
/** Fewest bytes that are read at once. */
const AHEAD = 1 << 16;

/** The first in the alphabet of the bases that a letter stands for. */
const FIRST_BASE: Readonly<Record<string, string>> = {
  R: "A",
  Y: "C",
  S: "C",
  W: "A",
  K: "G",
  M: "A",
  B: "C",
  D: "A",
  H: "A",
  V: "A",
};

/** A reader of a reference along ascending positions, a window at a time. */
export class ReferenceReader implements Disposable {
  #contig = "";
  /** Upper-case; fewer than the window has room for where the contig ends in it. */
  #bases = "";
  /** Position of the first base of the window, 1-based, and the number of bases it has room for. */
  #first = 1;
  #size = 0;

  private constructor(private readonly fasta: IndexedFasta, private readonly file: Deno.FsFile) {}

  /** Opens a reference. Few conversions have one, so the FASTA reader is loaded only here. */
  static async open({ path, fai }: ReferenceSource): Promise<ReferenceReader> {
    const { BgzipIndexedFasta, IndexedFasta } = await import("@gmod/indexedfasta");
    const file = Deno.openSync(path);
    const fasta = new OpenFile(file, path) as never,
      index = new MemoryFile(new TextEncoder().encode(fai)) as never;
    return new ReferenceReader(
      isCompressedName(path)
        ? new BgzipIndexedFasta({ fasta, fai: index, gzi: memoryFile(`${path}.gzi`) })
        : new IndexedFasta({ fasta, fai: index }),
      file,
    );
  }

  /** Tells whether the window holds the bases from `first` to `last` (1-based, both included). */
  covers(contig: string, first: number, last: number): boolean {
    return contig === this.#contig && first >= this.#first &&
      last < this.#first + this.#size;
  }

  /** Moves the window to `first` (1-based); past the end of the contig there are no bases. */
  async move(contig: string, first: number, last: number): Promise<void> {
    const size = Math.max(WINDOW, last - first + 1);
    const sequence = await this.fasta.getSequence(contig, first - 1, first - 1 + size) ?? "";
    this.#contig = contig;
    this.#first = first;
    this.#size = size;
    this.#bases = sequence.toUpperCase();
  }

  /**
   * Tells whether the bases from `first` on (1-based) are those of an upper-case allele. Where the
   * reference has a letter for several bases, VCF 4.3 writes the first of them in the alphabet; N
   * stands for any such letter, too.
   */
  matches(first: number, allele: string): boolean {
    const from = first - this.#first, bases = this.#bases;
    if (bases.startsWith(allele, from)) return true;
    for (let at = 0; at < allele.length; at++) {
      const there = bases[from + at], base = allele[at];
      if (base === there || base === FIRST_BASE[there]) continue;
      if (base !== "N" || "ACGT ".includes(there ?? " ")) return false;
    }
    return true;
  }

  [Symbol.dispose](): void {
    this.file.close();
  }

  /** Returns the bases from `first` on (1-based), for a message; fewer where the contig ends. */
  at(first: number, length: number): string {
    const from = first - this.#first;
    return this.#bases.slice(from, from + length);
  }
}

/** A file that stays open, as the FASTA reader wants it; it would open one for every sequence. */
class OpenFile {
  /** What was read last, and where it begins: short contigs lie side by side. */
  #ahead = new Uint8Array(0);
  #from = 0;

  constructor(private readonly file: Deno.FsFile, private readonly path: string) {}

  readFile(): Promise<Uint8Array> {
    return Deno.readFile(this.path);
  }

  read(length: number, position: number): Promise<Uint8Array> {
    const at = position - this.#from;
    if (at >= 0 && at + length <= this.#ahead.length) {
      return Promise.resolve(this.#ahead.slice(at, at + length));
    }
    const bytes = new Uint8Array(Math.max(length, AHEAD));
    this.#ahead = bytes.subarray(0, readAt(this.file, position, bytes));
    this.#from = position;
    return Promise.resolve(this.#ahead.slice(0, length));
  }

  async stat(): Promise<{ size: number }> {
    return await this.file.stat();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function memoryFile(path: string): never {
  return new MemoryFile(Deno.readFileSync(path)) as never;
}

/** The bytes of a file as the handle that the FASTA reader wants. */
class MemoryFile {
  constructor(private readonly bytes: Uint8Array) {}

  readFile(options?: unknown): Promise<Uint8Array | string> {
    const encoding = typeof options === "string"
      ? options
      : (options as { encoding?: string } | undefined)?.encoding;
    return Promise.resolve(encoding ? new TextDecoder().decode(this.bytes) : this.bytes);
  }

  read(length: number, position: number): Promise<Uint8Array> {
    return Promise.resolve(this.bytes.subarray(position, position + length));
  }

  stat(): Promise<{ size: number }> {
    return Promise.resolve({ size: this.bytes.length });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
