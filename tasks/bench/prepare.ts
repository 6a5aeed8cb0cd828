/**
 * Makes the files that the commands read, once: matrices, and files that are made from them.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { dirname } from "node:path";
import { generateMatrix } from "../../src/generate/generate.ts";
import { runCommand } from "./command.ts";
import { type Entry, type Matrix, partOf, type Recipe } from "./plan.ts";

/** Makes what an entry needs; what is there and not older than its source stays. */
export async function prepare({ matrix, recipes }: Entry, root: string): Promise<void> {
  if (matrix) makeMatrix(matrix);
  for (const recipe of recipes) await makeRecipe(recipe, root);
}

/** Makes a matrix, unless the file is there and begins as the generator would begin it today. */
export function makeMatrix({ path, options }: Pick<Matrix, "path" | "options">): void {
  if (beginsAs({ path, options })) return;
  Deno.mkdirSync(dirname(path), { recursive: true });
  using file = Deno.openSync(partOf(path), { write: true, create: true, truncate: true });
  for (const block of generateMatrix(options)) writeAll(file, block);
  Deno.renameSync(partOf(path), path);
}

/** Makes one file. */
export async function makeRecipe(recipe: Recipe, root: string): Promise<void> {
  if (recipe.kept && isFresh(recipe)) return;
  Deno.mkdirSync(dirname(recipe.path), { recursive: true });
  removeIfThere(recipe.path);
  await runCommand(recipe.command, root);
  if (recipe.kept) Deno.renameSync(partOf(recipe.path), recipe.path);
}

/** Removes a file that may not be there. */
export function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Returns the size of a file in bytes; undefined if it is not there. */
export function sizeOf(path: string): number | undefined {
  return statIfThere(path)?.size;
}

/** Tells whether a file begins with the header and the first block of rows that belong there. */
function beginsAs({ path, options }: Pick<Matrix, "path" | "options">): boolean {
  if (sizeOf(path) === undefined) return false;
  using file = Deno.openSync(path);
  const blocks = generateMatrix(options);
  for (let k = 0; k < 2; k++) {
    const { value, done } = blocks.next();
    if (done) break;
    const found = new Uint8Array(value.length);
    readInto(file, found);
    if (!Buffer.from(value).equals(found)) return false;
  }
  return true;
}

/** Fills the array, as far as the file goes. */
function readInto(file: Deno.FsFile, array: Uint8Array): void {
  for (let at = 0; at < array.length;) {
    const got = file.readSync(array.subarray(at));
    if (got === null) return;
    at += got;
  }
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
}

function isFresh({ path, from }: Recipe): boolean {
  const made = modified(path);
  return made > -Infinity && from.every((source) => modified(source) < made);
}

/** Returns the time of a file's last change, in ms; before everything if it is not there. */
function modified(path: string): number {
  return statIfThere(path)?.mtime?.getTime() ?? -Infinity;
}

function statIfThere(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
