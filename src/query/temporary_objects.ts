/**
 * Makes what a session has beside the table, in each connection: views and macros that the table does
 * not keep, and tables of the user's own. The program has read these, so that SQL needs no access to
 * files. Their rows lie in a database in memory, which all connections of an instance share, and each
 * connection has temporary views of them.
 *
 * @module
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import { InputError, UsageError } from "../base/errors.ts";
import { printable, steers } from "../base/text.ts";
import { folded, identifier } from "../table/quote.ts";
import type { TextTable } from "./text_table.ts";

/** Rows that are taken without a look at what else happens. */
const ROWS_AT_A_TIME = 10_000;

/** How the names of the databases in memory begin; the rest is by chance, so that no file has it. */
export const GIVEN = "given_tables_";

/** The temporary objects of all connections of an instance. */
export class TemporaryObjects {
  /** Names of the tables, and whether they hide some of the database. */
  readonly #tables: { name: string; hides: boolean }[] = [];
  readonly #database = GIVEN + crypto.randomUUID().replaceAll("-", "");
  #views = "";

  /** Makes views and macros by statements of `CREATE TEMP`: all of them, or none. */
  async addViews(connection: DuckDBConnection, statements: string): Promise<void> {
    await connection.run("BEGIN TRANSACTION");
    try {
      await connection.run(statements);
      await connection.run("COMMIT");
    } catch (error) {
      await connection.run("ROLLBACK");
      throw error;
    }
    this.#views += statements;
  }

  /**
   * Refuses statements about the database in memory, which all connections have in common.
   *
   * @throws {InputError} It names that database.
   */
  check(statement: string): void {
    if (!statement.toLowerCase().includes(this.#database)) return;
    throw new InputError("Permission Error: tables of your own are asked by their names alone");
  }

  /**
   * Brings a table in, in the place of an earlier one of that name.
   *
   * @param options `hides` where it hides a table of the database; `signal` ends the wait.
   * @throws {UsageError} There can be no table of that name.
   * @throws {InputError} The database has a table of that name.
   */
  async addTable(
    connection: DuckDBConnection,
    name: string,
    { columns, rows }: Pick<TextTable, "columns" | "rows">,
    { hides = false, signal }: { hides?: boolean; signal?: AbortSignal } = {},
  ): Promise<void> {
    checkName(name);
    const known = this.#tables.find((table) => folded(table.name) === folded(name));
    if (!hides && (!known || known.hides)) await refuseKnown(connection, name);
    const shape = columns.map(({ name, kind }) => `${identifier(name)} ${kind}`).join(", ");
    await connection.run(
      `ATTACH IF NOT EXISTS ':memory:' AS ${identifier(this.#database)} (READ_WRITE)`,
    );
    await connection.run(`CREATE OR REPLACE TABLE ${this.#placeOf(name)} (${shape})`);
    const appender = await connection.createAppender(name, "main", this.#database);
    try {
      let count = 0;
      for (const row of rows()) {
        // Signals are heard between rows only.
        if (++count % ROWS_AT_A_TIME === 0) await new Promise((resolve) => setTimeout(resolve));
        signal?.throwIfAborted();
        for (const value of row) {
          // DuckDB casts a text to the kind of the column.
          if (value === null) appender.appendNull();
          else appender.appendVarchar(value);
        }
        appender.endRow();
      }
    } finally {
      appender.closeSync();
    }
    if (!known) this.#tables.push({ name, hides });
    await this.#showIn(connection, name);
  }

  /** Makes all of them in another connection. */
  async makeIn(connection: DuckDBConnection): Promise<void> {
    if (this.#views !== "") await connection.run(this.#views);
    for (const { name } of this.#tables) await this.#showIn(connection, name);
  }

  #placeOf(name: string): string {
    return `${identifier(this.#database)}.main.${identifier(name)}`;
  }

  async #showIn(connection: DuckDBConnection, name: string): Promise<void> {
    await connection.run(
      `CREATE OR REPLACE TEMP VIEW ${identifier(name)} AS FROM ${this.#placeOf(name)}`,
    );
  }
}

function checkName(name: string): void {
  if (name.trim() !== "" && !steers(name)) return;
  throw new UsageError(`'${printable(name)}' is no name for a table`);
}

async function refuseKnown(connection: DuckDBConnection, name: string): Promise<void> {
  const found = await connection.runAndReadAll("SELECT table_name FROM information_schema.tables");
  if (!found.getRows().some(([known]) => folded(known as string) === folded(name))) return;
  throw new InputError(`there is a table '${printable(name)}' already; choose another name`);
}
