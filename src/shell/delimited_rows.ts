/**
 * Writes rows as CSV or TSV, decoded column by column: the codes of an ENUM become ready bytes,
 * numbers their digits, and texts are copied. Values of other types go through
 * {@linkcode valueText}, one by one.
 *
 * @module
 */
import {
  type DuckDBDataChunk,
  DuckDBEnumType,
  DuckDBListType,
  DuckDBTypeId,
  listValue,
} from "@duckdb/node-api";
import { COMMA, LF, QUOTE, TAB } from "../base/bytes.ts";
import { codeArray, enumWidth } from "../base/codes.ts";
import { OutputBuffer } from "../base/output_buffer.ts";
import type { ResultColumn } from "../query/sql_session.ts";
import { valueText } from "../query/value_text.ts";
import { columnItems, ColumnTexts, listItems, validRows } from "../table/columns.ts";
import { collectGarbage } from "../threads/collect_garbage.ts";

/** How fields are told apart. */
export interface Delimiters {
  separator: typeof COMMA | typeof TAB;
  /** Returns a text as a field. */
  field: (text: string) => string;
}

/** Bytes that are collected before they are written. */
const BLOCK_BYTES = 1 << 18;
/** Bytes of a value in DuckDB's chunk, about. */
const VALUE_BYTES = 4;
const encoder = new TextEncoder(), decoder = new TextDecoder();
const TRUE = encoder.encode("true"), FALSE = encoder.encode("false");
/** Pairs of alleles whose text is kept. */
const MOST_PAIRS = 4096;

/** Appends the value of a row that has one. */
type AppendValue = (row: number) => unknown;
/** Returns the function that appends the values of a chunk's column. */
type ColumnReader = (chunk: DuckDBDataChunk, index: number) => AppendValue;

/** A writer of rows; the caller writes the names before. */
export class DelimitedRows {
  readonly #out = new OutputBuffer();
  readonly #readers: ColumnReader[];

  /** @param write Takes bytes, and resolves when they may change. */
  constructor(
    columns: readonly ResultColumn[],
    private readonly delimiters: Delimiters,
    private readonly write: (bytes: Uint8Array) => Promise<void>,
  ) {
    this.#readers = columns.map((column) => this.#readerOf(column));
  }

