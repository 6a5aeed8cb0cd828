/**
 * Writes the records of shards into one output: partitions as they are, or records in a new order,
 * cut and compressed as one conversion does it.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import { setImmediate } from "node:timers";
import { InputError } from "../base/errors.ts";
import { type ByteSink, writeAll } from "../base/files.ts";
import { type BgzfChunk, compressBlocks } from "../bgzf/blocks.ts";
import { type ChunkSpans, RecordSpans, SPAN } from "../bgzf/record_spans.ts";
import type { IndexBuilder } from "../bgzf/tabix_index.ts";
import { TAB } from "../base/bytes.ts";
import { BLOCK_BYTES } from "../output/partition_formatter.ts";
import { collectGarbage } from "../threads/collect_garbage.ts";
import { COMPRESS } from "./calls.ts";
import type { WorkerPool } from "../threads/worker_pool.ts";
import type { ContigRecords, GatherStep, PlacedPartition } from "./gather_plan.ts";
import { mergeRecords } from "./merge_records.ts";
import { type OpenShard, RecordStream } from "./record_stream.ts";
import { readChunks } from "./span_file.ts";

/** Where records go, and how. */
export interface GatheredRequest {
  sink: ByteSink;
  shards: readonly OpenShard[];
  /** Names of the contigs of each shard, as its chunks number them. */
  names: readonly (readonly string[])[];
  /** Places of the contigs in the header. */
  ordinals: ReadonlyMap<string, number>;
  index: IndexBuilder | undefined;
  /** BGZF level; undefined for plain text. */
  compression: number | undefined;
  /** Returns the workers that compress; undefined where this thread does it. */
  pool: () => WorkerPool | undefined;
  signal: AbortSignal | undefined;
  /** Receives the bytes of each partition of a shard that are done with. */
  onDone: (bytes: number) => void;
}

/** Bytes that are copied at once. */
const COPY_BYTES = 4 << 20;

/** The output while records are added. */
export class GatheredFile {
  /** Bytes so far. */
  bytes = 0;
  /** Records at the position of the record before. */
  duplicates = 0;
  /** Contig and position of the last record of the partition before. */
  #contig = "";
  #lastPos = 0;
  readonly #buffers = [new Uint8Array(COPY_BYTES), new Uint8Array(COPY_BYTES)];
  #writing: Promise<void> = Promise.resolve();
  #turn = 0;

  constructor(private readonly request: GatheredRequest) {}

  /** Writes bytes that are no records. */
  async put(bytes: Uint8Array): Promise<void> {
    await this.#writing;
    await writeAll(this.request.sink, bytes);
    this.bytes += bytes.length;
  }

  /** Waits until all is written. */
  async end(): Promise<void> {
    await this.#writing;
  }

  /** Adds the next partition. */
  async add(step: GatherStep): Promise<void> {
    this.request.signal?.throwIfAborted();
    await ("copy" in step ? this.#copy(step.copy) : this.#write(step.write));
  }

  async #copy({ shard, partition }: PlacedPartition): Promise<void> {
    const { shards, names, index, ordinals, onDone } = this.request;
    const open = shards[shard], { offset, bytes, pieces } = partition;
    if (index) {
      let at = this.bytes;
      for (const { starts, spans } of readChunks(open, partition.chunks)) {
        renumber(spans, names[shard], ordinals);
        index.addChunk(spans, starts, at);
        at += starts.compressed.at(-1)!;
      }
    }
    let crc = 0;
    for (let at = 0; at < bytes;) {
      const buffer = this.#buffers[this.#turn ^= 1];
      const some = buffer.subarray(0, Math.min(COPY_BYTES, bytes - at));
      if (open.readOutput(open.header + offset + at, some) < some.length) throw changed(open);
      crc = crc32(some, crc);
      at += some.length;
      // Before the last bytes are written, all are known to be right.
      if (at === bytes && crc !== partition.crc32) throw changed(open);
      await this.#send(some);
    }
    this.#meet(pieces.length === 1 ? pieces[0].contig : "", partition.firstPos, partition.lastPos);
    this.duplicates += partition.duplicates;
    onDone(bytes);
  }

