/**
 * Builds tabix (TBI) and CSI indexes while a BGZF-compressed VCF is written. A worker condenses the
 * records of a chunk with `RecordSpans`; main, which alone knows where a chunk lands in the file,
 * adds them to an {@linkcode IndexBuilder}. What main holds grows with bins and blocks, not with
 * records. The result equals the index that htslib makes of the same file, save that bins are
 * written in ascending order.
 *
 * Positions are 0-based, ends are exclusive. Height counts upwards from the 16 kb bins (0), as the
 * worker need not know the depth of the index; bin numbers and depth are those of the CSI
 * specification.
 *
 * @module
 */

import { type BlockStarts, compressBlocks, EOF_BLOCK } from "./blocks.ts";
import { ByteWriter } from "./byte_writer.ts";
import { ContigIndex } from "./contig_index.ts";
import { type ChunkSpans, MIN_SHIFT, SPAN } from "./record_spans.ts";

const TBI_DEPTH = 5;
const CSI_DEPTH = 6; // htslib starts from it; it holds 2^32 bases

/** The longest end (0-based exclusive, so also 1-based inclusive) that a TBI index can hold. */
export const TBI_MAX_END = 2 ** (MIN_SHIFT + 3 * TBI_DEPTH);

/**
 * Tells whether a file needs CSI rather than TBI.
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

/** Options of an {@linkcode IndexBuilder}. */
export interface IndexOptions {
  /** The format; TBI holds ends up to {@linkcode TBI_MAX_END} only. */
  format: "tbi" | "csi";
  /**
   * What is indexed; VCF by default. An index of BCF is CSI, and has all contigs by their numbers,
   * without names.
   */
  records?: "vcf" | "bcf";
  /**
   * The contigs as the file's header declares them, length in bases where it is known. More may come
   * until the index of a VCF is finished.
   */
  contigs: readonly { name: string; length?: number }[];
}

/**
 * Builder of the index of a BGZF-compressed VCF, from the spans of its chunks. A contig's part is
 * encoded as soon as the next contig begins.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { compressBlocks } from "./blocks.ts";
 * import { RecordSpans } from "./record_spans.ts";
 * import { encodeIndex, IndexBuilder } from "./tabix_index.ts";
 * const chunk = new TextEncoder().encode("chr1\t100\t.\tA\tC\t.\t.\t.\n");
 * const spans = new RecordSpans();
 * spans.begin(0);
 * spans.add(99, 100, 0, chunk.length);
 * const { blocks } = compressBlocks(chunk, 4);
 * const index = new IndexBuilder({ format: "tbi", contigs: [{ name: "chr1" }] });
 * const headerSize = 88; // compressed; the chunk is written right after the header's blocks
 * index.addChunk(spans.take(), blocks, headerSize);
 * const tbi = encodeIndex(index.finish()); // the bytes of the .tbi file
 * assert.equal(tbi[0], 31);
 * ```
 */
export class IndexBuilder {
  readonly #format: "tbi" | "csi";
  readonly #records: "vcf" | "bcf";
  readonly #contigs: IndexOptions["contigs"];
  readonly #depth: number;
  /** Number of contigs of which the index has a part. */
  #parts = 0;
  // Ordinals of the contigs that have records, in file order.
  readonly #seen = new Set<number>();
  readonly #body = new ByteWriter();
  /** The contig whose chunks come now; -1 before the first. */
  #open = -1;
  readonly #index: ContigIndex;

  /**
   * Begins an index without records.
   */
  constructor({ format, records = "vcf", contigs }: IndexOptions) {
    this.#format = format;
    this.#records = records;
    this.#contigs = contigs;
    const csiDepth = records === "vcf" ? vcfDepth : bcfDepth;
    this.#depth = format === "tbi" ? TBI_DEPTH : csiDepth(contigs);
    this.#index = new ContigIndex(this.#depth);
  }

  /**
   * Adds a chunk, in file order. The records of a contig stand together. A chunk without records
   * changes nothing.
   *
   * @param spans Its records; ordinals are places among the options' contigs, from 0.
   * @param blocks Its block boundaries.
   * @param fileOffset Where the chunk's first block begins in the compressed file, in bytes.
   */
  addChunk({ contigs, runs, windows }: ChunkSpans, blocks: BlockStarts, fileOffset: number): void {
    const inRuns = new BlockCursor(blocks, fileOffset);
    const inWindows = new BlockCursor(blocks, fileOffset);
    let run = 0, window = 0;
    for (let at = 0; at < contigs.length; at += SPAN.Numbers) {
      const contig = this.#contig(contigs[at + SPAN.Contig]);
      if (contigs[at + SPAN.FirstBegin] < contig.lastBegin) {
        throw new Error(`Chunks of contig ${this.#contigs[this.#open].name} are out of order`);
      }
      contig.lastBegin = contigs[at + SPAN.LastBegin];
      contig.records += contigs[at + SPAN.Records];
      const runsEnd = contigs[at + SPAN.RunsEnd], windowsEnd = contigs[at + SPAN.WindowsEnd];
      for (; run < runsEnd; run += 3) addRun(contig, runs, run, inRuns);
      for (; window < windowsEnd; window += 3) addWindows(contig, windows, window, inWindows);
    }
  }

