/**
 * A database opened for questions: shut in unless asked otherwise, statements one at a time, results
 * as streams that tell when they end early.
 *
 * @module
 */
import {
  type DuckDBConnection,
  type DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBPreparedStatement,
  type DuckDBResult,
  type DuckDBType,
  ResultReturnType,
  StatementType,
} from "@duckdb/node-api";
import { InputError, InterruptedError, StatementError } from "../base/errors.ts";
import { printable } from "../base/text.ts";
import { askSchema, checkSchema, type SchemaRow } from "../table/schema_version.ts";
import { refuseFilesOf, refuseLog } from "../table/database_files.ts";
import { type AllowedStatement, prepareAllowed, refuseStoredCalls } from "./sql_guard.ts";
import type { SqlRights } from "./sql_rules.ts";
import { WakeUps } from "../threads/wake_ups.ts";

/** What a session may do. */
export interface SessionOptions {
  /** May it change the database? */
  write?: boolean;
  /** May SQL read and write other files? */
  external?: boolean;
  /** Bytes of DuckDB's buffer pool. Default: DuckDB's own, 80% of the machine's memory. */
  memory?: number;
  /** DuckDB's threads. Default: the machine's cores. */
  threads?: number;
}

/** A value of a statement's parameter. */
export type SqlParameter = string | number | bigint | boolean | null;

/** A column of a result. */
export interface ResultColumn {
  name: string;
  type: DuckDBType;
}

/** A statement's result: nothing, a number of changed rows, or a stream of chunks. */
export interface StatementResult {
  columns: ResultColumn[];
  /** Has it rows to show? */
  hasRows: boolean;
  /** Is it a plan, to be shown as text? */
  isPlan: boolean;
  /** Rows inserted, changed or deleted. */
  changed: number;
  /** The rows, once; it throws if they end early. */
  chunks: AsyncIterable<DuckDBDataChunk>;
}

/** A running statement, and whether it has a transaction of its own. */
interface StartedResult {
  result: DuckDBResult;
  own: boolean;
}

