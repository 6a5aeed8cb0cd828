/**
 * Copies columns of DuckDB's chunks into typed arrays, which outlive the chunk, and back. It uses
 * the low-level bindings: the vectors of `@duckdb/node-api` describe the type of a column each
 * time, with all values of an ENUM, and a worker starts sooner without that package.
 *
 * @module
 */
import duckdb from "@duckdb/node-bindings";
import type { ItemArray } from "../base/codes.ts";

/** Yields the chunks of a result; each is asked for before the one before it is handed over. */
export async function* chunksOf(
  result: duckdb.Result,
): AsyncGenerator<{ chunk: duckdb.DataChunk; rowCount: number }> {
  let next = duckdb.fetch_chunk(result);
  try {
    while (true) {
      const chunk = await next;
      const rowCount = chunk ? duckdb.data_chunk_get_size(chunk) : 0;
      if (!chunk || rowCount === 0) return;
      next = duckdb.fetch_chunk(result);
      yield { chunk, rowCount };
    }
  } finally {
    // The connection must not be closed while a chunk is being fetched.
    await next.catch(() => {});
  }
}

/** Returns a copy of the first `length` items of column `index`. */
export function columnItems<Items>(
  chunk: duckdb.DataChunk,
  index: number,
  kind: ItemArray<Items>,
  length: number,
): Items {
  return itemsOf(duckdb.data_chunk_get_vector(chunk, index), kind, length);
}

/** Returns a copy of the first `length` elements of an array column, row after row. */
export function arrayItems<Items>(
  chunk: duckdb.DataChunk,
  index: number,
  kind: ItemArray<Items>,
  length: number,
): Items {
  return itemsOf(arrayElements(chunk, index), kind, length);
}

/** The elements of a list column. */
export interface ListItems<Items> {
  /** Offset and number of the elements of each row, as 64-bit numbers in halves: four words a row. */
  entries: Uint32Array;
  /** The elements of all rows. */
  items: Items;
  /** Tells which elements are not NULL; undefined where none is. */
  isValid: ((at: number) => boolean) | undefined;
}

/** Returns copies of the lists of a column. */
export function listItems<Items>(
  chunk: duckdb.DataChunk,
  index: number,
  kind: ItemArray<Items>,
  rows: number,
): ListItems<Items> {
  const vector = duckdb.data_chunk_get_vector(chunk, index);
  const child = duckdb.list_vector_get_child(vector), size = duckdb.list_vector_get_size(vector);
  return {
    entries: itemsOf(vector, Uint32Array, 4 * rows),
    items: itemsOf(child, kind, size),
    isValid: validItems(child, size),
  };
}

/** Returns what tells the rows of a column that are not NULL; undefined where none is NULL. */
export function validRows(
  chunk: duckdb.DataChunk,
  index: number,
  rows: number,
): ((row: number) => boolean) | undefined {
  return validItems(duckdb.data_chunk_get_vector(chunk, index), rows);
}

function validItems(vector: duckdb.Vector, size: number): ((at: number) => boolean) | undefined {
  const validity = duckdb.vector_get_validity(vector, Math.ceil(size / 64) * 8);
  if (!validity) return undefined;
  return (at) => (validity[at >> 3] >> (at & 7) & 1) === 1;
}

/** Bytes of a text in a vector, and those of them that hold a short text itself. */
const TEXT_BYTES = 16, SHORT_TEXT = 12;

/** The texts of a column, as UTF-8. */
export class ColumnTexts {
  readonly #isValid: (row: number) => boolean;
  /**
   * Each text in 16 bytes: its length, then the text or, where that is longer than 12, a pointer.
   */
  readonly items: Uint8Array;
  readonly #view: DataView;
  /** Long texts that lie one behind the other: for each row the run it is in, and where it begins. */
  #runs?: { runs: Uint8Array[]; runOf: Uint16Array; begin: Uint32Array };

  /** @param chunk Is kept alive by this object, as pointers lead into it. */
  constructor(
    private readonly chunk: duckdb.DataChunk,
    index: number,
    private readonly rows: number,
  ) {
    const vector = duckdb.data_chunk_get_vector(this.chunk, index);
    this.#isValid = validItems(vector, rows) ?? (() => true);
    this.items = duckdb.vector_get_data(vector, rows * 16);
    this.#view = new DataView(this.items.buffer, this.items.byteOffset);
  }

  /**
   * Returns the bytes of a text that lies in `items` itself, from `16 * row + 4` on; -1 for a longer
   * one. A NULL may have any number.
   */
  shortLength(row: number): number {
    const bytes = this.#view.getUint32(row * 16, true);
    return bytes <= SHORT_TEXT ? bytes : -1;
  }

