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

const MIB = 1024 ** 2;
/** Bytes of the longest header. */
const MAX_HEAD = 64 * MIB;

/** The first line of a matrix that is neither blank nor a `##` line, and what surrounds it. */
export interface MatrixHead {
  line: string;
  /** Number of the line, 1-based. */
  number: number;
  /** Offset of the line after it in the (uncompressed) bytes. */
  end: number;
  /** Bytes of the byte order mark at the start; 0 without one. */
  mark: number;
}

/** Reads up to the first line that is neither blank nor begins with `##`. */
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

function firstLine(bytes: Uint8Array, atEnd: boolean): MatrixHead | undefined {
  const mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  let number = 1;
  for (let from = mark; from < bytes.length; number++) {
    let end = bytes.indexOf(LF, from);
    if (end < 0) {
      if (!atEnd) return undefined;
      end = bytes.length;
    }
    const skipped = (bytes[from] === HASH && bytes[from + 1] === HASH) ||
      bytes[from] === LF || bytes[from] === CR;
    if (!skipped) {
      const line = new TextDecoder().decode(bytes.subarray(from, end));
      return { line, number, end: Math.min(end + 1, bytes.length), mark };
    }
    from = end + 1;
  }
  return undefined;
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
export function matrixHeader(
  head: MatrixHead,
  { header }: { header?: string },
  input: InputFile,
): MatrixHeader {
  if (header === undefined) {
    return { columns: splitHeader(head.line), at: { file: input.shown, line: head.number } };
  }
  const lines = readText(header).split("\n");
  const index = lines.findIndex((line) => line.trim() !== "" && !line.startsWith("##"));
  if (index < 0) throw new InputError("the header file has no line", { file: header });
  return { columns: splitHeader(lines[index]), at: { file: header, line: index + 1 } };
}
