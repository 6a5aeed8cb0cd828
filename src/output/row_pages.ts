/**
 * Keeps rows in pages of equal size: as many in memory as it may take, and the others in a file.
 *
 * @module
 */
import type { Codes } from "../base/codes.ts";
import { MachineError } from "../base/errors.ts";
import { readAt, removeIfThere } from "../base/files.ts";
import { unpackCodes } from "../base/packed_codes.ts";
import { CHUNK_ROWS } from "../base/memory_budget.ts";
import { writing } from "../base/write_error.ts";
import {
  batchBytes,
  type BatchShape,
  MAX_ALTS,
  MAX_FREQ,
  MAX_ID,
  phaseRowBytes,
  RowBatch,
  type RowParts,
} from "../matrix/row_batch.ts";
import { type RecordRows, recordsOf, wordsOf } from "../vcf/row_formatter.ts";

/** Bytes of a page, about; of rows that are longer it has one. */
const PAGE_BYTES = 1 << 16;
/** Fewest pages in memory. */
const FEWEST = 16;
/** Bytes beside those of a row that it takes while its place is found: four columns of numbers. */
const ORDER_BYTES = 24;

/** The rows of pages. */
export interface PageShape {
  /** What rows have beside codes. */
  parts: RowParts;
  /** Codes from one row to the next, as they are stored: words of 32 bits where they are packed. */
  stride: number;
  /** Bytes of a stored code. */
  width: 1 | 2 | 4;
  packed: boolean;
}

/** Returns the shape of the rows of a page. */
function pageShape({ stride, width, parts }: PageShape): BatchShape {
  const { hasId, alt, freq, phase, sets, samples } = parts;
  const rowBytes = stride * width + phaseRowBytes(parts) + 16;
  const textBytes = (longest: number) => Math.max(2 * longest, PAGE_BYTES);
  return {
    capacity: Math.max(1, Math.min(CHUNK_ROWS, Math.floor(PAGE_BYTES / rowBytes))),
    stride,
    width,
    idBytes: hasId ? textBytes(MAX_ID) : 0,
    alts: alt ? Math.max(2 * MAX_ALTS, PAGE_BYTES / 4) : 0,
    freqBytes: freq ? textBytes(MAX_FREQ) : 0,
    phaseBytes: phase ? Math.ceil(samples / 8) : 0,
    sets: sets ? samples : 0,
  };
}

/** Rows in any order, as columns. */
export interface UnsortedRows extends Pick<RecordRows, "id" | "freq" | "phased" | "sets"> {
  rows: number;
  /** Returns the codes of the declared ALTs of a row, or null; undefined where rows declare none. */
  alt?: (row: number) => Uint32Array | null;
  /** Places of the contigs among those of the partition, 0-based. */
  chrom: Uint32Array;
  /** 1-based. */
  pos: Uint32Array;
  /** Lines, counted from some line on. */
  line: Uint32Array;
  ref: Codes;
  /** Row after row, as they are stored. */
  alleles: Codes;
}

/** A page in memory. */
export class Page {
  readonly batch: RowBatch;
  readonly bytes: Uint8Array<ArrayBuffer>;
  #codes: Uint8Array<ArrayBuffer> | undefined;

  constructor(shape: BatchShape, private readonly packed: boolean) {
    this.bytes = new Uint8Array(batchBytes(shape));
    this.batch = new RowBatch(shape, this.bytes.buffer);
  }

  /** Returns the rows, to be dealt again. */
  rows(): UnsortedRows {
    const { rows, chrom, line } = this.batch;
    return { ...recordsOf(this.batch), rows, chrom, line } as UnsortedRows;
  }

  /** Returns the rows for a formatter; they are valid until the page has others. */
  records(lineBase: number): RecordRows {
    const { line, alleles: stored, shape: { stride } } = this.batch;
    const alleles = this.packed ? this.#unpacked() : stored;
    return {
      ...recordsOf(this.batch),
      alleles,
      words: wordsOf(alleles),
      stride: this.packed ? 8 * stride : stride,
      line: (row) => lineBase + line[row],
    };
  }

