/**
 * Tabix (TBI) and CSI indexes, built while a BGZF-compressed VCF is written. A worker condenses the
 * records of a chunk with `RecordSpans`; main, which alone knows where a chunk lands in
 * the file, adds them to an {@linkcode IndexBuilder}. What main holds grows with bins and blocks,
 * not with records. The result equals the index that htslib makes of the same file, save that bins
 * are written in ascending order.
 *
 * Positions are 0-based, ends are exclusive. Height counts upwards from the 16 kb bins (0), as the
 * worker need not know the depth of the index; bin numbers and depth are those of the CSI
 * specification.
 *
 * @module
 */

import { type ChunkSpans, heightOf, indexOf, MIN_SHIFT, parentOf } from "./record_spans.ts";
import { type BlockStarts, compressBlocks, EOF_BLOCK } from "./bgzf.ts";

const TBI_DEPTH = 5;
const CSI_DEPTH = 6; // what htslib starts from: holds 2^32 bases
const NO_OFFSET = -1; // a window of the linear index that no record has touched
const SMALL_BIN = 0x10000; // compressed bytes; htslib moves what spans less to the parent bin

/** The longest end (0-based exclusive, so also 1-based inclusive) that a TBI index can hold. */
export const TBI_MAX_END = 2 ** (MIN_SHIFT + 3 * TBI_DEPTH);

/**
 * Whether a file needs CSI rather than TBI.
 *
 * @param maxEnd The largest end of any record, POS - 1 + length of REF.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { needsCsi } from "./tabix_index.ts";
 * assert.equal(needsCsi(2 ** 29), false);
 * assert.equal(needsCsi(2 ** 29 + 1), true);
 * ```
 */
export function needsCsi(maxEnd: number): boolean {
  return maxEnd > TBI_MAX_END;
}

/** The number of the first bin of a level; level 0 is the root. Also the count of bins above. */
function firstBin(level: number): number {
  return (2 ** (3 * level) - 1) / 7;
}

/** What an {@linkcode IndexBuilder} is made from. */
export interface IndexOptions {
  /** The format; TBI holds ends up to {@linkcode TBI_MAX_END} only. */
  format: "tbi" | "csi";
  /** The contigs as the file's header declares them, length in bases where it is known. */
  contigs: readonly { name: string; length?: number }[];
}

/**
 * Builds the index of a BGZF-compressed VCF from the spans of its chunks. A contig's part is encoded
 * as soon as the next contig begins.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { compressBlocks } from "./bgzf.ts";
 * import { RecordSpans } from "./record_spans.ts";
 * import { encodeIndex, IndexBuilder } from "./tabix_index.ts";
 * const chunk = new TextEncoder().encode("chr1\t100\t.\tA\tC\t.\t.\t.\n");
 * const spans = new RecordSpans();
 * spans.add(99, 100, 0, chunk.length);
 * const { blocks } = compressBlocks(chunk, 4);
 * const index = new IndexBuilder({ format: "tbi", contigs: [{ name: "chr1" }] });
 * const headerSize = 88; // compressed; the chunk is written right after the header's blocks
 * index.addChunk(0, spans.take(), blocks, headerSize);
 * const tbi = encodeIndex(index.finish()); // the bytes of the .tbi file
 * assert.equal(tbi[0], 31);
 * ```
 */
export class IndexBuilder {
  readonly #format: "tbi" | "csi";
  readonly #names: readonly string[];
  readonly #depth: number;
  // Ordinals of the contigs that have records, in file order.
  readonly #seen = new Set<number>();
  readonly #body = new ByteWriter();
  #open: { ordinal: number; index: ContigIndex } | undefined;

  /**
   * Begins an index without records.
   *
   * @param options Format and contigs.
   */
  constructor({ format, contigs }: IndexOptions) {
    this.#format = format;
    this.#names = contigs.map(({ name }) => name);
    this.#depth = format === "tbi" ? TBI_DEPTH : csiDepth(contigs);
  }

  /**
   * Adds a chunk, in file order. A chunk's records are of one contig, and all chunks of a contig
   * stand together. A chunk without records changes nothing.
   *
   * @param contigOrdinal The contig's place among the options' contigs, from 0.
   * @param spans Its records.
   * @param blocks Its block boundaries.
   * @param fileOffset Where the chunk's first block begins in the compressed file, in bytes.
   */
  addChunk(
    contigOrdinal: number,
    spans: ChunkSpans,
    blocks: BlockStarts,
    fileOffset: number,
  ): void {
    if (spans.records === 0) return;
    const contig = this.#contig(contigOrdinal);
    if (spans.firstBegin < contig.lastBegin) {
      throw new Error(`Chunks of contig ${this.#names[contigOrdinal]} are out of order`);
    }
    contig.lastBegin = spans.lastBegin;
    contig.records += spans.records;
    addRuns(contig, spans.runs, new BlockCursor(blocks, fileOffset));
    addWindows(contig, spans.windows, new BlockCursor(blocks, fileOffset));
  }

