/**
 * The output appears under its name only when it is whole.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { InputError } from "./errors.ts";
import type { ByteSink } from "./byte_sink.ts";

/** A folder of one run, beside its output, that goes away with it. */
export class WorkFolder implements Disposable {
  private constructor(readonly path: string) {}

  /**
   * Make a folder beside the output, or in the system's temporary folder for standard output and
   * devices.
   *
   * @throws {InputError} The output's folder does not exist or cannot be written to.
   */
  static create(output: string): WorkFolder {
    if (isStream(output)) return new WorkFolder(Deno.makeTempDirSync({ prefix: "matrix2vcf-" }));
    const dir = dirname(output);
    try {
      const prefix = `.${basename(output)}.`;
      return new WorkFolder(Deno.makeTempDirSync({ dir, prefix, suffix: ".tmp" }));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) {
        throw new InputError(`the output's folder '${dir}' does not exist; make it first`, {
          file: output,
        });
      }
      throw new InputError(`nothing can be written to '${dir}': ${(error as Error).message}`, {
        file: output,
      });
    }
  }

  /** Path of a file in the folder. */
  file(name: string): string {
    return join(this.path, name);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** Is this standard output, a device or a pipe, which nothing can be renamed to? */
export function isStream(path: string): boolean {
  if (path === "-") return true;
  try {
    const info = Deno.statSync(path);
    return !info.isFile && !info.isDirectory;
  } catch {
    return false;
  }
}

/** Where output goes while it is made. */
export class OutputFile implements ByteSink, Disposable {
  readonly #file: Deno.FsFile | undefined;
  readonly #partial: string | undefined;

  /**
   * @param path Where it is to appear; `-` is standard output.
   * @param work Where it is made.
   */
  constructor(private readonly path: string, work: WorkFolder) {
    if (path === "-") return;
    if (isStream(path)) {
      this.#file = Deno.openSync(path, { write: true });
      return;
    }
    this.#partial = work.file("output");
    this.#file = Deno.openSync(this.#partial, { write: true, createNew: true });
  }

  write(bytes: Uint8Array): Promise<number> {
    return (this.#file ?? Deno.stdout).write(bytes);
  }

  /**
   * Let it appear.
   *
   * @param index The index that belongs to it. It is written last: readers want it the newer one.
   */
  publish(index?: { suffix: string; bytes: Uint8Array }): void {
    this.#file?.close();
    if (!this.#partial) return;
    const path = resolved(this.path);
    if (index) Deno.writeFileSync(this.#partial + index.suffix, index.bytes);
    // An index of an output that was there before would lead readers astray.
    for (const suffix of [".tbi", ".csi"]) removeIfThere(path + suffix);
    Deno.renameSync(this.#partial, path);
    if (index) Deno.renameSync(this.#partial + index.suffix, path + index.suffix);
  }

  [Symbol.dispose](): void {
    try {
      this.#file?.close();
    } catch { /* published */ }
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Where a link points: renaming onto it would replace the link. */
function resolved(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}

/**
 * Refuse an output that is one of the inputs.
 *
 * @throws {InputError} It is.
 */
export function checkOutput(output: string, inputs: readonly (string | undefined)[]): void {
  if (output === "-") return;
  if (output.endsWith("/")) {
    throw new InputError("the output is a folder; name a file in it", { file: output });
  }
  const path = resolved(output);
  try {
    if (Deno.statSync(path).isDirectory) {
      throw new InputError("the output is a folder; name a file in it", { file: output });
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return;
  }
  for (const input of inputs) {
    if (input === undefined || input === "-" || resolved(input) !== path) continue;
    throw new InputError("the output is also an input; give it another name", { file: output });
  }
}
