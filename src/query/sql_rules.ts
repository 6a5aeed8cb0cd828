/**
 * What SQL may do in a session: an allow list. DuckDB's own settings do not suffice, as they leave the
 * files of the open database, extensions, logs and profiles to whoever asks in the right way.
 *
 * Text is judged before DuckDB prepares it, since preparing some statements writes already; what
 * DuckDB makes of it is judged before it runs. The text that is judged is the text that runs, without
 * comments, so that it does not matter where one ends.
 *
 * @module
 */
import { StatementType } from "@duckdb/node-api";
import { refuseFilesOf } from "../table/database_files.ts";
import { InputError } from "../base/errors.ts";
import { withoutComments } from "./sql_text.ts";

/** What SQL may do besides reading the open database. */
export interface SqlRights {
  /** Path of the open database. */
  database: string;
  /** May SQL change it? */
  write: boolean;
  /** May SQL read and write other files? */
  external: boolean;
}

/** A statement whose text is allowed. */
export interface CheckedSql {
  /** What is to run. */
  text: string;
  /** A part of it that must be one query when it stands alone. */
  query?: string;
}

/** Statements begin with one of these phrases: queries, what anyone may do else, what `--write` adds. */
const QUERY = phrases("SELECT", "FROM", "WITH", "VALUES", "TABLE", "PIVOT\\w*", "UNPIVOT");
const OBJECT = "(?:TABLE|VIEW|MACRO|FUNCTION|SEQUENCE|TYPE|SCHEMA|INDEX)";
const READ = phrases(
  "(?:SHOW|DESC|DESCRIBE|SUMMARIZE|EXECUTE|DEALLOCATE)",
  "(?:BEGIN|START|COMMIT|END|ROLLBACK|ABORT)",
  "(?:SET|RESET) VARIABLE",
  "(?:INSERT|UPDATE|DELETE|TRUNCATE)",
  `CREATE (?:OR REPLACE )?(?:TEMP(?:ORARY)? )?(?:(?:RECURSIVE|UNIQUE) )?${OBJECT}`,
  `DROP ${OBJECT}`,
);
const WRITE = phrases(
  "(?:MERGE|VACUUM|ANALYZE)",
  "ALTER (?:TABLE|VIEW|SEQUENCE)",
  "COMMENT ON",
  "(?:FORCE )?CHECKPOINT(?=\\s*$)",
);

function phrases(...list: string[]): RegExp {
  const words = list.map((phrase) => phrase.replaceAll(" ", "\\s+") + "(?!\\w)");
  return new RegExp(`^(?:${words.join("|")})`, "i");
}

/** A name, in quotes or without. */
const NAME = String.raw`(?:[\w\x80-\uffff]+|"(?:[^"]|"")*")`;
const EXPLAIN = /^EXPLAIN\b(\s+ANALY[SZ]E\b|\s*\(\s*(?:ANALY[SZ]E|FORMAT)\b[^()]*\))?\s*/i;
const PREPARE = new RegExp(String.raw`^PREPARE\s+${NAME}\s*AS\b\s*`, "i");

/** A path that can be judged before the statement runs, and the options of the statement. */
const TARGET = String.raw`(?<target>'(?<path>(?:[^']|'')*)'(?:\s*AS\s+${NAME})?` +
  String.raw`(?<options>[\s\w]*|\s*(?:WITH\s*)?\((?:[^()']|'[^']*'|\([^()']*\))*\)\s*))$`;
const COLUMNS = String.raw`(?:[\w\s,\x80-\uffff]|"[^"]*")`;
/** Statements that name a file. */
const FILES = [
  String.raw`^COPY\s*\((?<query>[^]*)\)\s*TO\s*`,
  String.raw`^COPY\s+${NAME}(?:\s*\.\s*${NAME})*\s*(?:\(${COLUMNS}*\)\s*)?(?:TO|FROM)\s*`,
  String.raw`^EXPORT\s+DATABASE\s*(?:${NAME}\s+TO\s*)?`,
  String.raw`^ATTACH\s*(?:DATABASE\b\s*)?(?:IF\s+NOT\s+EXISTS\s*)?`,
].map((form) => new RegExp(form + TARGET, "i"));

const TYPES: Readonly<Record<"read" | "write" | "external", readonly StatementType[]>> = {
  read: [
    StatementType.SELECT,
    StatementType.EXPLAIN,
    StatementType.PREPARE,
    StatementType.EXECUTE,
    StatementType.TRANSACTION,
    StatementType.SET,
    StatementType.VARIABLE_SET,
    StatementType.CREATE,
    StatementType.INSERT,
    StatementType.UPDATE,
    StatementType.DELETE,
    StatementType.DROP,
  ],
  // CHECKPOINT is a CALL for DuckDB.
  write: [
    StatementType.CALL,
    StatementType.ALTER,
    StatementType.MERGE_INTO,
    StatementType.VACUUM,
    StatementType.ANALYZE,
  ],
  external: [
    StatementType.COPY,
    StatementType.EXPORT,
    StatementType.ATTACH,
    StatementType.DETACH,
  ],
};