  /**
   * Returns the whole index, not yet compressed. Contigs without records are left out of that of a
   * VCF, and are empty parts of that of a BCF, as htslib does. Call it once.
   *
   * @param moved Bytes by which the compressed records lie later in the file than the offsets said.
   */
  finish(moved = 0): Uint8Array<ArrayBuffer> {
    this.#closeContig();
    if (moved !== 0) this.#body.moveBlocks(moved);
    const index = new ByteWriter();
    if (this.#records === "bcf") this.#fillTo(this.#contigs.length);
    const contigs = this.#records === "bcf" ? this.#contigs.length : this.#seen.size;
    if (this.#format === "tbi") {
      index.ascii("TBI\x01");
      index.uint32(contigs);
      index.bytes(this.#tabixHeader());
    } else {
      const header = this.#records === "bcf" ? new Uint8Array(0) : this.#tabixHeader();
      index.ascii("CSI\x01");
      index.uint32(MIN_SHIFT);
      index.uint32(this.#depth);
      index.uint32(header.length);
      index.bytes(header);
      index.uint32(contigs);
    }
    index.bytes(this.#body.view());
    index.uint64(0); // records without coordinates
    return index.view();
  }

  #tabixHeader(): Uint8Array {
    const header = new ByteWriter();
    const names = new TextEncoder().encode(
      [...this.#seen].map((i) => `${this.#contigs[i].name}\0`).join(""),
    );
    for (const field of TABIX_HEADER) header.uint32(field);
    header.uint32(names.length);
    header.bytes(names);
    return header.view();
  }

  #contig(ordinal: number): ContigIndex {
    if (this.#open === ordinal) return this.#index;
    if (this.#seen.has(ordinal)) {
      throw new Error(`Chunks of contig ${this.#contigs[ordinal].name} do not stand together`);
    }
    this.#closeContig();
    if (this.#records === "bcf") this.#fillTo(ordinal);
    this.#seen.add(ordinal);
    this.#open = ordinal;
    return this.#index;
  }

  /** Adds parts without a bin up to a contig (exclusive). */
  #fillTo(ordinal: number): void {
    if (this.#parts > ordinal) {
      throw new Error(`Contig ${this.#contigs[ordinal].name} comes after a later one`);
    }
    for (; this.#parts < ordinal; this.#parts++) this.#body.uint32(0);
  }

  #closeContig(): void {
    if (this.#open < 0) return;
    this.#index.encode(this.#body, this.#format);
    this.#index.clear();
    this.#open = -1;
    this.#parts++;
  }
}

/**
 * Returns an index as the bytes of its file: both formats are BGZF themselves.
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

/** Returns the depth that htslib gives the CSI index of a VCF with these contigs. */
function vcfDepth(contigs: IndexOptions["contigs"]): number {
  return depthFrom(CSI_DEPTH, longestOf(contigs));
}

/** Returns the depth that htslib gives the index of a BCF with these contigs. */
function bcfDepth(contigs: IndexOptions["contigs"]): number {
  return depthFrom(0, longestOf(contigs) || 2 ** 31 - 1);
}

/** Returns the least depth from one on that holds so many bases. */
function depthFrom(depth: number, bases: number): number {
  const slack = 256; // htslib's own
  while (bases + slack > 2 ** (MIN_SHIFT + 3 * depth)) depth++;
  return depth;
}

function longestOf(contigs: IndexOptions["contigs"]): number {
  return contigs.reduce((most, { length = 0 }) => Math.max(most, length), 0);
}

// Preset VCF; columns of contig, begin, end; the comment character; lines to skip.
const TABIX_HEADER = [2, 1, 2, 0, "#".charCodeAt(0), 0];

/**
 * A cursor that turns ascending offsets in a chunk into virtual offsets. The two halves of a
 * virtual offset are kept apart everywhere: as one number they would be exact only up to 128 GiB of
 * file.
 */
class BlockCursor {
  /** File offset of the block that {@linkcode seek} found, in compressed bytes. */
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

function addRun(contig: ContigIndex, runs: Uint32Array, at: number, cursor: BlockCursor): void {
  cursor.seek(runs[at + 1]);
  const { block, within } = cursor;
  cursor.seek(runs[at + 2]);
  contig.addRun(runs[at], block, within, cursor.block, cursor.within);
}

function addWindows(
  contig: ContigIndex,
  windows: Uint32Array,
  at: number,
  cursor: BlockCursor,
): void {
  cursor.seek(windows[at + 2]);
  contig.touch(windows[at], windows[at + 1], cursor.block, cursor.within);
}
