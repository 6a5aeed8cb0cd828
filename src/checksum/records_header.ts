/**
 * Reads what sums need of the header of a VCF or a BCF.
 *
 * @module
 */
import { LF } from "../base/bytes.ts";
import { InputError } from "../base/errors.ts";
import { printable } from "../base/text.ts";

/** The header of a file of records. */
export interface RecordsHeader {
  samples: string[];
  /** Bytes and lines before the first record. */
  bytes: number;
  lines: number;
  /** Of BCF: the number of GT (-1 without one), and the names of contigs by their numbers. */
  bcf: { genotypeKey: number; contigs: (string | undefined)[] } | undefined;
}

/** The header of a file of records whose bytes come in pieces. */
export class HeaderPieces {
  /** Bytes so far; once the header is whole, those behind it. */
  held: Uint8Array = new Uint8Array(0);

  /** @param file Path of the file, for messages. */
  constructor(private readonly file: string) {}

  /** Takes the next piece; returns the header once it is whole. */
  add(piece: Uint8Array): RecordsHeader | undefined {
    const held = joined(this.held, piece);
    const header = isBcf(held) ? readBcfHeader(held, this.file) : readVcfHeader(held, this.file);
    this.held = header ? held.subarray(header.bytes) : held;
    return header;
  }
}

/** Returns two pieces as one. */
export function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(one.length + other.length);
  bytes.set(one);
  bytes.set(other, one.length);
  return bytes;
}

/** Tells whether bytes begin as BCF does. */
function isBcf(bytes: Uint8Array): boolean {
  return bytes[0] === 66 && bytes[1] === 67 && bytes[2] === 70;
}
const FIXED = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO";

/**
 * Returns the header of a VCF; undefined where it is not whole yet.
 *
 * @param bytes The first bytes of the file.
 * @throws {InputError} No VCF, or two samples of one name.
 */
export function readVcfHeader(bytes: Uint8Array, file: string): RecordsHeader | undefined {
  // A byte order mark, as editors of Windows write it.
  let from = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  for (let line = 1;; line++) {
    const end = bytes.indexOf(LF, from);
    if (end < 0) return undefined;
    const text = new TextDecoder().decode(bytes.subarray(from, end)).replace(/\r$/, "");
    from = end + 1;
    if (text.startsWith("##")) continue;
    const samples = samplesOf(text, file, line);
    return { samples, bytes: from, lines: line, bcf: undefined };
  }
}

/**
 * Returns the header of a BCF; undefined where it is not whole yet.
 *
 * @throws {InputError} Another version, damaged, or two samples of one name.
 */
export function readBcfHeader(bytes: Uint8Array, file: string): RecordsHeader | undefined {
  if (bytes.length < 9) return undefined;
  if (bytes[3] !== 2) {
    throw new InputError("this is a BCF of version 1; bcftools reads it", { file });
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(5, true);
  if (bytes.length < 9 + length) return undefined;
  const text = new TextDecoder().decode(bytes.subarray(9, 9 + length)).replace(/\0+$/, "");
  const lines = text.trimEnd().split(/\r?\n/);
  const samples = samplesOf(lines.at(-1)!, file, lines.length);
  return { samples, bytes: 9 + length, lines: lines.length, bcf: numbersOf(lines) };
}

/** Numbers tags and contigs, by their `IDX` or else in their order; the tag PASS has 0. */
function numbersOf(lines: readonly string[]): RecordsHeader["bcf"] {
  const tags = new Map([["PASS", 0]]), contigs: (string | undefined)[] = [];
  let nextTag = 1;
  for (const line of lines) {
    const [, kind] = /^##(FILTER|INFO|FORMAT|contig)=</.exec(line) ?? [];
    const bare = line.replace(/"(?:[^"\\]|\\.)*"/g, '""');
    const [, id] = /[<,]ID=([^,>]+)/.exec(bare) ?? [];
    if (kind === undefined || id === undefined) continue;
    const [, given] = /[<,]IDX=(\d+)/.exec(bare) ?? [];
    if (kind === "contig") contigs[given === undefined ? contigs.length : Number(given)] = id;
    else if (given !== undefined) tags.set(id, Number(given));
    else if (!tags.has(id)) tags.set(id, nextTag);
    nextTag = Math.max(nextTag, (tags.get(id) ?? 0) + 1);
  }
  return { genotypeKey: tags.get("GT") ?? -1, contigs: [...contigs] };
}

function samplesOf(text: string, file: string, line: number): string[] {
  if (!text.startsWith(FIXED)) {
    throw new InputError("the header of a VCF ends with #CHROM, POS, ID, REF, ALT and more", {
      file,
      line,
    });
  }
  const samples = text.split("\t").slice(9), seen = new Set<string>();
  for (const name of samples) {
    if (seen.has(name)) {
      throw new InputError(`two samples have the name '${printable(name)}'`, { file, line });
    }
    seen.add(name);
  }
  return samples;
}
