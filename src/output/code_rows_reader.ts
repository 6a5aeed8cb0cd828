/**
 * Reads rows of codes from a file, batch by batch and without waiting, as a table function needs
 * them; `src/vcf/code_rows.ts` says what a row is.
 *
 * @module
 */
import { InternalError } from "../base/errors.ts";
import { appendId, batchBytes, type BatchShape, hasRoom, RowBatch } from "../matrix/row_batch.ts";
import { ROW_HEAD } from "../vcf/code_rows.ts";

/** Bytes that are read at a time. */
const PIECE = 1 << 20;

/** The reader of a file of rows of codes. */
export class CodeRowsReader implements Disposable {
  /** Number of rows up to now. */
  rows = 0;
  readonly #file: Deno.FsFile;
  readonly #batch: RowBatch;
  /** The elements of a batch as they lie in memory. */
  readonly #codes: Uint8Array;
  readonly #sets: Uint8Array;
  /** What has been read of the file, from `#from` to `#to` (exclusive) not yet taken. */
  #bytes = new Uint8Array(PIECE);
  #view = new DataView(this.#bytes.buffer);
  #from = 0;
  #to = 0;
  /** The upper half of the lines of a batch. */
  #high = 0;

  /** @param shape Of the batches; its stride is the number of haplotypes. */
  constructor(path: string, private readonly shape: BatchShape) {
    this.#batch = new RowBatch(shape, new ArrayBuffer(batchBytes(shape)));
    this.#codes = bytesOf(this.#batch.alleles);
    this.#sets = bytesOf(this.#batch.sets);
    this.#file = Deno.openSync(path);
  }

  /** What is to be added to the lines of the batch. */
  get lineBase(): number {
    return this.#high * 2 ** 32;
  }

  /** Returns the next rows, none at the end; the batch is used again. */
  next(): RowBatch {
    const batch = this.#batch;
    batch.rows = 0;
    while (hasRoom(batch) && this.#takeRow(batch)) batch.rows++;
    this.rows += batch.rows;
    return batch;
  }

  /** Takes a row into the batch; false at the end, and where it belongs to another batch. */
  #takeRow(batch: RowBatch): boolean {
    const { rows } = batch, { idBytes, alts } = this.shape;
    const head = ROW_HEAD + (idBytes ? 4 : 0) + (alts ? 4 : 0);
    if (!this.#has(head)) return false;
    const view = this.#view, from = this.#from, high = view.getUint32(from + 12, true);
    if (rows === 0) this.#high = high;
    else if (high !== this.#high) return false;
    batch.chrom[rows] = view.getUint32(from, true);
    batch.pos[rows] = view.getUint32(from + 4, true);
    batch.line[rows] = view.getUint32(from + 8, true);
    batch.ref[rows] = view.getUint32(from + 16, true);
    const id = idBytes ? view.getUint32(from + ROW_HEAD, true) : 0;
    const declared = alts ? view.getUint32(from + head - 4, true) : 0;
    this.#from += head;
    this.#takeCells(batch);
    if (idBytes) this.#takeId(batch, id);
    if (alts) this.#takeAlts(batch, declared);
    return true;
  }

  #takeCells({ rows, phased }: RowBatch): void {
    const { stride, width, phaseBytes = 0, sets = 0 } = this.shape;
    this.#take(this.#codes, rows * stride * width, stride * width);
    this.#take(phased, rows * phaseBytes, phaseBytes);
    this.#take(this.#sets, rows * sets * 4, sets * 4);
  }

  #takeId(batch: RowBatch, bytes: number): void {
    const { rows, idEnd } = batch;
    idEnd[rows] = rows === 0 ? 0 : idEnd[rows - 1];
    this.#need(bytes);
    appendId(batch, this.#bytes, this.#from, this.#from + bytes);
    this.#from += bytes;
  }

  #takeAlts({ rows, altEnd, altCodes }: RowBatch, count: number): void {
    let end = rows === 0 ? 0 : altEnd[rows - 1];
    this.#need(4 * count);
    for (const to = end + count; end < to; this.#from += 4) {
      altCodes[end++] = this.#view.getUint32(this.#from, true);
    }
    altEnd[rows] = end;
  }

  #take(into: Uint8Array, at: number, bytes: number): void {
    if (bytes === 0) return;
    this.#need(bytes);
    const from = this.#from, read = this.#bytes;
    // Calling `set` costs more than copying a few bytes.
    if (bytes > 64) into.set(read.subarray(from, from + bytes), at);
    else for (let n = 0; n < bytes; n++) into[at + n] = read[from + n];
    this.#from += bytes;
  }

  #need(bytes: number): void {
    if (!this.#has(bytes)) throw new InternalError("a row of codes breaks off");
  }

  /** Makes sure that so many bytes are there to be taken; false at the end of the file. */
  #has(bytes: number): boolean {
    if (this.#to - this.#from >= bytes) return true;
    const rest = this.#bytes.subarray(this.#from, this.#to);
    if (bytes > this.#bytes.length) {
      this.#bytes = new Uint8Array(bytes + PIECE);
      this.#view = new DataView(this.#bytes.buffer);
    }
    this.#bytes.set(rest);
    this.#from = 0;
    this.#to = rest.length;
    while (this.#to < bytes) {
      const read = this.#file.readSync(this.#bytes.subarray(this.#to));
      if (read === null) break;
      this.#to += read;
    }
    if (this.#to > 0 && this.#to < bytes) throw new InternalError("a row of codes breaks off");
    return this.#to >= bytes;
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
