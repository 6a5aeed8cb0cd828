/**
 * Gives the files of a run their names together: all of them, or none where somebody else has
 * written one meanwhile.
 *
 * @module
 */
import { dirname } from "node:path";
import { InputError } from "../base/errors.ts";
import { fileState } from "../base/file_state.ts";
import { isStream, resolved, syncFile } from "../base/files.ts";
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
   * two runs that end at once the second one sees the files of the first. The bytes are on the disk
   * before the names are, so that a machine that goes down leaves no name of half a file.
   *
   * @throws {InputError} Somebody else has written one of the files since the run began.
   */
  async publish(files: readonly FinishedFile[]): Promise<void> {
    if (files.length === 0) return;
    for (const { from } of files) if (from !== undefined) await syncFile(from);
    using locks = new DisposableStack();
    const folders: Deno.FsFile[] = [];
    for (const path of foldersOf([...this.#before.keys()])) {
      const folder = open(path, locks);
      if (folder) await lock(folder, path);
      if (folder) folders.push(folder);
    }
    for (const [path, before] of this.#before) {
      const now = fileState(path);
      if (now === undefined || now === before) continue;
      throw new InputError(
        "another run wrote this file meanwhile, and it stays as it is; give each run an output of " +
          "its own",
        { file: path },
      );
    }
    putInPlace(files);
    // Not all file systems sync a folder; those see to it by themselves.
    for (const folder of folders) await folder.sync().catch(() => {});
  }
}

/**
 * Renames files, with nothing in between that takes time. A reader who comes meanwhile, and whoever
 * finds what a kill in between has left, may miss an index, but meets no index of another file.
 */
function putInPlace(files: readonly FinishedFile[]): void {
  for (const { path, from } of files) {
    // An index is put aside before its file is replaced, and its mode would be lost with it.
    if (from !== undefined) keepMode(path, from);
  }
  let putAside: { path: string; aside: string }[] = [];
  try {
    for (const file of files) {
      if (file.from !== undefined) {
        const { path, from } = file;
        writing(path, () => Deno.renameSync(from, resolved(path)));
        putAside = [];
      } else if (renameIfThere(file.path, file.aside)) putAside.push(file);
    }
  } catch (error) {
    // The file that they belong to is still there.
    for (const { path, aside } of putAside) Deno.renameSync(aside, path);
    throw error;
  }
}

/** Renames a file; false where there is none. */
function renameIfThere(path: string, to: string): boolean {
  try {
    Deno.renameSync(path, to);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
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

/** Gives a file the mode of the one that it will replace, if there is one. */
function keepMode(path: string, from: string): void {
  let mode: number | null;
  try {
    mode = Deno.statSync(path).mode;
  } catch {
    return;
  }
  if (mode !== null) Deno.chmodSync(from, mode & 0o777);
}

/** Opens a folder until `opened` is disposed of; undefined on Windows, which opens none. */
function open(folder: string, opened: DisposableStack): Deno.FsFile | undefined {
  try {
    return opened.use(Deno.openSync(folder));
  } catch {
    return undefined;
  }
}

/**
 * Locks a folder until it is closed. The system drops the lock with the process, however that ends.
 * Where there is no lock, on Windows and with NFS, two runs are kept apart only by how short the time
 * between looking and renaming is, in which nothing is awaited.
 */
async function lock(folder: Deno.FsFile, path: string): Promise<void> {
  for (const end = performance.now() + PATIENCE; !locked(folder);) {
    if (performance.now() > end) {
      throw new InputError(
        "another program has locked the folder, and does not let go of it; the output is not written",
        { file: path },
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
