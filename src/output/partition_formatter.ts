/**
 * Formats partitions, on a worker or on the calling thread: rows in, blocks of output out.
 *
 * @module
 */
import { type BlockStarts, compressBlocks } from "../bgzf/blocks.ts";
import { InputError } from "../base/errors.ts";
import { printable } from "../base/text.ts";
import { type OrderedRows, ROW_BITS } from "./ordered_rows.ts";
import { type ReferenceSource } from "../reference/fasta_index.ts";
import { ReferenceReader } from "../reference/reference_reader.ts";
import { RegionCursor, type RegionSet } from "./region.ts";
import type { RecordRows, RowFormatter, RowStyle } from "../vcf/row_formatter.ts";
import type { SiteCounts } from "../vcf/site_filter.ts";
import { type ChunkSpans, RecordSpans } from "../bgzf/record_spans.ts";
import { formatterOf } from "../vcf/dialect_record.ts";

/** How all rows are written, wherever they come from; plain data, for `postMessage`. */
export interface FormatJob {
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

/** A contig of a partition, with its place in the header, 0-based. */
export interface OutputContigPlace {
  name: string;
  contigOrdinal: number;
}

/** The counts of a partition's rows and records. */
export interface PartitionCounts extends SiteCounts {
  /** Number of rows that came in. */
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

/** The regions of a contig that has none. */
const NO_REGIONS = new Uint32Array(0);

/** The formatter of partitions, from wherever their rows come. */
export class PartitionFormatter implements Disposable {
  #formatter: RowFormatter;
  readonly #spans = new RecordSpans();
  /** Length in bases of each allele, by code. */
  #lengths: Uint32Array;
  /** Alleles by code. */
  #alleles: readonly string[];
  /** Of the contig that is written. */
  #contig = "";
  #regions: RegionCursor | undefined;

  private constructor(
    private readonly job: FormatJob,
    private readonly reference: ReferenceReader | undefined,
  ) {
    const { style } = job;
    this.#formatter = formatterOf(style);
    this.#alleles = style.alleles;
    this.#lengths = lengthsOf(style.alleles);
  }

  /** Opens the reference of a job, if it has one. */
  static async open(job: FormatJob): Promise<PartitionFormatter> {
    const { reference } = job;
    return new PartitionFormatter(job, reference && await ReferenceReader.open(reference));
  }

  /** Goes on with rows whose alleles have other codes. */
  useAlleles(alleles: string[]): void {
    const { out } = this.#formatter;
    this.#formatter = formatterOf({ ...this.job.style, alleles });
    this.#formatter.out.use(out.bytes);
    this.#alleles = alleles;
    this.#lengths = lengthsOf(alleles);
  }

  /**
   * Formats one partition into a sink.
   *
   * @param contigs Its contigs, in output order.
   * @param read Its rows, those of each contig together.
   */
  async format(
    contigs: readonly OutputContigPlace[],
    read: AsyncIterable<OrderedRows> | Iterable<OrderedRows>,
    sink: BlockSink,
  ): Promise<PartitionCounts> {
    const { out, sites } = this.#formatter;
    sites.begin();
    let place = 0, rows = 0;
    this.#begin(contigs[place]);
    this.#renew(await sink.ready());
    for await (const ordered of read) {
      const { contig, order } = ordered;
      if (contig !== place) this.#begin(contigs[place = contig]);
      rows += order.length;
      for (let n = 0; n < order.length;) {
        n = this.#writeSome(ordered, n);
        if (out.length >= BLOCK_BYTES) await this.#flush(sink);
        if (n < order.length && this.reference) await this.#moveReference(ordered, n);
      }
    }
    this.#send(sink);
    return { ...sites.counts, rows, firstPos: sites.firstPos, lastPos: sites.lastPos };
  }

  /** Goes on with another contig. */
  #begin({ name, contigOrdinal }: OutputContigPlace): void {
    this.#contig = name;
    const { regions } = this.job;
    this.#regions = regions && new RegionCursor(regions[name] ?? NO_REGIONS);
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
    const pos = rows.pos[row], ref = this.#alleles[rows.ref[row]];
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

  [Symbol.dispose](): void {
    this.reference?.[Symbol.dispose]();
  }
}

function lengthsOf(alleles: readonly string[]): Uint32Array {
  return Uint32Array.from(alleles, ({ length }) => length);
}
