/**
 * Formats partitions, on a worker or on the calling thread: rows in, blocks of output out.
 *
 * @module
 */
import { type BlockStarts, compressBlocks } from "../bgzf/blocks.ts";
import { InputError, InternalError } from "../base/errors.ts";
import { printable } from "../base/text.ts";
import { type OrderedRows, ROW_BITS } from "./ordered_rows.ts";
import { type ReferenceSource } from "../reference/fasta_index.ts";
import { ReferenceReader } from "../reference/reference_reader.ts";
import { RegionCursor, type RegionSet } from "./region.ts";
import type { RecordRows, RowFormatter, RowStyle } from "../vcf/row_formatter.ts";
import type { SiteCounts } from "../vcf/site_filter.ts";
import { type ChunkSpans, RecordSpans } from "../bgzf/record_spans.ts";
import { CodeSums } from "../checksum/sum_codes.ts";
import type { SumArrays } from "../checksum/sums.ts";
import { CodeFigures } from "../counts/code_figures.ts";
import type { FigureArrays } from "../counts/figures.ts";
import { type PartitionPieces, PieceTracker } from "./pieces.ts";
import { RecordKernel } from "../vcf/record_kernel.ts";
import { formatterOf } from "../vcf/formatter_of.ts";

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
  /** True where the genotypes are summed as they come, before they are written. */
  sums: boolean;
  /** Whether the figures of a report are counted; `only`: of all rows, none of which is written. */
  figures: boolean | "only";
  /** Where pieces are noted, how the {@linkcode PieceTracker} finds the ranges; else undefined. */
  pieces?: { edges: Float64Array | undefined };
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
  /** True where its records have the order of their lines. */
  ordered: boolean;
}

/** The counts of a partition's rows and records. */
export interface PartitionCounts extends SiteCounts {
  /** Positions of the first and last record, 1-based; 0 without records. */
  firstPos: number;
  lastPos: number;
  /** Sums of the genotypes of the records, where they are wanted. */
  sums?: SumArrays;
  /** Figures of the records, where they are wanted. */
  figures?: FigureArrays;
}

/** A block of output on its way to the writer. */
export interface OutputBlock {
  bytes: Uint8Array<ArrayBuffer>;
  /** The parts of a compressed block, for the index. */
  index: BlockIndex | undefined;
  /** True where the buffer may hold another block once this one is written. */
  reusable: boolean;
  /** With the last block of a partition, what it is made of, where that is wanted. */
  pieces?: PartitionPieces;
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
export const BLOCK_BYTES = 1 << 20;
/** Bytes of a new buffer: a block, and one more record of usual length. */
const BUFFER_BYTES = BLOCK_BYTES + (1 << 16);

/** What is known of a row before it is written. */
const Verdict = { Taken: 0, Outside: 1, Differs: 2, NoReference: 3 } as const;

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
  readonly #kernel: RecordKernel | undefined;
  #sums: CodeSums | undefined;
  readonly #figures: CodeFigures | undefined;
  readonly #pieces: PieceTracker | undefined;
  /** Place (exclusive) in the current rows up to which they have been judged, and are taken. */
  #judged = 0;

  private constructor(
    private readonly job: FormatJob,
    private readonly reference: ReferenceReader | undefined,
  ) {
    const { style } = job;
    this.#formatter = formatterOf(style);
    this.#kernel = RecordKernel.of(style);
    this.#sums = job.sums ? new CodeSums(style) : undefined;
    this.#figures = job.figures ? new CodeFigures(style) : undefined;
    this.#pieces = job.pieces && new PieceTracker(job.pieces.edges);
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
    // The buffer of a plain output is the writer's by now.
    if (this.job.compression !== undefined) this.#formatter.out.use(out.bytes);
    this.#alleles = alleles;
    this.#lengths = lengthsOf(alleles);
    if (this.#sums) this.#sums = new CodeSums({ ...this.job.style, alleles });
    this.#figures?.useAlleles(alleles);
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
    const kernelRows = this.#kernel?.rows ?? 0;
    let place = 0, rows = 0;
    this.#begin(contigs[place]);
    this.#renew(await sink.ready());
    for await (const ordered of read) {
      const { contig, order } = ordered;
      if (contig !== place) this.#begin(contigs[place = contig]);
      rows += order.length;
      this.#judged = 0;
      for (let n = 0; n < order.length;) {
        n = this.#writeSome(ordered, n);
        if (out.length >= BLOCK_BYTES) await this.#flush(sink);
        if (n < order.length && this.reference) await this.#moveReference(ordered, n);
      }
    }
    const { counts, firstPos, lastPos } = sites, { duplicates } = counts;
    this.#send(
      sink,
      this.#pieces && { pieces: this.#pieces.take(), firstPos, lastPos, duplicates },
    );
    this.#checkCounts(counts, rows);
    return {
      ...counts,
      rows,
      kernelRows: (this.#kernel?.rows ?? 0) - kernelRows,
      firstPos,
      lastPos,
      ...this.#sums ? { sums: this.#sums.take() } : {},
      ...this.#figures ? { figures: this.#figures.take() } : {},
    };
  }

  /** Makes sure that each row was written, or counted as left out. */
  #checkCounts(counts: SiteCounts, rows: number): void {
    const { records, tooFewAlleles, tooManyAlleles, notSnps, tooManyMissing } = counts;
    const skipped = this.job.reference?.onMismatch === "skip" ? counts.refMismatches : 0;
    const left = tooFewAlleles + tooManyAlleles + notSnps + tooManyMissing + skipped;
    if (records + left + counts.outsideRegions === rows) return;
    throw new InternalError(
      `of ${rows} rows of contig '${
        printable(this.#contig)
      }' and those before it, ${records} were ` +
        `written and ${left + counts.outsideRegions} left out`,
    );
  }

