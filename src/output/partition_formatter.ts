/**
 * Formats partitions, on a worker or on the calling thread: rows in, blocks of output out.
 *
 * @module
 */
import { type BlockStarts, compressBlocks } from "../bgzf/blocks.ts";
import type { DatabaseLimits } from "../table/database_limits.ts";
import { enumWidth } from "../base/codes.ts";
import { InputError } from "../base/errors.ts";
import { printable } from "../base/text.ts";
import { collectGarbage } from "../threads/collect_garbage.ts";
import type { PinnedTable } from "../table/pinned_table.ts";
import { type OrderedRows, PartitionReader, ROW_BITS } from "./partition_reader.ts";
import type { Partition } from "./partitions.ts";
import { type ReferenceSource } from "../reference/fasta_index.ts";
import { ReferenceReader } from "../reference/reference_reader.ts";
import { RegionCursor, type RegionSet } from "./region.ts";
import type { RecordRows, RowFormatter, RowStyle } from "../vcf/row_formatter.ts";
import type { SiteCounts } from "../vcf/site_filter.ts";
import { TsvFormatter } from "../vcf/tsv_record.ts";
import { type ChunkSpans, RecordSpans } from "../bgzf/record_spans.ts";
import { RecordFormatter } from "../vcf/vcf_record.ts";

/** The part of the job that all partitions share; plain data, for `postMessage`. */
export interface FormatJob {
  database: PinnedTable;
  limits: DatabaseLimits;
  hasId: boolean;
  kept: boolean;
  /** Codes of a row of the table. */
  stride: number;
  style: RowStyle;
  /** BGZF level 1 to 9; undefined for plain text. */
  compression: number | undefined;
  /** True where an index is made; only of compressed output. */
  index: boolean;
  /** Regions of which a record must overlap one; undefined for all records. */
  regions: RegionSet | undefined;
  reference: ReferenceCheck | undefined;
}

/** A reference, and what happens where REF differs from it. */
export interface ReferenceCheck extends ReferenceSource {
  onMismatch: "error" | "skip" | "count";
  /** Path of the matrix as the user gave it, for messages. */
  matrix: string;
}

/** The counts of a partition's rows and records. */
export interface PartitionCounts extends SiteCounts {
  /** Number of rows that came out of the table. */
  rows: number;
  /** Positions of the first and last record, 1-based; 0 without records. */
  firstPos: number;
  lastPos: number;
}

/** A block of output on its way to the writer. */
export interface OutputBlock {
  bytes: Uint8Array<ArrayBuffer>;
  /** The parts of a compressed block, for the index. */
  index: BlockIndex | undefined;
  /** True where the buffer may hold another block once this one is written. */
  reusable: boolean;
}

/** The places of the BGZF blocks and the records in an output block. */
export interface BlockIndex {
  starts: BlockStarts;
  /** The records; a contig's ordinal is its place in the header. */
  spans: ChunkSpans;
}

/** A receiver of blocks of output, one for each time that it was ready. */
export interface BlockSink {
  /**
   * Waits while too many blocks are on their way; resolves to a buffer to use again, if there is
   * one.
   */
  ready(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Takes a block, which is the sink's from then on. */
  send(block: OutputBlock): void;
}

/** Bytes after which a block is sent. */
const BLOCK_BYTES = 1 << 20;
/** Bytes of a new buffer: a block, and one more record of usual length. */
const BUFFER_BYTES = BLOCK_BYTES + (1 << 16);

/** The formatter of the partitions of one database. */
export class PartitionFormatter implements Disposable {
  readonly #formatter: RowFormatter;
  readonly #spans = new RecordSpans();
  /** Length in bases of each allele, by code. */
  readonly #lengths: Uint32Array;
  /** Of the contig that is written. */
  #contig = "";
  #regions: RegionCursor | undefined;

  private constructor(
    private readonly reader: PartitionReader,
    private readonly job: FormatJob,
    /** Bytes of a chunk of DuckDB, about; it has room for all rows that a chunk can have. */
    private readonly chunkBytes: number,
    private readonly reference: ReferenceReader | undefined,
  ) {
    const { style } = job;
    this.#formatter = style.format === "vcf" ? new RecordFormatter(style) : new TsvFormatter(style);
    this.#lengths = Uint32Array.from(style.alleles, (allele) => allele.length);
  }

  /** Opens the database of a job. */
  static async open(job: FormatJob): Promise<PartitionFormatter> {
    const { database, limits, hasId, kept, stride, style, reference: source } = job;
    const shape = { stride, width: enumWidth(style.alleles.length), hasId, kept };
    const chunkBytes = (stride * shape.width + 16) << ROW_BITS;
    const reader = await PartitionReader.open(database, limits, shape);
    try {
      const reference = source && await ReferenceReader.open(source);
      return new PartitionFormatter(reader, job, chunkBytes, reference);
    } catch (error) {
      reader[Symbol.dispose]();
      throw error;
    }
  }

