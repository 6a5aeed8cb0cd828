/**
 * Opening and closing DuckDB, and its vectors as typed arrays.
 *
 * @module
 */
import {
  type DuckDBConnection,
  type DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBVector,
} from "@duckdb/node-api";
import type { Codes } from "./dictionary.ts";
import { literal } from "./sql.ts";

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
  }

  /** All rows of a small result. */
  async rows<Row>(sql: string): Promise<Row[]> {
    const reader = await this.connection.runAndReadAll(sql);
    return reader.getRowObjectsJS() as Row[];
  }

  /** Close the connection, then the instance. No query may be running. */
  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** DuckDB's own memory behind a vector; the property is private in the types of the package. */
interface RawVector<Items> {
  items: Items;
  childData: RawVector<Items>;
  flush(): void;
}

function raw<Items>(vector: DuckDBVector): RawVector<Items> {
  return vector as unknown as RawVector<Items>;
}

/** The items of column `index`, over DuckDB's memory; valid while the chunk is. */
export function columnItems<Items>(chunk: DuckDBDataChunk, index: number): Items {
  return raw<Items>(chunk.getColumnVector(index)).items;
}

/** The elements of an array column, row after row, over DuckDB's memory. */
export function arrayItems(chunk: DuckDBDataChunk, index: number): Codes {
  return raw<Codes>(chunk.getColumnVector(index)).childData.items;
}

/** Write items of a column through `fill`, and hand them to DuckDB. */
export function fillColumn<Items>(
  chunk: DuckDBDataChunk,
  index: number,
  fill: (items: Items) => void,
): void {
  const vector = raw<Items>(chunk.getColumnVector(index));
  fill(vector.items);
  vector.flush();
}

/** Write the elements of an array column through `fill`, and hand them to DuckDB. */
export function fillArrayColumn(
  chunk: DuckDBDataChunk,
  index: number,
  fill: (items: Codes) => void,
): void {
  const vector = raw<Codes>(chunk.getColumnVector(index));
  fill(vector.childData.items);
  vector.flush();
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
