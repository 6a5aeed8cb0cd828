/**
 * Builds one contig's part of a tabix or CSI index: its bins, with the runs of records in each, and
 * its linear index.
 *
 * Positions are 0-based. A virtual offset is kept in its halves, the file offset of a block and the
 * offset within it, both in bytes.
 *
 * @module
 */
import type { ByteWriter } from "./byte_writer.ts";
import { heightOf, indexOf, parentOf } from "./record_spans.ts";

const NO_OFFSET = -1; // a window of the linear index that no record has touched
const SMALL_BIN = 0x10000; // compressed bytes; htslib moves what spans less to the parent bin

/**
 * Returns the number of a level's first bin, which counts the bins above it; level 0 is the root.
 */
function firstBin(level: number): number {
  return (2 ** (3 * level) - 1) / 7;
}

/** The order of the runs where there is but one, as in most contigs of a draft assembly. */
const ONE_RUN = Uint32Array.of(0);

/** A growing list of virtual offsets. */
class OffsetList {
  length = 0;
  blocks = new Float64Array(16);
  within = new Uint16Array(16);

  push(block: number, within: number): void {
    if (this.length === this.blocks.length) {
      const { blocks, within } = this;
      this.blocks = new Float64Array(2 * this.length);
      this.blocks.set(blocks);
      this.within = new Uint16Array(2 * this.length);
      this.within.set(within);
    }
    this.set(this.length++, block, within);
  }

  set(i: number, block: number, within: number): void {
    this.blocks[i] = block;
    this.within[i] = within;
  }
}

/**
 * The bins and the linear index of one contig.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { ByteWriter } from "./byte_writer.ts";
 * import { ContigIndex } from "./contig_index.ts";
 * const contig = new ContigIndex(5);
 * contig.addRun(0, 0, 40, 0, 80); // records in the first 16 kb, bytes 40 to 79 of the first block
 * contig.touch(0, 0, 0, 40);
 * contig.records = 1;
 * const out = new ByteWriter();
 * contig.encode(out, "tbi");
 * assert.equal(out.view()[0], 2); // that bin, and htslib's extra one
 * ```
 */
export class ContigIndex {
  records = 0;
  /** Begin of the last record, 0-based. */
  lastBegin = 0;
  readonly #depth: number;
  // Bins of the runs in file order. Begins ascend, so that the bins of one height do, too.
  readonly #bins: number[] = [];
  readonly #begins = new OffsetList();
  readonly #ends = new OffsetList();
  // The last run of each height, the only one that the next run of its height can belong to.
  readonly #lastRun: number[];
  readonly #linear = new OffsetList();

  /** @param depth Levels of bins below the root, as the CSI specification counts them. */
  constructor(depth: number) {
    this.#depth = depth;
    this.#lastRun = new Array(depth + 1).fill(-1);
  }

  /**
   * Adds a run: its bin's code, as in `ChunkSpans`, and the virtual offsets of its begin and its
   * end (exclusive). A run that begins in the block in which the bin's last run ended is joined to
   * that: a reader could not skip what lies between, and htslib joins them in the end. So a bin has
   * at most as many runs as the file has blocks.
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

  /**
   * Notes the offset of a record for those of windows `first` to `last` (inclusive) that it is
   * first in.
   */
  touch(first: number, last: number, block: number, within: number): void {
    if (last >= 2 ** (3 * this.#depth)) {
      throw new Error(`Window ${last} is past the end of the index: CSI or more depth is needed`);
    }
    while (this.#linear.length < first) this.#linear.push(NO_OFFSET, 0);
    while (this.#linear.length <= last) this.#linear.push(block, within);
  }

  /** Begins with another contig; the memory of this one is used again. */
  clear(): void {
    this.records = this.lastBegin = this.#bins.length = 0;
    this.#begins.length = this.#ends.length = this.#linear.length = 0;
    this.#lastRun.fill(-1);
  }

  /** Writes the contig's part of the index. Call it once for a contig. */
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
    if (this.#bins.length === 1) return;
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

  /** Returns the file offsets of the first and the last block of each bin of a height. */
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
      this.#encodeChunks(out, order, from, to);
    }
    this.#encodePseudoBin(out, format);
    out.patch(countAt, count);
  }

  /** Returns run numbers, ordered by bin number and, within a bin, by place in the file. */
  #runsByBin(): Uint32Array {
    if (this.#bins.length === 1) return ONE_RUN;
    const order = Uint32Array.from(this.#bins.keys());
    const key = (run: number) =>
      firstBin(this.#depth - heightOf(this.#bins[run])) + indexOf(this.#bins[run]);
    return order.sort((a, b) => key(a) - key(b) || a - b);
  }

  /**
   * Writes CSI's stand-in for the linear index: the first record that touches the bin's first
   * window.
   */
  #encodeFirstOffset(out: ByteWriter, bin: number): void {
    const window = indexOf(bin) << (3 * heightOf(bin));
    out.virtualOffset(this.#linear.blocks[window], this.#linear.within[window]);
  }

  /**
   * Writes the runs of a bin (`to` is excluded), and joins those that share a block; the specification calls them
   * chunks.
   */
  #encodeChunks(out: ByteWriter, runs: Uint32Array, from: number, to: number): void {
    const countAt = out.uint32(0);
    let count = 0;
    for (let i = from, next = from; i < to; i = next, count++) {
      let end = runs[i];
      for (next = i + 1; next < to; next++) {
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

  /** Writes htslib's extra bin: the range of the contig's records in the file, and their number. */
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
