/**
 * Reads the matrix in pieces of whole lines. A plain file is cut into segments of equal size that
 * any thread reads on its own; a segment owns the lines that start in it. A gzip file is one
 * segment in many pieces.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import { readError } from "../base/files.ts";
import { gunzipped } from "./gunzip.ts";
import { changedFile, checkUnchanged, type InputState } from "../base/input_state.ts";
import { LF } from "../base/bytes.ts";
import type { SourcePart } from "./source_part.ts";
import { type FieldStyle, toTabs } from "./separators.ts";

/**
 * A run of whole lines, each with its LF. The bytes are valid until the next piece is asked for.
 */
export interface Piece {
  /** Segment that it belongs to, 0-based. */
  segment: number;
  /** Cell of the grid that its lines start in, 0-based. */
  cell: number;
  raw: Uint8Array;
  /** Offset of its first byte in `raw`. */
  from: number;
  /** Offset of its end in `raw`, exclusive. */
  to: number;
  /** True for the first piece of a segment. */
  first: boolean;
  /** True for the last piece of a segment. */
  last: boolean;
  /** Bytes of the file that it used up. */
  bytes: number;
  /** With the last piece, the CRC-32 of the segment, or of the whole gzip file; 0 unless wanted. */
  crc: number;
  /** True where the line after the piece is too long to be read; nothing comes after it. */
  overlong: boolean;
}

/** A file, and where in it the rows of the matrix are. */
export interface RowSource {
  /** Path of a regular file. */
  path: string;
  /** Path to show in messages. */
  shown: string;
  gzip: boolean;
  /** Size of the file in bytes. */
  size: number;
  /** Offset of the first row in the (uncompressed) bytes; of a part of a file, where it begins. */
  start: number;
  /** The part of the file that is read; undefined for all from `start` on. */
  part?: SourcePart;
  /** Bytes of a segment of a plain file. */
  segmentBytes: number;
  /** Bytes of a cell of the grid: a whole number of segments. */
  cellBytes: number;
  /** How fields are set apart; in pieces, it is by TABs. TABs where nothing is said. */
  style?: FieldStyle;
  /** The state that the file must keep while it is read; undefined for a file of this run's own. */
  state?: InputState;
  /** True where the CRC-32 of each segment is wanted. */
  checksums?: boolean;
  /** Most bytes of a line without its LF; undefined for no limit. */
  maxLine?: number;
}

/** Says that a line is longer than is allowed, and what to do. */
export function overlongProblem(maxLine: number): string {
  return `the line has more than ${maxLine} bytes; is it a matrix, with line ends? --max-line ` +
    "allows longer ones, and --memory, of which a tenth is the default";
}

/** Returns the number of segments of a source. */
export function segmentCount(source: RowSource): number {
  return source.gzip ? 1 : Math.max(1, Math.ceil(sourceLength(source) / source.segmentBytes));
}

/** Returns the bytes of the file that all pieces of a source use up. */
export function sourceLength({ gzip, size, start, part }: RowSource): number {
  if (!gzip) return (part?.end ?? size) - start;
  return part?.blocks ? part.blocks.to - part.blocks.from : size;
}

const GZIP_PIECE = 1 << 20;

/**
 * Returns the start of the first of some whole lines that is too long, or -1. Mostly all of them
 * together are shorter than one may be.
 */
function overlongLine(raw: Uint8Array, from: number, to: number, maxLine = Infinity): number {
  if (to - from <= maxLine) return -1;
  for (let at = from; at < to;) {
    const end = raw.indexOf(LF, at);
    if (end - at > maxLine) return at;
    at = end + 1;
  }
  return -1;
}

