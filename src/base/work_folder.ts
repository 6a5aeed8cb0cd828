/**
 * Keeps the files of a run apart until they are whole.
 *
 * @module
 */
import { dirname, join, resolve } from "node:path";
import { InputError, MachineError } from "./errors.ts";
import { fileError, isStream, nameBeside, resolved } from "./files.ts";
import { writeError } from "./write_error.ts";

/** A folder of one run beside its output; disposing of it removes it and all its files. */
export class WorkFolder implements Disposable {
  /** Files beside others, and those that they become. */
  readonly #elsewhere = new Map<string, string>();

  private constructor(readonly path: string, private readonly onNote: (line: string) => void) {}

  /**
   * Makes a folder beside the output, so that files can be renamed to it; for standard output and
   * devices, one in the system's temporary folder.
   *
   * @param onNote Receives a warning where the folder cannot be removed in the end.
   * @throws {InputError} The output's folder cannot be written to.
   */
  static create(output: string, onNote: (line: string) => void = () => {}): WorkFolder {
    if (isStream(output)) {
      return new WorkFolder(Deno.makeTempDirSync({ prefix: "matrix2vcf-" }), onNote);
    }
    // The finished output is renamed to the link's target, which may be on another disk.
    const dir = dirname(resolved(output));
    try {
      // The name of the output may be too long for this, or hold what Deno refuses in a prefix.
      const name = { dir, prefix: ".matrix2vcf-", suffix: ".tmp" };
      return new WorkFolder(Deno.makeTempDirSync(name), onNote);
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw fileError(error, output);
      const failed = writeError(error, join(dir, "x"), false);
      if (failed instanceof MachineError) throw new MachineError(failed.detail, { file: output });
      throw new InputError(`nothing can be written to '${dir}': ${(error as Error).message}`, {
        file: output,
      });
    }
  }

  /** Returns the path of a file in the folder. */
  file(name: string): string {
    return join(this.path, name);
  }

  /**
   * Returns the path of a temporary file beside another path, to which it can be renamed or linked,
   * and which may lie in another folder than the output. It goes away with the work folder.
   */
  beside(path: string): string {
    const file = nameBeside(path);
    this.#elsewhere.set(file, path);
    return file;
  }

  /** Returns the path that a file of {@linkcode beside} was made for; undefined for other files. */
  becomes(file: string): string | undefined {
    const wanted = resolve(file.replace(/\.wal$/, ""));
    return [...this.#elsewhere].find(([made]) => resolve(made) === wanted)?.[1];
  }

  /**
   * Removes everything. What cannot be removed is told and left: NFS keeps a file that is still open
   * somewhere under another name, and by then the output has its own, or an error is on its way.
   */
  [Symbol.dispose](): void {
    for (const file of this.#elsewhere.keys()) {
      this.#remove(file);
      // DuckDB leaves its log behind where making a table ended early.
      this.#remove(`${file}.wal`);
    }
    this.#remove(this.path);
  }

  #remove(path: string): void {
    try {
      Deno.removeSync(path, { recursive: true });
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
      const reason = (error as Error).message;
      this.onNote(`warning: '${path}' is left over and may be removed: ${reason}`);
    }
  }
}
