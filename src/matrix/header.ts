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
import { looksLikeHeader } from "./column_names.ts";
import { isQuoted, unquotedFields } from "./quotes.ts";

const MIB = 1024 ** 2;
/** Bytes of the longest header. */
const MAX_HEAD = 64 * MIB;

/** The line of a matrix that is its header, if it has one, and what surrounds it. */
export interface MatrixHead {
  /** Empty where the file has no line. */
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
  if (header !== undefined) return { line: "", number: 1, start: length, end: length };
  throw new InputError("the file has no header line", { file: input.shown });
}

/** Decodes the line; of a row, which may be a bad one, nothing is asked yet. */
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
  return { line, number, start: from, end: Math.min(to + 1, bytes.length) };
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

/** Returns the line of the head; undefined where more bytes are needed, or where there is none. */
function firstLine(bytes: Uint8Array, atEnd: boolean): Line | undefined {
  const decoder = new TextDecoder();
  let header: Line | undefined, comment: Line | undefined, number = 1;
  for (let from = markOf(bytes); from < bytes.length; number++) {
    let to = bytes.indexOf(LF, from);
    if (to < 0) {
      if (!atEnd) return undefined;
      to = bytes.length;
    }
    const isComment = bytes[from] === HASH, isBlank = bytes[from] === LF || bytes[from] === CR;
    if (!isBlank && !(isComment && bytes[from + 1] === HASH)) {
      const line = { from, to, number };
      const looks = looksLikeHeader(splitHeader(decoder.decode(bytes.subarray(from, to))));
      if (!isComment) return looks ? line : header ?? line;
      if (looks) header = line;
      else comment ??= line;
    }
    from = to + 1;
  }
  return atEnd ? header ?? comment : undefined;
}

/** Returns the bytes of the byte order mark that a file begins with. */
function markOf(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
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
export async function matrixHeader(
  head: MatrixHead,
  { header, signal }: { header?: string; signal?: AbortSignal },
  input: InputFile,
): Promise<MatrixHeader> {
  if (header === undefined) return headerOf(head, input.shown);
  const bytes = new TextEncoder().encode(await readText(header, signal));
  const own = firstLine(bytes, true);
  if (!own) throw new InputError("the header file has no line", { file: header });
  const line = new TextDecoder().decode(bytes.subarray(own.from, own.to));
  return headerOf({ line, number: own.number }, header);
}

function headerOf(
  { line, number }: Pick<MatrixHead, "line" | "number">,
  file: string,
): MatrixHeader {
  return {
    columns: splitHeader(line),
    quoted: isQuoted(fieldsOf(line)),
    at: { file, line: number },
  };
}
