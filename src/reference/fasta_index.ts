/**
 * Reads or makes the index of a FASTA: which contigs a reference has, and how long they are.
 *
 * @module
 */
import { createReadStream } from "node:fs";
import { InputError } from "../base/errors.ts";
import { lonelyCarriageReturn } from "../base/file_format.ts";
import { printable } from "../base/text.ts";
import { readText } from "../base/text_file.ts";
import { Turns } from "../base/turns.ts";
import { fileError, isCompressedName } from "../base/files.ts";
import { type InputState, inputState } from "../base/input_state.ts";
import { CR, GREATER, LF } from "../base/bytes.ts";
import { likeName } from "./contig_names.ts";

/** A contig of a reference. */
export interface ReferenceContig {
  name: string;
  /** Bases. */
  length: number;
  /** MD5 of its bases, if the dictionary has it. */
  md5?: string;
}

/** A reference as plain data, for `postMessage`. */
export interface ReferenceSource {
  path: string;
  /** Text of the index, as in a `.fai` file. */
  fai: string;
  /** Text of the sequence dictionary (`.dict`) beside it, if there is one. */
  dict?: string;
  /** State that the file must still have when its last base has been read. */
  state: InputState;
}

/**
 * Finds or makes the index of a FASTA file.
 *
 * @param onNote Receives a warning where the index is older than the file.
 * @param signal Ends the reading.
 * @throws {InputError} No such file, or nothing that FASTA allows.
 */
export async function openReference(
  path: string,
  onNote: (line: string) => void = () => {},
  signal?: AbortSignal,
): Promise<ReferenceSource> {
  try {
    const info = await Deno.stat(path), state = inputState(info);
    if (info.isDirectory) throw new InputError("this is a folder, not a file", { file: path });
    const index = await modified(`${path}.fai`), blocks = await modified(`${path}.gzi`);
    const compressed = isCompressedName(path);
    const fai = index === undefined ? undefined : await readText(`${path}.fai`, signal);
    if (isOlder(index, state) || (compressed && isOlder(blocks, state))) {
      onNote(
        `warning: the index of ${path} is older than the FASTA itself; if that has changed since, ` +
          "REF is compared with the wrong bases: make the index again with samtools faidx",
      );
    }
    const dict = await dictionaryOf(path, signal);
    if (!compressed) return { path, fai: fai ?? await makeFai(path, signal), dict, state };
    if (fai === undefined || blocks === undefined) {
      throw new InputError(
        "a compressed FASTA needs its indexes .fai and .gzi; make them with samtools faidx",
        { file: path },
      );
    }
    return { path, fai, dict, state };
  } catch (error) {
    throw fileError(error, path);
  }
}

/** Returns the paths of a FASTA, its indexes and its dictionary, which need not be there. */
export function filesOf(reference: string): string[] {
  return [reference, `${reference}.fai`, `${reference}.gzi`, dictionaryName(reference)];
}

/** The dictionary of a FASTA has the name of the FASTA with another suffix. */
function dictionaryName(path: string): string {
  return `${path.replace(/\.(?:fa|fasta|fna)(?:\.b?gz)?$/i, "")}.dict`;
}

async function dictionaryOf(
  path: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const dict = dictionaryName(path);
  return await modified(dict) === undefined ? undefined : await readText(dict, signal);
}

/** Returns the MD5 sums of a dictionary by the names of the sequences. */
function md5Sums(dict: string): Map<string, string> {
  return new Map(
    dict.split("\n").filter((line) => line.startsWith("@SQ\t")).flatMap((line) => {
      const tags = new Map(
        line.trimEnd().split("\t").map((tag) => [tag.slice(0, 3), tag.slice(3)]),
      );
      const name = tags.get("SN:"), md5 = tags.get("M5:");
      return name !== undefined && /^[0-9a-f]{32}$/i.test(md5 ?? "") ? [[name, md5!] as const] : [];
    }),
  );
}

/** Returns when a file was written last, in milliseconds since 1970; undefined if there is none. */
async function modified(path: string): Promise<number | undefined> {
  const info = await Deno.stat(path).catch(() => undefined);
  return info?.isFile ? info.mtime?.getTime() ?? 0 : undefined;
}

function isOlder(written: number | undefined, { modified }: InputState): boolean {
  return written !== undefined && written < modified;
}

/**
 * Returns the contigs of an index, in its order.
 *
 * @throws {InputError} Not an index, or one that names a sequence twice or not at all.
 */
export function referenceContigs({ fai, dict = "", path }: ReferenceSource): ReferenceContig[] {
  const sums = md5Sums(dict);
  const contigs = fai.split("\n").filter((line) => line.trim() !== "").map((line, index) => {
    const [name, length] = line.split("\t");
    if (!/^\d+$/.test(length ?? "")) {
      throw new InputError("not a line of a FASTA index", { file: `${path}.fai`, line: index + 1 });
    }
    const md5 = sums.get(name);
    return { name, length: Number(length), ...md5 === undefined ? {} : { md5 } };
  });
  if (contigs.length === 0) throw new InputError("the FASTA has no sequence", { file: path });
  const seen = new Set<string>();
  for (const { name } of contigs) {
    if (name === "") throw new InputError("a sequence of the FASTA has no name", { file: path });
    if (seen.has(name)) {
      throw new InputError(`the FASTA has the sequence '${printable(name)}' twice`, { file: path });
    }
    seen.add(name);
  }
  return contigs;
}