  /** Formats one partition into a sink. */
  async format(partition: Partition, sink: BlockSink): Promise<PartitionCounts> {
    const { out, sites } = this.#formatter, { contigs } = partition;
    sites.begin();
    let place = 0;
    this.#begin(contigs[place]);
    this.#renew(await sink.ready());
    let rows = 0, read: RecordRows[] = [];
    for await (const ordered of this.reader.read(partition)) {
      const { contig, chunks, order } = ordered;
      if (contig !== place) this.#begin(contigs[place = contig]);
      if (chunks !== read) collectGarbage(read.length * this.chunkBytes);
      read = chunks;
      rows += order.length;
      for (let n = 0; n < order.length;) {
        n = this.#writeSome(ordered, n);
        if (out.length >= BLOCK_BYTES) await this.#flush(sink);
        if (n < order.length && this.reference) await this.#moveReference(ordered, n);
      }
    }
    this.#send(sink);
    collectGarbage(read.length * this.chunkBytes);
    return { ...sites.counts, rows, firstPos: sites.firstPos, lastPos: sites.lastPos };
  }

  /** Goes on with another contig. */
  #begin({ name, contigOrdinal }: Partition["contigs"][number]): void {
    this.#contig = name;
    const regions = this.job.regions?.[name];
    this.#regions = regions && new RegionCursor(regions);
    this.#formatter.begin(name);
    this.#spans.begin(contigOrdinal);
  }

  /**
   * Writes rows, in record order from place `from` (0-based) on, until a block is full or the
   * reference must move. Returns the place to go on from.
   */
  #writeSome({ chunks, order }: OrderedRows, from: number): number {
    const formatter = this.#formatter, { out } = formatter;
    const plain = !this.#regions && !this.reference && !this.job.index;
    let n = from;
    for (; n < order.length && out.length < BLOCK_BYTES; n++) {
      const rows = chunks[order[n] >>> ROW_BITS], row = order[n] & ((1 << ROW_BITS) - 1);
      if (plain) {
        formatter.write(rows, row);
        continue;
      }
      const first = rows.pos[row], end = first + this.#lengths[rows.ref[row]];
      if (this.#regions && !this.#regions.overlaps(first, end - 1)) {
        formatter.sites.counts.outsideRegions++;
        continue;
      }
      if (this.reference) {
        if (!this.reference.covers(this.#contig, first, end - 1)) return n;
        if (!this.#agrees(rows, row)) continue;
      }
      const before = out.length;
      formatter.write(rows, row);
      if (this.job.index && out.length > before) {
        this.#spans.add(first - 1, end - 1, before, out.length);
      }
    }
    return n;
  }

  async #moveReference({ chunks, order }: OrderedRows, n: number): Promise<void> {
    const rows = chunks[order[n] >>> ROW_BITS], row = order[n] & ((1 << ROW_BITS) - 1);
    const first = rows.pos[row], last = first + this.#lengths[rows.ref[row]] - 1;
    if (this.reference!.covers(this.#contig, first, last)) return;
    await this.reference!.move(this.#contig, first, last);
  }

  /** Tells whether a row is written: REF is that of the reference, or may differ from it. */
  #agrees(rows: RecordRows, row: number): boolean {
    const reference = this.reference!, { onMismatch, matrix } = this.job.reference!;
    const pos = rows.pos[row], ref = this.job.style.alleles[rows.ref[row]];
    if (reference.matches(pos, ref)) return true;
    if (onMismatch === "error") {
      const there = printable(reference.at(pos, ref.length), 40);
      throw new InputError(
        `REF is '${printable(ref, 40)}', but the reference has ` +
          `${there === "" ? "no base" : `'${there}'`} at ${pos}; is it the right assembly? ` +
          `--ref-mismatch skip or count goes on`,
        { file: matrix, line: rows.line(row), column: "REF" },
      );
    }
    this.#formatter.sites.counts.refMismatches++;
    return onMismatch === "count";
  }

  /** Sends the block, and goes on in another buffer. */
  async #flush(sink: BlockSink): Promise<void> {
    this.#send(sink);
    this.#renew(await sink.ready());
  }

  /** Goes on in an empty buffer. Compressed output is a copy, so the buffer for text stays here. */
  #renew(buffer: Uint8Array<ArrayBuffer> | undefined): void {
    const { out } = this.#formatter;
    const own = this.job.compression === undefined ? undefined : out.bytes;
    out.use(buffer ?? (own?.length ? own : new Uint8Array(BUFFER_BYTES)));
  }

  #send(sink: BlockSink): void {
    const { out } = this.#formatter, { compression, index } = this.job;
    if (compression === undefined) {
      sink.send({ bytes: out.written(), index: undefined, reusable: true });
      return;
    }
    const { bytes, blocks } = compressBlocks(out.written(), compression);
    out.length = 0;
    const spans = index ? this.#spans.take() : undefined;
    sink.send({ bytes, index: spans && { starts: blocks, spans }, reusable: false });
  }

  /** Stops the running query. */
  interrupt(): void {
    this.reader.interrupt();
  }

  [Symbol.dispose](): void {
    this.reader[Symbol.dispose]();
    this.reference?.[Symbol.dispose]();
  }
}
