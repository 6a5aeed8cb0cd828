/**
 * Writes and reads what a shard tells of its records beside them: where their blocks, contigs and
 * pieces are. Partitions come one after the other, each with its chunks; a directory of them is the
 * end of the file.
 *
 * All numbers are little-endian. A chunk is six Uint32 (numbers of block starts, of contig, run and
 * window numbers, compressed and uncompressed bytes), then these arrays; contigs go by their places
 * in `names`. The directory is Float64, since offsets pass 4 GiB.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import { InputError } from "../base/errors.ts";
import { readAt } from "../base/files.ts";
import { writing } from "../base/write_error.ts";
import type { BlockStarts } from "../bgzf/blocks.ts";
import { type ChunkSpans, SPAN } from "../bgzf/record_spans.ts";
import type { LineRange } from "../matrix/grid.ts";
import type { OutputBlock } from "../output/partition_formatter.ts";
import type { PartitionPiece, PartitionPieces } from "../output/pieces.ts";

/** A chunk of compressed records, as an index takes it. */
export interface Chunk {
  starts: BlockStarts;
  spans: ChunkSpans;
}

/** A partition of a shard. */
export interface ShardPartition extends PartitionPieces {
  /** Its bytes in the shard's output, from its first record on. */
  offset: number;
  bytes: number;
  crc32: number;
  /** Where its chunks are in the file of spans, the end excluded; none of plain text. */
  chunks: [from: number, to: number];
}

/** All that a file of spans says beside its chunks. */
export interface SpanDirectory {
  partitions: ShardPartition[];
  /** The ranges of the shard's rows, by its lines. */
  grid: LineRange[];
}

const WORDS = 6;
const PARTITION = 8, PIECE = 4;
/** Bytes that are written at once. */
const BUFFER = 1 << 20;

/** The writer of a file of spans; it takes the blocks of a shard in order. */
export class SpanWriter implements Disposable {
  /** Names of contigs, as the chunks and pieces number them. */
  names: string[] = [];
  /** CRC-32 of the records, and their bytes. */
  bytes = 0;
  readonly #file: Deno.FsFile;
  readonly #codes = new Map<string, number>();
  #buffer = new Uint8Array(BUFFER);
  #held = 0;
  #written = 0;
  #crc = 0;
  #directory: number[] = [];
  #partitions = 0;
  #open = { offset: 0, crc: 0, chunks: 0 };

  /** @param path The file, which is made. */
  constructor(private readonly path: string) {
    this.#file = writing(path, () => Deno.openSync(path, { write: true, createNew: true }));
  }

  /** Begins anew, as another attempt to write the records does. */
  begin(): void {
    this.#file.truncateSync(0);
    this.#file.seekSync(0, Deno.SeekMode.Start);
    this.names = [];
    this.#codes.clear();
    this.#directory = [];
    this.#held =
      this.#written =
      this.#crc =
      this.#partitions =
      this.bytes =
        0;
    this.#open = { offset: 0, crc: 0, chunks: 0 };
  }

  /**
   * Adds a block.
   *
   * @param names Names of the contigs in its index.
   * @param range The range of the grid that 0 means in its pieces.
   */
  add({ bytes, index, pieces }: OutputBlock, names: readonly string[], range: number): void {
    this.bytes += bytes.length;
    this.#open.crc = crc32(bytes, this.#open.crc);
    if (index && bytes.length > 0) this.#addChunk(index.starts, index.spans, names, bytes.length);
    if (pieces) this.#endPartition(pieces, range);
  }

  /**
   * Writes the directory.
   *
   * @returns Bytes and CRC-32 of the file, and where in it the directory begins.
   */
  finish(grid: readonly LineRange[]): { bytes: number; crc32: number; directory: number } {
    const directory = this.#written + this.#held;
    this.#put(Float64Array.of(this.#partitions, grid.length));
    this.#put(Float64Array.from(this.#directory));
    this.#put(Float64Array.from(grid.flatMap(({ first, last }) => [first, last])));
    this.#flush();
    this.#file.close();
    return { bytes: this.#written, crc32: this.#crc, directory };
  }

  [Symbol.dispose](): void {
    try {
      this.#file.close();
    } catch { /* finished */ }
  }

  #addChunk(
    { uncompressed, compressed }: BlockStarts,
    { contigs, runs, windows }: ChunkSpans,
    names: readonly string[],
    bytes: number,
  ): void {
    const own = contigs.slice();
    names.forEach((name, place) => own[place * SPAN.Numbers + SPAN.Contig] = this.#code(name));
    const lengths = [uncompressed.length, own.length, runs.length, windows.length];
    this.#put(Uint32Array.of(...lengths, bytes, uncompressed.at(-1)!));
    for (const array of [uncompressed, compressed, own, runs, windows]) this.#put(array);
  }

  #endPartition({ pieces, firstPos, lastPos, duplicates }: PartitionPieces, range: number): void {
    const { offset, crc, chunks } = this.#open, end = this.#written + this.#held;
    const bytes = this.bytes - offset;
    // A partition without records has nothing to be found again.
    if (bytes > 0) {
      this.#partitions++;
      this.#directory.push(offset, bytes, crc, chunks, end, firstPos, lastPos, duplicates);
      this.#directory.push(pieces.length);
      for (const piece of pieces) {
        const own = piece.range < 0 ? -1 : range + piece.range;
        this.#directory.push(this.#code(piece.contig), own, piece.records, piece.bytes);
      }
    }
    this.#open = { offset: this.bytes, crc: 0, chunks: end };
  }

