/**
 * Says what ended a conversion; of a file that could not be written, what it was.
 *
 * @module
 */
import { dirname, resolve } from "node:path";
import { InputError, MachineError, ownError, UsageError } from "../base/errors.ts";
import { isThere } from "../base/files.ts";
import type { WorkFolder } from "../base/work_folder.ts";
import type { ConvertOptions } from "./request.ts";

/** What the files of a work folder are, by the beginnings of their names. */
const TEMPORARY: readonly (readonly [name: string, what: string])[] = [
  ["table", "the temporary table"],
  ["spill", "what was put aside for want of memory"],
  ["rows", "the rows of the view"],
  ["text", "the text of the view"],
  ["records", "what is to be written to the stream"],
  ["spool", "the copy of the input"],
  ["decompressed", "the decompressed input"],
  ["problems", "the list of bad rows"],
];

/**
 * Returns the error that the caller sees: the signal's reason, or one of our own, which names files
 * as the caller knows them.
 */
export function failureOf(error: unknown, options: ConvertOptions, work: WorkFolder): unknown {
  const { signal } = options;
  if (signal?.aborted) return signal.reason;
  const own = ownError(error);
  const changed = own instanceof InputError ? folderOf(own.at.file, work) : undefined;
  const gone = own instanceof UsageError ? undefined : work.folders.find((path) => !isThere(path));
  if (changed !== undefined || gone !== undefined) {
    return new MachineError(
      "somebody removed or changed what the run had in this folder, or the folder; run again",
      { file: dirname((changed ?? gone)!) },
      { cause: error },
    );
  }
  return own instanceof MachineError ? named(withSize(own, options), options, work) : own;
}

/** Returns an error of memory that ran out with a size of memory to try: twice what there was. */
function withSize(error: MachineError, { memory }: ConvertOptions): MachineError {
  const size = `${Math.ceil(2 * memory / 1024 ** 2)}MiB`;
  const detail = error.detail.replace("give more --memory", `--memory ${size} may do`);
  return detail === error.detail
    ? error
    : new MachineError(detail, error.at, { cause: error.cause });
}

/** Returns an error about a file of the run as one about what it is to the caller. */
function named(error: MachineError, options: ConvertOptions, work: WorkFolder): MachineError {
  const { detail, at: { file } } = error;
  if (file === undefined) return error;
  const [place, what] = written(file, options, work);
  if (what === undefined) return error;
  return new MachineError(`${what} cannot be written: ${detail}`, { file: place }, {
    cause: error,
  });
}

/** Returns where a file of the run belongs, and what it is; undefined for files of others. */
function written(
  file: string,
  { output, database, profile, report, multiqc }: ConvertOptions,
  work: WorkFolder,
): [place: string, what: string | undefined] {
  const becomes = work.becomes(file), folder = folderOf(file, work);
  if (becomes !== undefined) {
    if (becomes === output) return [output, "the output"];
    if (becomes === database) return [becomes, "the database"];
    if (becomes === report) return [becomes, "the report"];
    if (becomes === multiqc) return [becomes, "the report for MultiQC"];
    return [becomes, becomes === profile ? "the profile" : "the file for bad rows"];
  }
  if (folder === undefined) return [file, undefined];
  const name = resolve(file).slice(resolve(folder).length + 1);
  if (name.startsWith("output.")) return [output + name.slice("output".length), "the index"];
  const [, what = "a temporary file"] = TEMPORARY.find(([start]) => name.startsWith(start)) ?? [];
  return [dirname(folder), `${what} in this folder`];
}

/** Returns the folder of the run that a file lies in; DuckDB names files by their whole paths. */
function folderOf(file: string | undefined, { folders }: WorkFolder): string | undefined {
  return file && folders.find((folder) => resolve(file).startsWith(`${resolve(folder)}/`));
}
