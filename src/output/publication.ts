/**
 * Gives the files of a run their names together: all of them, or none where somebody else has
 * written one meanwhile.
 *
 * @module
 */
import { dirname } from "node:path";
import { InputError } from "../base/errors.ts";
import { fileState } from "../base/file_state.ts";
import { isStream, removeIfThere, resolved } from "../base/files.ts";
import { writing } from "../base/write_error.ts";
import type { FinishedFile } from "./output_file.ts";

/** Milliseconds to wait while another run keeps a folder locked, which takes a few. */
const PATIENCE = 10_000;
const PAUSE = 5;

/** The names of the files that a run is going to write, and what stood there before. */
export class Publication {
  readonly #before: ReadonlyMap<string, string | undefined>;

  /**
   * Notes what stands at the names before the run.
   *
   * @param paths The names; undefined, `-` and devices are no files.
   */
  constructor(paths: readonly (string | undefined)[]) {
    const files = paths.filter((path) => path !== undefined && !isStream(path)) as string[];
    this.#before = new Map(files.map((path) => [path, fileState(path)]));
  }

  /**
   * Gives files their names, in the order of `files`. It locks their folders meanwhile, so that of
   * two runs that end at once the second one sees the files of the first.
   *
   * @throws {InputError} Somebody else has written one of the files since the run began.
   */
  async publish(files: readonly FinishedFile[]): Promise<void> {
    if (files.length === 0) return;
    using locks = new DisposableStack();
    for (const folder of foldersOf([...this.#before.keys()])) await lock(folder, locks);
    for (const [path, before] of this.#before) {
      const now = fileState(path);
      if (now === undefined || now === before) continue;
      throw new InputError(
        "another run wrote this file meanwhile, and it stays as it is; give each run an output of " +
          "its own",
        { file: path },
      );
    }
    // An index is removed before its file is replaced, and its mode would be lost with it.
    const modes = new Map(files.map(({ path }) => [path, fileMode(path)]));
    for (const { path, from } of files) {
      if (from === undefined) writing(path, () => removeIfThere(path));
      else writing(path, () => replace(resolved(path), from, modes.get(path)!));
    }
  }
}

/**
 * Returns the folders of files. Each comes once, however many names it has, or a run would wait for
 * itself; and all runs get the same order, or two could wait for each other.
 */
function foldersOf(paths: readonly string[]): string[] {
  const folders = new Map(paths.map((path) => {
    const folder = dirname(resolved(path));
    const { dev, ino } = writing(path, () => Deno.statSync(folder));
    return [`${dev}:${ino}`, folder];
  }));
  return [...folders].sort(([a], [b]) => a < b ? -1 : 1).map(([, folder]) => folder);
}

/** Renames a file; it takes over the mode of the one that it replaces, null without one. */
function replace(path: string, from: string, mode: number | null): void {
  if (mode !== null) Deno.chmodSync(from, mode & 0o777);
  Deno.renameSync(from, path);
}

function fileMode(path: string): number | null {
  try {
    return Deno.statSync(path).mode;
  } catch {
    return null;
  }
}

/**
 * Locks a folder until `locks` is disposed of. The system drops the lock with the process, however
 * that ends. Windows opens no folder, and NFS locks none: there, two runs are kept apart only by
 * how short the time between looking and renaming is, in which nothing is awaited.
 */
async function lock(folder: string, locks: DisposableStack): Promise<void> {
  let opened: Deno.FsFile;
  try {
    opened = locks.use(Deno.openSync(folder));
  } catch {
    return;
  }
  for (const end = performance.now() + PATIENCE; !locked(opened);) {
    if (performance.now() > end) {
      throw new InputError(
        "another program has locked the folder, and does not let go of it; the output is not written",
        { file: folder },
      );
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

function locked(folder: Deno.FsFile): boolean {
  try {
    return folder.tryLockSync(true);
  } catch {
    return true;
  }
}
