/**
 * A table that several threads open by its name, one after the other, while others may take the name.
 *
 * @module
 */
import { Database } from "./database.ts";
import type { DatabaseLimits } from "./database_limits.ts";
import { InputError } from "./errors.ts";
import { fileState } from "./file_state.ts";

/** A database file as it was when its summary was read; plain data, for `postMessage`. */
export interface PinnedTable {
  path: string;
  /** {@linkcode fileState} of the file. */
  state: string | undefined;
}

/** Remembers which file stands at a path. */
export function pinTable(path: string): PinnedTable {
  return { path, state: fileState(path) };
}

/**
 * Opens a table for reading, and makes sure that it is the one that was pinned. DuckDB lets nobody
 * write to it from then on.
 *
 * @throws {InputError} Another table stands there, or the table was written to.
 */
export async function openPinned(table: PinnedTable, limits: DatabaseLimits): Promise<Database> {
  checkPinned(table);
  const database = await Database.openReadOnly(table.path, limits);
  try {
    checkPinned(table);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function checkPinned({ path, state }: PinnedTable): void {
  if (fileState(path) === state) return;
  throw new InputError("the database changed while it was read; run again", { file: path });
}
