/**
 * Reads SQL as DuckDB does, to find where a statement ends, and what is a comment. It knows
 * literals, quoted names and comments, and leaves all else to DuckDB.
 *
 * @module
 */

/** A piece of SQL; `code` is everything that is of no other kind. */
interface Piece {
  kind: "code" | "literal" | "name" | "comment" | "end";
  text: string;
  /** True where its end, such as the closing quote, is missing. */
  open?: boolean;
}

/** Matches what may begin a piece that is not plain code. */
const OPENING = /--|\/\*|['";]|\$(?:[A-Za-z_\x80-\uffff][\w\x80-\uffff]*)?\$/g;
/** Characters beyond ASCII that are blanks to DuckDB. All others beyond ASCII belong to names. */
const BLANKS = /[\xa0\u2000-\u200d\u202f\u205f\u2060\u3000\ufeff]/g;
/** Matches a name at the end of a text; a dollar in a name opens no literal. */
const NAME_AT_END = /[A-Za-z_\x80-\uffff][\w$\x80-\uffff]*$/;
/** Matches the gap between literals on successive lines, which are one literal. */
const CONTINUATION = /'(?:[ \t\f]|--[^\r\n]*)*[\r\n](?:[ \t\f\r\n]|--[^\r\n]*[\r\n])*'/y;

/** Yields the pieces of a text, from its begin to its end. */
export function* pieces(sql: string): Generator<Piece> {
  let from = 0;
  const code = (to: number): Piece => ({ kind: "code", text: sql.slice(from, to) });
  const opening = new RegExp(OPENING);
  for (let found = opening.exec(sql); found; found = opening.exec(sql)) {
    const special = specialAt(sql, from, found.index, found[0]);
    if (!special) {
      opening.lastIndex = found.index + 1;
      continue;
    }
    yield code(found.index);
    yield special;
    from = opening.lastIndex = found.index + special.text.length;
  }
  yield code(sql.length);
}

/** Returns the piece that an opening begins, if it does; the code before it starts at `from`. */
function specialAt(sql: string, from: number, at: number, opening: string): Piece | undefined {
  const upTo = (kind: Piece["kind"], end: number): Piece => ({
    kind,
    text: sql.slice(at, end < 0 ? undefined : end),
    open: end < 0,
  });
  const start = at + opening.length;
  switch (opening[0]) {
    case ";":
      return upTo("end", start);
    case "-":
      return { kind: "comment", text: sql.slice(at).match(/^[^\r\n]*/)![0] };
    case "/":
      return upTo("comment", closingComment(sql, start));
    case '"':
      return upTo("name", closing(sql, start, '"'));
    case "'": {
      const prefix = lastName(sql.slice(from, at));
      return upTo("literal", closing(sql, start, "'", prefix === "e" || prefix === "E"));
    }
    default: {
      if (lastName(sql.slice(from, at)) !== "") return undefined;
      const end = sql.indexOf(opening, start);
      return upTo("literal", end < 0 ? end : end + opening.length);
    }
  }
}

/** Returns the name that a piece of code ends with, which may be empty. */
function lastName(code: string): string {
  return NAME_AT_END.exec(code.replace(BLANKS, " "))?.[0] ?? "";
}

/**
 * Returns the end (exclusive) of what began before `from`, or -1. A doubled quote is part of the
 * text.
 */
function closing(sql: string, from: number, quote: string, escapes = false): number {
  for (let at = from; at < sql.length; at++) {
    if (escapes && sql[at] === "\\") at++;
    else if (sql[at] === quote) {
      CONTINUATION.lastIndex = at;
      const more = quote === "'" ? CONTINUATION.exec(sql)?.[0] : undefined;
      if (sql[at + 1] === quote) at++;
      else if (more) at += more.length - 1;
      else return at + 1;
    }
  }
  return -1;
}

/** Returns the end (exclusive) of a comment, or -1. Comments between slashes and stars nest. */
function closingComment(sql: string, from: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = from;
  for (let depth = 1, found = mark.exec(sql); found; found = mark.exec(sql)) {
    depth += found[0] === "/*" ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return -1;
}

/** The statements of a text, and what is left of it. */
export interface SplitSql {
  /** Whole statements, without their semicolons. */
  statements: string[];
  /** The text after the last semicolon; empty if it has only comments and blanks. */
  rest: string;
}

/**
 * Splits a text at the semicolons that end statements.
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
      const code = piece.kind === "code" ? piece.text.replace(BLANKS, " ") : piece.text;
      if (piece.kind !== "comment" ? code.trim() : piece.open) blank = false;
      continue;
    }
    if (!blank) statements.push(text.trim());
    text = "";
    blank = true;
  }
  return { statements, rest: blank ? "" : text };
}

/** Replaces comments and blanks beyond ASCII by spaces, so that the statement keeps its length. */
export function withoutComments(statement: string): string {
  return [...pieces(statement)].map(({ kind, text, open }) => {
    if (kind === "code") return text.replace(BLANKS, " ");
    return kind === "comment" && !open ? text.replace(/[^\r\n]/gu, " ") : text;
  }).join("");
}