/**
 * Yields segments `first`, `first + step`, ... of a plain file, one piece each.
 *
 * @param going Is false once no more pieces are wanted; a long line is left then.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { plainPieces } from "./line_segments.ts";
 * const path = await Deno.makeTempFile();
 * await Deno.writeTextFile(path, "one\ntwo\nthree");
 * const source = { path, shown: path, gzip: false, size: 13, start: 0, segmentBytes: 5,
 *   cellBytes: 10 };
 * const lines: string[] = [];
 * for (const { raw, from, to } of plainPieces(source, 0, 1)) {
 *   lines.push(new TextDecoder().decode(raw.slice(from, to))); // the next piece takes its place
 * }
 * assert(lines.join("|") === "one\ntwo\n|three\n|");
 * await Deno.remove(path);
 * ```
 */
export function* plainPieces(
  source: RowSource,
  first: number,
  step: number,
  going: () => boolean = () => true,
): Generator<Piece> {
  const { path, shown, size, start, segmentBytes, state, checksums, style, maxLine } = source;
  const { end: partEnd = size, midway = false } = source.part ?? {};
  using file = Deno.openSync(path);
  checkUnchanged(file.statSync(), state, shown);
  const reader = new RangeReader(file, source, segmentBytes + (1 << 16), going);
  const count = segmentCount(source), perCell = source.cellBytes / segmentBytes;
  for (let segment = first; segment < count; segment += step) {
    const begin = start + segment * segmentBytes;
    const end = Math.min(begin + segmentBytes, partEnd), inside = segment > 0 || midway;
    // Read from one byte earlier: a line starts at `begin` only if the byte before is an LF.
    const origin = inside ? begin - 1 : begin;
    reader.seek(origin);
    reader.readTo(end - origin);
    const crc = checksums ? crc32(reader.raw.subarray(begin - origin, end - origin)) : 0;
    let from = 0;
    if (inside) {
      const lineEnd = reader.raw.subarray(0, reader.length).indexOf(LF);
      from = lineEnd < 0 ? reader.length : lineEnd + 1;
    }
    const owns = origin + from < end;
    const linesEnd = owns ? reader.lineEndFrom(from, Math.max(0, end - 1 - origin)) : from;
    if (!going()) return;
    const tooLong = overlongLine(reader.raw, from, linesEnd, maxLine);
    const rawTo = tooLong < 0 ? linesEnd : tooLong;
    const to = style ? toTabs(reader.raw, from, rawTo, style) : rawTo;
    const bytes = end - begin;
    const cell = Math.floor(segment / perCell), { raw } = reader;
    const overlong = reader.overlong || tooLong >= 0;
    yield { segment, cell, raw, from, to, first: true, last: true, bytes, crc, overlong };
    if (overlong) return;
  }
  checkUnchanged(file.statSync(), state, shown);
}

/** A reader of a part of a file, into a buffer that grows with the longest line. */
class RangeReader {
  raw: Uint8Array;
  length = 0;
  /** True once a line was too long. */
  overlong = false;
  /** Bytes from the offset of {@linkcode seek} to the end that the file was promised to have. */
  #left = 0;

  constructor(
    private readonly file: Deno.FsFile,
    private readonly source: RowSource,
    capacity: number,
    private readonly going: () => boolean,
  ) {
    this.raw = new Uint8Array(capacity);
  }

  seek(offset: number): void {
    this.file.seekSync(offset, Deno.SeekMode.Start);
    this.length = 0;
    this.#left = this.source.size - offset;
  }

  /**
   * Reads until the buffer has `length` bytes, or the file ends; returns false where it ends
   * before.
   *
   * @throws {InputError} It ends before the size that was promised.
   */
  readTo(length: number): boolean {
    const end = Math.min(length, this.#left);
    this.#reserve(end);
    while (this.length < end) {
      const read = this.#read(this.raw.subarray(this.length, end));
      if (read === null) throw changedFile(this.source.shown);
      this.length += read;
    }
    return end === length;
  }

  #read(into: Uint8Array): number | null {
    try {
      return this.file.readSync(into);
    } catch (error) {
      throw readError(error, this.source.shown);
    }
  }