  #unpacked(): Uint8Array {
    const { buffer, byteOffset, byteLength } = this.batch.alleles;
    this.#codes ??= new Uint8Array(2 * byteLength);
    return unpackCodes(new Uint8Array(buffer, byteOffset, byteLength), this.#codes);
  }
}

/** A page with rows, wherever it is. */
export interface KeptPage {
  rows: number;
  /** The page while it is in memory. */
  page: Page | undefined;
  /** Its place in the file, 0-based; -1 before it was there. */
  slot: number;
}

/** The pages of one sort. */
export class RowPages implements Disposable {
  /** Most pages in memory. */
  readonly most: number;
  /** Most rows of a page. */
  readonly capacity: number;
  readonly #shape: BatchShape;
  readonly #pageBytes: number;
  /** Pages in memory that have no rows. */
  readonly #free: Page[] = [];
  #made = 0;
  /** Kept pages in memory that may go to the file, the oldest first. */
  readonly #waiting = new Set<KeptPage>();
  #file: Deno.FsFile | undefined;
  #slots = 0;
  readonly #freeSlots: number[] = [];

  /**
   * @param memory Bytes for pages in memory.
   * @param path Path of the file, which is made when it is first needed.
   */
  constructor(
    private readonly shape: PageShape,
    memory: number,
    private readonly path: string,
  ) {
    const { stride, width, packed } = shape;
    this.#shape = pageShape(shape);
    this.capacity = this.#shape.capacity;
    this.#pageBytes = batchBytes(this.#shape);
    const further = this.capacity * (stride * width * (packed ? 2 : 0) + ORDER_BYTES);
    this.most = Math.max(FEWEST, Math.floor(memory / (this.#pageBytes + further)));
  }

  /** Returns an empty page, and puts another one into the file where memory is full. */
  take(): Page {
    if (this.#free.length === 0 && this.#made >= this.most) this.#putAside();
    const page = this.#free.pop() ?? this.#newPage();
    page.batch.rows = 0;
    return page;
  }

  /** Keeps the rows of a page. */
  keep(page: Page): KeptPage {
    const kept = { rows: page.batch.rows, page, slot: -1 };
    this.#waiting.add(kept);
    return kept;
  }

  /** Returns kept pages as pages in memory, where all of them stay; they are kept no longer. */
  load(kept: readonly KeptPage[]): Page[] {
    for (const page of kept) this.#waiting.delete(page);
    return kept.map((page) => page.page ?? this.#read(page));
  }

  /** Keeps a page again that has been loaded; its rows are the same. */
  keepAgain(kept: KeptPage, page: Page): void {
    kept.page = page;
    this.#waiting.add(kept);
  }

  /** Gives a page back, whose rows are of no more use. */
  release(page: Page): void {
    this.#free.push(page);
  }

  #newPage(): Page {
    this.#made++;
    return new Page(this.#shape, this.shape.packed);
  }

  #putAside(): void {
    const [kept] = this.#waiting, page = kept.page!;
    const slot = this.#freeSlots.pop() ?? this.#slots++;
    writing(this.path, () => {
      this.#file ??= Deno.openSync(this.path, { read: true, write: true, createNew: true });
      this.#file.seekSync(slot * this.#pageBytes, Deno.SeekMode.Start);
      const { bytes } = page;
      for (let at = 0; at < bytes.length;) at += this.#file.writeSync(bytes.subarray(at));
    });
    kept.slot = slot;
    kept.page = undefined;
    this.#waiting.delete(kept);
    this.#free.push(page);
  }

  #read({ slot, rows }: KeptPage): Page {
    const page = this.take();
    const read = writing(
      this.path,
      () => readAt(this.#file!, slot * this.#pageBytes, page.bytes),
    );
    if (read < page.bytes.length) {
      throw new MachineError("it was cut; run again", { file: this.path });
    }
    this.#freeSlots.push(slot);
    page.batch.rows = rows;
    return page;
  }

  /** Closes the file and removes it. */
  [Symbol.dispose](): void {
    if (!this.#file) return;
    this.#file.close();
    removeIfThere(this.path);
  }
}
