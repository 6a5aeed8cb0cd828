/**
 * Opens a database for queries, without access to anything else unless that is asked for.
 * Statements run one at a time; results are streams that tell when they end early.
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
import {
  firstLine,
  InputError,
  InterruptedError,
  Matrix2vcfError,
  StatementError,
} from "../base/errors.ts";
import { machineReason } from "../base/machine_reason.ts";
import { fileError } from "../base/files.ts";
import { printable } from "../base/text.ts";
import { askSchema, checkSchema, type SchemaRow } from "../table/schema_version.ts";
import { databaseError, tableError } from "../table/database.ts";
import { literal } from "../table/quote.ts";
import { extrasOfFeatures, SELECT_FEATURES } from "../table/schema.ts";
import {
  HAS_POPULATION_VIEWS,
  HAS_POPULATIONS_TABLE,
  temporaryPopulationViews,
} from "../table/population_views.ts";
import { readPopulations } from "../matrix/populations.ts";
import { readText } from "../base/text_file.ts";
import { TemporaryObjects } from "./temporary_objects.ts";
import { readTextTable, type TextTable } from "./text_table.ts";
import { isFileOf, refuseFilesOf, refuseForeign, refuseLog } from "../table/database_files.ts";
import { type AllowedStatement, prepareAllowed, refuseStoredCalls } from "./sql_guard.ts";
import type { SqlRights } from "./sql_rules.ts";
import { WakeUps } from "../threads/wake_ups.ts";

/** The table of populations. */
const POPULATIONS = "populations";

/** Rights and limits of a session. */
export interface SessionOptions {
  /** True where the session may change the database. */
  write?: boolean;
  /** True where SQL may read and write other files. */
  external?: boolean;
  /** Folder for what does not fit into memory, of this session alone. Default: there is none. */
  temporary?: string;
  /** Bytes of DuckDB's buffer pool. Default: 80% of the machine's memory, as DuckDB has it. */
  memory?: number;
  /** Number of DuckDB's threads. Default: the machine's cores. */
  threads?: number;
}

/** A value of a statement's parameter. */
export type SqlParameter = string | number | bigint | boolean | null;

/** A column of a result. */
export interface ResultColumn {
  name: string;
  type: DuckDBType;
}

/** The result of a statement: nothing, a number of changed rows, or a stream of chunks. */
export interface StatementResult {
  columns: ResultColumn[];
  /** True where there are rows to show. */
  hasRows: boolean;
  /** True for a plan, which is shown as text. */
  isPlan: boolean;
  /** Number of rows inserted, changed or deleted. */
  changed: number;
  /** The rows, to be read once; the loop throws if they end early. */
  chunks: AsyncIterable<DuckDBDataChunk>;
}

/** A running statement; `own` where it has a transaction of its own. */
interface StartedResult {
  result: DuckDBResult;
  own: boolean;
}

