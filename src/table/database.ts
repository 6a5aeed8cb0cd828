/**
 * Opens and closes DuckDB, runs statements, fills and reads small tables, registers table
 * functions. It uses the low-level bindings: `@duckdb/node-api` takes so long to load that a small
 * conversion notices.
 *
 * @module
 */
import duckdb from "@duckdb/node-bindings";
import {
  firstError,
  firstLine,
  InputError,
  MachineError,
  Matrix2vcfError,
} from "../base/errors.ts";
import { printable } from "../base/text.ts";
import { chunksOf, ColumnTexts } from "./columns.ts";
import { refuseLog } from "./database_files.ts";
import { type DatabaseLimits, databaseSettings } from "./database_limits.ts";
import { checkPinned, type PinnedTable } from "./pinned_table.ts";
import { literal } from "./quote.ts";
import { WakeUps } from "../threads/wake_ups.ts";
import { writeError } from "../base/write_error.ts";

/**
 * The storage of the files that are made: no compression and no field of a later DuckDB, so that older
 * ones read them. It is the default today, but a later DuckDB may change that. In the storage of 1.3,
 * `USING COMPRESSION dictionary` of schema.ts fails, too.
 */
const STORAGE_VERSION = "v1.0.0";

/** A value of a small table. */
export type TableValue = string | number | boolean | null | Date;

/** Memory and disk that DuckDB says it uses. */
export interface DuckdbUse {
  /** Bytes of its buffer pool that are in use. */
  memory: number;
  /** Bytes in its temporary folder. */
  temporary: number;
}

/** A table function, by which a statement reads rows that this program makes. */
export interface TableFunction {
  name: string;
  columns: readonly (readonly [name: string, type: duckdb.LogicalType])[];
  /** Number of DuckDB threads that may ask for rows. */
  threads: number;
  /** Fills a chunk, on the thread that registered it; a chunk of no rows is the end. */
  fill: (chunk: duckdb.DataChunk) => void;
}

