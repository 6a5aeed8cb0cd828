/**
 * Opening and closing DuckDB, and filling small tables.
 *
 * @module
 */
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { type DatabaseLimits, databaseSettings } from "./database_limits.ts";
import { unwatch, watch } from "./memory_probe.ts";
import { literal } from "./sql.ts";
import { WakeUps } from "./wake_ups.ts";

/** An instance with one connection, closed in the order that DuckDB needs. */
export class Database implements Disposable {
  #open = true;

  private constructor(
    private readonly instance: DuckDBInstance,
    readonly connection: DuckDBConnection,
    private readonly wakeUps: WakeUps,
  ) {}

  /** Make a database file whose row groups have `rowGroup` rows, and use it. */
  static async create(path: string, rowGroup: number, limits: DatabaseLimits): Promise<Database> {
    const database = await Database.#openAt(":memory:", limits, {});
    watch(database.instance);
    try {
      const options = `(ROW_GROUP_SIZE ${rowGroup})`;
      await database.connection.run(`ATTACH ${literal(path)} AS target ${options}`);
      await database.connection.run("USE target");
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** Open a database file that other threads may read too. */
  static openReadOnly(path: string, limits: DatabaseLimits): Promise<Database> {
    return Database.#openAt(path, limits, { access_mode: "READ_ONLY" });
  }

  static async #openAt(
    path: string,
    limits: DatabaseLimits,
    config: Record<string, string>,
  ): Promise<Database> {
    const wakeUps = new WakeUps();
    try {
      const instance = await DuckDBInstance.create(path, {
        ...databaseSettings(limits),
        ...config,
      });
      return new Database(instance, await instance.connect(), wakeUps);
    } catch (error) {
      wakeUps[Symbol.dispose]();
      throw error;
    }
  }

  /** All rows of a small result. */
  async rows<Row>(sql: string): Promise<Row[]> {
    const reader = await this.connection.runAndReadAll(sql);
    return reader.getRowObjectsJS() as Row[];
  }

  /** Close the connection, then the instance; again does no harm. No query may be running. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    unwatch(this.instance);
    this.connection.closeSync();
    this.instance.closeSync();
    this.wakeUps[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.close();
  }
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