/** A connection to a database, on which one statement runs at a time. */
export class SqlSession implements AsyncDisposable {
  #interrupted = false;
  /** The statement that runs; closing waits for it. */
  #running: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
    private readonly rights: SqlRights,
    /** The database, as the user named it. */
    private readonly path: string,
    /** What all sessions on the instance have beside the table. */
    private readonly temporary: TemporaryObjects,
    /** Only set in the session that owns the instance, and closes it. */
    private readonly wakeUps: WakeUps | undefined,
  ) {}

  /**
   * Opens a database.
   *
   * @throws {InputError} No database, or one with a log beside it that only `write` takes in.
   */
  static async open(path: string, options: SessionOptions = {}): Promise<SqlSession> {
    const { write = false, external = false } = options;
    await checkDatabaseFile(path);
    if (!write) refuseLog(path);
    const wakeUps = new WakeUps();
    let instance: DuckDBInstance | undefined;
    try {
      // Without external access, DuckDB allows the database's own files only by their real path.
      const database = await Deno.realPath(path);
      instance = await DuckDBInstance.create(database, sessionConfig(options));
      const connection = await instance.connect();
      await refuseStoredCalls(connection);
      const rights = { database, write, external }, temporary = new TemporaryObjects();
      const session = new SqlSession(instance, connection, rights, path, temporary, wakeUps);
      await session.#addPopulationViews();
      return session;
    } catch (error) {
      instance?.closeSync();
      wakeUps[Symbol.dispose]();
      throw openingError(error, path);
    }
  }

  /**
   * Opens another session on the database, as a query ends the one before. Close it before this
   * one.
   */
  async another(): Promise<SqlSession> {
    const connection = await this.instance.connect();
    const { instance, rights, path, temporary } = this;
    const session = new SqlSession(instance, connection, rights, path, temporary, undefined);
    await session.#wait(temporary.makeIn(connection));
    return session;
  }

  /**
   * Reads a table of the user's own from a file, so that SQL can ask it by a name; see
   * {@linkcode readTextTable}.
   *
   * @returns True where the file has names of its columns.
   * @throws {InputError} A bad file, or a name that the database has.
   * @throws {UsageError} There can be no table of that name.
   */
  async addTable(name: string, file: string, signal?: AbortSignal): Promise<boolean> {
    const table = readTextTable(await this.#textOf(file, signal), file);
    await this.#give(name, table, file, { signal });
    return !table.isNameless;
  }

  /**
   * Reads which sample is of which population from a file; that hides what the table keeps.
   *
   * @throws {InputError} A bad file, or one that names a sample which the table does not have.
   */
  async setPopulations(file: string, signal?: AbortSignal): Promise<void> {
    const text = await this.#textOf(file, signal);
    const rows = readPopulations(text, file, await this.#samples());
    await this.#give(
      POPULATIONS,
      {
        columns: ["sample", "population"].map((name) => ({ name, kind: "VARCHAR" })),
        rows: () => rows.map((row) => [...row]),
      },
      file,
      { hides: true, signal },
    );
  }

  async #samples(): Promise<string[]> {
    try {
      const rows = await this.rows<{ sample: string }>(
        "SELECT sample FROM samples ORDER BY ordinal",
      );
      return rows.map(({ sample }) => sample);
    } catch (error) {
      throw await this.#failure(error);
    }
  }

  async #textOf(file: string, signal: AbortSignal | undefined): Promise<string> {
    // To read the database in this process would end DuckDB's lock of it.
    if (isFileOf(this.rights.database, file)) {
      throw new InputError("this is the open database, which SQL asks already", { file });
    }
    return await readText(file, signal);
  }

  async #give(
    name: string,
    table: Pick<TextTable, "columns" | "rows">,
    file: string,
    options: { hides?: boolean; signal?: AbortSignal },
  ): Promise<void> {
    try {
      await this.#wait(this.temporary.addTable(this.connection, name, table, options));
    } catch (error) {
      options.signal?.throwIfAborted();
      if (error instanceof Matrix2vcfError) throw error;
      throw machineReason(error) ? databaseError(error, file) : statementError(error);
    }
  }

  /**
   * Makes the views and macros of populations as temporary ones, where the table is of a version that
   * kept none; a table of populations that a user has made there stays. A database that this program
   * did not make goes without.
   */
  async #addPopulationViews(): Promise<void> {
    const [{ known }] = await this.rows<{ known: bigint }>(HAS_POPULATION_VIEWS);
    if (known > 0n) return;
    const features = await this.rows<{ feature: string }>(SELECT_FEATURES).catch(() => []);
    const extras = extrasOfFeatures(features.map(({ feature }) => feature));
    const [{ own }] = await this.rows<{ own: bigint }>(HAS_POPULATIONS_TABLE);
    await this.temporary.addViews(this.connection, temporaryPopulationViews(extras, own > 0n))
      .catch(() => {});
  }

  /**
   * Runs one statement.
   *
   * @param values Values of its parameters `$1`, `$2`, ...
   * @throws {StatementError} DuckDB's error.
   * @throws {InputError} The statement is refused.
   * @throws {InterruptedError} {@linkcode interrupt} was called meanwhile.
   */
  async run(statement: string, values: readonly SqlParameter[] = []): Promise<StatementResult> {
    this.#interrupted = false;
    try {
      this.temporary.check(statement);
      const allowed = await this.#wait(prepareAllowed(this.connection, statement, this.rights));
      if (this.#interrupted) throw new InterruptedError();
      if (values.length > 0) allowed.prepared.bind([...values]);
      const started = await this.#start(allowed.prepared);
      if (allowed.prepared.statementType === StatementType.ATTACH) {
        await this.#wait(refuseStoredCalls(this.connection));
      }
      // A statement that needs values could not be run again by its text alone.
      const repeatable = allowed.repeatable && values.length === 0;
      return describe(started.result, this.#stream({ ...allowed, repeatable }, started));
    } catch (error) {
      throw await this.#failure(error);
    }
  }

  /** Returns all rows of a small result, as plain values. */
  async rows<Row>(sql: string): Promise<Row[]> {
    const reader = await this.connection.runAndReadAll(sql);
    return reader.getRowObjectsJS() as Row[];
  }

  /**
   * Makes sure that this program understands the table.
   *
   * @throws {InputError} It does not; the message says what to do.
   */
  async checkSchema(file: string): Promise<void> {
    const ask = async (sql: string) => {
      const reader = await this.connection.runAndReadAll(sql);
      return reader.getRowsJS()[0] as SchemaRow;
    };
    checkSchema(await askSchema(ask), file);
  }

  /** Stops the running statement, which then throws an {@linkcode InterruptedError}. */
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
   * Starts a statement. A stream that fails looks like one that ends, but also breaks its
   * transaction. So a query gets a transaction of its own, unless the user has begun one, which
   * tells afterwards.
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
    // Each chunk is asked for before the one before it is used, so that DuckDB works meanwhile.
    const ask = () => {
      const chunk = result.fetchChunk();
      chunk.catch(() => {});
      return chunk;
    };
    let next = ask();
    try {
      while (true) {
        const chunk = await this.#wait(next);
        if (!chunk || chunk.rowCount === 0) break;
        next = ask();
        yield chunk;
      }
      whole = await this.#tryRun("SELECT 1");
    } finally {
      await next.catch(() => {});
      if (own) await this.#tryRun(whole ? "COMMIT" : "ROLLBACK");
    }
    if (whole && !this.#interrupted) return;
    if (this.#interrupted) throw new InterruptedError();
    throw repeatable ? await this.#explain(text) : brokenOff();
  }

  /**
   * Finds out why a stream broke, by running the query again; its rows and effects are thrown away.
   */
  async #explain(query: string): Promise<Error> {
    const own = await this.#tryRun("BEGIN TRANSACTION");
    try {
      await this.#wait(this.connection.run(`EXPLAIN ANALYZE\n${query}`));
    } catch (error) {
      return await this.#failure(error, 1);
    } finally {
      if (own) await this.#tryRun("ROLLBACK");
    }
    return brokenOff();
  }

  /**
   * Returns the error to throw for one of DuckDB's. DuckDB compares a text with a number as
   * numbers, which fails at the first contig that is none; it does not know what to do about it.
   */
  async #failure(error: unknown, linesBefore = 0): Promise<Error> {
    if (this.#interrupted) return new InterruptedError();
    const failure = this.#fileFailure(error) ?? statementError(error, linesBefore);
    const text = failure instanceof StatementError && NO_NUMBER.exec(failure.detail)?.[1];
    if (!text || !await this.#tryRun(`${SELECT_CONTIG} = ${literal(text)}`)) return failure;
    const what = `'${text}' is a contig, and CHROM is text: write CHROM = '1', or ` +
      "CHROM = CAST(number AS VARCHAR)";
    return new StatementError(`${failure.detail}; ${what}`, failure.excerpt);
  }

  /** Returns a failure of the machine, or of a damaged table, as an error about a file. */
  #fileFailure(error: unknown): Error | undefined {
    // A statement may name files that are not there; only the database must be.
    if (machineReason(error)) return databaseError(error, this.path) as Error;
    const failure = tableError(error, this.path);
    return failure !== error && failure instanceof InputError ? failure : undefined;
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

  /** Stops the running statement, then closes. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.connection.interrupt();
    await this.#running;
    this.connection.closeSync();
    if (!this.wakeUps) return;
    this.instance.closeSync();
    this.wakeUps[Symbol.dispose]();
  }
}

/**
 * Returns DuckDB's settings for a session; `temp_directory` must precede `enable_external_access`.
 */
function sessionConfig(
  { write = false, external = false, temporary = "", memory, threads }: SessionOptions,
): Record<string, string> {
  return {
    access_mode: write ? "READ_WRITE" : "READ_ONLY",
    temp_directory: temporary,
    ...memory === undefined ? {} : { memory_limit: `${Math.floor(memory / 1024)}KiB` },
    ...threads === undefined ? {} : { threads: String(threads) },
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    enable_external_access: String(external),
    lock_configuration: "true",
  };
}

function openingError(error: unknown, path: string): Error {
  const known = tableError(error, path);
  if (known instanceof Matrix2vcfError) return known;
  return new InputError(`the database cannot be opened (${firstLine(error)})`, { file: path });
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

/** Makes sure that a path is a file: DuckDB would make a missing one, and wait for a pipe. */
async function checkDatabaseFile(path: string): Promise<void> {
  if (path === "-") {
    throw new InputError("a table is read from its file: give its path", { file: path });
  }
  try {
    const info = await Deno.stat(path);
    if (!info.isFile) throw new InputError("this is not a file", { file: path });
    refuseForeign(path);
  } catch (error) {
    throw fileError(error, path);
  }
}

/** Matches DuckDB's message about a text that is no number. */
const NO_NUMBER = /Could not convert string ["'](.*?)["'] to (?:U?INT|DOUBLE|FLOAT|DECIMAL)/;
/** The beginning of a query that fails unless there is a contig of a name. */
const SELECT_CONTIG = "SELECT if(count(*) > 0, true, error('none')) FROM contigs WHERE name";

function brokenOff(): StatementError {
  return new StatementError("the query broke off before its end", "");
}

/**
 * Returns DuckDB's message in one line, with the place in the statement that it points at.
 *
 * @param linesBefore Number of lines that were put before the user's statement.
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