/**
 * Functions that change what the whole instance does, or that run text which nobody has seen. They are
 * found in comments and literals too: better one too many than one that hides.
 */
const FUNCTIONS = new RegExp(
  String.raw`\b(arrow_scan\w*|(?:force_)?checkpoint|(?:enable|disable)_\w+|` +
    String
      .raw`json_(?:execute_serialized_sql|serialize_plan)|query|truncate_duckdb_logs|write_log)` +
    String.raw`"?[^\x21-\x7e]*(?:\(|--|/\*)`,
  "i",
);

/**
 * Judges the text of a statement.
 *
 * @throws {InputError} It is refused.
 */
export function checkText(statement: string, rights: SqlRights): CheckedSql {
  const text = withoutComments(statement), code = text.trimStart();
  const call = forbiddenCall(text);
  if (call !== undefined) refuse(`the function '${call}' is not allowed`);
  if (text.includes("\0")) refuse("a statement cannot hold a NUL");
  if (code === "") throw new InputError("there is no statement");
  if (isQuery(code) || READ.test(code)) return { text };
  if (rights.write && WRITE.test(code)) return { text };
  const part = explained(code, rights) ?? prepared(code) ??
    (rights.external ? onOtherFiles(code, rights) : undefined);
  if (!part) refuse(whyNot(code, rights));
  // DuckDB says where a mistake is: what stands before the code counts.
  return { ...part, text: text.slice(0, -code.length) + part.text };
}

/** Returns the name of a function that a text seems to call, and must not. */
export function forbiddenCall(text: string): string | undefined {
  return FUNCTIONS.exec(text)?.[1];
}

/** Tells whether a text begins as a query does; what precedes it may be blanks. */
export function isQuery(text: string): boolean {
  return QUERY.test(text.replace(/^[\s(]+/, ""));
}

/**
 * Judges what DuckDB makes of a statement.
 *
 * @throws {InputError} It is refused.
 */
export function checkType(type: StatementType, { write, external }: SqlRights): void {
  const types = [
    ...TYPES.read,
    ...write ? TYPES.write : [],
    ...external ? TYPES.external : [],
  ];
  if (!types.includes(type)) refuse(`this statement (${StatementType[type]}) is not allowed`);
}

/**
 * Judges EXPLAIN. Nothing runs without ANALYZE, but what would be refused is not explained either:
 * DuckDB makes some folders when it plans. A parenthesis may be options, ANALYZE among them.
 */
function explained(code: string, rights: SqlRights): CheckedSql | undefined {
  const match = EXPLAIN.exec(code);
  if (!match) return undefined;
  const query = code.slice(match[0].length);
  if (match[1] === undefined && /^[a-z]/i.test(query)) {
    return { ...checkText(query, rights), text: code };
  }
  if (!isQuery(query)) refuse("EXPLAIN with ANALYZE or options is for queries");
  return { text: code, query };
}

function prepared(code: string): CheckedSql | undefined {
  const match = PREPARE.exec(code);
  if (!match) return undefined;
  const query = code.slice(match[0].length);
  if (!isQuery(query)) refuse("PREPARE is for queries");
  return { text: code, query };
}

/** Judges the statements that name other files. */
function onOtherFiles(code: string, { database }: SqlRights): CheckedSql | undefined {
  if (/^DETACH\b/i.test(code)) return { text: code };
  const groups = FILES.map((form) => form.exec(code)?.groups).find((groups) => groups);
  if (!groups) return undefined;
  const { query, target, path, options } = groups;
  refuseNamesOfFiles(options);
  refuseFilesOf(database, path.replaceAll("''", "'"));
  // Even if DuckDB sees a comment at the end of the query, it ends there.
  return query === undefined ? { text: code } : { text: `COPY (${query}\n) TO ${target}`, query };
}

/** Names that COPY gives to the files of a folder could lead out of it. */
function refuseNamesOfFiles(options: string): void {
  const plain = /(?:FILENAME_PATTERN|FILE_EXTENSION)\s*'[^'/\\]*'(?=\s*[,)])/gi;
  if (/FILENAME_PATTERN|FILE_EXTENSION/i.test(options.replaceAll(plain, ""))) {
    refuse("FILENAME_PATTERN and FILE_EXTENSION are plain names");
  }
}

function whyNot(code: string, { write, external }: SqlRights): string {
  const [word] = /^\w{0,20}/.exec(code.toUpperCase())!;
  if (/^(?:INSTALL|LOAD)$/.test(word)) return "extensions cannot be installed or loaded";
  if (/^(?:SET|RESET|PRAGMA|USE|CALL)$/.test(word)) {
    return "settings are locked; SET VARIABLE is for values of your own";
  }
  if (/^(?:COPY|EXPORT|ATTACH|DETACH)$/.test(word)) {
    return external
      ? `${word} needs the path of its file as a plain literal, and options in parentheses`
      : `${word} is for --external`;
  }
  if (!write && WRITE.test(code)) return `${word} is for --write`;
  return word === "" ? "this is no statement" : `this statement (${word}) is not allowed`;
}

function refuse(why: string): never {
  throw new InputError(`Permission Error: ${why}`);
}
