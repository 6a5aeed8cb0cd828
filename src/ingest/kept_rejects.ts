/**
 * Keeps the bad rows of a kept table in it, so that a later run can write the same rejects file.
 *
 * @module
 */
import { Database } from "../table/database.ts";
import type { DatabaseLimits } from "../table/database_limits.ts";
import { InputError } from "../base/errors.ts";
import { collectGarbage } from "../threads/collect_garbage.ts";
import type { PinnedTable } from "../table/pinned_table.ts";
import { Rejects, REJECTS_HEADER } from "./rejects.ts";
import { selectRejects } from "../table/schema.ts";

/** Bytes of rows that are held at once, about, for writing and for reading. */
const BLOCK_BYTES = 1 << 20;
/** Bytes of a line number and a reason, about. */
const REASON_BYTES = 100;
/** Rows of a chunk of DuckDB. */
const MOST_ROWS = 2048;

/**
 * Copies a rejects file into the table `rejects`.
 *
 * @param database A new database, in which that table is empty.
 * @param path The rejects file, which must exist.
 */
export async function keepRejects(database: Database, path: string): Promise<void> {
  using file = Deno.openSync(path);
  const decoder = new TextDecoder(), buffer = new Uint8Array(BLOCK_BYTES);
  file.seekSync(REJECTS_HEADER.length, Deno.SeekMode.Start);
  let text = "";
  // Without a transaction, each block would wait for the disk.
  await database.run("BEGIN");
  for (let read; (read = file.readSync(buffer)) !== null;) {
    text += decoder.decode(buffer.subarray(0, read), { stream: true });
    const lines = text.split("\n");
    text = lines.pop()!;
    // Each call flushes at its end, so that DuckDB does not pile up the rows of many blocks.
    database.append("rejects", lines.map(cellsOf));
  }
  await database.run("COMMIT");
}

/** Returns line, reason and row; the row is the rest of the line, with all its TABs. */
function cellsOf(line: string): string[] {
  const reason = line.indexOf("\t") + 1, row = line.indexOf("\t", reason) + 1;
  return [line.slice(0, reason - 1), line.slice(reason, row - 1), line.slice(row)];
}

/**
 * Writes the rejects file of a kept table again.
 *
 * @param table The database.
 * @param count Number of bad rows, by the table's metadata.
 * @param rowBytes Bytes of a row of the matrix, about.
 * @param path Path of the file to make.
 * @throws {InputError} The rows are not there, as in a table of an earlier version.
 */
export async function restoreRejects(
  table: PinnedTable,
  { count, rowBytes, limits, path }: {
    count: number;
    rowBytes: number;
    limits: DatabaseLimits;
    path: string;
  },
): Promise<void> {
  using database = await Database.openPinned(table, limits);
  using rejects = new Rejects(path);
  // A chunk of DuckDB would hold 2,048 rows, which is too much of a wide matrix.
  const step = Math.floor(BLOCK_BYTES / (rowBytes + REASON_BYTES));
  const rows = Math.max(1, Math.min(MOST_ROWS, step));
  try {
    for (let after = 0, page; (page = await database.texts(selectRejects(after, rows))).length;) {
      for (const [line, reason, row] of page) rejects.write(line!, reason!, row!);
      after = Number(page.at(-1)![0]);
      collectGarbage(BLOCK_BYTES);
    }
  } catch (error) {
    if (!/rejects does not exist/.test((error as Error).message)) throw error;
  }
  if (rejects.count === count) return;
  throw new InputError(
    `the bad rows cannot be written again: the table says ${count}, and has ${rejects.count} ` +
      "of them; make it again from the matrix",
    { file: table.path },
  );
}
