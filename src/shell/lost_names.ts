/**
 * Says where a statement has a haplotype's name as a constant, which names a column only in double
 * quotes.
 *
 * @module
 */
import { printable } from "../base/text.ts";
import type { SqlSession } from "../query/sql_session.ts";
import { type Constant, suspiciousConstants } from "../query/suspicious_constants.ts";
import { identifier, literal } from "../table/quote.ts";

/** Most names that are told of a statement. */
const MOST_NOTES = 3;

/** Returns a note, of one line, for each name that a statement lost. */
export async function lostNames(session: SqlSession, statement: string): Promise<string[]> {
  const constants = new Map(
    suspiciousConstants(statement).map((constant) => {
      return [constant.kind + constant.name, constant];
    }),
  );
  if (constants.size === 0) return [];
  const names = await columnsNamed(session, [...constants.values()].map(({ name }) => name));
  return [...constants.values()].flatMap((constant) => {
    const column = names.get(constant.name) ?? names.get(constant.name.toLowerCase());
    return column === undefined && constant.kind !== "number and name"
      ? []
      : [note(constant, column)];
  }).slice(0, MOST_NOTES);
}

/** Returns columns of the view `matrix` by the names of haplotypes, as they are and in lower case. */
async function columnsNamed(
  session: SqlSession,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const texts = names.map((name) => `lower(${literal(name)})`).join(", ");
  try {
    const rows = await session.rows<{ name: string; column: string }>(
      `SELECT name, view_column AS "column" FROM haplotypes WHERE lower(name) IN (${texts})`,
    );
    return new Map(
      rows.flatMap(({ name, column }) => [[name.toLowerCase(), column], [name, column]]),
    );
  } catch {
    // A database that this program did not make.
    return new Map();
  }
}

function note({ kind, name }: Constant, column: string | undefined): string {
  const shown = printable(name), quoted = printable(identifier(column ?? name));
  const what = column === undefined
    ? `a name that begins with a digit needs double quotes: ${quoted}`
    : `the haplotype is ${quoted}, with double quotes`;
  if (kind === "text") return `note: '${shown}' is a text in SQL; ${what}`;
  if (kind === "number") return `note: ${shown} is a number in SQL; ${what}`;
  const [, number, rest] = /^(\d+)(.*)$/.exec(name)!;
  return `note: ${shown} is the number ${number} under the name ${printable(rest)} in SQL; ${what}`;
}
