/**
 * Where the files of a run are made, until they are whole.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { InputError } from "../base/errors.ts";
import { type ByteSink, isStream, resolved } from "../base/files.ts";
import type { WorkFolder } from "../base/work_folder.ts";

/** A file that is whole, and the name that it is to have. */
export interface FinishedFile {
  /** The name as it was given; a link is followed. */
  path: string;
  /** Where it was made; undefined where a file of that name is only to go away. */
  from: string | undefined;
}

/** Returns what an index of an output may be called. */
export function indexNames(output: string): string[] {
  return output === "-" ? [] : [`${output}.tbi`, `${output}.csi`];
}

/** Where output goes while it is made. */
export class OutputFile implements ByteSink, Disposable {
  readonly #file: Deno.FsFile | undefined;
  readonly #partial: string | undefined;
  readonly #stream: WritableStreamDefaultWriter<Uint8Array> | undefined;

  /**
   * @param path Where it is to appear; `-` is standard output.
   * @param work Where it is made.
   * @param stream Where it goes instead.
   */
  constructor(
    private readonly path: string,
    work: WorkFolder,
    stream?: WritableStream<Uint8Array>,
  ) {
    this.#stream = stream?.getWriter();
    if (path === "-") return;
    if (isStream(path)) {
      this.#file = Deno.openSync(path, { write: true });
      return;
    }
    this.#partial = work.file("output");
    this.#file = Deno.openSync(this.#partial, { write: true, createNew: true });
  }

  async write(bytes: Uint8Array): Promise<number> {
    if (!this.#stream) return await (this.#file ?? Deno.stdout).write(bytes);
    // Buffers are used again, and a stream may keep what it was given.
    await this.#stream.write(bytes.slice());
    return bytes.length;
  }

  /**
   * End it.
   *
   * @param index The index that belongs to it.
   * @returns What is to be published, in this order: readers want the index the newer one.
   */
  finish(index?: { suffix: string; bytes: Uint8Array }): FinishedFile[] {
    this.#file?.close();
    const from = this.#partial, path = resolved(this.path);
    if (!from) return [];
    // An index of an output that was there before would lead readers astray.
    const files: FinishedFile[] = indexNames(path).map((path) => ({ path, from: undefined }));
    files.push({ path, from });
    if (index) {
      Deno.writeFileSync(from + index.suffix, index.bytes, { createNew: true });
      files.push({ path: path + index.suffix, from: from + index.suffix });
    }
    return files;
  }

  [Symbol.dispose](): void {
    try {
      this.#file?.close();
    } catch { /* finished */ }
    // Whoever gave the stream closes it, or says why not.
    this.#stream?.releaseLock();
  }
}

/** A path that tells two files apart, whether they are there or not. */
function identity(path: string): string {
  return resolved(path) === path ? join(resolved(dirname(path)), basename(path)) : resolved(path);
}

/**
 * Refuse an output that is a folder, and files to be written whose folder is not there, or that are
 * one another or an input.
 *
 * @param written What is written, the output first; undefined and `-` are no files.
 * @param read What is read.
 * @param logs What DuckDB would take for changes of a table.
 * @throws {InputError} The first file for which this is so.
 */
export function checkOutputs(
  written: readonly (string | undefined)[],
  read: readonly (string | undefined)[],
  logs: readonly string[],
): void {
  const [output] = written;
  if (output !== undefined && output !== "-" && isFolder(output)) {
    throw new InputError("the output is a folder; name a file in it", { file: output });
  }
  const isFile = (path: string | undefined) => path !== undefined && !isStream(path);
  const taken = new Map<string, string>();
  for (const path of logs) taken.set(identity(path), "a log of the database");
  for (const path of read.filter(isFile)) taken.set(identity(path!), "an input");
  for (const path of written.filter(isFile) as string[]) {
    const file = identity(path), folder = dirname(path);
    if (!isFolder(folder)) {
      throw new InputError(`the folder '${folder}' does not exist; make it first`, { file: path });
    }
    const other = taken.get(file);
    if (other) {
      throw new InputError(`this output is also ${other}; give it another name`, { file: path });
    }
    taken.set(file, "another output");
  }
}

function isFolder(path: string): boolean {
  if (path.endsWith("/")) return true;
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    const { NotFound, NotADirectory } = Deno.errors;
    if (error instanceof NotFound || error instanceof NotADirectory) return false;
    throw error;
  }
}
