/**
 * Reads the header of a matrix: its first lines, and the names of the columns in them or in another
 * file.
 *
 * @module
 */

import { InputError, type Location } from "../base/errors.ts";
import { lonelyCarriageReturn } from "../base/file_format.ts";
import { readText } from "../base/text_file.ts";
import { decodeLine } from "../base/utf8.ts";
import { gunzipped } from "./gunzip.ts";
import { type InputFile, refuseForeignText } from "./input_file.ts";
import { CR, HASH, LF } from "../base/bytes.ts";

const MIB = 1024 ** 2;
/** Bytes of the longest header. */
const MAX_HEAD = 64 * MIB;

/** The first line of a matrix that is neither blank nor a `##` line, and what surrounds it. */
export interface MatrixHead {
  /** Empty where there is none. */
  line: string;
  /** Number of the line, 1-based; 0 where there is none. */
  number: number;
  /** Offset of the line after it in the (uncompressed) bytes. */
  end: number;
  /** Bytes of the byte order mark at the start; 0 without one. */
  mark: number;
}

/**
 * Reads up to the first line that is neither blank nor begins with `##`.
 *
 * @param input The matrix.
 * @param options With a header file, the line may be a row, and there need be none.
 * @throws {InputError} No text, or no header line.
 */
export async function readHead(
  input: InputFile,
  { header }: { header?: string } = {},
): Promise<MatrixHead> {
  let bytes = new Uint8Array(1 << 18), length = 0;
  const chunks = input.kind === "gzip" ? gunzipped(input) : fileChunks(input.path);
  for await (const { bytes: chunk } of chunks) {
    if (length + chunk.length > bytes.length) {
      const grown = new Uint8Array(2 * (length + chunk.length));
      grown.set(bytes.subarray(0, length));
      bytes = grown;
    }
    bytes.set(chunk, length);
    length += chunk.length;
    // Only a chunk with an LF can end the line; looking each time would be quadratic.
    const line = chunk.includes(LF) ? firstLine(bytes.subarray(0, length), false) : undefined;
    if (line) return headOf(line, bytes.subarray(0, length), input, header);
    if (length > MAX_HEAD) {
      throw new InputError(`the first ${MAX_HEAD / MIB} MiB have no header line; is it text?`, {
        file: input.shown,
      });
    }
  }
  const line = firstLine(bytes.subarray(0, length), true);
  if (line) return headOf(line, bytes.subarray(0, length), input, header);
  refuseForeignText(bytes.subarray(0, length), input.shown);
  if (header !== undefined) {
    return { line: "", number: 0, end: length, mark: markOf(bytes) };
  }
  throw new InputError("the file has no header line", { file: input.shown });
}

/** Decodes the first line; of a row, which may be a bad one, nothing is asked yet. */
function headOf(
  { from, to, number }: Line,
  bytes: Uint8Array,
  { shown }: InputFile,
  header: string | undefined,
): MatrixHead {
  refuseForeignText(bytes, shown);
  const raw = bytes.subarray(from, to), at = { file: shown, line: number };
  const lonely = header === undefined ? lonelyCarriageReturn(raw) : undefined;
  if (lonely) throw new InputError(lonely, at);
  const line = header === undefined ? decodeLine(raw, at) : new TextDecoder().decode(raw);
  return { line, number, end: Math.min(to + 1, bytes.length), mark: markOf(bytes) };
}

async function* fileChunks(path: string): AsyncGenerator<{ bytes: Uint8Array }> {
  using file = await Deno.open(path);
  for (let size = 65536;; size = Math.min(size * 2, 16 * MIB)) {
    const bytes = new Uint8Array(size);
    const read = await file.read(bytes);
    if (read === null) return;
    yield { bytes: bytes.subarray(0, read) };
  }
}

/** A line, 1-based, and where it begins and ends (exclusive, without its LF) in the bytes. */
interface Line {
  from: number;
  to: number;
  number: number;
}

function firstLine(bytes: Uint8Array, atEnd: boolean): Line | undefined {
  let number = 1;
  for (let from = markOf(bytes); from < bytes.length; number++) {
    let to = bytes.indexOf(LF, from);
    if (to < 0) {
      if (!atEnd) return undefined;
      to = bytes.length;
    }
    const skipped = (bytes[from] === HASH && bytes[from + 1] === HASH) ||
      bytes[from] === LF || bytes[from] === CR;
    if (!skipped) return { from, to, number };
    from = to + 1;
  }
  return undefined;
}

/** Returns the bytes of the byte order mark that a file begins with. */
function markOf(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

/** The header line of a matrix, as split by {@linkcode splitHeader}, and where it was found. */
export interface MatrixHeader {
  /** Names without the leading `#`. */
  columns: string[];
  /** File and line. */
  at: Location;
}

/**
 * Splits a header line into names. Empty fields and blanks at its end, a leading `#` and a byte
 * order mark are dropped.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { splitHeader } from "./header.ts";
 * assert(splitHeader("#CHROM\tPOS\tREF\t10a\t\r").join() === "CHROM,POS,REF,10a");
 * ```
 */
export function splitHeader(line: string): string[] {
  return line.replace(/^\uFEFF/, "").replace(/[\t \r\n]+$/, "").replace(/^#/, "").split("\t");
}

/**
 * Tells whether the first line is the header; it may stand there even where `--header` is given.
 */
export function hasHeader({ line }: MatrixHead, columns: readonly string[]): boolean {
  return splitHeader(line).join("\t") === columns.join("\t");
}

/** Returns the header of a matrix: its own first line, or that of the header's file. */
export async function matrixHeader(
  head: MatrixHead,
  { header, signal }: { header?: string; signal?: AbortSignal },
  input: InputFile,
): Promise<MatrixHeader> {
  if (header === undefined) {
    return { columns: splitHeader(head.line), at: { file: input.shown, line: head.number } };
  }
  const text = await readText(header, signal), lines = text.split("\n");
  const index = lines.findIndex((line) => line.trim() !== "" && !line.startsWith("##"));
  if (index < 0) throw new InputError("the header file has no line", { file: header });
  return { columns: splitHeader(lines[index]), at: { file: header, line: index + 1 } };
}