  /** Goes on with another contig. */
  #begin({ name, contigOrdinal, ordered }: OutputContigPlace): void {
    this.#contig = name;
    const { regions } = this.job;
    this.#regions = regions && new RegionCursor(regions[name] ?? NO_REGIONS);
    this.#formatter.begin(name);
    this.#kernel?.begin(name);
    this.#sums?.begin(name);
    this.#figures?.begin(name);
    this.#spans.begin(contigOrdinal);
    this.#pieces?.begin(name, ordered);
  }

  /**
   * Writes rows, in record order from place `from` (0-based) on, until a block is full or the
   * reference must move. Returns the place to go on from.
   */
  #writeSome(ordered: OrderedRows, from: number): number {
    const { chunks, order } = ordered, { out } = this.#formatter;
    let n = from;
    while (n < order.length && out.length < BLOCK_BYTES) {
      const rows = chunks[order[n] >>> ROW_BITS], row = order[n] & ((1 << ROW_BITS) - 1);
      if (n >= this.#judged) {
        const verdict = this.#judge(rows, row);
        if (verdict === Verdict.NoReference) return n;
        if (verdict !== Verdict.Taken && !this.#takesStill(verdict, rows, row)) {
          n++;
          continue;
        }
        this.#judged = this.#endOfRun(ordered, n, rows, row);
      }
      n += this.#writeRun(rows, row, row + this.#judged - n);
    }
    return n;
  }

  /**
   * Returns the place (exclusive) up to which rows are taken that follow each other in a chunk; the
   * one at place `n` is.
   */
  #endOfRun({ order }: OrderedRows, n: number, rows: RecordRows, row: number): number {
    const judges = this.#regions !== undefined || this.reference !== undefined;
    const most = Math.min(order.length, n + (1 << ROW_BITS) - row), first = order[n];
    let end = n + 1;
    for (; end < most && order[end] - first === end - n; end++) {
      if (judges && this.#judge(rows, row + end - n) !== Verdict.Taken) break;
    }
    return end;
  }

  /** Writes rows `from` to `to` (exclusive) of a chunk until a block is full; returns their number. */
  #writeRun(rows: RecordRows, from: number, to: number): number {
    const formatter = this.#formatter, kernel = this.#kernel, { out, sites } = formatter;
    if (this.job.figures === "only") {
      this.#count(rows, from, to);
      sites.counts.records += to - from;
      return to - from;
    }
    let row = from;
    while (row < to && out.length < BLOCK_BYTES) {
      const before = out.length, { records } = sites.counts;
      const done = kernel ? kernel.write(rows, row, to, out, BLOCK_BYTES, sites) : 0;
      if (done === 0) {
        formatter.write(rows, row);
        // What is summed does not depend on what has been written.
        if (sites.counts.records > records) this.#count(rows, row, row + 1);
        if (this.job.index) this.#addSpan(rows, row, before, out.length);
        if (out.length > before) this.#pieces?.add(rows.line(row), out.length - before);
        row++;
        continue;
      }
      for (let n = 0, start = before; this.job.index && n < done; start = kernel!.ends[n++]) {
        this.#addSpan(rows, row + n, start, kernel!.ends[n]);
      }
      this.#countRows(rows, row, done, before, sites.counts.records - records);
      if (this.#pieces) this.#addPieces(rows, row, done, before, sites.counts.records - records);
      row += done;
    }
    return row - from;
  }

  /** Sums and counts rows `from` to `to` (exclusive), where that is wanted. */
  #count(rows: RecordRows, from: number, to: number): void {
    this.#sums?.add(rows, from, to);
    this.#figures?.add(rows, from, to);
  }

  /** Counts so many rows from `first` on, of which the kernel wrote `taken`, from `from` on. */
  #countRows(rows: RecordRows, first: number, count: number, from: number, taken: number): void {
    if (!this.#sums && !this.#figures) return;
    if (taken === count) return this.#count(rows, first, first + count);
    const { ends } = this.#kernel!;
    for (let n = 0, start = from; n < count; start = ends[n++]) {
      if (ends[n] > start) this.#count(rows, first + n, first + n + 1);
    }
  }

  /** Notes so many rows from `first` on, of which the kernel wrote `taken`, from `from` on. */
  #addPieces(rows: RecordRows, first: number, count: number, from: number, taken: number): void {
    const { ends } = this.#kernel!, pieces = this.#pieces!;
    if (!pieces.byLines) {
      if (taken > 0) pieces.add(rows.line(first), ends[count - 1] - from, taken);
      return;
    }
    for (let n = 0, start = from; n < count; start = ends[n++]) {
      if (ends[n] > start) pieces.add(rows.line(first + n), ends[n] - start);
    }
  }

  /** Notes where a record is, from `from` to `to` (exclusive) in the block, if it was written. */
  #addSpan(rows: RecordRows, row: number, from: number, to: number): void {
    if (to === from) return;
    const first = rows.pos[row] - 1;
    this.#spans.add(first, first + this.#lengths[rows.ref[row]], from, to);
  }

  /** Tells whether a row is taken, or what speaks against it; counts nothing. */
  #judge(rows: RecordRows, row: number): number {
    const first = rows.pos[row], last = first + this.#lengths[rows.ref[row]] - 1;
    if (this.#regions && !this.#regions.overlaps(first, last)) return Verdict.Outside;
    const { reference } = this;
    if (!reference) return Verdict.Taken;
    if (!reference.covers(this.#contig, first, last)) return Verdict.NoReference;
    return reference.matches(first, this.#alleles[rows.ref[row]]) ? Verdict.Taken : Verdict.Differs;
  }

  async #moveReference({ chunks, order }: OrderedRows, n: number): Promise<void> {
    const rows = chunks[order[n] >>> ROW_BITS], row = order[n] & ((1 << ROW_BITS) - 1);
    const first = rows.pos[row], last = first + this.#lengths[rows.ref[row]] - 1;
    if (this.reference!.covers(this.#contig, first, last)) return;
    await this.reference!.move(this.#contig, first, last);
  }

  /** Counts a row that something speaks against, and tells whether it is taken all the same. */
  #takesStill(verdict: number, rows: RecordRows, row: number): boolean {
    const { counts } = this.#formatter.sites;
    if (verdict === Verdict.Outside) return counts.outsideRegions++, false;
    const { onMismatch } = this.job.reference!;
    if (onMismatch === "error") throw this.#mismatch(rows, row);
    counts.refMismatches++;
    return onMismatch === "count";
  }

  #mismatch(rows: RecordRows, row: number): InputError {
    const pos = rows.pos[row], ref = this.#alleles[rows.ref[row]];
    const there = printable(this.reference!.at(pos, ref.length), 40);
    return new InputError(
      `REF is '${printable(ref, 40)}', but the reference has ` +
        `${there === "" ? "no base" : `'${there}'`} at ${pos}; is it the right assembly? ` +
        `--ref-mismatch skip or count goes on`,
      { file: this.job.reference!.matrix, line: rows.line(row), column: "REF" },
    );
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

  #send(sink: BlockSink, pieces?: PartitionPieces): void {
    const { out } = this.#formatter, { compression, index } = this.job;
    if (compression === undefined) {
      sink.send({ bytes: out.written(), index: undefined, reusable: true, pieces });
      return;
    }
    const { bytes, blocks } = compressBlocks(out.written(), compression);
    out.length = 0;
    const spans = index ? this.#spans.take() : undefined;
    sink.send({ bytes, index: spans && { starts: blocks, spans }, reusable: false, pieces });
  }

  [Symbol.dispose](): void {
    this.reference?.[Symbol.dispose]();
  }
}

function lengthsOf(alleles: readonly string[]): Uint32Array {
  return Uint32Array.from(alleles, ({ length }) => length);
}