  /**
   * Returns the end (exclusive) of the line that holds byte `at`, of the lines from byte `from` on; a
   * last line without LF gets one. A line that is too long is left out.
   */
  lineEndFrom(from: number, at: number): number {
    const { maxLine = Infinity } = this.source;
    const start = Math.max(from, this.raw.subarray(0, at).lastIndexOf(LF) + 1);
    for (let looked = at; this.going();) {
      const found = this.raw.subarray(0, this.length).indexOf(LF, looked);
      if ((found < 0 ? this.length : found) - start > maxLine) {
        this.overlong = true;
        return start;
      }
      if (found >= 0) return found + 1;
      looked = this.length;
      // Twice as much of a long line each time; one byte more than is allowed tells that it is too long.
      const more = Math.min(
        Math.max(1 << 16, this.length - start),
        LOOK,
        start + maxLine + 1 - looked,
      );
      if (!this.readTo(this.length + more) && this.length === looked) break;
    }
    this.#reserve(this.length + 1);
    this.raw[this.length++] = LF;
    return this.length;
  }

  #reserve(length: number): void {
    if (length <= this.raw.length) return;
    // Twice as much each time, or long lines would be copied for ever; but no more than a line needs.
    const most = Math.max(length, (this.source.maxLine ?? Infinity) + this.source.segmentBytes);
    const raw = new Uint8Array(Math.min(Math.max(length, this.raw.length * 2), most));
    raw.set(this.raw.subarray(0, this.length));
    this.raw = raw;
  }
}

/** Bytes of a long line that are read between two looks whether the run goes on. */
const LOOK = 1 << 24;

/**
 * Yields the rows of a gzip file: one segment, in pieces, each of one cell of the grid.
 *
 * @param going Is false once no more pieces are wanted; a long line is left then.
 */
export async function* gzipPieces(
  source: RowSource,
  going: () => boolean = () => true,
): AsyncGenerator<Piece> {
  const window = new GzipWindow(source);
  let crc = 0;
  const onRead = source.checksums && !source.part
    ? (bytes: Uint8Array) => void (crc = crc32(bytes, crc))
    : undefined;
  for await (const { bytes, consumed } of gunzipped(source, onRead)) {
    if (!going()) return;
    window.add(bytes, consumed);
    if (window.length >= GZIP_PIECE || window.isRead) yield* window.pieces();
    if (window.overlong || window.isRead) break;
  }
  if (!window.overlong) {
    window.end(sourceLength(source));
    yield* window.pieces();
  }
  if (source.checksums && source.part) crc = window.crc;
  yield { ...window.piece(window.from), last: true, crc, overlong: window.overlong };
}

/** The decompressed bytes that no piece has given out yet, from the begin of a line on. */
class GzipWindow {
  length = 0;
  /** Offset in the window of the first line that no piece has given out. */
  from = 0;
  /** True once a line was too long. */
  overlong = false;
  /** CRC-32 of the bytes of the part that is read. */
  crc = 0;
  #raw = new Uint8Array(GZIP_PIECE * 2);
  /** Offset in the window up to which (exclusive) there is no LF after that of the last whole line. */
  #searched = 0;
  /** Offset in the window of the end of the last whole line. */
  #lineEnd = 0;
  /** Offset of the window in the rows. */
  #offset: number;
  /** Bytes of the header that are still to come. */
  #skip: number;
  /** True while the bytes are those of a line that starts before the part. */
  #midLine: boolean;
  /** Bytes of the rows from whose end on no line is one of the part. */
  readonly #limit: number;
  #first = true;
  #consumed = 0;
  #told = 0;

  constructor(private readonly source: RowSource) {
    const { start, part } = source, back = part?.midway ? 1 : 0;
    this.#skip = start - back;
    this.#offset = -back;
    this.#midLine = back > 0;
    this.#limit = (part?.end ?? Infinity) - start;
  }

  /** True where the window has all that starts in the part. */
  get isRead(): boolean {
    const rest = this.#limit - this.#offset;
    return this.#raw.subarray(0, this.length).indexOf(LF, Math.max(0, rest - 1)) >= 0;
  }

