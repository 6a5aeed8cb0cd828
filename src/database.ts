/**
 * Opening and closing DuckDB, and its vectors as typed arrays.
 *
 * @module
 */
import { type DuckDBConnection, type DuckDBDataChunk, DuckDBInstance } from "@duckdb/node-api";
import duckdb from "@duckdb/node-bindings";
import type { Codes } from "./dictionary.ts";
import { unwatch, watch } from "./memory_probe.ts";
import { literal } from "./sql.ts";
import { startWakeUps, stopWakeUps } from "./wake_ups.ts";

/** What an instance may use. */
export interface DatabaseLimits {
  threads: number;
  /** Bytes of DuckDB's buffer pool. */
  memory: number;
  /** Folder for spilling, of this instance alone: two instances that share one crash. */
  temporary: string;
}

/** An instance with one connection, closed in the order that DuckDB needs. */
export class Database implements Disposable {
  private constructor(
    private readonly instance: DuckDBInstance,
    readonly connection: DuckDBConnection,
  ) {}

  /** Make a database file whose row groups have `rowGroup` rows, and use it. */
  static async create(path: string, rowGroup: number, limits: DatabaseLimits): Promise<Database> {
    const database = await Database.#open(":memory:", limits, {});
    watch(database.instance);
    await database.connection.run(`ATTACH ${literal(path)} AS target (ROW_GROUP_SIZE ${rowGroup})`);
    await database.connection.run("USE target");
    return database;
  }

  /** Open a database file that other threads may read too. */
  static openReadOnly(path: string, limits: DatabaseLimits): Promise<Database> {
    return Database.#open(path, limits, { access_mode: "READ_ONLY" });
  }

  static async #open(
    path: string,
    { threads, memory, temporary }: DatabaseLimits,
    config: Record<string, string>,
  ): Promise<Database> {
    startWakeUps();
    try {
      const instance = await DuckDBInstance.create(path, {
        threads: String(threads),
        memory_limit: `${Math.floor(memory / 1024)}KiB`,
        temp_directory: temporary,
        autoinstall_known_extensions: "false",
        autoload_known_extensions: "false",
        preserve_insertion_order: "false",
        ...config,
      });
      return new Database(instance, await instance.connect());
    } catch (error) {
      stopWakeUps();
      throw error;
    }
  }

  /** All rows of a small result. */
  async rows<Row>(sql: string): Promise<Row[]> {
    const reader = await this.connection.runAndReadAll(sql);
    return reader.getRowObjectsJS() as Row[];
  }

  /** Close the connection, then the instance. No query may be running. */
  close(): void {
    unwatch(this.instance);
    this.connection.closeSync();
    this.instance.closeSync();
    stopWakeUps();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** A kind of typed array over the items of a column. */
export interface ItemArray<Items> {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): Items;
  readonly BYTES_PER_ELEMENT: number;
}

/** The typed array for codes of a width in bytes. */
export function codeArray(width: 1 | 2 | 4): ItemArray<Codes> {
  return width === 1 ? Uint8Array : width === 2 ? Uint16Array : Uint32Array;
}

/**
 * A copy of the first `length` items of column `index`. The vectors of `@duckdb/node-api` would
 * describe the type of the column each time, with all values of an ENUM.
 */
export function columnItems<Items>(
  chunk: DuckDBDataChunk,
  index: number,
  kind: ItemArray<Items>,
  length: number,
): Items {
  return itemsOf(columnVector(chunk, index), kind, length);
}

/** A copy of the first `length` elements of an array column, row after row. */
export function arrayItems<Items>(
  chunk: DuckDBDataChunk,
  index: number,
  kind: ItemArray<Items>,
  length: number,
): Items {
  return itemsOf(duckdb.array_vector_get_child(columnVector(chunk, index)), kind, length);
}

/** Make the bytes of `items` the first items of column `index`. */
export function fillColumn(chunk: DuckDBDataChunk, index: number, items: ArrayBufferView): void {
  copyInto(columnVector(chunk, index), items);
}

/** Make the bytes of `items` the first elements of an array column. */
export function fillArrayColumn(
  chunk: DuckDBDataChunk,
  index: number,
  items: ArrayBufferView,
): void {
  copyInto(duckdb.array_vector_get_child(columnVector(chunk, index)), items);
}

function columnVector(chunk: DuckDBDataChunk, index: number): duckdb.Vector {
  return duckdb.data_chunk_get_vector(chunk.chunk, index);
}

function itemsOf<Items>(vector: duckdb.Vector, kind: ItemArray<Items>, length: number): Items {
  const { buffer, byteOffset } = duckdb.vector_get_data(vector, length * kind.BYTES_PER_ELEMENT);
  return new kind(buffer, byteOffset, length);
}

/** DuckDB copies from unshared memory only. */
function copyInto(
  vector: duckdb.Vector,
  { buffer, byteOffset, byteLength }: ArrayBufferView,
): void {
  duckdb.copy_data_to_vector(vector, 0, buffer as ArrayBuffer, byteOffset, byteLength);
}

/** A value of a small table. */
export type TableValue = string | number | boolean | null | Date;

/** Append rows to a table; far quicker than an INSERT of as many literals. */
export async function appendRows(
  connection: DuckDBConnection,
  table: string,
  rows: readonly (readonly TableValue[])[],
): Promise<void> {
  const appender = await connection.createAppender(table);
  for (const row of rows) {
    for (const value of row) {
      // DuckDB casts a text to the type of the column.
      if (value === null) appender.appendNull();
      else appender.appendVarchar(value instanceof Date ? value.toISOString() : String(value));
    }
    appender.endRow();
  }
  appender.closeSync();
}
