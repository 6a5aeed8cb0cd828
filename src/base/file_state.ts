/**
 * Whether a file is still the one that it was.
 *
 * @module
 */

/**
 * Returns what stands at a path as a text to be compared, or undefined where nothing does; a link is
 * followed. The time of the last change of the inode is no part of it: that changes when the maker
 * of a table removes its private name.
 *
 * @param path The file.
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
