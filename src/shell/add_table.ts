/**
 * Brings a table of the user's own into the shell.
 *
 * @module
 */
import { inputName } from "../base/files.ts";
import { printable } from "../base/text.ts";
import type { SqlSession } from "../query/sql_session.ts";

/** Reads a table from a file, and says so where its columns have no names. */
export async function addTable(
  session: SqlSession,
  name: string,
  file: string,
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  if (await session.addTable(name, inputName(file), signal)) return;
  say(
    `note: ${
      printable(file, 200)
    } has no header, as its first line has a number; its columns are ` +
      "column0, column1, ...",
  );
}
