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
    // REF has no letter for an ambiguous base but N.
    this.#bases = sequence.toUpperCase().replaceAll(/[^ACGT]/g, "N").padEnd(size);
  }

  /** Tells whether the bases from `first` on (1-based) are those of an upper-case allele. */
  matches(first: number, allele: string): boolean {
    return this.#bases.startsWith(allele, first - this.#first);
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
