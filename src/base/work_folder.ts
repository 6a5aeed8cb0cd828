/**
 * Keeps the files of a run apart until they are whole.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { InputError } from "./errors.ts";
import { fileError, isStream, nameBeside, removeIfThere, resolved } from "./files.ts";

/** A folder of one run beside its output; disposing of it removes it and all its files. */
export class WorkFolder implements Disposable {
  readonly #elsewhere: string[] = [];

  private constructor(readonly path: string) {}

  /**
   * Makes a folder beside the output, so that files can be renamed to it; for standard output and
   * devices, one in the system's temporary folder.
   *
   * @throws {InputError} The output's folder cannot be written to.
   */
  static create(output: string): WorkFolder {
    if (isStream(output)) return new WorkFolder(Deno.makeTempDirSync({ prefix: "matrix2vcf-" }));
    // The finished output is renamed to the link's target, which may be on another disk.
    const dir = dirname(resolved(output));
    try {
      // The name of the output may be too long for this, or hold what Deno refuses in a prefix.
      return new WorkFolder(Deno.makeTempDirSync({ dir, prefix: ".matrix2vcf-", suffix: ".tmp" }));
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw fileError(error, output);
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
    this.#elsewhere.push(file);
    return file;
  }

  [Symbol.dispose](): void {
    for (const file of this.#elsewhere) {
      removeIfThere(file);
      // DuckDB leaves its log behind where making a table ended early.
      removeIfThere(`${file}.wal`);
    }
    Deno.removeSync(this.path, { recursive: true });
  }
}