  /** Writes bytes while the next ones are read into the other buffer. */
  async #send(bytes: Uint8Array): Promise<void> {
    await this.#writing;
    this.bytes += bytes.length;
    this.#writing = writeAll(this.request.sink, bytes);
    this.#writing.catch(() => {});
  }

  /** Counts a duplicate across the seam of two partitions of one contig. */
  #meet(contig: string, first: number, last: number): void {
    if (contig !== "" && contig === this.#contig && first === this.#lastPos) this.duplicates++;
    this.#contig = contig;
    this.#lastPos = last;
  }

  async #write(contigs: readonly ContigRecords[]): Promise<void> {
    const { shards, ordinals, onDone } = this.request, block = new RecordBlock();
    const queue = new ChunkQueue(this.request.compression, this.request.pool());
    let first = 0, last = 0;
    for (const { contig, shards: parts } of contigs) {
      block.spans.begin(ordinals.get(contig)!);
      first = last = 0;
      const streams = parts.map((pieces) =>
        new RecordStream(shards[pieces[0].shard], pieces[0].shard, pieces)
      );
      for (const stream of mergeRecords(streams)) {
        if (stream.pos === last) this.duplicates++;
        first ||= stream.pos;
        last = stream.pos;
        block.add(stream);
        if (block.length < BLOCK_BYTES) continue;
        // What was read, its text, and what became of it.
        collectGarbage(3 * block.length);
        for (const ready of queue.add(block.take())) await this.#addChunk(await ready);
        await this.#breathe();
      }
      for (const piece of parts.flat()) onDone(piece.piece.bytes * shareOf(piece.partition));
    }
    for (const ready of [...queue.add(block.take()), ...queue.rest()]) {
      await this.#addChunk(await ready);
    }
    this.#meet(contigs.length === 1 ? contigs[0].contig : "", first, last);
  }

  async #addChunk({ bytes, index }: DoneChunk): Promise<void> {
    if (bytes.length === 0) return;
    if (index) this.request.index?.addChunk(index.spans, index.blocks, this.bytes);
    await this.#send(bytes);
  }

  /** Lets signals and workers be heard. */
  async #breathe(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.request.signal?.throwIfAborted();
  }
}

/** Returns the share that the bytes of a partition have of those of its text. */
function shareOf({ bytes, pieces }: PlacedPartition["partition"]): number {
  return bytes / pieces.reduce((sum, { bytes }) => sum + bytes, 0);
}

function changed({ path }: OpenShard): InputError {
  const manifest = path.replace(/\.vcf(\.gz)?$/, ".json");
  return new InputError(
    `the file is not what its shard wrote (its CRC-32 differs): it was damaged or changed; remove ` +
      `${manifest} and run the shard again`,
    { file: path },
  );
}

/** Gives the contigs of a chunk their places in the header. */
function renumber(
  { contigs }: ChunkSpans,
  names: readonly string[],
  ordinals: ReadonlyMap<string, number>,
): void {
  for (let at = SPAN.Contig; at < contigs.length; at += SPAN.Numbers) {
    contigs[at] = ordinals.get(names[contigs[at]])!;
  }
}

/** The text of records up to a block. */
class RecordBlock {
  length = 0;
  readonly spans = new RecordSpans();
  #bytes = new Uint8Array(BLOCK_BYTES + (1 << 16));

  /** Adds the current record of a stream. */
  add(stream: RecordStream): void {
    const { raw, from, to, pos } = stream, end = this.length + to - from;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, 2 * this.#bytes.length));
      grown.set(this.#bytes.subarray(0, this.length));
      this.#bytes = grown;
    }
    this.#bytes.set(raw.subarray(from, to), this.length);
    const ref = stream.field(3), bases = raw.indexOf(TAB, ref) - ref;
    this.spans.add(pos - 1, pos - 1 + bases, this.length, end);
    this.length = end;
  }

  /** Returns the text and what is in it, and begins anew. */
  take(): RawChunk {
    const text = this.#bytes.slice(0, this.length);
    this.length = 0;
    return { text, spans: this.spans.take() };
  }
}

interface RawChunk {
  text: Uint8Array<ArrayBuffer>;
  spans: ChunkSpans;
}

/** A chunk as it goes into the file. */
interface DoneChunk {
  bytes: Uint8Array;
  index: { spans: ChunkSpans; blocks: BgzfChunk["blocks"] } | undefined;
}

/** Chunks that workers compress, in order; a few at a time. */
class ChunkQueue {
  readonly #open: Promise<DoneChunk>[] = [];
  #next = 0;

  constructor(
    private readonly compression: number | undefined,
    private readonly pool: WorkerPool | undefined,
  ) {}

  /** Takes a chunk; returns those that have to be awaited first, as enough are on their way. */
  add({ text, spans }: RawChunk): Promise<DoneChunk>[] {
    const done = this.#compressed(text).then((chunk): DoneChunk => ({
      bytes: chunk?.bytes ?? text,
      index: chunk && { spans, blocks: chunk.blocks },
    }));
    done.catch(() => {});
    this.#open.push(done);
    return this.#open.splice(
      0,
      Math.max(0, this.#open.length - (this.pool ? this.pool.size + 1 : 0)),
    );
  }

  /** Returns all that are left. */
  rest(): Promise<DoneChunk>[] {
    return this.#open.splice(0);
  }

  async #compressed(text: Uint8Array<ArrayBuffer>): Promise<BgzfChunk | undefined> {
    const { compression: level, pool } = this;
    if (level === undefined || text.length === 0) return undefined;
    if (!pool) return compressBlocks(text, level);
    const worker = this.#next++ % pool.size;
    let chunk: BgzfChunk | undefined;
    await pool.call(worker, COMPRESS, { text, level }, {
      transfer: [text.buffer],
      onPart: (part) => chunk = part,
    });
    return chunk;
  }
}
