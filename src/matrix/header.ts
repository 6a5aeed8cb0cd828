/**
 * Reads the header of a matrix: its first lines, and the names of the columns in them or in another
 * file.
 *
 * @module
 */

import { InputError, type Location } from "../base/errors.ts";
import { readText } from "../base/files.ts";
import { gunzipped } from "./gunzip.ts";
import type { InputFile } from "./input_file.ts";
import { CR, HASH, LF } from "../base/bytes.ts";
import { looksLikeHeader } from "./column_names.ts";
import { isQuoted, unquotedFields } from "./quotes.ts";

const MIB = 1024 ** 2;
/** Bytes of the longest header. */
const MAX_HEAD = 64 * MIB;

/** The line of a matrix that is its header, if it has one, and what surrounds it. */
export interface MatrixHead {
  line: string;
  /** Number of the line, 1-based. */
  number: number;
  /** Offset of the line in the (uncompressed) bytes. */
  start: number;
  /** Offset of the line after it. */
  end: number;
}

/**
 * Reads up to the header or, where there is none, up to the first row. Blank lines and those that
 * begin with `##` are skipped. Of lines that begin with one `#`, the last that looks like a header
 * is one; the others before it are comments.
 */
export async function readHead(input: InputFile): Promise<MatrixHead> {
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
    const head = chunk.includes(LF) ? firstLine(bytes.subarray(0, length), false) : undefined;
    if (head) return head;
    if (length > MAX_HEAD) {
      throw new InputError(`the first ${MAX_HEAD / MIB} MiB have no header line; is it text?`, {
        file: input.shown,
      });
    }
  }
  const head = firstLine(bytes.subarray(0, length), true);
  if (head) return head;
  throw new InputError("the file has no header line", { file: input.shown });
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

/** Returns the head; undefined where more bytes are needed, or at the end if there is no line. */
function firstLine(bytes: Uint8Array, atEnd: boolean): MatrixHead | undefined {
  const mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  let header: MatrixHead | undefined, comment: MatrixHead | undefined;
  let number = 1;
  for (let start = mark; start < bytes.length; number++) {
    const isComment = bytes[start] === HASH;
    const isBlank = bytes[start] === LF || bytes[start] === CR;
    let end = bytes.indexOf(LF, start);
    if (end < 0) {
      if (!atEnd) return undefined;
      end = bytes.length;
    }
    if (!isBlank && !(isComment && bytes[start + 1] === HASH)) {
      const line = new TextDecoder().decode(bytes.subarray(start, end));
      const head = { line, number, start, end: Math.min(end + 1, bytes.length) };
      const looks = looksLikeHeader(splitHeader(line));
      if (!isComment) return looks ? head : header ?? head;
      if (looks) header = head;
      else comment ??= head;
    }
    start = end + 1;
  }
  return atEnd ? header ?? comment : undefined;
}

/** The header line of a matrix, as split by {@linkcode splitHeader}, and where it was found. */
export interface MatrixHeader {
  /** Names without the leading `#`. */
  columns: string[];
  /** True where all names stand in quotes, and cells may do so, too. */
  quoted?: boolean;
  /** File and line. */
  at: Location;
}

/**
 * Splits a header line into names. Empty fields and blanks at its end, a leading `#`, a byte order
 * mark, quotes around all names and the numbers of `bcftools query` (`[1]CHROM [2]POS`) are
 * dropped.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { splitHeader } from "./header.ts";
 * assert(splitHeader("#CHROM\tPOS\tREF\t10a\t\r").join() === "CHROM,POS,REF,10a");
 * ```
 */
export function splitHeader(line: string): string[] {
  const [first, ...rest] = unquotedFields(fieldsOf(line));
  const names = [first.replace(/^# */, ""), ...rest];
  const numbers = names.map((_, index) => `[${index + 1}]`);
  if (!names.every((name, index) => name.startsWith(numbers[index]))) return names;
  return names.map((name, index) => name.slice(numbers[index].length));
}

/** Returns the fields of a header line as they stand there. */
function fieldsOf(line: string): string[] {
  return line.replace(/^\uFEFF/, "").replace(/[\t \r\n]+$/, "").replace(/^# *(?=")/, "").split(
    "\t",
  );
}

/**
 * Returns where the rows begin: their offset, and the number of lines before them. The matrix may
 * have its header even where `--header` is given.
 */
export function rowsOf(
  { line, number, start, end }: MatrixHead,
  columns: readonly string[],
): { start: number; lines: number } {
  const isHeader = splitHeader(line).join("\t") === columns.join("\t");
  return isHeader ? { start: end, lines: number } : { start, lines: number - 1 };
}

/** Returns the header of a matrix: its own, or that of the header's file. */
export function matrixHeader(
  head: MatrixHead,
  { header }: { header?: string },
  input: InputFile,
): MatrixHeader {
  if (header === undefined) return headerOf(head, input.shown);
  const own = firstLine(new TextEncoder().encode(readText(header)), true);
  if (own) return headerOf(own, header);
  throw new InputError("the header file has no line", { file: header });
}

function headerOf({ line, number }: MatrixHead, file: string): MatrixHeader {
  return {
    columns: splitHeader(line),
    quoted: isQuoted(fieldsOf(line)),
    at: { file, line: number },
  };
}
