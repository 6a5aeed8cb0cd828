/**
 * Sums up the contigs while rows pass by in file order.
 *
 * @module
 */
import type { ContigSummary } from "../table/contig_summary.ts";
import type { RowBatch } from "../matrix/row_batch.ts";

/** A collector of the summaries of all contigs. */
export class ContigTracker {
  readonly #records: Float64Array;
  readonly #minPos: Uint32Array;
  readonly #maxPos: Uint32Array;
  readonly #lastPos: Uint32Array;
  readonly #firstLine: Float64Array;
  readonly #lastLine: Float64Array;
  readonly #unsorted: Uint8Array;

  /** @param names Names of the contigs, by code. */
  constructor(private readonly names: readonly string[]) {
    const size = names.length;
    this.#records = new Float64Array(size);
    this.#minPos = new Uint32Array(size).fill(0xffffffff);
    this.#maxPos = new Uint32Array(size);
    this.#lastPos = new Uint32Array(size);
    this.#firstLine = new Float64Array(size);
    this.#lastLine = new Float64Array(size);
    this.#unsorted = new Uint8Array(size);
  }

  /** Adds the rows of a batch; `lineBase` is the number of lines before its segment. */
  add({ rows, chrom, pos, line }: RowBatch, lineBase: number): void {
    for (let from = 0; from < rows;) {
      const contig = chrom[from];
      let last = this.#lastPos[contig], min = this.#minPos[contig], max = this.#maxPos[contig];
      let row = from, unsorted = 0;
      for (; row < rows && chrom[row] === contig; row++) {
        const at = pos[row];
        if (at < last) unsorted = 1;
        if (at < min) min = at;
        if (at > max) max = at;
        last = at;
      }
      if (this.#records[contig] === 0) this.#firstLine[contig] = lineBase + line[from];
      this.#records[contig] += row - from;
      this.#lastLine[contig] = lineBase + line[row - 1];
      this.#unsorted[contig] |= unsorted;
      this.#lastPos[contig] = last;
      this.#minPos[contig] = min;
      this.#maxPos[contig] = max;
      from = row;
    }
  }

  /** Returns the contigs that have records, in order of first appearance. */
  summaries(): ContigSummary[] {
    return [...this.names.keys()].filter((code) => this.#records[code] > 0)
      .sort((a, b) => this.#firstLine[a] - this.#firstLine[b])
      .map((code) => ({
        name: this.names[code],
        code,
        records: this.#records[code],
        minPos: this.#minPos[code],
        maxPos: this.#maxPos[code],
        firstLine: this.#firstLine[code],
        lastLine: this.#lastLine[code],
        sorted: this.#unsorted[code] === 0,
      }));
  }
}
