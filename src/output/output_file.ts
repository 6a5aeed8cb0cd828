/**
 * Makes the output and its index in the work folder, and checks what may be written.
 *
 * @module
 */
import { dirname } from "node:path";
import { firstLine, InputError, MachineError } from "../base/errors.ts";
import {
  type ByteSink,
  fileError,
  identity,
  isStream,
  NAME_BYTES,
  nameBytes,
  refuseSpecial,
  resolved,
} from "../base/files.ts";
import { interruptible } from "../base/interruptible.ts";
import type { WorkFolder } from "../base/work_folder.ts";
import { writeError, writing } from "../base/write_error.ts";

/** A file that is whole and the name that it will get, or a name of which nothing is to be left. */
export type FinishedFile =
  & {
    /** The public name; a link is followed. */
    path: string;
  }
  & ({
    /** Path where the file was made. */
    from: string;
  } | {
    from?: undefined;
    /** Path where what has the name is put, to go away with the work folder. */
    aside: string;
  });

/** Returns the names that an index of an output may have. It lies beside the target of a link. */
export function indexNames(output: string): string[] {
  if (output === "-") return [];
  const path = resolved(output);
  return [`${path}.tbi`, `${path}.csi`];
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
    return OutputFile.create(partialOutput(path, work), path);
  }

  /** Makes a file of a run's own at `partial`, on its way to `path`. */
  static create(partial: string, path: string): OutputFile {
    const file = writing(partial, () => Deno.openSync(partial, { write: true, createNew: true }));
    return new OutputFile(path, file, partial, undefined);
  }

  async write(bytes: Uint8Array): Promise<number> {
    try {
      if (!this.#stream) return await (this.file ?? Deno.stdout).write(bytes);
      // Buffers are used again, and a stream may keep what it was given.
      await this.#stream.write(bytes.slice());
      return bytes.length;
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /** Returns the error to throw for a write that failed. */
  #failure(cause: unknown): unknown {
    if (this.#stream) {
      const detail = `the stream for the output failed: ${firstLine(cause)}`;
      return new MachineError(detail, {}, { cause });
    }
    const failed = writeError(cause, this.partial ?? this.path);
    if (this.partial !== undefined || !(failed instanceof MachineError)) return failed;
    return new MachineError(`the output cannot be written: ${failed.detail}`, failed.at, { cause });
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
    // The index of an earlier output would lead readers of the new one astray. Without an index they
    // say that there is none.
    const files: FinishedFile[] = indexNames(path).filter((name) => nameBytes(name) <= NAME_BYTES)
      .map((path, at) => ({ path, aside: `${from}.old${at}` }));
    files.push({ path, from });
    if (index) {
      const file = from + index.suffix;
      writing(file, () => Deno.writeFileSync(file, index.bytes, { createNew: true }));
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

/** Returns the path at which an output is made until it is whole. */
export function partialOutput(path: string, work: WorkFolder): string {
  return work.beside(path, "output");
}

/**
 * Refuses an output that is a folder, and files to write whose folder does not exist, or that are
 * the same as another output or an input, by whatever links.
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
  const taken = new Map(logs.map((path) => [identity(path), "a log of the database"]));
  for (const path of read.filter(isFile) as string[]) {
    if (taken.get(identity(path)) === "a log of the database") {
      throw new InputError("DuckDB would take this input for a log of the database; rename it", {
        file: path,
      });
    }
    taken.set(identity(path), "an input");
  }
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
