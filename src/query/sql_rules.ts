/**
 * Decides by an allow list what SQL may do in a session. DuckDB's own settings do not suffice: they
 * leave ways to the files of the open database, extensions, logs and profiles.
 *
 * Text is judged before DuckDB prepares it, as preparing some statements writes already; the type
 * that DuckDB finds is judged before the statement runs. The text that is judged is the text that
 * runs, without comments, so that it does not matter where one ends.
 *
 * @module
 */
import { StatementType } from "@duckdb/node-api";
import { refuseFilesOf } from "../table/database_files.ts";
import { InputError } from "../base/errors.ts";
import { withoutComments } from "./sql_text.ts";

/** The open database, and what SQL may do besides reading it. */
export interface SqlRights {
  /** Path of the open database. */
  database: string;
  /** True where SQL may change it. */
  write: boolean;
  /** True where SQL may read and write other files. */
  external: boolean;
}

/** A statement whose text is allowed. */
export interface CheckedSql {
  /** The text to run. */
  text: string;
  /** A part of it that must be one query when it stands alone. */
  query?: string;
}

/**
 * Phrases that begin statements: of queries, of other statements for all, of those of `--write`.
 */
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

/** The pattern of a name, in quotes or without. */
const NAME = String.raw`(?:[\w\x80-\uffff]+|"(?:[^"]|"")*")`;
const EXPLAIN = /^EXPLAIN\b(\s+ANALY[SZ]E\b|\s*\(\s*(?:ANALY[SZ]E|FORMAT)\b[^()]*\))?\s*/i;
const PREPARE = new RegExp(String.raw`^PREPARE\s+${NAME}\s*AS\b\s*`, "i");

/**
 * The pattern of a path that can be judged before the statement runs, and of the options after it.
 */
const TARGET = String.raw`(?<target>'(?<path>(?:[^']|'')*)'(?:\s*AS\s+${NAME})?` +
  String.raw`(?<options>[\s\w]*|\s*(?:WITH\s*)?\((?:[^()']|'[^']*'|\([^()']*\))*\)\s*))$`;
const COLUMNS = String.raw`(?:[\w\s,\x80-\uffff]|"[^"]*")`;
/** Patterns of the statements that name a file. */
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
  // To DuckDB, CHECKPOINT is a CALL.
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
 * Functions that change what the whole instance does, or that run text which nobody has judged.
 * They are refused in comments and literals, too: one refusal too many is better than one too few.
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
  // Blanks before the code stay, as DuckDB's errors tell the place of a mistake.
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
 * Judges the type that DuckDB gives a statement.
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
 * Judges EXPLAIN. Without ANALYZE nothing runs, but a statement that is refused is not explained,
 * either: DuckDB makes some folders when it plans. A parenthesis may hold options, such as ANALYZE.
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
  // The line break ends a comment that DuckDB may see at the end of the query.
  return query === undefined ? { text: code } : { text: `COPY (${query}\n) TO ${target}`, query };
}

/**
 * Refuses patterns of file names, as names that COPY makes of them could lead out of the folder.
 */
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
