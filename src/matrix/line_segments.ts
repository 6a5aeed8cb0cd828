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
import { unquoteCells } from "./quotes.ts";

/**
 * A run of whole lines, each with its LF. The bytes are valid until the next piece is asked for.
 */
export interface Piece {
  /** Segment that it belongs to, 0-based. */
  segment: number;
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
  /** Offset of the first row in the (uncompressed) bytes. */
  start: number;
  /** Bytes of a segment of a plain file. */
  segmentBytes: number;
  /** True where cells may stand in quotes, which pieces are without. */
  quoted?: boolean;
  /** The state that the file must keep while it is read; undefined for a file of this run's own. */
  state?: InputState;
  /** True where the CRC-32 of each segment is wanted. */
  checksums?: boolean;
}

/** Returns the number of segments of a source. */
export function segmentCount({ gzip, size, start, segmentBytes }: RowSource): number {
  return gzip ? 1 : Math.max(1, Math.ceil((size - start) / segmentBytes));
}

/** Returns the bytes of the file that all pieces of a source use up. */
export function sourceLength({ gzip, size, start }: RowSource): number {
  return gzip ? size : size - start;
}

const GZIP_PIECE = 1 << 20;

/**
 * Yields segments `first`, `first + step`, ... of a plain file, one piece each.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { plainPieces } from "./line_segments.ts";
 * const path = await Deno.makeTempFile();
 * await Deno.writeTextFile(path, "one\ntwo\nthree");
 * const source = { path, shown: path, gzip: false, size: 13, start: 0, segmentBytes: 5 };
 * const lines: string[] = [];
 * for (const { raw, from, to } of plainPieces(source, 0, 1)) {
 *   lines.push(new TextDecoder().decode(raw.slice(from, to))); // the next piece takes its place
 * }
 * assert(lines.join("|") === "one\ntwo\n|three\n|");
 * await Deno.remove(path);
 * ```
 */
export function* plainPieces(source: RowSource, first: number, step: number): Generator<Piece> {
  const { path, shown, size, start, segmentBytes, state, checksums, quoted } = source;
  using file = Deno.openSync(path);
  checkUnchanged(file.statSync(), state, shown);
  const reader = new RangeReader(file, source, segmentBytes + (1 << 16));
  const count = segmentCount(source);
  for (let segment = first; segment < count; segment += step) {
    const begin = start + segment * segmentBytes;
    const end = Math.min(begin + segmentBytes, size);
    // Read from one byte earlier: a line starts at `begin` only if the byte before is an LF.
    const origin = segment === 0 ? begin : begin - 1;
    reader.seek(origin);
    reader.readTo(end - origin);
    const crc = checksums ? crc32(reader.raw.subarray(begin - origin, end - origin)) : 0;
    let from = 0;
    if (segment > 0) {
      const lineEnd = reader.raw.subarray(0, reader.length).indexOf(LF);
      from = lineEnd < 0 ? reader.length : lineEnd + 1;
    }
    const owns = origin + from < end;
    const rawTo = owns ? reader.lineEndFrom(Math.max(0, end - 1 - origin)) : from;
    const to = quoted ? unquoteCells(reader.raw, from, rawTo) : rawTo;
    const bytes = end - begin;
    yield { segment, raw: reader.raw, from, to, first: true, last: true, bytes, crc };
  }
  checkUnchanged(file.statSync(), state, shown);
}

/** A reader of a part of a file, into a buffer that grows with the longest line. */
class RangeReader {
  raw: Uint8Array;
  length = 0;
  /** Bytes from the offset of {@linkcode seek} to the end that the file was promised to have. */
  #left = 0;

  constructor(
    private readonly file: Deno.FsFile,
    private readonly source: RowSource,
    capacity: number,
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
   * Returns the end (exclusive) of the line that holds byte `at`; a last line without LF gets one.
   */
  lineEndFrom(at: number): number {
    for (let from = at;;) {
      const found = this.raw.subarray(0, this.length).indexOf(LF, from);
      if (found >= 0) return found + 1;
      from = this.length;
      const more = Math.max(1 << 16, this.length >> 1);
      if (!this.readTo(this.length + more) && this.length === from) break;
    }
    this.#reserve(this.length + 1);
    this.raw[this.length++] = LF;
    return this.length;
  }

  #reserve(length: number): void {
    if (length <= this.raw.length) return;
    const raw = new Uint8Array(Math.max(length, Math.min(this.raw.length * 2, MAX_LINE)));
    raw.set(this.raw.subarray(0, this.length));
    this.raw = raw;
  }
}

/** Bytes up to which the buffer doubles; beyond, it grows to what a line needs. */
const MAX_LINE = 2 ** 32;

/** Yields the rows of a gzip file: one segment, in pieces. */
export async function* gzipPieces(source: RowSource): AsyncGenerator<Piece> {
  let raw = new Uint8Array(GZIP_PIECE * 2), length = 0;
  let skip = source.start, consumedBefore = 0, first = true, crc = 0;
  const onRead = source.checksums
    ? (bytes: Uint8Array) => void (crc = crc32(bytes, crc))
    : undefined;
  for await (const { bytes, consumed } of gunzipped(source, onRead)) {
    const skipped = Math.min(skip, bytes.length);
    skip -= skipped;
    const add = bytes.length - skipped;
    if (length + add + 1 > raw.length) {
      const grown = new Uint8Array(Math.max(raw.length * 2, length + add + 1));
      grown.set(raw.subarray(0, length));
      raw = grown;
    }
    raw.set(bytes.subarray(skipped), length);
    length += add;
    if (length < GZIP_PIECE) continue;
    const to = raw.lastIndexOf(LF, length - 1) + 1;
    if (to === 0) continue;
    yield {
      segment: 0,
      raw,
      from: 0,
      to: source.quoted ? unquoteCells(raw, 0, to) : to,
      first,
      last: false,
      bytes: consumed - consumedBefore,
      crc: 0,
    };
    first = false;
    consumedBefore = consumed;
    raw.copyWithin(0, to, length);
    length -= to;
  }
  if (length > 0 && raw[length - 1] !== LF) raw[length++] = LF;
  const bytes = source.size - consumedBefore;
  const to = source.quoted ? unquoteCells(raw, 0, length) : length;
  yield { segment: 0, raw, from: 0, to, first, last: true, bytes, crc };
}
