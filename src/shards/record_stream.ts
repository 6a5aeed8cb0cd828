/**
 * Reads records of a shard again, one after the other.
 *
 * @module
 */
import { crc32, inflateRawSync } from "node:zlib";
import { InputError } from "../base/errors.ts";
import { LF, TAB, ZERO } from "../base/bytes.ts";
import type { PlacedPiece } from "./gather_plan.ts";
import { readChunks } from "./span_file.ts";

/** A shard that can be read. */
export interface OpenShard {
  /** Path of its output, for messages. */
  path: string;
  /** Reads bytes of its output, or of its spans, from an offset on; returns how many there are. */
  readOutput(offset: number, into: Uint8Array): number;
  readSpans(offset: number, into: Uint8Array): number;
  /** Offset of the first record in the output. */
  header: number;
  compressed: boolean;
}

/** Bytes of plain text that are read at once; a block of BGZF holds less. */
const PLAIN = 1 << 16;
/** Bytes of a block before its deflate stream, and after it. */
const HEADER = 18, FOOTER = 8;

/** A stream of the records of one contig in one shard, sorted. */
export class RecordStream {
  /** The current record is `raw[from..to)`, with its LF. */
  raw = new Uint8Array(0);
  from = 0;
  to = 0;
  /** Its position, 1-based. */
  pos = 0;
  readonly #texts: Iterator<Uint8Array<ArrayBuffer>>;

  /**
   * @param open The shard.
   * @param shard Its number, by which records of one position are ordered.
   * @param pieces The pieces with the records, in order.
   */
  constructor(open: OpenShard, readonly shard: number, pieces: readonly PlacedPiece[]) {
    this.#texts = textsOf(open, pieces);
  }

  /** Goes on with the next record; returns false where none is left. */
  next(): boolean {
    this.from = this.to;
    let end = this.raw.indexOf(LF, this.from);
    while (end < 0) {
      const { value, done } = this.#texts.next();
      if (done) return false;
      const rest = this.raw.subarray(this.from), raw = new Uint8Array(rest.length + value.length);
      raw.set(rest);
      raw.set(value, rest.length);
      end = value.indexOf(LF);
      if (end >= 0) end += rest.length;
      this.raw = raw;
      this.from = 0;
    }
    this.to = end + 1;
    this.pos = this.#position();
    return true;
  }

  /** Offset of a field of the current record, 0-based. */
  field(index: number): number {
    let at = this.from;
    for (let n = 0; n < index; n++) at = this.raw.indexOf(TAB, at) + 1;
    return at;
  }

  #position(): number {
    let pos = 0;
    for (let at = this.field(1); this.raw[at] !== TAB; at++) pos = 10 * pos + this.raw[at] - ZERO;
    return pos;
  }
}

/** Yields the text of pieces, part by part. */
function* textsOf(
  open: OpenShard,
  pieces: readonly PlacedPiece[],
): Generator<Uint8Array<ArrayBuffer>> {
  for (const { partition, piece, from } of pieces) {
    const place = { start: open.header + partition.offset, from, to: from + piece.bytes };
    if (open.compressed) yield* unpacked(open, place, partition.chunks);
    else yield* plain(open, place);
  }
}

/** Text of a partition that begins at `start` in the output: its bytes `from` to `to` (exclusive). */
interface TextPlace {
  start: number;
  from: number;
  to: number;
}

function* plain(
  shard: OpenShard,
  { start, from, to }: TextPlace,
): Generator<Uint8Array<ArrayBuffer>> {
  for (let at = from; at < to; at += PLAIN) {
    const bytes = new Uint8Array(Math.min(PLAIN, to - at));
    shard.readOutput(start + at, bytes);
    yield bytes;
  }
}

function* unpacked(
  shard: OpenShard,
  { start, from, to }: TextPlace,
  chunks: readonly [number, number],
): Generator<Uint8Array<ArrayBuffer>> {
  let before = 0, place = start;
  for (const { starts: { uncompressed, compressed } } of readChunks(shard, [...chunks])) {
    if (before >= to) return;
    const last = uncompressed.length - 1;
    for (let n = 0; n < last && before + uncompressed[n] < to; n++) {
      if (before + uncompressed[n + 1] <= from) continue;
      const block = new Uint8Array(compressed[n + 1] - compressed[n]);
      shard.readOutput(place + compressed[n], block);
      const text = inflated(block, shard.path), first = before + uncompressed[n];
      yield text.subarray(Math.max(0, from - first), Math.min(text.length, to - first));
    }
    before += uncompressed[last];
    place += compressed[last];
  }
}

/** Returns the payload of a block. */
function inflated(block: Uint8Array, path: string): Uint8Array<ArrayBuffer> {
  const { length } = block, view = new DataView(block.buffer, block.byteOffset, length);
  try {
    const bytes = inflateRawSync(block.subarray(HEADER, length - FOOTER));
    const text = new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length);
    if (crc32(text) === view.getUint32(length - FOOTER, true)) return text;
  } catch { /* told below */ }
  throw new InputError("a block of the file is damaged", { file: path });
}
