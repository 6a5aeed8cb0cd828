/**
 * Makes the output and its index in the work folder, and checks what may be written.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { InputError } from "../base/errors.ts";
import {
  type ByteSink,
  fileError,
  isStream,
  NAME_BYTES,
  nameBytes,
  refuseSpecial,
  resolved,
} from "../base/files.ts";
import { interruptible } from "../base/interruptible.ts";
import type { WorkFolder } from "../base/work_folder.ts";

/** A file that is whole, and the name that it will get. */
export interface FinishedFile {
  /** The public name; a link is followed. */
  path: string;
  /** Path where it was made; undefined where a file of that name is only to be removed. */
  from: string | undefined;
}

/** Returns the names that an index of an output may have. */
export function indexNames(output: string): string[] {
  return output === "-" ? [] : [`${output}.tbi`, `${output}.csi`];
}

/** The output while it is made: a temporary file, a device, standard output or a stream. */
export class OutputFile implements ByteSink, Disposable {
  readonly #stream: WritableStreamDefaultWriter<Uint8Array> | undefined;

  private constructor(
    private readonly path: string,
    /** Undefined for standard output. */
    private readonly file: Deno.FsFile | undefined,
    /** Path where a file is made; undefined for streams. */
    private readonly partial: string | undefined,
    stream: WritableStream<Uint8Array> | undefined,
  ) {
    this.#stream = stream?.getWriter();
  }

  /**
   * Opens an output. A named pipe that nobody reads yet is waited for.
   *
   * @param path Public name of the output; `-` is standard output.
   * @param work The folder in which it is made.
   * @param options A stream to write in place of `path`, and a signal that ends the wait.
   */
  static async open(
    path: string,
    work: WorkFolder,
    { outputStream, signal }: { outputStream?: WritableStream<Uint8Array>; signal?: AbortSignal },
  ): Promise<OutputFile> {
    if (path === "-") return new OutputFile(path, undefined, undefined, outputStream);
    if (isStream(path)) {
      const opening = Deno.open(path, { write: true });
      const file = signal ? await interruptible(opening, signal) : await opening;
      return new OutputFile(path, file, undefined, undefined);
    }
    const partial = work.file("output");
    const file = await Deno.open(partial, { write: true, createNew: true });
    return new OutputFile(path, file, partial, undefined);
  }

  async write(bytes: Uint8Array): Promise<number> {
    if (!this.#stream) return await (this.file ?? Deno.stdout).write(bytes);
    // Buffers are used again, and a stream may keep what it was given.
    await this.#stream.write(bytes.slice());
    return bytes.length;
  }

  /** Takes a finished file in place of what has been written; only where the output is a file. */
  adopt(file: string): void {
    Deno.renameSync(file, this.partial!);
  }

  /**
   * Closes the output, and writes its index beside it.
   *
   * @param index Bytes of the index, and the suffix of its name.
   * @returns The files to publish, in this order: readers want an index newer than its file.
   */
  finish(index?: { suffix: string; bytes: Uint8Array }): FinishedFile[] {
    this.file?.close();
    const from = this.partial, path = resolved(this.path);
    if (!from) return [];
    // The index of an earlier output would lead readers astray.
    const files: FinishedFile[] = indexNames(path).filter((name) => nameBytes(name) <= NAME_BYTES)
      .map((path) => ({ path, from: undefined }));
    files.push({ path, from });
    if (index) {
      Deno.writeFileSync(from + index.suffix, index.bytes, { createNew: true });
      files.push({ path: path + index.suffix, from: from + index.suffix });
    }
    return files;
  }

  [Symbol.dispose](): void {
    try {
      this.file?.close();
    } catch { /* finished */ }
    // `convert` closes the stream, or aborts it with the reason.
    this.#stream?.releaseLock();
  }
}

/** Returns a path that tells two files apart, whether they exist or not. */
function identity(path: string): string {
  return resolved(path) === path ? join(resolved(dirname(path)), basename(path)) : resolved(path);
}

/**
 * Refuses an output that is a folder, and files to write whose folder does not exist, or that are
 * the same as another output or an input.
 *
 * @param written Paths to write, the output first; undefined and `-` are no files.
 * @param read Paths to read.
 * @param logs Paths that DuckDB would take for write-ahead logs.
 * @throws {InputError} The first file that is refused.
 */
export function checkOutputs(
  written: readonly (string | undefined)[],
  read: readonly (string | undefined)[],
  logs: readonly string[],
): void {
  const isFile = (path: string | undefined) => path !== undefined && !isStream(path);
  const files = written.filter(isFile) as string[];
  files.forEach(checkName);
  const [output] = written;
  if (output !== undefined && output !== "-" && isFolder(output)) {
    throw new InputError("the output is a folder; name a file in it", { file: output });
  }
  const taken = new Map<string, string>();
  for (const path of logs) taken.set(identity(path), "a log of the database");
  for (const path of read.filter(isFile)) taken.set(identity(path!), "an input");
  for (const path of files) {
    const file = identity(path), folder = dirname(path);
    if (!isFolder(folder)) {
      throw new InputError(`the folder '${folder}' does not exist; make it first`, { file: path });
    }
    refuseSpecial(folder, path);
    const other = taken.get(file);
    if (other) {
      throw new InputError(`this output is also ${other}; give it another name`, { file: path });
    }
    taken.set(file, "another output");
  }
}

function checkName(path: string): void {
  const bytes = nameBytes(path);
  if (bytes <= NAME_BYTES) return;
  throw new InputError(
    `the name has ${bytes} bytes, and file systems take ${NAME_BYTES} at most; give a shorter one`,
    { file: path },
  );
}

/**
 * Refuses files that nobody may write to, and that would be lost all the same, as they are replaced.
 *
 * @throws {InputError} The first such file.
 */
export function checkWritable(paths: readonly (string | undefined)[]): void {
  for (const path of paths) {
    if (path === undefined || isStream(path) || isWritable(path)) continue;
    throw new InputError("the file is write-protected; remove it, or chmod it, or name another", {
      file: path,
    });
  }
}

function isWritable(path: string): boolean {
  try {
    const { mode } = Deno.statSync(path);
    // The superuser may write to all files, but has protected this one.
    if (mode !== null && (mode & 0o222) === 0) return false;
    Deno.openSync(path, { write: true }).close();
    return true;
  } catch (error) {
    return error instanceof Deno.errors.NotFound;
  }
}

function isFolder(path: string): boolean {
  if (path.endsWith("/")) return true;
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    const { NotFound, NotADirectory } = Deno.errors;
    if (error instanceof NotFound || error instanceof NotADirectory) return false;
    throw fileError(error, path);
  }
}