/** Makes the index that `samtools faidx` writes, by reading the file once. */
async function makeFai(path: string, signal: AbortSignal | undefined): Promise<string> {
  const fai = new FaiBuilder(path), decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const turns = new Turns();
  let header: string | undefined, offset = 0, lineBases = 0, lineBytes = 0;
  const endLine = () => {
    if (header !== undefined) fai.addHeader(header, offset);
    else fai.addBases(lineBases, lineBytes, offset - lineBytes);
    header = undefined;
    lineBases = lineBytes = 0;
  };
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    await turns.take(signal);
    const bytes = chunk as Uint8Array;
    let from = 0;
    if (offset === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
      // A byte order mark is no part of the first line, but counts in the offsets.
      from = offset = 3;
    }
    for (let at = from; at < bytes.length;) {
      const end = bytes.indexOf(LF, at), to = end < 0 ? bytes.length : end;
      if (lineBytes === 0 && bytes[at] === GREATER) header = "";
      if (header !== undefined) {
        header += decoder.decode(bytes.subarray(at, to), { stream: end < 0 });
      }
      const next = end < 0 ? to : to + 1;
      lineBases += to - at - (to > at && bytes[to - 1] === CR ? 1 : 0);
      lineBytes += next - at;
      offset += next - at;
      at = next;
      if (end >= 0) endLine();
    }
  }
  // The last line may lack its end.
  if (lineBytes++ > 0) {
    offset++;
    endLine();
  }
  return fai.text();
}

/** Builder of an index from the lines of a FASTA file. */
class FaiBuilder {
  readonly #entries: FaiEntry[] = [];
  /** True after a shorter line, which must be the last of its sequence. */
  #ended = false;

  constructor(private readonly path: string) {}

  /** Adds a line that begins with `>`; `end` is the offset after it, in bytes. */
  addHeader(line: string, end: number): void {
    const [name] = line.slice(1).trim().split(/\s/);
    const lonely = lonelyCarriageReturn(new TextEncoder().encode(line));
    if (lonely) throw new InputError(lonely, { file: this.path });
    if (name.includes("\ufffd")) {
      throw new InputError(
        `the name of sequence ${this.#entries.length + 1} ('${printable(name)}') is not UTF-8; ` +
          "convert the FASTA (iconv -f LATIN1 -t UTF-8)",
        { file: this.path },
      );
    }
    this.#entries.push({ name, length: 0, offset: end, lineBases: 0, lineBytes: 0 });
    this.#ended = false;
  }

  /**
   * Adds any other line; `bytes` counts its line end, too, and `offset` is that of its first byte.
   */
  addBases(bases: number, bytes: number, offset: number): void {
    const entry = this.#entries.at(-1);
    if (!entry) {
      if (bases === 0) return;
      throw new InputError("not a FASTA file: there are lines before the first '>'", {
        file: this.path,
      });
    }
    // Blank lines may come before the sequence, and after it.
    if (entry.length === 0) {
      [entry.offset, entry.lineBases, entry.lineBytes] = [offset, bases, bytes];
    } else if (bases > 0 && (this.#ended || bases > entry.lineBases)) {
      throw new InputError(
        `the lines of the sequence '${printable(entry.name)}' differ in length; rewrap the FASTA`,
        { file: this.path },
      );
    }
    // Only the last line may be shorter, or end differently.
    this.#ended ||= bases < entry.lineBases || bytes !== entry.lineBytes;
    entry.length += bases;
  }

  /** Returns the text of the index. Sequences without bases are left out. */
  text(): string {
    return this.#entries.filter(({ length }) => length > 0)
      .map(({ name, length, offset, lineBases, lineBytes }) =>
        `${[name, length, offset, lineBases, lineBytes].join("\t")}\n`
      ).join("");
  }
}

interface FaiEntry {
  name: string;
  /** Bases. */
  length: number;
  /** File offset of the first base, in bytes. */
  offset: number;
  lineBases: number;
  lineBytes: number;
}

/**
 * Makes sure that a reference has all contigs of a matrix.
 *
 * @throws {InputError} The reference lacks one; where `chr1` and `1`, or MT and chrM, may be the
 * same, it says so.
 */
export function checkContigs(
  contigs: readonly string[],
  reference: readonly ReferenceContig[],
  files: { matrix: string; reference: string },
): void {
  const known = new Set(reference.map(({ name }) => name));
  for (const name of contigs) {
    if (known.has(name)) continue;
    const like = likeName(name, known);
    const hint = like ? `${like}; rename one of them` : "is it another assembly?";
    throw new InputError(
      `the contig '${printable(name)}' is not in the reference ${files.reference}; ${hint}`,
      { file: files.matrix },
    );
  }
}
