/**
 * Keeps the files of a run apart until they are whole, and clears away what dead runs have left.
 *
 * @module
 */
import { dirname, join, resolve } from "node:path";
import { InputError, MachineError } from "./errors.ts";
import { fileError, isStream, resolved } from "./files.ts";
import { OwnedFolder, sweep } from "./owned_folder.ts";
import { writeError } from "./write_error.ts";

/**
 * The folders of one run: one for what is temporary, and one beside each file that it is going to
 * publish, from which that can be renamed. Each is made when it is first asked for; disposing
 * removes them all.
 */
export class WorkFolder implements Disposable {
  /** By device and inode of the folder that they lie in, which may have several names. */
  readonly #folders = new Map<string, OwnedFolder>();
  /** Files beside others, and those that they become. */
  readonly #beside = new Map<string, string>();

  /**
   * @param temporary The folder for the temporary one.
   * @param onNote Receives a warning where a folder cannot be removed in the end.
   */
  constructor(
    readonly temporary: string,
    private readonly onNote: (line: string) => void = () => {},
  ) {}

  /** The folders that have been made; none of them is anybody else's. */
  get folders(): string[] {
    return [...this.#folders.values()].map(({ path }) => path);
  }

  /** Path of the temporary folder. */
  get path(): string {
    return this.#in(this.temporary, this.temporary);
  }

  /** Returns the path of a temporary file. */
  file(name: string): string {
    return join(this.path, name);
  }

  /**
   * Returns the path of a file on the way to another path, to which it can be renamed or linked.
   *
   * @param path A link is followed.
   * @param name The name until then; each file of a run has its own.
   * @throws {InputError} Nothing can be written there.
   */
  beside(path: string, name: string): string {
    // The finished file is renamed to the link's target, which may be on another disk.
    const file = join(this.#in(dirname(resolved(path)), path), name);
    this.#beside.set(resolve(file), path);
    return file;
  }

  /** Removes what dead runs have left where this run makes files, or finds those of another one. */
  sweepBeside(paths: readonly (string | undefined)[]): void {
    for (const path of paths) {
      if (path !== undefined && !isStream(path)) sweep(dirname(resolved(path)));
    }
  }

  #in(parent: string, file: string): string {
    try {
      const { dev, ino } = Deno.statSync(parent), key = ino === null ? parent : `${dev}:${ino}`;
      let folder = this.#folders.get(key);
      if (!folder) {
        sweep(parent);
        folder = OwnedFolder.make(parent);
        this.#folders.set(key, folder);
      }
      return folder.path;
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw fileError(error, file);
      const failed = writeError(error, join(parent, "x"), false);
      if (failed instanceof MachineError) throw new MachineError(failed.detail, { file });
      const reason = (error as Error).message;
      throw new InputError(`nothing can be written to '${parent}': ${reason}`, { file });
    }
  }

  /** Returns the path that a file of {@linkcode beside} was made for; undefined for other files. */
  becomes(file: string): string | undefined {
    return this.#beside.get(resolve(file.replace(/\.wal$/, "")));
  }

  /**
   * Removes everything. What cannot be removed is told and left: NFS keeps a file that is still open
   * somewhere under another name, and by then the output has its own, or an error is on its way.
   */
  [Symbol.dispose](): void {
    for (const folder of this.#folders.values()) {
      try {
        folder[Symbol.dispose]();
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) continue;
        const reason = (error as Error).message;
        this.onNote(`warning: '${folder.path}' is left over and may be removed: ${reason}`);
      }
    }
  }
}

/**
 * Returns the folder for what is temporary: the given one, or the folder of the output, or, for a
 * stream, the system's, which is `$TMPDIR` or `/tmp`.
 *
 * @throws {InputError} The given one is no folder, or nothing can be written to it.
 * @throws {MachineError} Nothing can be written to that of the system.
 */
export function temporaryFolder(output: string, given?: string): string {
  if (given === undefined) {
    return isStream(output) ? systemFolder() : dirname(resolved(output));
  }
  try {
    Deno.removeSync(Deno.makeTempDirSync({ dir: given }));
    return given;
  } catch (error) {
    const known = fileError(error, given);
    if (error instanceof Deno.errors.NotFound) {
      throw new InputError("there is no such folder for temporary files; make it first", {
        file: given,
      });
    }
    if (error instanceof Deno.errors.NotADirectory) {
      throw new InputError("this is no folder; --temp-dir takes one", { file: given });
    }
    if (error instanceof Deno.errors.NotCapable) throw known;
    throw new InputError(
      `temporary files cannot be written to this folder: ${(error as Error).message}`,
      { file: given },
    );
  }
}

/** Returns the system's folder for temporary files. Deno finds it without being let read TMPDIR. */
function systemFolder(): string {
  try {
    const made = Deno.makeTempDirSync();
    Deno.removeSync(made);
    return dirname(made);
  } catch (error) {
    throw new MachineError(
      `nothing can be written to the system's temporary folder ($TMPDIR, or else /tmp): ` +
        `${(error as Error).message}; name another one with --temp-dir`,
    );
  }
}
