/**
 * Reading files, and what the system says when it does not work.
 *
 * @module
 */
import { InputError } from "./errors.ts";

/** What the system says, by its code, in words. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "the file cannot be opened: permission denied",
  EPERM: "the file cannot be opened: permission denied",
  EISDIR: "this is a folder, not a file",
};

/** Returns an error of the file system as one about a file; others are left as they are. */
export function fileError(error: unknown, file: string): Error {
  const code = error instanceof Deno.errors.NotCapable
    ? "EPERM"
    : (error as { code?: string }).code;
  const reason = code === undefined ? undefined : REASONS[code];
  return reason === undefined ? error as Error : new InputError(reason, { file });
}

/** Returns an error that a read of an open file gave as one about the file. */
export function readError(error: unknown, file: string): Error {
  const known = fileError(error, file);
  if (known instanceof InputError) return known;
  return new InputError(`the file cannot be read: ${known.message}`, { file });
}

/** Reads from an offset on until `into` is full or the file ends; returns the bytes read. */
export function readAt(file: Deno.FsFile, offset: number, into: Uint8Array): number {
  file.seekSync(offset, Deno.SeekMode.Start);
  let at = 0;
  while (at < into.length) {
    const read = file.readSync(into.subarray(at));
    if (read === null) break;
    at += read;
  }
  return at;
}

/** Reads a small text file of the user's. */
export function readText(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    throw fileError(error, path);
  }
}
