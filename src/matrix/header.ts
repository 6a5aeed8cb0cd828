/**
 * Reads the header of a matrix: its first lines, and the names of the columns in them or in another
 * file.
 *
 * @module
 */

import { InputError, type Location } from "../base/errors.ts";
import { lonelyCarriageReturn } from "../base/file_format.ts";
import { readText } from "../base/text_file.ts";
import { Turns } from "../base/turns.ts";
import { decodeLine } from "../base/utf8.ts";
import { gunzipped } from "./gunzip.ts";
import { type InputFile, refuseForeignText } from "./input_file.ts";
import { overlongProblem } from "./line_segments.ts";
import { HASH, LF, TAB } from "../base/bytes.ts";
import { trimBlanks } from "./cell_bytes.ts";
import { beginsLikeHeader, looksLikeHeader } from "./column_names.ts";
import { fieldsOf, type FieldStyle, styleOf } from "./separators.ts";

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
 * @throws {InputError} No text, no header line, or a line that is too long.
 * @throws The signal's reason.
 */
export async function readHead(
  input: InputFile,
  { header, maxLine = Infinity, signal }: {
    header?: string;
    maxLine?: number;
    signal?: AbortSignal;
  } = {},
): Promise<MatrixHead> {
  let bytes = new Uint8Array(1 << 18), length = 0;
  const chunks = input.kind === "gzip" ? gunzipped(input) : fileChunks(input.path);
  const scan = new HeadScan(maxLine, input.shown), turns = new Turns();
  for await (const { bytes: chunk } of chunks) {
    await turns.take(signal);
    if (length + chunk.length > bytes.length) {
      const grown = new Uint8Array(2 * (length + chunk.length));
      grown.set(bytes.subarray(0, length));
      bytes = grown;
    }
    bytes.set(chunk, length);
    length += chunk.length;
    const line = scan.next(bytes.subarray(0, length));
    if (line) return headOf(line, bytes.subarray(0, length), input, header);
    if (length > MAX_HEAD) {
      throw new InputError(`the first ${MAX_HEAD / MIB} MiB have no header line; is it text?`, {
        file: input.shown,
      });
    }
  }
  const line = scan.last(bytes.subarray(0, length));
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

/**
 * A search for the line of the head in bytes that grow. Each byte is looked at once, as lines and
 * comments may be long.
 */
class HeadScan {
  #header: Line | undefined;
  /** A comment that looks like a header, though without a TAB. */
  #plainHeader: Line | undefined;
  #comment: Line | undefined;
  #number = 1;
  /** Offset of the current line; -1 at the very start. */
  #from = -1;
  /** Offset up to which (exclusive) the current line has no LF. */
  #searched = 0;
  readonly #decoder = new TextDecoder();

  /** The parameters are the longest line, and the file to name where one is longer. */
  constructor(private readonly maxLine: number, private readonly file: string) {}

  /** Looks at whole lines; returns undefined where more bytes are needed. */
  next(bytes: Uint8Array): Line | undefined {
    if (this.#from < 0) this.#from = markOf(bytes);
    while (this.#from < bytes.length) {
      const to = bytes.indexOf(LF, Math.max(this.#from, this.#searched));
      this.#checkLength((to < 0 ? bytes.length : to) - this.#from);
      this.#searched = bytes.length;
      if (to < 0) return undefined;
      const line = this.#look(bytes, to);
      if (line) return line;
    }
  }

  /** Looks at the last line, too; returns undefined where there is none. */
  last(bytes: Uint8Array): Line | undefined {
    const line = this.next(bytes);
    if (line) return line;
    const last = this.#from < bytes.length ? this.#look(bytes, bytes.length) : undefined;
    return last ?? this.#named ?? this.#comment;
  }

  /** Looks at the current line, which ends (exclusive) at `to`; returns the head if this tells it. */
  #look(bytes: Uint8Array, to: number): Line | undefined {
    const from = this.#from, number = this.#number++;
    this.#from = to + 1;
    this.#searched = this.#from;
    const isComment = bytes[from] === HASH;
    // A line that only begins with CR is a damaged row.
    if (trimBlanks(bytes, from, to) === from || (isComment && bytes[from + 1] === HASH)) return;
    const line = { from, to, number };
    const names = splitHeader(this.#decoder.decode(bytes.subarray(from, to)));
    const looks = looksLikeHeader(names);
    if (!isComment) return looks ? line : this.#named ?? line;
    // A header mostly has TABs between its names, and most comments have none.
    if (looks && bytes.subarray(from, to).includes(TAB)) this.#header = line;
    else if (looks && beginsLikeHeader(names)) this.#plainHeader = line;
    else this.#comment ??= line;
  }

  /** The comment that is the header, if one is. */
  get #named(): Line | undefined {
    return this.#header ?? this.#plainHeader;
  }

  #checkLength(length: number): void {
    if (length <= this.maxLine) return;
    const at = { file: this.file, line: this.#number };
    throw new InputError(overlongProblem(this.maxLine), at);
  }
}

/** Returns the bytes of the byte order mark that a file begins with. */
function markOf(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

/** The header line of a matrix, as split by {@linkcode splitHeader}, and where it was found. */
export interface MatrixHeader {
  /** Names without the leading `#`. */
  columns: string[];
  /** How the fields of its line are set apart; TABs where nothing is said. */
  style?: FieldStyle;
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
 * assert(splitHeader("CHROM,POS,REF,10a,").join() === "CHROM,POS,REF,10a");
 * ```
 */
export function splitHeader(line: string, style: FieldStyle = styleOf(line)): string[] {
  const [first, ...rest] = fieldsOf(trimmed(line, style), style);
  const names = [first.replace(/^# */, ""), ...rest];
  const numbers = names.map((_, index) => `[${index + 1}]`);
  if (!names.every((name, index) => name.startsWith(numbers[index]))) return names;
  return names.map((name, index) => name.slice(numbers[index].length));
}

/** Returns a line without what stands around its fields. */
function trimmed(line: string, style: FieldStyle): string {
  const surplus = style === "commas" ? "\t \r\n," : "\t \r\n";
  let end = line.length;
  // An expression would look at a long run of blanks from each of its places.
  while (end > 0 && surplus.includes(line[end - 1])) end--;
  return line.slice(0, end).replace(/^\uFEFF/, "").replace(
    style === "tabs" ? /^# *(?=")/ : /^# */,
    "",
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
  const own = new HeadScan(Infinity, header).last(bytes);
  if (!own) throw new InputError("the header file has no line", { file: header });
  const line = new TextDecoder().decode(bytes.subarray(own.from, own.to));
  return headerOf({ line, number: own.number }, header);
}

function headerOf(
  { line, number }: Pick<MatrixHead, "line" | "number">,
  file: string,
): MatrixHeader {
  const style = styleOf(line);
  return { columns: splitHeader(line, style), style, at: { file, line: number } };
}