  /** Writes the rows of a chunk; some may wait for more, or for {@linkcode flush}. */
  async add(chunk: DuckDBDataChunk): Promise<void> {
    const out = this.#out, { separator } = this.delimiters, rows = chunk.rowCount;
    const appends = this.#readers.map((reader, index): AppendValue => {
      const append = reader(chunk, index), isValid = validRows(chunk.chunk, index, rows);
      return isValid ? (row) => isValid(row) && append(row) : append;
    });
    const last = appends.length - 1;
    for (let row = 0; row < rows; row++) {
      for (let index = 0; index < last; index++) {
        appends[index](row);
        out.byte(separator);
      }
      appends[last](row);
      out.byte(LF);
      if (out.length >= BLOCK_BYTES) await this.flush();
    }
    collectGarbage(rows * appends.length * VALUE_BYTES);
  }

  /** Writes what waits. */
  async flush(): Promise<void> {
    await this.write(this.#out.written());
    this.#out.length = 0;
  }

  #readerOf({ type }: ResultColumn): ColumnReader {
    if (type instanceof DuckDBEnumType) return this.#codesOf(type.values);
    if (type instanceof DuckDBListType && type.valueType instanceof DuckDBEnumType) {
      return this.#listsOf(type, type.valueType.values);
    }
    switch (type.typeId) {
      case DuckDBTypeId.UINTEGER:
        return (chunk, index) => {
          const items = columnItems(chunk.chunk, index, Uint32Array, chunk.rowCount);
          return (row) => this.#out.number(items[row]);
        };
      case DuckDBTypeId.INTEGER:
        return (chunk, index) => {
          const items = columnItems(chunk.chunk, index, Int32Array, chunk.rowCount);
          return (row) => items[row] < 0 ? this.#any(items[row]) : this.#out.number(items[row]);
        };
      case DuckDBTypeId.BIGINT:
        return (chunk, index) => {
          const items = columnItems(chunk.chunk, index, BigInt64Array, chunk.rowCount);
          const halves = new Uint32Array(items.buffer, items.byteOffset, 2 * items.length);
          // Most numbers are small, and a BigInt for each would take longer than all the rest.
          return (row) =>
            halves[2 * row + 1] === 0 ? this.#out.number(halves[2 * row]) : this.#any(items[row]);
        };
      case DuckDBTypeId.BOOLEAN:
        return (chunk, index) => {
          const items = columnItems(chunk.chunk, index, Uint8Array, chunk.rowCount);
          return (row) => this.#out.append(items[row] === 0 ? FALSE : TRUE);
        };
      case DuckDBTypeId.VARCHAR:
        return this.#texts();
      default:
        return this.#values(type);
    }
  }

  #codesOf(values: readonly string[]): ColumnReader {
    const fields = values.map((value) => encoder.encode(this.delimiters.field(value)));
    const kind = codeArray(enumWidth(values.length));
    return (chunk, index) => {
      const codes = columnItems(chunk.chunk, index, kind, chunk.rowCount);
      return (row) => this.#out.append(fields[codes[row]]);
    };
  }

  /** Reads lists of ENUMs. There are few different ones of two elements, as of a diploid sample. */
  #listsOf(type: DuckDBListType, values: readonly string[]): ColumnReader {
    const { field } = this.delimiters, kind = codeArray(enumWidth(values.length));
    const fieldOf = (codes: readonly (number | null)[]) =>
      encoder.encode(
        field(
          valueText(listValue(codes.map((code) => code === null ? null : values[code])), type)!,
        ),
      );
    const pairs = new Map<number, Uint8Array>();
    return (chunk, index) => {
      const { entries, items, isValid } = listItems(chunk.chunk, index, kind, chunk.rowCount);
      const append = (from: number, length: number) => {
        const at = (n: number) => isValid && !isValid(from + n) ? null : items[from + n];
        this.#out.append(fieldOf(Array.from({ length }, (_, n) => at(n))));
      };
      return (row) => {
        const from = entries[4 * row], length = entries[4 * row + 2];
        if (length !== 2 || isValid) return append(from, length);
        const key = items[from] * values.length + items[from + 1];
        let text = pairs.get(key);
        if (!text) {
          text = fieldOf([items[from], items[from + 1]]);
          if (pairs.size < MOST_PAIRS) pairs.set(key, text);
        }
        this.#out.append(text);
      };
    };
  }

  #any(number: number | bigint): void {
    this.#out.append(encoder.encode(String(number)));
  }

  #texts(): ColumnReader {
    const { field, separator } = this.delimiters;
    return (chunk, index) => {
      const texts = new ColumnTexts(chunk.chunk, index, chunk.rowCount);
      return (row) => {
        // Most texts are short, and a view of each would take longer than to copy it.
        if (this.#appendShort(texts, row)) return;
        const text = texts.at(row)!;
        if (isPlain(text, separator)) this.#out.append(text);
        else this.#out.append(encoder.encode(field(decoder.decode(text))));
      };
    };
  }

  /** Appends a short text that is its own field; false where it is another one. */
  #appendShort(texts: ColumnTexts, row: number): boolean {
    const { separator } = this.delimiters, length = texts.shortLength(row), out = this.#out;
    if (length <= 0) return false;
    out.reserve(length);
    const { bytes } = out, { items } = texts;
    let n = out.length;
    for (let at = 16 * row + 4, end = at + length; at < end; at++) {
      const byte = items[at];
      if (!isPlainByte(byte, separator)) return false;
      bytes[n++] = byte;
    }
    out.length = n;
    return true;
  }

  #values(type: ResultColumn["type"]): ColumnReader {
    return (chunk, index) => {
      const vector = chunk.getColumnVector(index);
      return (row) => {
        const text = valueText(vector.getItem(row), type) ?? "";
        this.#out.append(encoder.encode(this.delimiters.field(text)));
      };
    };
  }
}

/** Tells whether a text is its own field, in CSV and in TSV. */
function isPlain(text: Uint8Array, separator: number): boolean {
  if (text.length === 0) return false;
  for (const byte of text) if (!isPlainByte(byte, separator)) return false;
  return true;
}

function isPlainByte(byte: number, separator: number): boolean {
  return byte !== separator && byte !== QUOTE && byte !== BACKSLASH && byte >= SPACE;
}

const BACKSLASH = "\\".charCodeAt(0), SPACE = " ".charCodeAt(0);
