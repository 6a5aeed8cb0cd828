/**
 * Pins a table that several threads open by its name, one after the other, while other programs may
 * take the name.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import { fileState } from "../base/file_state.ts";

/** A database file as it was when its summary was read; plain data, for `postMessage`. */
export interface PinnedTable {
  path: string;
  /** {@linkcode fileState} of the file. */
  state: string | undefined;
}

/** Returns the table at a path, pinned as it is now. */
export function pinTable(path: string): PinnedTable {
  return { path, state: fileState(path) };
}

/**
 * Makes sure that a table is the one that was pinned.
 *
 * @throws {InputError} Another table stands there, or the table was written to.
 */
export function checkPinned({ path, state }: PinnedTable): void {
  if (fileState(path) === state) return;
  throw new InputError("the database changed while it was read; run again", { file: path });
}
