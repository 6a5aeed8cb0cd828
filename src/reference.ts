/**
 * A reference genome: contigs from its index, bases from its FASTA.
 *
 * @module
 */
import { createReadStream } from "node:fs";
import { BgzipIndexedFasta, IndexedFasta } from "@gmod/indexedfasta";
import { InputError, printable } from "./errors.ts";
import { fileError } from "./matrix_source.ts";

/** A contig of a reference. */
export interface ReferenceContig {
  name: string;
  /** Bases. */
  length: number;
}

/** A reference as plain data, for `postMessage`. */
export interface ReferenceSource {
  path: string;
  /** Text of the index, as in a `.fai` file. */
  fai: string;
}

/**
 * Find or make the index of a FASTA file.
 *
 * @throws {InputError} No such file, or nothing that FASTA allows.
 */
export async function openReference(path: string): Promise<ReferenceSource> {
  try {
    await Deno.stat(path);
    try {
      return { path, fai: await Deno.readTextFile(`${path}.fai`) };
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    if (/\.(gz|bgz)$/.test(path)) {
      throw new InputError("a compressed FASTA needs its index; make it with samtools faidx", {
        file: path,
      });
    }
    return { path, fai: await makeFai(path) };
  } catch (error) {
    throw fileError(error, path);
  }
}

/** Contigs of an index, in its order. */
export function referenceContigs({ fai, path }: ReferenceSource): ReferenceContig[] {
  const contigs = fai.split("\n").filter((line) => line.trim() !== "").map((line, index) => {
    const [name, length] = line.split("\t");
    if (!/^\d+$/.test(length ?? "")) {
      throw new InputError("not a line of a FASTA index", { file: `${path}.fai`, line: index + 1 });
    }
    return { name, length: Number(length) };
  });
  if (contigs.length === 0) throw new InputError("the FASTA has no sequence", { file: path });
  return contigs;
}

/** The same index that `samtools faidx` writes, made by reading the file once. */
async function makeFai(path: string): Promise<string> {
  const entries: FaiEntry[] = [];
  let entry: FaiEntry | undefined, header = "", inHeader = false;
  let offset = 0, lineBases = 0, lineBytes = 0, short = false;
  const endLine = () => {
    if (!entry || lineBytes === 0) return;
    if (entry.length === 0) [entry.lineBases, entry.lineBytes] = [lineBases, lineBytes];
    else if (short || lineBases > entry.lineBases) {
      if (lineBases > 0) {
        throw new InputError(
          `the lines of the sequence '${printable(entry.name)}' differ in length; rewrap the FASTA`,
          { file: path },
        );
      }
    }
    short ||= lineBases < entry.lineBases;
    entry.length += lineBases;
    lineBases = lineBytes = 0;
  };
  const decoder = new TextDecoder();
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const bytes = chunk as Uint8Array;
    for (let at = 0; at < bytes.length;) {
      const end = bytes.indexOf(10, at);
      const to = end < 0 ? bytes.length : end;
      if (lineBytes === 0 && !inHeader && bytes[at] === 62) {
        inHeader = true;
        header = "";
      }
      if (inHeader) header += decoder.decode(bytes.subarray(at, to));
      else {
        lineBases += to - at - (to > at && bytes[to - 1] === 13 ? 1 : 0);
        lineBytes += to - at;
      }
      offset += to - at;
      at = to;
      if (end < 0) continue;
      at++;
      offset++;
      if (inHeader) {
        entry = newEntry(header, offset);
        entries.push(entry);
        inHeader = short = false;
      } else {
        lineBytes++;
        endLine();
        lineBases = lineBytes = 0;
      }
    }
  }
  endLine();
  return entries.map((e) =>
    `${[e.name, e.length, e.offset, e.lineBases, e.lineBytes].join("\t")}\n`
  )
    .join("");
}

interface FaiEntry {
  name: string;
  length: number;
  offset: number;
  lineBases: number;
  lineBytes: number;
}

function newEntry(header: string, offset: number): FaiEntry {
  const [name] = header.slice(1).split(/\s/);
  return { name, length: 0, offset, lineBases: 0, lineBytes: 0 };
}

/**
 * Give contigs of a matrix the order and lengths of a reference.
 *
 * @throws {InputError} The reference lacks one; where `chr1` and `1` may be the same, it says so.
 */
export function checkContigs(
  contigs: readonly string[],
  reference: readonly ReferenceContig[],
  files: { matrix: string; reference: string },
): void {
  const known = new Set(reference.map(({ name }) => name));
  for (const name of contigs) {
    if (known.has(name)) continue;
    const other = name.startsWith("chr") ? name.slice(3) : `chr${name}`;
    const hint = known.has(other)
      ? `it has '${
        printable(other)
      }': the two name contigs with and without chr; rename one of them`
      : "is it another assembly?";
    throw new InputError(
      `the contig '${printable(name)}' is not in the reference ${files.reference}; ${hint}`,
      { file: files.matrix },
    );
  }
}

/** Bases of a window. */
const WINDOW = 1 << 20;

/** Reads a reference along ascending positions, a window at a time. */
export class ReferenceReader {
  readonly #fasta: IndexedFasta;
  #contig = "";
  #bases = "";
  /** Position of the first base of the window, 1-based. */
  #first = 1;

  constructor({ path, fai }: ReferenceSource) {
    const index = new TextFile(fai);
    this.#fasta = /\.(gz|bgz)$/.test(path)
      ? new BgzipIndexedFasta({ path, fai: index as never, gziPath: `${path}.gzi` })
      : new IndexedFasta({ path, fai: index as never });
  }

  /** Does the window hold the bases from `first` to `last` (1-based, both included)? */
  covers(contig: string, first: number, last: number): boolean {
    return contig === this.#contig && first >= this.#first &&
      last < this.#first + this.#bases.length;
  }

  /** Move the window to `first`; past the end of the contig it is filled up with blanks. */
  async move(contig: string, first: number, last: number): Promise<void> {
    const size = Math.max(WINDOW, last - first + 1);
    const sequence = await this.#fasta.getSequence(contig, first - 1, first - 1 + size) ?? "";
    this.#contig = contig;
    this.#first = first;
    this.#bases = sequence.toUpperCase().padEnd(size);
  }

  /** Are the bases from `first` on those of an upper-case allele? */
  matches(first: number, allele: string): boolean {
    return this.#bases.startsWith(allele, first - this.#first);
  }

  /** The bases from `first` on, for a message; blank past the end. */
  at(first: number, length: number): string {
    const from = first - this.#first;
    return this.#bases.slice(from, from + length).trimEnd();
  }
}

/** A file handle, as the FASTA reader wants one, over a text. */
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
