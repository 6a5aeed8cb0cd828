/**
 * SQL as text: where a statement ends, and its words. Knows literals, quoted names and comments, and
 * leaves all else to DuckDB.
 *
 * @module
 */

/** A piece of SQL; `code` is everything that is none of the others. */
interface Piece {
  kind: "code" | "literal" | "name" | "comment" | "end";
  text: string;
  /** Is its closing quote missing? */
  open?: boolean;
}

/** Every piece that is no plain code, at the place where the search stands. */
const PIECES: readonly [kind: Piece["kind"], start: RegExp, close: (start: string) => string][] = [
  ["comment", /--/y, () => "\n"],
  ["comment", /\/\*/y, () => "*/"],
  ["literal", /'/y, () => "'"],
  ["name", /"/y, () => '"'],
  ["literal", /\$(?:[A-Za-z_][A-Za-z_0-9]*)?\$/y, (start) => start],
];

function* pieces(sql: string): Generator<Piece> {
  let from = 0;
  const code = (to: number): Piece => ({ kind: "code", text: sql.slice(from, to) });
  for (let at = 0; at < sql.length;) {
    if (sql[at] === ";") {
      yield code(at);
      yield { kind: "end", text: ";" };
      from = ++at;
      continue;
    }
    const special = specialAt(sql, at);
    if (!special) {
      at++;
      continue;
    }
    yield code(at);
    yield special;
    from = at += special.text.length;
  }
  yield code(sql.length);
}

function specialAt(sql: string, at: number): Piece | undefined {
  for (const [kind, start, close] of PIECES) {
    start.lastIndex = at;
    const [opening] = start.exec(sql) ?? [];
    if (opening === undefined) continue;
    // `a$1$` is a name and no quote.
    if (opening[0] === "$" && /[\w$]/.test(sql[at - 1] ?? "")) continue;
    const escapes = opening === "'" && /(?:^|\W)[eE]$/.test(sql.slice(Math.max(0, at - 2), at));
    const end = closing(sql, at + opening.length, close(opening), escapes);
    const open = end < 0 && close(opening) !== "\n";
    return { kind, text: sql.slice(at, end < 0 ? undefined : end), open };
  }
  return undefined;
}

/** End (exclusive) of what began before `from`, or -1. A doubled quote stands for itself. */
function closing(sql: string, from: number, close: string, escapes: boolean): number {
  if (close === "*/") return closingComment(sql, from);
  for (let at = from; at < sql.length; at++) {
    if (escapes && sql[at] === "\\") at++;
    else if (sql.startsWith(close, at)) {
      const doubled = (close === "'" || close === '"') && sql[at + 1] === close;
      if (!doubled) return at + close.length;
      at++;
    }
  }
  return -1;
}

/** Comments between slashes and stars nest. */
function closingComment(sql: string, from: number): number {
  let depth = 1;
  for (const { 0: mark, index } of sql.slice(from).matchAll(/\/\*|\*\//g)) {
    depth += mark === "/*" ? 1 : -1;
    if (depth === 0) return from + index + 2;
  }
  return -1;
}

/** Statements of a text. */
export interface SplitSql {
  /** Whole statements, without their semicolons. */
  statements: string[];
  /** What follows the last semicolon; blank if nothing but comments and blanks does. */
  rest: string;
}

/**
 * Split a text at the semicolons that end statements.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { splitSql } from "./sql_text.ts";
 * const { statements, rest } = splitSql("SELECT ';'; -- one; two\nSELECT 2");
 * assert(statements.length === 1 && rest.endsWith("SELECT 2"));
 * ```
 */
export function splitSql(sql: string): SplitSql {
  const statements: string[] = [];
  let text = "", blank = true;
  for (const piece of pieces(sql)) {
    if (piece.kind !== "end") {
      text += piece.text;
      if (piece.kind !== "comment" ? piece.text.trim() : piece.open) blank = false;
      continue;
    }
    if (!blank) statements.push(text.trim());
    text = "";
    blank = true;
  }
  return { statements, rest: blank ? "" : text };
}

/** The code of a statement, its quoted names included, its literals and comments left out. */
export function codeOf(statement: string): string {
  return [...pieces(statement)].map(({ kind, text }) =>
    kind === "code" ? text : kind === "name" ? text.replaceAll('"', "") : " "
  ).join("").trim();
}