  /** Returns the text of a row, 0-based, or null where there is none. */
  at(row: number): Uint8Array | null {
    if (!this.#isValid(row)) return null;
    const at = row * 16, bytes = this.#view.getUint32(at, true);
    if (bytes <= SHORT_TEXT) return this.items.subarray(at + 4, at + 4 + bytes);
    const { runs, runOf, begin } = this.#runs ??= this.#findRuns();
    return runs[runOf[row]].subarray(begin[row], begin[row] + bytes);
  }

  /**
   * Finds the long texts that touch, as DuckDB writes them one behind or before the other: a call
   * for each took a third of the time of the output. Only bytes of texts are within a run, so that
   * all of it may be read.
   */
  #findRuns(): { runs: Uint8Array[]; runOf: Uint16Array; begin: Uint32Array } {
    const runs: Uint8Array[] = [], runOf = new Uint16Array(this.rows);
    const begin = new Uint32Array(this.rows);
    let open: number[] = [], start = 0, end = 0, lowest = 0;
    const close = () => {
      if (open.length === 0) return;
      for (const row of open) {
        runOf[row] = runs.length;
        begin[row] = this.#addressOf(row) - start;
      }
      runs.push(this.#bytesAt(lowest, end - start));
      open = [];
    };
    for (let row = 0; row < this.rows; row++) {
      const bytes = this.#view.getUint32(row * 16, true);
      if (bytes <= SHORT_TEXT || !this.#isValid(row)) continue;
      const address = this.#addressOf(row);
      if (address === end) end += bytes;
      else {
        if (address + bytes !== start) {
          close();
          end = address + bytes;
        }
        start = address;
        lowest = row;
      }
      open.push(row);
    }
    close();
    return { runs, runOf, begin };
  }

  /** Returns the address of a long text; those of a process are below 2^53. */
  #addressOf(row: number): number {
    return Number(this.#view.getBigUint64(row * 16 + 8, true));
  }

  /** Returns `bytes` bytes from the begin of a row's long text on. */
  #bytesAt(row: number, bytes: number): Uint8Array {
    const { buffer, byteOffset } = this.items;
    return duckdb.get_data_from_pointer(buffer as ArrayBuffer, byteOffset + row * 16 + 8, bytes);
  }
}

/** Copies `items` into the first items of column `index`. */
export function fillColumn(chunk: duckdb.DataChunk, index: number, items: ArrayBufferView): void {
  copyInto(duckdb.data_chunk_get_vector(chunk, index), items);
}

/** Copies `items` into the first elements of an array column. */
export function fillArrayColumn(
  chunk: duckdb.DataChunk,
  index: number,
  items: ArrayBufferView,
): void {
  copyInto(arrayElements(chunk, index), items);
}

/**
 * Fills a column with the texts of `bytes`, valid UTF-8, cut at `ends` (exclusive, row after row). An
 * empty text becomes NULL. Short texts lie in the vector itself, and all of them are copied at once,
 * as a call for each takes a microsecond.
 */
export function fillTexts(
  chunk: duckdb.DataChunk,
  index: number,
  rows: number,
  bytes: Uint8Array,
  ends: Uint32Array,
): void {
  const vector = duckdb.data_chunk_get_vector(chunk, index);
  const valid = new Uint8Array(Math.ceil(rows / 64) * 8).fill(0xff);
  const items = new Uint8Array(rows * TEXT_BYTES), long: number[] = [];
  for (let row = 0, from = 0; row < rows; from = ends[row++]) {
    const length = ends[row] - from, at = row * TEXT_BYTES;
    if (length === 0) valid[row >> 3] &= ~(1 << (row & 7));
    else if (length > SHORT_TEXT) long.push(row);
    else {
      items[at] = length;
      for (let n = 0; n < length; n++) items[at + 4 + n] = bytes[from + n];
    }
  }
  copyInto(vector, items);
  // DuckDB copies from unshared memory only.
  const own = long.length > 0 ? bytes.slice(0, ends[rows - 1]) : bytes;
  for (const row of long) {
    const text = own.subarray(row === 0 ? 0 : ends[row - 1], ends[row]);
    duckdb.vector_assign_string_element_len(vector, row, text);
  }
  duckdb.vector_ensure_validity_writable(vector);
  duckdb.copy_data_to_vector_validity(vector, 0, valid.buffer, 0, valid.length);
}

function arrayElements(chunk: duckdb.DataChunk, index: number): duckdb.Vector {
  return duckdb.array_vector_get_child(duckdb.data_chunk_get_vector(chunk, index));
}

function itemsOf<Items>(vector: duckdb.Vector, kind: ItemArray<Items>, length: number): Items {
  const { buffer, byteOffset } = duckdb.vector_get_data(vector, length * kind.BYTES_PER_ELEMENT);
  return new kind(buffer, byteOffset, length);
}

/** Copies an array into a vector; DuckDB copies from unshared memory only. */
function copyInto(
  vector: duckdb.Vector,
  { buffer, byteOffset, byteLength }: ArrayBufferView,
): void {
  duckdb.copy_data_to_vector(vector, 0, buffer as ArrayBuffer, byteOffset, byteLength);
}
