/**
 * DuckDB for the tests of facts: the low-level bindings, which the program's hot paths use, and the
 * package above them for what is asked in SQL.
 *
 * @module
 */
import { DuckDBConnection, type JS } from "@duckdb/node-api";
import duckdb from "@duckdb/node-bindings";

/** Settings unless others are given. */
const DEFAULTS = { threads: "1", temp_directory: "" };

/** A connection, with an instance of its own unless it is another one's. */
export class Duckdb implements Disposable {
  readonly api: DuckDBConnection;
  #functions = 0;

  private constructor(
    readonly connection: duckdb.Connection,
    private readonly instance: duckdb.Database,
    private readonly owned: DisposableStack,
  ) {
    this.api = new DuckDBConnection(connection);
  }

  /** Opens a database. Settings are made in their order; an undefined one is left to DuckDB. */
  static async open(
    path = ":memory:",
    settings: Record<string, string | undefined> = {},
  ): Promise<Duckdb> {
    const config = duckdb.create_config();
    const defaults = Object.entries(DEFAULTS).filter(([name]) => !(name in settings));
    for (const [name, value] of [...defaults, ...Object.entries(settings)]) {
      if (value !== undefined) duckdb.set_config(config, name, value);
    }
    using owned = new DisposableStack();
    // The addon's thread does not always wake a sleeping event loop.
    owned.adopt(setInterval(() => {}, 20), clearInterval);
    const instance = owned.adopt(await duckdb.open(path, config), duckdb.close_sync);
    const connection = owned.adopt(await duckdb.connect(instance), duckdb.disconnect_sync);
    return new Duckdb(connection, instance, owned.move());
  }

  /** Another connection to the same instance, to be closed before this one. */
  async another(): Promise<Duckdb> {
    using owned = new DisposableStack();
    const connection = owned.adopt(await duckdb.connect(this.instance), duckdb.disconnect_sync);
    return new Duckdb(connection, this.instance, owned.move());
  }

  /** Runs statements. */
  async run(sql: string): Promise<void> {
    await duckdb.query(this.connection, sql);
  }

  /** All rows of a result. */
  async rows(sql: string): Promise<JS[][]> {
    return (await this.api.runAndReadAll(sql)).getRowsJS();
  }

  /** The first value of a result. */
  async value(sql: string): Promise<JS> {
    return (await this.rows(sql))[0][0];
  }

  /** The plan of a statement, as text. */
  async plan(sql: string): Promise<string> {
    return (await this.rows(`EXPLAIN ${sql}`)).map(([, plan]) => plan).join("\n");
  }

  /** The first chunk of a result. */
  async chunk(sql: string): Promise<duckdb.DataChunk> {
    return (await duckdb.fetch_chunk(await duckdb.query(this.connection, sql)))!;
  }

  /**
   * Registers a table function.
   *
   * @param columns Its columns.
   * @param fill Makes one chunk after the other; one of no rows is the end.
   * @returns Its name.
   */
  table(
    columns: Record<string, duckdb.LogicalType>,
    fill: (chunk: duckdb.DataChunk, call: number) => void,
    threads = 1,
  ): string {
    const name = `rows_${this.#functions++}`, rows = duckdb.create_table_function();
    let calls = 0;
    duckdb.table_function_set_name(rows, name);
    duckdb.table_function_set_bind(rows, (info) => {
      for (const [column, type] of Object.entries(columns)) {
        duckdb.bind_add_result_column(info, column, type);
      }
      duckdb.bind_set_bind_data(info, {});
    });
    duckdb.table_function_set_init(rows, (info) => {
      duckdb.init_set_init_data(info, {});
      duckdb.init_set_max_threads(info, threads);
    });
    duckdb.table_function_set_function(rows, (_info, chunk) => fill(chunk, calls++));
    duckdb.register_table_function(this.connection, rows);
    return name;
  }

  [Symbol.dispose](): void {
    this.owned.dispose();
  }
}

/** Ends a table function after its first chunk, which `fill` makes with so many rows. */
export function once(
  rows: number,
  fill: (chunk: duckdb.DataChunk) => void,
): (chunk: duckdb.DataChunk, call: number) => void {
  return (chunk, call) => {
    duckdb.data_chunk_set_size(chunk, call === 0 ? rows : 0);
    if (call === 0) fill(chunk);
  };
}

/** A plain type. */
export const type = (id: duckdb.Type): duckdb.LogicalType => duckdb.create_logical_type(id);
