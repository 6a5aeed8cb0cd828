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
import { identifier, literal } from "../table/quote.ts";
import type { TextTable } from "./text_table.ts";

/** Rows that are taken without a look at what else happens. */
const ROWS_AT_A_TIME = 10_000;

/** The name of the database in memory. */
export const GIVEN = "given_tables";

/** The temporary objects of all connections of an instance. */
export class TemporaryObjects {
  readonly #names: string[] = [];
  #views = "";

  /** Makes views and macros by statements of `CREATE TEMP`. */
  async addViews(connection: DuckDBConnection, statements: string): Promise<void> {
    await connection.run(statements);
    this.#views += statements;
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
    if (!hides && !this.#has(name)) await refuseKnown(connection, name);
    const shape = columns.map(({ name, kind }) => `${identifier(name)} ${kind}`).join(", ");
    await connection.run(
      `ATTACH IF NOT EXISTS ':memory:' AS ${identifier(GIVEN)} (READ_WRITE)`,
    );
    await connection.run(`CREATE OR REPLACE TABLE ${placeOf(name)} (${shape})`);
    const appender = await connection.createAppender(name, "main", GIVEN);
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
    if (!this.#has(name)) this.#names.push(name);
    await showIn(connection, name);
  }

  /** Makes all of them in another connection. */
  async makeIn(connection: DuckDBConnection): Promise<void> {
    if (this.#views !== "") await connection.run(this.#views);
    for (const name of this.#names) await showIn(connection, name);
  }

  #has(name: string): boolean {
    return this.#names.some((known) => known.toLowerCase() === name.toLowerCase());
  }
}

function placeOf(name: string): string {
  return `${identifier(GIVEN)}.main.${identifier(name)}`;
}

async function showIn(connection: DuckDBConnection, name: string): Promise<void> {
  await connection.run(
    `CREATE OR REPLACE TEMP VIEW ${identifier(name)} AS FROM ${placeOf(name)}`,
  );
}

function checkName(name: string): void {
  if (name.trim() !== "" && !steers(name)) return;
  throw new UsageError(`'${printable(name)}' is no name for a table`);
}

async function refuseKnown(connection: DuckDBConnection, name: string): Promise<void> {
  const found = await connection.runAndReadAll(
    `SELECT count(*) FROM information_schema.tables WHERE lower(table_name) = lower(${
      literal(name)
    })`,
  );
  if (Number(found.getRows()[0][0]) === 0) return;
  throw new InputError(`there is a table '${printable(name)}' already; choose another name`);
}
