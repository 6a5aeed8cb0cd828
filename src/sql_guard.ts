/**
 * What the SQL shell refuses although DuckDB would do it: `lock_configuration` locks settings, but not
 * the statements and functions that change them in another way.
 *
 * @module
 */
import { StatementType } from "@duckdb/node-api";
import { InputError } from "./errors.ts";
import { codeOf } from "./sql_text.ts";

const EXTENSIONS: ReadonlySet<StatementType> = new Set([
  StatementType.LOAD,
  StatementType.EXTENSION,
  StatementType.UPDATE_EXTENSIONS,
]);
const SETTINGS: ReadonlySet<StatementType> = new Set([
  StatementType.SET,
  StatementType.VARIABLE_SET,
]);
/** Functions that change what the whole instance does. */
const SETTING_FUNCTIONS = /\b(?:enable|disable)_\w+\s*\(|\btruncate_duckdb_logs\s*\(/i;

/**
 * Refuse a statement that would change a setting or load an extension.
 *
 * @param statement Its text.
 * @param type Its type, as DuckDB understood it.
 * @throws {InputError} It is refused.
 */
export function guard(statement: string, type: StatementType): void {
  const code = codeOf(statement);
  if (EXTENSIONS.has(type)) refuse("extensions cannot be installed or loaded");
  if (SETTINGS.has(type) && !/^(?:SET|RESET)\s+VARIABLE\b/i.test(code)) {
    refuse("settings are locked; SET VARIABLE is for values of your own");
  }
  if (type === StatementType.PRAGMA || SETTING_FUNCTIONS.test(code)) {
    refuse("settings are locked");
  }
}

function refuse(why: string): never {
  throw new InputError(`Permission Error: ${why}`);
}