  /**
   * The whole index, not yet compressed. Contigs without records are left out, as htslib does; call
   * it once.
   */
  finish(): Uint8Array<ArrayBuffer> {
    this.#closeContig();
    const index = new ByteWriter();
    const names = new TextEncoder().encode(
      [...this.#seen].map((i) => `${this.#names[i]}\0`).join(""),
    );
    if (this.#format === "tbi") {
      index.ascii("TBI\x01");
      index.uint32(this.#seen.size);
      writeTabixHeader(index, names);
    } else {
      index.ascii("CSI\x01");
      index.uint32(MIN_SHIFT);
      index.uint32(this.#depth);
      index.uint32(TABIX_HEADER.length * 4 + 4 + names.length);
      writeTabixHeader(index, names);
      index.uint32(this.#seen.size);
    }
    index.bytes(this.#body.view());
    index.uint64(0); // records without coordinates
    return index.view();
  }

  #contig(ordinal: number): ContigIndex {
    if (this.#open?.ordinal === ordinal) return this.#open.index;
    if (this.#seen.has(ordinal)) {
      throw new Error(`Chunks of contig ${this.#names[ordinal]} do not stand together`);
    }
    this.#closeContig();
    this.#seen.add(ordinal);
    this.#open = { ordinal, index: new ContigIndex(this.#depth) };
    return this.#open.index;
  }

  #closeContig(): void {
    this.#open?.index.encode(this.#body, this.#format);
    this.#open = undefined;
  }
}

/**
 * An index as the bytes of its file: both formats are BGZF themselves.
 *
 * @param index What {@linkcode IndexBuilder.finish} gave.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { gunzipSync } from "node:zlib";
 * import { encodeIndex, IndexBuilder } from "./tabix_index.ts";
 * const file = encodeIndex(new IndexBuilder({ format: "csi", contigs: [] }).finish());
 * assert.equal(gunzipSync(file).toString("latin1", 0, 4), "CSI\x01");
 * ```
 */
export function encodeIndex(index: Uint8Array): Uint8Array<ArrayBuffer> {
  const { bytes } = compressBlocks(index, 6);
  const file = new Uint8Array(bytes.length + EOF_BLOCK.length);
  file.set(bytes);
  file.set(EOF_BLOCK, bytes.length);
  return file;
}

/** The depth that htslib gives the CSI index of a VCF with these contigs. */
function csiDepth(contigs: readonly { length?: number }[]): number {
  const slack = 256; // htslib's own
  let depth = CSI_DEPTH;
  for (const { length = 0 } of contigs) {
    while (length + slack > 2 ** (MIN_SHIFT + 3 * depth)) depth++;
  }
  return depth;
}

// Preset VCF; columns of sequence, begin, end; the comment character; lines to skip.
const TABIX_HEADER = [2, 1, 2, 0, "#".charCodeAt(0), 0];

function writeTabixHeader(index: ByteWriter, names: Uint8Array): void {
  for (const field of TABIX_HEADER) index.uint32(field);
  index.uint32(names.length);
  index.bytes(names);
}

/**
 * Turns ascending offsets in a chunk into virtual offsets. The two halves of a virtual offset are
 * kept apart everywhere: in one number they would be exact only up to 128 GiB of file.
 */
class BlockCursor {
  /** File offset of the block that was found, in compressed bytes. */
  block = 0;
  /** Offset within it, in uncompressed bytes. */
  within = 0;
  #i = 0;

  constructor(readonly blocks: BlockStarts, readonly fileOffset: number) {}

  /** Finds an offset. The end of a block is offset 0 of the next one, also after the last block. */
  seek(offset: number): void {
    const { uncompressed, compressed } = this.blocks;
    const last = uncompressed.length - 1;
    if (offset > uncompressed[last]) throw new Error(`Record ends at ${offset}, after its chunk`);
    while (this.#i < last && uncompressed[this.#i + 1] <= offset) this.#i++;
    this.block = this.fileOffset + compressed[this.#i];
    this.within = offset - uncompressed[this.#i];
  }
}

function addRuns(contig: ContigIndex, runs: Uint32Array, cursor: BlockCursor): void {
  for (let i = 0; i < runs.length; i += 3) {
    cursor.seek(runs[i + 1]);
    const { block, within } = cursor;
    cursor.seek(runs[i + 2]);
    contig.addRun(runs[i], block, within, cursor.block, cursor.within);
  }
}

function addWindows(contig: ContigIndex, windows: Uint32Array, cursor: BlockCursor): void {
  for (let i = 0; i < windows.length; i += 3) {
    cursor.seek(windows[i + 2]);
    contig.touch(windows[i], windows[i + 1], cursor.block, cursor.within);
  }
}

/** Virtual offsets in a list that grows. */
class OffsetList {
  length = 0;
  blocks = new Float64Array(16);
  within = new Uint16Array(16);

  push(block: number, within: number): void {
    if (this.length === this.blocks.length) {
      this.blocks = grown(this.blocks, new Float64Array(2 * this.length));
      this.within = grown(this.within, new Uint16Array(2 * this.length));
    }
    this.set(this.length++, block, within);
  }

  set(i: number, block: number, within: number): void {
    this.blocks[i] = block;
    this.within[i] = within;
  }
}

function grown<T extends Float64Array | Uint16Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** The bins and the linear index of one contig. */
class ContigIndex {
  records = 0;
  lastBegin = 0;
  readonly #depth: number;
  // Runs in file order. Records come with ascending begins, so the bins of one height ascend, too.
  readonly #bins: number[] = [];
  readonly #begins = new OffsetList();
  readonly #ends = new OffsetList();
  // The last run of each height, the only one that the next run of its height can belong to.
  readonly #lastRun: number[];
  readonly #linear = new OffsetList();

  constructor(depth: number) {
    this.#depth = depth;
    this.#lastRun = new Array(depth + 1).fill(-1);
  }

  /**
   * Adds a run. It is joined to the run before of the same bin where that ends in the block in which
   * this one begins: a reader could not skip what lies between, and htslib joins them in the end.
   * So the runs of a bin are at most as many as the file's blocks.
   */
  addRun(bin: number, block: number, within: number, endBlock: number, endWithin: number): void {
    const height = heightOf(bin);
    const last = this.#lastRun[height];
    if (last >= 0 && this.#bins[last] === bin && this.#ends.blocks[last] >= block) {
      this.#ends.set(last, endBlock, endWithin);
      return;
    }
    this.#lastRun[height] = this.#bins.push(bin) - 1;
    this.#begins.push(block, within);
    this.#ends.push(endBlock, endWithin);
  }

  /** Notes the record that touched windows `first` to `last` (inclusive), where it is the first. */
  touch(first: number, last: number, block: number, within: number): void {
    if (last >= 2 ** (3 * this.#depth)) {
      throw new Error(`Window ${last} is past the end of the index: CSI or more depth is needed`);
    }
    while (this.#linear.length < first) this.#linear.push(NO_OFFSET, 0);
    while (this.#linear.length <= last) this.#linear.push(block, within);
  }

  /** Writes the contig's part of the index. To be called once. */
  encode(out: ByteWriter, format: "tbi" | "csi"): void {
    this.#fillGaps();
    this.#moveSmallBins();
    this.#encodeBins(out, format);
    if (format === "tbi") this.#encodeLinear(out);
  }

  /** Gives each window that no record touched the offset of the next one. */
  #fillGaps(): void {
    const { length, blocks, within } = this.#linear;
    for (let i = length - 2; i >= 0; i--) {
      if (blocks[i] === NO_OFFSET) this.#linear.set(i, blocks[i + 1], within[i + 1]);
    }
  }

  /** Moves the runs of each bin that spans few compressed bytes to its parent, if that has runs. */
  #moveSmallBins(): void {
    for (let height = 0; height < this.#depth; height++) {
      const extents = this.#extents(height);
      const parents = new Set(this.#bins.filter((bin) => heightOf(bin) === height + 1));
      this.#bins.forEach((bin, i) => {
        const extent = extents.get(bin);
        if (extent && extent.end - extent.begin < SMALL_BIN && parents.has(parentOf(bin))) {
          this.#bins[i] = parentOf(bin);
        }
      });
    }
  }

  /** The file offsets of the first and the last block of each bin of a height. */
  #extents(height: number): Map<number, { begin: number; end: number }> {
    const extents = new Map<number, { begin: number; end: number }>();
    this.#bins.forEach((bin, i) => {
      if (heightOf(bin) !== height) return;
      const extent = extents.get(bin);
      if (!extent) extents.set(bin, { begin: this.#begins.blocks[i], end: this.#ends.blocks[i] });
      else extent.end = Math.max(extent.end, this.#ends.blocks[i]);
    });
    return extents;
  }

  #encodeBins(out: ByteWriter, format: "tbi" | "csi"): void {
    const order = this.#runsByBin();
    const countAt = out.uint32(0);
    let count = 1; // the pseudo-bin
    for (let from = 0, to = 0; from < order.length; from = to, count++) {
      const bin = this.#bins[order[from]];
      while (to < order.length && this.#bins[order[to]] === bin) to++;
      out.uint32(firstBin(this.#depth - heightOf(bin)) + indexOf(bin));
      if (format === "csi") this.#encodeFirstOffset(out, bin);
      this.#encodeChunks(out, order.subarray(from, to));
    }
    this.#encodePseudoBin(out, format);
    out.patch(countAt, count);
  }

  /** Run numbers, ordered by bin number and, within a bin, by place in the file. */
  #runsByBin(): Uint32Array {
    const order = Uint32Array.from(this.#bins.keys());
    const key = (run: number) =>
      firstBin(this.#depth - heightOf(this.#bins[run])) + indexOf(this.#bins[run]);
    return order.sort((a, b) => key(a) - key(b) || a - b);
  }

  /** CSI's stand-in for the linear index: where the records begin that touch the bin's first window. */
  #encodeFirstOffset(out: ByteWriter, bin: number): void {
    const window = indexOf(bin) << (3 * heightOf(bin));
    out.virtualOffset(this.#linear.blocks[window], this.#linear.within[window]);
  }

  /** Writes the runs of a bin, those that share a block joined; "chunks" in the specification. */
  #encodeChunks(out: ByteWriter, runs: Uint32Array): void {
    const countAt = out.uint32(0);
    let count = 0;
    for (let i = 0, next = 0; i < runs.length; i = next, count++) {
      let end = runs[i];
      for (next = i + 1; next < runs.length; next++) {
        if (this.#begins.blocks[runs[next]] > this.#ends.blocks[end]) break;
        if (this.#endsAfter(runs[next], end)) end = runs[next];
      }
      out.virtualOffset(this.#begins.blocks[runs[i]], this.#begins.within[runs[i]]);
      out.virtualOffset(this.#ends.blocks[end], this.#ends.within[end]);
    }
    out.patch(countAt, count);
  }

  #endsAfter(a: number, b: number): boolean {
    const { blocks, within } = this.#ends;
    return blocks[a] > blocks[b] || (blocks[a] === blocks[b] && within[a] > within[b]);
  }

  /** htslib's extra bin: the range of the contig's records in the file, and how many they are. */
  #encodePseudoBin(out: ByteWriter, format: "tbi" | "csi"): void {
    let end = 0;
    for (let run = 1; run < this.#bins.length; run++) if (this.#endsAfter(run, end)) end = run;
    out.uint32(firstBin(this.#depth + 1) + 1);
    if (format === "csi") out.uint64(0);
    out.uint32(2);
    out.virtualOffset(this.#begins.blocks[0], this.#begins.within[0]);
    out.virtualOffset(this.#ends.blocks[end], this.#ends.within[end]);
    out.uint64(this.records);
    out.uint64(0); // unplaced records
  }

  #encodeLinear(out: ByteWriter): void {
    const { length, blocks, within } = this.#linear;
    out.uint32(length);
    for (let i = 0; i < length; i++) out.virtualOffset(blocks[i], within[i]);
  }
}

/** Little-endian numbers into a buffer that grows. */
class ByteWriter {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** What has been written; valid until the next write. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Writes a number and returns its place, for {@linkcode patch}. */
  uint32(value: number): number {
    const at = this.#reserve(4);
    this.#view.setUint32(at, value, true);
    return at;
  }

  patch(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  uint64(value: number): void {
    this.uint32(value % 2 ** 32);
    this.uint32(Math.floor(value / 2 ** 32));
  }

  /** `block << 16 | within`, from halves that as one number would pass 2^53. */
  virtualOffset(block: number, within: number): void {
    this.uint32((block % 2 ** 16) * 2 ** 16 + within);
    this.uint32(Math.floor(block / 2 ** 16));
  }

  ascii(text: string): void {
    this.bytes(new TextEncoder().encode(text));
  }

  bytes(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.length);
    this.#bytes.set(bytes, at);
  }

  #reserve(size: number): number {
    const at = this.#length;
    this.#length += size;
    if (this.#length > this.#bytes.length) {
      this.#bytes = grown(this.#bytes, new Uint8Array(2 * this.#length));
      this.#view = new DataView(this.#bytes.buffer);
    }
    return at;
  }
}
