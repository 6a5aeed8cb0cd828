/**
 * Prepares statements that are allowed, and no others. DuckDB's own parser tells how many
 * statements a text has, and of which type. When one is refused, nothing has run.
 *
 * @module
 */
import {
  type DuckDBConnection,
  type DuckDBPreparedStatement,
  StatementType,
} from "@duckdb/node-api";
import { InputError } from "../base/errors.ts";
import { printable } from "../base/text.ts";
import { identifier } from "../table/quote.ts";
import { checkText, checkType, forbiddenCall, isQuery, type SqlRights } from "./sql_rules.ts";

/** A statement that may run. */
export interface AllowedStatement {
  prepared: DuckDBPreparedStatement;
  /** The text that was prepared. */
  text: string;
  /** True where it may be run again, to find out why it failed. */
  repeatable: boolean;
}

/**
 * Prepares a statement.
 *
 * @throws {InputError} It is refused.
 */
export async function prepareAllowed(
  connection: DuckDBConnection,
  statement: string,
  rights: SqlRights,
): Promise<AllowedStatement> {
  const { text, query } = checkText(statement, rights);
  const { count, prepared } = await prepareLast(connection, text, rights);
  if (query !== undefined) {
    const alone = await prepareLast(connection, query, rights);
    if (alone.count > 1 || alone.prepared.statementType !== StatementType.SELECT) refuse();
  }
  return { prepared, text, repeatable: count === 1 };
}

/**
 * Detaches and refuses databases whose views or macros call a function that no statement may call.
 *
 * @throws {InputError} There is one.
 */
export async function refuseStoredCalls(connection: DuckDBConnection): Promise<void> {
  const stored = await connection.runAndReadAll(`
SELECT database_name, view_name, sql FROM duckdb_views() WHERE NOT internal
UNION ALL SELECT database_name, function_name, macro_definition FROM duckdb_functions()
WHERE NOT internal AND macro_definition IS NOT NULL`);
  for (const [database, name, text] of stored.getRows() as string[][]) {
    const call = forbiddenCall(text);
    if (call === undefined) continue;
    await connection.run("ROLLBACK").catch(() => {});
    await connection.run(`DETACH DATABASE IF EXISTS ${identifier(database)}`).catch(() => {});
    throw new InputError(
      `Permission Error: '${printable(name)}' of '${printable(database)}' calls the function ` +
        `'${call}', which is not allowed`,
    );
  }
}

/**
 * Prepares the one statement of a text. DuckDB splits PIVOT into new types and a query that uses
 * them.
 */
async function prepareLast(
  connection: DuckDBConnection,
  text: string,
  rights: SqlRights,
): Promise<{ count: number; prepared: DuckDBPreparedStatement }> {
  const statements = await connection.extractStatements(text);
  const { count } = statements;
  for (let index = 0;; index++) {
    const prepared = await statements.prepare(index);
    const type = prepared.statementType;
    checkType(type, rights);
    if (index === count - 1) {
      if (count > 1 && type !== StatementType.SELECT) refuse();
      return { count, prepared };
    }
    // Only a text that begins as a query may create, as all that it can create is PIVOT's types.
    if (!isQuery(text) || type !== StatementType.CREATE) refuse();
    await prepared.run();
  }
}

function refuse(): never {
  throw new InputError(
    "Permission Error: this is not one statement of a kind that is allowed here",
  );
}
