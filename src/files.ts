/**
 * Reading files, and what the system says when it does not work.
 *
 * @module
 */
import { InputError } from "./errors.ts";

/** An error of the file system as one about the input. */
export function fileError(error: unknown, file: string): Error {
  if (error instanceof Deno.errors.NotFound) {
    return new InputError("there is no such file", { file });
  }
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
    return new InputError("the file cannot be opened: permission denied", { file });
  }
  if (error instanceof Deno.errors.IsADirectory) {
    return new InputError("this is a folder, not a file", { file });
  }
  return error as Error;
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
