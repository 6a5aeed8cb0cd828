/**
 * Keeps the files of a run apart until they are whole.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { InputError } from "./errors.ts";
import { isStream, removeIfThere, resolved } from "./files.ts";

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
      const prefix = `.${basename(output)}.`;
      return new WorkFolder(Deno.makeTempDirSync({ dir, prefix, suffix: ".tmp" }));
    } catch (error) {
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
    const file = `${resolved(path)}.${crypto.randomUUID()}.tmp`;
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