  #code(name: string): number {
    const known = this.#codes.get(name);
    if (known !== undefined) return known;
    this.#codes.set(name, this.names.length);
    return this.names.push(name) - 1;
  }

  #put({ buffer, byteOffset, byteLength }: Float64Array | Uint32Array): void {
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    for (let at = 0; at < bytes.length;) {
      const some = bytes.subarray(at, at + BUFFER - this.#held);
      this.#buffer.set(some, this.#held);
      this.#held += some.length;
      at += some.length;
      if (this.#held === BUFFER) this.#flush();
    }
  }

  #flush(): void {
    const bytes = this.#buffer.subarray(0, this.#held);
    this.#crc = crc32(bytes, this.#crc);
    writing(this.path, () => {
      for (let at = 0; at < bytes.length;) at += this.#file.writeSync(bytes.subarray(at));
    });
    this.#written += bytes.length;
    this.#held = 0;
  }
}

/** What a manifest says of a file of spans. */
export interface SpanFile {
  bytes: number;
  crc32: number;
  /** Offset of the directory. */
  directory: number;
  /** Names of contigs by number. */
  names: readonly string[];
}

/**
 * Reads the directory of a file of spans, after its sum has been compared.
 *
 * @throws {InputError} The file is another one, or was cut.
 */
export function readDirectory(
  path: string,
  { bytes, crc32: sum, directory, names }: SpanFile,
): SpanDirectory {
  using file = Deno.openSync(path);
  const block = new Uint8Array(BUFFER), tail = new Uint8Array(Math.max(0, bytes - directory));
  let crc = 0, at = 0;
  for (let read; (read = readAt(file, at, block)) > 0; at += read) {
    crc = crc32(block.subarray(0, read), crc);
    const skipped = Math.max(0, directory - at);
    if (skipped < read) tail.set(block.subarray(skipped, read), Math.max(0, at - directory));
  }
  if (at !== bytes || crc !== sum) {
    throw new InputError("the file is not what its shard wrote", { file: path });
  }
  return parseDirectory(new Float64Array(tail.buffer), names);
}

function parseDirectory(numbers: Float64Array, names: readonly string[]): SpanDirectory {
  const [partitionCount, ranges] = numbers, partitions: ShardPartition[] = [];
  let at = 2;
  for (let n = 0; n < partitionCount; n++) {
    const [offset, bytes, crc32, from, to, firstPos, lastPos, duplicates] = numbers
      .subarray(at, at += PARTITION);
    const pieces: PartitionPiece[] = [];
    for (let count = numbers[at++]; count > 0; count--) {
      const [contig, range, records, bytes] = numbers.subarray(at, at += PIECE);
      pieces.push({ contig: names[contig], range, records, bytes });
    }
    const place = { offset, bytes, crc32, chunks: [from, to] as [number, number] };
    partitions.push({ ...place, pieces, firstPos, lastPos, duplicates });
  }
  const grid: LineRange[] = [];
  for (let n = 0; n < ranges; n++) grid.push({ first: numbers[at++], last: numbers[at++] });
  return { partitions, grid };
}

/**
 * Yields the chunks of a partition.
 *
 * @param shard Reads the file of spans.
 * @param chunks Where they are in it, the end excluded.
 */
export function* readChunks(
  shard: { readSpans(offset: number, into: Uint8Array): number },
  [from, to]: ShardPartition["chunks"],
): Generator<Chunk> {
  const head = new Uint32Array(WORDS);
  for (let at = from; at < to;) {
    at += shard.readSpans(at, new Uint8Array(head.buffer));
    const [starts, contigs, runs, windows] = head;
    const words = new Uint32Array(2 * starts + contigs + runs + windows);
    at += shard.readSpans(at, new Uint8Array(words.buffer));
    let place = 0;
    const next = (length: number) => words.slice(place, place += length);
    yield {
      starts: { uncompressed: next(starts), compressed: next(starts) },
      spans: { contigs: next(contigs), runs: next(runs), windows: next(windows) },
    };
  }
}
