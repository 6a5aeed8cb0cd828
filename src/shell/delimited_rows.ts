/**
 * Writes rows as CSV or TSV, decoded column by column: the codes of an ENUM become ready bytes,
 * numbers their digits, and texts are copied. Values of other types go through
 * {@linkcode valueText}, one by one.
 *
 * @module
 */
import { type DuckDBDataChunk, DuckDBEnumType, DuckDBTypeId } from "@duckdb/node-api";
import { COMMA, LF, QUOTE, TAB } from "../base/bytes.ts";
import { codeArray, enumWidth } from "../base/codes.ts";
import { OutputBuffer } from "../base/output_buffer.ts";
import type { ResultColumn } from "../query/sql_session.ts";
import { valueText } from "../query/value_text.ts";
import { columnItems, ColumnTexts, validRows } from "../table/columns.ts";
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

/** Appends the value of a row that has one. */
type AppendValue = (row: number) => void;
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
    const columns = this.#readers.map((reader, index) => ({
      append: reader(chunk, index),
      isValid: validRows(chunk.chunk, index, rows),
    }));
    for (let row = 0; row < rows; row++) {
      for (let index = 0; index < columns.length; index++) {
        if (index > 0) out.byte(separator);
        const { append, isValid } = columns[index];
        if (!isValid || isValid(row)) append(row);
      }
      out.byte(LF);
      if (out.length >= BLOCK_BYTES) await this.flush();
    }
    collectGarbage(rows * columns.length * VALUE_BYTES);
  }

  /** Writes what waits. */
  async flush(): Promise<void> {
    await this.write(this.#out.written());
    this.#out.length = 0;
  }

  #readerOf({ type }: ResultColumn): ColumnReader {
    if (type instanceof DuckDBEnumType) return this.#codesOf(type.values);
    switch (type.typeId) {
      case DuckDBTypeId.UINTEGER:
        return (chunk, index) => {
          const items = columnItems(chunk.chunk, index, Uint32Array, chunk.rowCount);
          return (row) => this.#out.number(items[row]);
        };
      case DuckDBTypeId.INTEGER:
        return (chunk, index) => {
          const items = columnItems(chunk.chunk, index, Int32Array, chunk.rowCount);
          return (row) => this.#signed(items[row]);
        };
      case DuckDBTypeId.BIGINT:
        return (chunk, index) => {
          const items = columnItems(chunk.chunk, index, BigInt64Array, chunk.rowCount);
          return (row) => this.#signed(Number(items[row]), items[row]);
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

  #signed(number: number, exact: number | bigint = number): void {
    if (number < 0 || number > 0xffffffff) this.#out.append(encoder.encode(String(exact)));
    else this.#out.number(number);
  }

  #texts(): ColumnReader {
    const { field, separator } = this.delimiters;
    return (chunk, index) => {
      const texts = new ColumnTexts(chunk.chunk, index, chunk.rowCount);
      return (row) => {
        const text = texts.at(row)!;
        if (isPlain(text, separator)) this.#out.append(text);
        else this.#out.append(encoder.encode(field(decoder.decode(text))));
      };
    };
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
  for (const byte of text) {
    if (byte === separator || byte === QUOTE || byte === BACKSLASH || byte < SPACE) return false;
  }
  return true;
}

const BACKSLASH = "\\".charCodeAt(0), SPACE = " ".charCodeAt(0);
