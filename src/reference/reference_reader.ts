/**
 * Reads the bases of a reference, a window at a time.
 *
 * @module
 */
import type { IndexedFasta } from "@gmod/indexedfasta";
import { isCompressedName } from "../base/files.ts";
import type { ReferenceSource } from "./fasta_index.ts";

/** Bases of a window. */
const WINDOW = 1 << 20;

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
export class ReferenceReader {
  #contig = "";
  #bases = "";
  /** Position of the first base of the window, 1-based. */
  #first = 1;

  private constructor(private readonly fasta: IndexedFasta) {}

  /** Opens a reference. Few conversions have one, so the FASTA reader is loaded only here. */
  static async open({ path, fai }: ReferenceSource): Promise<ReferenceReader> {
    const { BgzipIndexedFasta, IndexedFasta } = await import("@gmod/indexedfasta");
    const index = new TextFile(fai) as never;
    return new ReferenceReader(
      isCompressedName(path)
        ? new BgzipIndexedFasta({ path, fai: index, gziPath: `${path}.gzi` })
        : new IndexedFasta({ path, fai: index }),
    );
  }

  /** Tells whether the window holds the bases from `first` to `last` (1-based, both included). */
  covers(contig: string, first: number, last: number): boolean {
    return contig === this.#contig && first >= this.#first &&
      last < this.#first + this.#bases.length;
  }

  /**
   * Moves the window to `first` (1-based); past the end of the contig it is filled up with blanks.
   */
  async move(contig: string, first: number, last: number): Promise<void> {
    const size = Math.max(WINDOW, last - first + 1);
    const sequence = await this.fasta.getSequence(contig, first - 1, first - 1 + size) ?? "";
    this.#contig = contig;
    this.#first = first;
    this.#bases = sequence.toUpperCase().padEnd(size);
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

  /** Returns the bases from `first` on (1-based), for a message; fewer where the contig ends. */
  at(first: number, length: number): string {
    const from = first - this.#first;
    return this.#bases.slice(from, from + length).trimEnd();
  }
}

/** A text as the file handle that the FASTA reader wants. */
class TextFile {
  readonly #bytes: Uint8Array;

  constructor(text: string) {
    this.#bytes = new TextEncoder().encode(text);
  }

  readFile(options?: unknown): Promise<Uint8Array | string> {
    const encoding = typeof options === "string"
      ? options
      : (options as { encoding?: string } | undefined)?.encoding;
    return Promise.resolve(encoding ? new TextDecoder().decode(this.#bytes) : this.#bytes);
  }

  read(length: number, position: number): Promise<Uint8Array> {
    return Promise.resolve(this.#bytes.subarray(position, position + length));
  }

  stat(): Promise<{ size: number }> {
    return Promise.resolve({ size: this.#bytes.length });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
