/**
 * Tells by comparison whether a file is still the one that it was.
 *
 * @module
 */

/**
 * Returns the identity and state of the file at a path, as a text to be compared; undefined where
 * there is none. A link is followed. The change time of the inode is left out, as it changes when
 * the maker of a table removes the table's private name.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { fileState } from "./file_state.ts";
 * const file = await Deno.makeTempFile();
 * const before = fileState(file);
 * await Deno.writeTextFile(file, "more");
 * assert(fileState(file) !== before);
 * await Deno.remove(file);
 * assert(fileState(file) === undefined);
 * ```
 */
export function fileState(path: string): string | undefined {
  try {
    const { dev, ino, size, mtime } = Deno.statSync(path);
    return [dev, ino, size, mtime?.getTime()].join(":");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