/** An instance with one connection, closed in the order that DuckDB needs. */
export class Database implements Disposable, AsyncDisposable {
  /** Statements beside the running one. Closing must wait for them. */
  #beside: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly instance: duckdb.Database,
    private readonly connection: duckdb.Connection,
    private readonly opened: DisposableStack,
  ) {}

  /** Makes a database file whose row groups have `rowGroup` rows, and uses it. */
  static async create(path: string, rowGroup: number, limits: DatabaseLimits): Promise<Database> {
    const database = await Database.#open(":memory:", limits, {});
    try {
      const options = `(ROW_GROUP_SIZE ${rowGroup}, STORAGE_VERSION ${literal(STORAGE_VERSION)})`;
      await database.run(`ATTACH ${literal(path)} AS target ${options}`);
      await database.run("USE target");
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** Opens a database in memory, whose queries keep the order of rows. */
  static async inMemory(limits: DatabaseLimits): Promise<Database> {
    return await Database.#open(":memory:", limits, { preserve_insertion_order: "true" });
  }

  /**
   * Opens a database file that other threads may read, too.
   *
   * @throws {InputError} A write-ahead log lies beside it.
   */
  static async openReadOnly(path: string, limits: DatabaseLimits): Promise<Database> {
    refuseLog(path);
    return await Database.#open(path, limits, { access_mode: "READ_ONLY" });
  }

  /** Opens a database file of this run's own, which nobody else has open. */
  static async openToWrite(path: string, limits: DatabaseLimits): Promise<Database> {
    return await Database.#open(path, limits, { preserve_insertion_order: "true" });
  }

  /**
   * Opens a table for reading, and makes sure that it is the one that was pinned. DuckDB lets
   * nobody write to it from then on.
   *
   * @throws {InputError} Another table stands there, or the table was written to.
   */
  static async openPinned(table: PinnedTable, limits: DatabaseLimits): Promise<Database> {
    checkPinned(table);
    const database = await Database.openReadOnly(table.path, limits);
    try {
      checkPinned(table);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  }

  static async #open(
    path: string,
    limits: DatabaseLimits,
    settings: Record<string, string>,
  ): Promise<Database> {
    const config = duckdb.create_config();
    for (const [name, value] of Object.entries({ ...databaseSettings(limits), ...settings })) {
      duckdb.set_config(config, name, value);
    }
    using opened = new DisposableStack();
    opened.use(new WakeUps());
    const instance = opened.adopt(await duckdb.open(path, config), duckdb.close_sync);
    const connection = opened.adopt(await duckdb.connect(instance), duckdb.disconnect_sync);
    return new Database(instance, connection, opened.move());
  }

  /** Runs statements that have no result. */
  async run(sql: string): Promise<void> {
    await duckdb.query(this.connection, sql);
  }

  /** Returns the rows of a small result, whose columns are all VARCHAR. */
  texts(sql: string): Promise<(string | null)[][]> {
    return textsOf(this.connection, sql);
  }

  /** Asks DuckDB what it uses, even while another statement runs, but one question at a time. */
  memoryUse(): Promise<DuckdbUse> {
    const ask = async () => {
      const connection = await duckdb.connect(this.instance);
      try {
        const [[memory, temporary]] = await textsOf(connection, SELECT_MEMORY);
        return { memory: Number(memory), temporary: Number(temporary) };
      } finally {
        duckdb.disconnect_sync(connection);
      }
    };
    const asked = this.#beside.then(ask);
    this.#beside = asked.catch(() => {});
    return asked;
  }

  /** Prepares a statement, which lives as long as this object. */
  async prepare(sql: string): Promise<duckdb.PreparedStatement> {
    const statement = await duckdb.prepare(this.connection, sql);
    return this.opened.adopt(statement, duckdb.destroy_prepare_sync);
  }

  /** Appends rows to a small table; far quicker than an INSERT of as many literals. */
  append(table: string, rows: Iterable<readonly TableValue[]>): void {
    const appender = duckdb.appender_create(this.connection, null, table);
    for (const row of rows) {
      for (const value of row) {
        // DuckDB casts a text to the type of the column.
        if (value === null) duckdb.append_null(appender);
        else duckdb.append_varchar(appender, textOf(value));
      }
      duckdb.appender_end_row(appender);
    }
    duckdb.appender_close_sync(appender);
  }

  /** Registers a table function. */
  register({ name, columns, threads, fill }: TableFunction): void {
    const rows = duckdb.create_table_function();
    duckdb.table_function_set_name(rows, name);
    duckdb.table_function_set_bind(rows, (info) => {
      for (const [name, type] of columns) duckdb.bind_add_result_column(info, name, type);
      duckdb.bind_set_bind_data(info, {});
    });
    duckdb.table_function_set_init(rows, (info) => {
      duckdb.init_set_init_data(info, {});
      duckdb.init_set_max_threads(info, threads);
    });
    duckdb.table_function_set_function(rows, (_info, chunk) => fill(chunk));
    duckdb.register_table_function(this.connection, rows);
  }

  /** Stops the running statement; a stream then ends early. */
  interrupt(): void {
    duckdb.interrupt(this.connection);
  }

  /**
   * Closes the connection, then the instance; a second call does nothing. No statement may be
   * running.
   */
  close(): void {
    this.opened.dispose();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Waits for the statements that run beside, then closes. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#beside;
    this.close();
  }
}

/**
 * Returns DuckDB's error as one about the file that it names, where the machine failed, and any other
 * error as it is.
 *
 * @param path The database, which is meant where no file is named.
 * @param spill The folder to spill into.
 */
export function databaseError(thrown: unknown, path: string, spill = path): unknown {
  const error = firstError(thrown), { message } = error as Error;
  const full = /failed to offload data block[^(]*\(([^)]*)\)/.exec(message);
  if (!full) return writeError(error, /"(\/[^"]+)"/.exec(message)?.[1] ?? path);
  // DuckDB says that memory ran out, and has removed its files by now.
  const detail = `no space left on the disk (${full[1]}); free some, or write elsewhere`;
  return new MachineError(detail, { file: spill }, { cause: error });
}

/** How DuckDB says that a database is not as it was written. */
const DAMAGED = /^IO Error: .*(?:corrupt|checksum)|^(?:FATAL|INTERNAL|Serialization) Error: /i;

/**
 * Returns DuckDB's error of reading a table as one about its file, where the machine failed or the
 * table is damaged, and any other error as it is. The parameters are those of
 * {@linkcode databaseError}.
 */
export function tableError(thrown: unknown, path: string, spill = path): unknown {
  const error = databaseError(thrown, path, spill);
  if (error instanceof Matrix2vcfError || !DAMAGED.test(firstLine(error))) return error;
  const detail = `the table is damaged (${printable(firstLine(error), 200)}); copy it again, or ` +
    "make it again from the matrix";
  return new InputError(detail, { file: path }, { cause: error });
}

const SELECT_MEMORY =
  `SELECT CAST(sum(memory_usage_bytes) AS VARCHAR), CAST(sum(temporary_storage_bytes) AS VARCHAR)
FROM duckdb_memory()`;

async function textsOf(connection: duckdb.Connection, sql: string): Promise<(string | null)[][]> {
  const result = await duckdb.query(connection, sql), decoder = new TextDecoder();
  const columns = Array.from({ length: duckdb.column_count(result) }, (_, column) => column);
  const rows: (string | null)[][] = [];
  for await (const { chunk, rowCount } of chunksOf(result)) {
    const texts = columns.map((column) => new ColumnTexts(chunk, column, rowCount));
    for (let row = 0; row < rowCount; row++) {
      rows.push(texts.map((column) => {
        const text = column.at(row);
        return text && decoder.decode(text);
      }));
    }
  }
  return rows;
}

function textOf(value: NonNullable<TableValue>): string {
  return value instanceof Date ? value.toISOString() : String(value);
}
