/**
 * Where the files of a run are made, until they are whole.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { InputError } from "./errors.ts";
import { isStream, removeIfThere, resolved } from "./files.ts";

/** A folder of one run, beside its output, that goes away with it. */
export class WorkFolder implements Disposable {
  readonly #elsewhere: string[] = [];

  private constructor(readonly path: string) {}

  /**
   * Make a folder beside the output, or in the system's temporary folder for standard output and
   * devices.
   *
   * @throws {InputError} The output's folder cannot be written to.
   */
  static create(output: string): WorkFolder {
    if (isStream(output)) return new WorkFolder(Deno.makeTempDirSync({ prefix: "matrix2vcf-" }));
    // A link's target is what the output is renamed to.
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

  /** Path of a file in the folder. */
  file(name: string): string {
    return join(this.path, name);
  }

  /**
   * Path of a file beside another one, which it can be renamed or linked to, and which may lie in
   * another folder than the output. It goes away with the folder.
   */
  beside(path: string): string {
    const file = `${resolved(path)}.${crypto.randomUUID()}.tmp`;
    this.#elsewhere.push(file);
    return file;
  }

  [Symbol.dispose](): void {
    for (const file of this.#elsewhere) {
      removeIfThere(file);
      // DuckDB's log stays behind where making a table ended early.
      removeIfThere(`${file}.wal`);
    }
    Deno.removeSync(this.path, { recursive: true });
  }
}