/** One connection to one database. */
export class SqlSession implements AsyncDisposable {
  #interrupted = false;
  /** What runs; closing waits for it. */
  #running: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
    private readonly rights: SqlRights,
    /** Of the session that owns the instance, and closes it. */
    private readonly wakeUps: WakeUps | undefined,
  ) {}

  /**
   * Open a database.
   *
   * @throws {InputError} No such file, not a database, or one with changes beside it that only a
   * session that may write takes in.
   */
  static async open(path: string, options: SessionOptions = {}): Promise<SqlSession> {
    await checkDatabaseFile(path);
    const { write = false, external = false } = options;
    if (!write) refuseLog(path);
    const wakeUps = new WakeUps();
    let instance: DuckDBInstance | undefined;
    try {
      // Shut in, DuckDB knows the files of a database by one name only, which is no link.
      const database = await Deno.realPath(path);
      instance = await DuckDBInstance.create(database, sessionConfig(database, options));
      const connection = await instance.connect();
      await refuseStoredCalls(connection);
      return new SqlSession(instance, connection, { database, write, external }, wakeUps);
    } catch (error) {
      instance?.closeSync();
      wakeUps[Symbol.dispose]();
      throw new InputError(`the database cannot be opened (${firstLine(error)})`, { file: path });
    }
  }

  /** A second session on the same database, to be closed before this one: a query ends the one before. */
  async another(): Promise<SqlSession> {
    return new SqlSession(this.instance, await this.instance.connect(), this.rights, undefined);
  }

  /**
   * Run one statement.
   *
   * @param values Values of its parameters `$1`, `$2`, ...
   * @throws {StatementError} What DuckDB says.
   * @throws {InputError} The statement is refused.
   * @throws {InterruptedError} {@linkcode interrupt} was called meanwhile.
   */
  async run(statement: string, values: readonly SqlParameter[] = []): Promise<StatementResult> {
    this.#interrupted = false;
    try {
      const allowed = await this.#wait(prepareAllowed(this.connection, statement, this.rights));
      if (this.#interrupted) throw new InterruptedError();
      if (values.length > 0) allowed.prepared.bind([...values]);
      const started = await this.#start(allowed.prepared);
      if (allowed.prepared.statementType === StatementType.ATTACH) {
        await this.#wait(refuseStoredCalls(this.connection));
      }
      // Without its values a statement does not run again.
      const repeatable = allowed.repeatable && values.length === 0;
      return describe(started.result, this.#stream({ ...allowed, repeatable }, started));
    } catch (error) {
      throw this.#interrupted ? new InterruptedError() : statementError(error);
    }
  }

  /** All rows of a small result, as plain values. */
  async rows<Row>(sql: string): Promise<Row[]> {
    const reader = await this.connection.runAndReadAll(sql);
    return reader.getRowObjectsJS() as Row[];
  }

  /**
   * Makes sure that this program understands the table.
   *
   * @throws {InputError} It does not, and what to do.
   */
  async checkSchema(file: string): Promise<void> {
    const ask = async (sql: string) => {
      const reader = await this.connection.runAndReadAll(sql);
      return reader.getRowsJS()[0] as SchemaRow;
    };
    checkSchema(await askSchema(ask), file);
  }

  /** Stop the running statement; whoever waits for it gets an {@linkcode InterruptedError}. */
  interrupt(): void {
    this.#interrupted = true;
    this.connection.interrupt();
  }

  /**
   * Refuses a path that leads to the files of the database.
   *
   * @throws {InputError} It does.
   */
  refuseOwnFiles(path: string): void {
    refuseFilesOf(this.rights.database, path);
  }

  /**
   * A stream that fails looks like one that ends. But it also breaks the transaction it is in, so a
   * query is given one of its own, unless the user has begun one, which is asked afterwards.
   */
  async #start(prepared: DuckDBPreparedStatement): Promise<StartedResult> {
    const { statementType } = prepared;
    if (statementType !== StatementType.SELECT && statementType !== StatementType.EXECUTE) {
      return { result: await this.#wait(prepared.run()), own: false };
    }
    const own = await this.#tryRun("BEGIN TRANSACTION");
    try {
      return { result: await this.#wait(prepared.stream()), own };
    } catch (error) {
      if (own) await this.#tryRun("ROLLBACK");
      throw error;
    }
  }

  async *#stream(
    { text, repeatable }: AllowedStatement,
    { result, own }: StartedResult,
  ): AsyncGenerator<DuckDBDataChunk> {
    let whole = false;
    try {
      while (true) {
        const chunk = await this.#wait(result.fetchChunk());
        if (!chunk || chunk.rowCount === 0) break;
        yield chunk;
      }
      whole = await this.#tryRun("SELECT 1");
    } finally {
      if (own) await this.#tryRun(whole ? "COMMIT" : "ROLLBACK");
    }
    if (whole && !this.#interrupted) return;
    if (this.#interrupted) throw new InterruptedError();
    throw repeatable ? await this.#explain(text) : brokenOff();
  }

  /** Why a stream broke: the query is run again, its rows and its effects thrown away. */
  async #explain(query: string): Promise<Error> {
    const own = await this.#tryRun("BEGIN TRANSACTION");
    try {
      await this.#wait(this.connection.run(`EXPLAIN ANALYZE\n${query}`));
    } catch (error) {
      return this.#interrupted ? new InterruptedError() : statementError(error, 1);
    } finally {
      if (own) await this.#tryRun("ROLLBACK");
    }
    return brokenOff();
  }

  async #tryRun(sql: string): Promise<boolean> {
    try {
      await this.#wait(this.connection.run(sql));
      return true;
    } catch {
      return false;
    }
  }

  #wait<T>(work: Promise<T>): Promise<T> {
    this.#running = work.catch(() => {});
    return work;
  }

  /** Stop what runs, then close. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.connection.interrupt();
    await this.#running;
    this.connection.closeSync();
    if (!this.wakeUps) return;
    this.instance.closeSync();
    this.wakeUps[Symbol.dispose]();
  }
}

/** The options that shut a session in; `temp_directory` must precede `enable_external_access`. */
function sessionConfig(
  path: string,
  { write = false, external = false, memory, threads }: SessionOptions,
): Record<string, string> {
  return {
    access_mode: write ? "READ_WRITE" : "READ_ONLY",
    // Two instances that share a folder for spilling crash.
    temp_directory: external ? `${path}.sql-${Deno.pid}.tmp` : "",
    ...memory === undefined ? {} : { memory_limit: `${Math.floor(memory / 1024)}KiB` },
    ...threads === undefined ? {} : { threads: String(threads) },
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    enable_external_access: String(external),
    lock_configuration: "true",
  };
}

function describe(
  result: DuckDBResult,
  chunks: AsyncIterable<DuckDBDataChunk>,
): StatementResult {
  const names = result.columnNames(), types = result.columnTypes();
  return {
    columns: names.map((name, index) => ({ name, type: types[index] })),
    hasRows: result.returnType === ResultReturnType.QUERY_RESULT && names.length > 0,
    isPlan: result.statementType === StatementType.EXPLAIN,
    changed: result.rowsChanged,
    chunks,
  };
}

/** DuckDB makes a file that is not there, and waits for a pipe. */
async function checkDatabaseFile(path: string): Promise<void> {
  try {
    const info = await Deno.stat(path);
    if (!info.isFile) throw new InputError("this is not a file", { file: path });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new InputError("there is no such file", { file: path });
  }
}

function brokenOff(): StatementError {
  return new StatementError("the query broke off before its end", "");
}

function firstLine(error: unknown): string {
  return (error as Error).message.split("\n")[0];
}

/**
 * DuckDB's message in one line, and the place in the statement that it points at.
 *
 * @param linesBefore Lines that were put before the user's statement.
 */
function statementError(error: unknown, linesBefore = 0): Error {
  if (error instanceof InputError) return error;
  const [message, ...rest] = (error as Error).message.replace(/^Failed to extract statements: /, "")
    .split("\n\nLINE ");
  const detail = message.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const excerpt = rest.map((text) =>
    `LINE ${text.replace(/^\d+/, (line) => String(Number(line) - linesBefore).padEnd(line.length))}`
  );
  // Messages quote data, which may hold anything.
  const safe = (text: string) => printable(text, Infinity);
  return new StatementError(
    safe(detail.join(" ")),
    excerpt.join("\n").split("\n").map(safe).join("\n"),
  );
}
