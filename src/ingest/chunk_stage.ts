/**
 * Copies batches into DuckDB's chunks.
 *
 * @module
 */
import duckdb from "@duckdb/node-bindings";
import { fillArrayColumn, fillColumn, fillTexts } from "../table/columns.ts";
import { COMMA } from "../base/bytes.ts";
import { OutputBuffer } from "../base/output_buffer.ts";
import { codesView } from "../base/codes.ts";
import type { Codes } from "../base/codes.ts";
import { packCodes } from "../base/packed_codes.ts";
import type { BatchShape, RowBatch } from "../matrix/row_batch.ts";

/**
 * The columns of a chunk (chrom, pos, ref, alleles, line, id) in unshared memory, on their way from
 * a batch to DuckDB, which copies from no other.
 */
export class ChunkStage {
  readonly #chrom: Codes;
  readonly #pos: Uint32Array;
  readonly #ref: Codes;
  readonly #alleles: Codes;
  /** The codes as they are stored, where they are packed. */
  readonly #packed: Uint8Array | undefined;
  /** Alleles by code. */
  readonly #texts: Uint8Array[];
  /** Declared ALTs as texts, and where each row's end (exclusive). */
  readonly #alts = new OutputBuffer();
  readonly #altEnds: Uint32Array;
  /** Lines as 64-bit numbers, in two halves each. */
  readonly #lines: Uint32Array;

  /**
   * @param contigWidth Bytes of a contig's code in the table.
   * @param packs True where codes are packed.
   * @param alleles Alleles by code.
   */
  constructor(
    private readonly shape: BatchShape,
    contigWidth: 1 | 2 | 4,
    packs: boolean,
    alleles: readonly string[],
  ) {
    const { capacity, stride, width } = shape;
    const codes = (width: 1 | 2 | 4, length: number) =>
      codesView(width, new ArrayBuffer(length * width), 0, length);
    this.#chrom = codes(contigWidth, capacity);
    this.#pos = new Uint32Array(capacity);
    this.#ref = codes(width, capacity);
    this.#packed = packs ? new Uint8Array(capacity * stride / 2) : undefined;
    this.#alleles = codes(width, packs ? 0 : capacity * stride);
    this.#lines = new Uint32Array(capacity * 2);
    this.#texts = shape.alts ? alleles.map((allele) => new TextEncoder().encode(allele)) : [];
    this.#altEnds = new Uint32Array(shape.alts ? capacity : 0);
  }

  /** Fills a chunk from a batch; `lineBase` is the number of lines before its segment. */
  fill(chunk: duckdb.DataChunk, batch: RowBatch, lineBase: number): void {
    const { rows } = batch;
    duckdb.data_chunk_set_size(chunk, rows);
    this.#chrom.set(batch.chrom.subarray(0, rows));
    fillColumn(chunk, 0, this.#chrom.subarray(0, rows));
    this.#pos.set(batch.pos.subarray(0, rows));
    fillColumn(chunk, 1, this.#pos.subarray(0, rows));
    this.#ref.set(batch.ref.subarray(0, rows));
    fillColumn(chunk, 2, this.#ref.subarray(0, rows));
    const cells = rows * this.shape.stride;
    fillArrayColumn(chunk, 3, this.#stored(batch.alleles.subarray(0, cells)));
    fillLines(this.#lines, batch, lineBase);
    fillColumn(chunk, 4, this.#lines.subarray(0, rows * 2));
    this.#fillFurther(chunk, batch);
  }

  /** Fills the columns that not all tables have. */
  #fillFurther(chunk: duckdb.DataChunk, batch: RowBatch): void {
    const { rows } = batch, { idBytes, alts, freqBytes, phaseBytes, sets } = this.shape;
    let column = 5;
    if (idBytes) fillTexts(chunk, column++, rows, batch.idBytes, batch.idEnd);
    if (alts) {
      this.#writeAlts(batch);
      fillTexts(chunk, column++, rows, this.#alts.written(), this.#altEnds);
    }
    if (freqBytes) fillTexts(chunk, column++, rows, batch.freqBytes, batch.freqEnd);
    // DuckDB copies from unshared memory only.
    if (phaseBytes) fillArrayColumn(chunk, column++, batch.phased.slice(0, rows * phaseBytes));
    if (sets) fillArrayColumn(chunk, column++, batch.sets.slice(0, rows * sets));
  }

  /** Writes the declared ALTs of all rows as texts, with commas between them. */
  #writeAlts({ rows, altCodes, altEnd }: RowBatch): void {
    const out = this.#alts;
    out.length = 0;
    for (let row = 0, at = 0; row < rows; row++) {
      const first = at;
      for (; at < altEnd[row]; at++) {
        if (at > first) out.byte(COMMA);
        out.append(this.#texts[altCodes[at]]);
      }
      this.#altEnds[row] = out.length;
    }
  }

  /** Returns codes as the table stores them. */
  #stored(codes: Codes): Codes {
    if (!this.#packed) {
      this.#alleles.set(codes);
      return this.#alleles.subarray(0, codes.length);
    }
    packCodes(codes as Uint8Array, this.#packed);
    return this.#packed.subarray(0, codes.length / 2);
  }
}

/** Writes line numbers as halves of 64-bit numbers; BigInts would be allocated one by one. */
function fillLines(halves: Uint32Array, { rows, line }: RowBatch, lineBase: number): void {
  for (let row = 0; row < rows; row++) {
    const absolute = lineBase + line[row];
    halves[2 * row] = absolute;
    halves[2 * row + 1] = absolute / 2 ** 32;
  }
}