  /** Adds bytes; `consumed` bytes of the file have been used up for them and all before. */
  add(bytes: Uint8Array, consumed: number): void {
    if (this.from > 0) this.#raw.copyWithin(0, this.from, this.length);
    this.#offset += this.from;
    this.length -= this.from;
    this.#searched = Math.max(0, this.#searched - this.from);
    this.#lineEnd = Math.max(0, this.#lineEnd - this.from);
    this.from = 0;
    const skipped = Math.min(this.#skip, bytes.length);
    this.#skip -= skipped;
    this.#append(this.#ownLines(bytes.subarray(skipped)));
    this.#consumed = consumed;
  }

  /** Returns bytes without those of a line that starts before the part. */
  #ownLines(bytes: Uint8Array): Uint8Array {
    if (this.source.part) this.#sum(bytes);
    if (!this.#midLine) return bytes;
    const end = bytes.indexOf(LF);
    this.#midLine = end < 0;
    const before = end < 0 ? bytes.length : end + 1;
    this.#offset += before;
    return bytes.subarray(before);
  }

  #sum(bytes: Uint8Array): void {
    const at = this.#offset + this.length;
    const own = bytes.subarray(Math.max(0, -at), Math.max(0, this.#limit - at));
    this.crc = crc32(own, this.crc);
  }

  /** Ends the last line, at the end of a file of so many bytes. */
  end(size: number): void {
    if (this.length > this.from && this.#raw[this.length - 1] !== LF) {
      this.#append(Uint8Array.of(LF));
    }
    this.#consumed = size;
  }

  /** Yields all whole lines, up to one that is too long. */
  *pieces(): Generator<Piece> {
    const { maxLine = Infinity } = this.source, { isRead } = this;
    const whole = isRead ? this.#partEnd() : this.#wholeLines();
    const tooLong = overlongLine(this.#raw, this.from, whole, maxLine);
    const end = tooLong < 0 ? whole : tooLong;
    while (this.from < end) {
      const cellEnd = (this.#cell() + 1) * this.source.cellBytes - this.#offset;
      yield this.piece(cellEnd < end ? this.#raw.indexOf(LF, cellEnd - 1) + 1 : end);
    }
    this.overlong = tooLong >= 0 || (!isRead && this.length - whole > maxLine);
  }

  /** Returns the end of the last line of the part, once the window has it. */
  #partEnd(): number {
    const rest = this.#limit - this.#offset;
    return rest <= this.from ? this.from : this.#raw.indexOf(LF, rest - 1) + 1;
  }

  /** Returns the end of the last whole line; each byte is looked at once, or a long line takes ages. */
  #wholeLines(): number {
    const found = this.#raw.subarray(this.#searched, this.length).lastIndexOf(LF);
    if (found >= 0) this.#lineEnd = this.#searched + found + 1;
    this.#searched = this.length;
    return this.#lineEnd;
  }

  /** Returns the lines up to `to` (exclusive), which start in one cell. */
  piece(to: number): Piece {
    const { from } = this, cell = this.#cell(), first = this.#first;
    const bytes = this.#consumed - this.#told;
    const { style } = this.source, end = style ? toTabs(this.#raw, from, to, style) : to;
    this.from = to;
    this.#first = false;
    this.#told = this.#consumed;
    const rest = { first, last: false, bytes, crc: 0, overlong: false };
    return { segment: 0, cell, raw: this.#raw, from, to: end, ...rest };
  }

  #cell(): number {
    return Math.floor((this.#offset + this.from) / this.source.cellBytes);
  }

  #append(bytes: Uint8Array): void {
    const length = this.length + bytes.length;
    if (length > this.#raw.length) {
      const most = (this.source.maxLine ?? Infinity) + 2 * GZIP_PIECE;
      const grown = new Uint8Array(Math.max(Math.min(this.#raw.length * 2, most), length));
      grown.set(this.#raw.subarray(0, this.length));
      this.#raw = grown;
    }
    this.#raw.set(bytes, this.length);
    this.length = length;
  }
}
