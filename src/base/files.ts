/**
 * Reads, writes and resolves files, and turns the system's errors into ours.
 *
 * @module
 */
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { InputError, MachineError, UsageError } from "./errors.ts";
import { printable } from "./text.ts";

/** Messages for the system's error codes. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "the file cannot be opened: permission denied",
  EPERM: "the file cannot be opened: permission denied",
  EISDIR: "this is a folder, not a file",
  SPECIAL: "Deno opens nothing in /dev, /proc or /sys without all permissions; name a file " +
    "elsewhere, or - with a redirect (< FILE, > FILE)",
};

/** Names that the system has for the standard streams; Deno opens them only with all permissions. */
const STDIN = /^\/(?:dev\/(?:stdin|fd\/0)|proc\/self\/fd\/0)$/;
const STDOUT = /^\/(?:dev\/(?:stdout|fd\/1)|proc\/self\/fd\/1)$/;

/** Returns the path of an input; `-` for every name of standard input. */
export function inputName<Path extends string | undefined>(path: Path): Path | "-" {
  return path !== undefined && STDIN.test(path) ? "-" : path;
}

/** Returns the path of an output; `-` for every name of standard output. */
export function outputName<Path extends string | undefined>(path: Path): Path | "-" {
  return path !== undefined && STDOUT.test(path) ? "-" : path;
}

/**
 * Refuses a folder in which Deno opens no files without all permissions, by whatever links.
 *
 * @param file The file in it that a message is about.
 */
export function refuseSpecial(folder: string, file: string): void {
  if (/^\/(?:dev|proc|sys)(?:\/|$)/.test(resolved(folder))) {
    throw new InputError(REASONS.SPECIAL, { file });
  }
}

/** Returns an error of the file system as one about a file, and any other error as it is. */
export function fileError(error: unknown, file: string): Error {
  const code = error instanceof Deno.errors.NotCapable
    ? /Requires all access/.test(error.message) ? "SPECIAL" : "EPERM"
    : (error as { code?: string }).code;
  const reason = code === undefined ? undefined : REASONS[code];
  return reason === undefined ? error as Error : new InputError(reason, { file });
}

/** Returns the error of a failed read of an open file as one about the file. */
export function readError(error: unknown, file: string): Error {
  const known = fileError(error, file);
  if (known instanceof InputError) return known;
  return new MachineError(`the file cannot be read: ${known.message}`, { file }, { cause: error });
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

/**
 * Returns a path that was given as text or as a `file:` address.
 *
 * @throws {UsageError} Another kind of address, or a name that is not UTF-8.
 */
export function pathOf(path: string | URL): string;
export function pathOf(path: string | URL | undefined): string | undefined;
export function pathOf(path: string | URL | undefined): string | undefined {
  if (!(path instanceof URL)) {
    if (path !== undefined) refuseDamagedName(path);
    return path;
  }
  if (path.protocol !== "file:") throw new UsageError(`only file: is read, not '${path.protocol}'`);
  try {
    return fileURLToPath(path);
  } catch (error) {
    throw new UsageError(
      `'${printable(path.href, 200)}' names no file: ${(error as Error).message}`,
    );
  }
}

/**
 * Refuses a name with U+FFFD. The system hands over names as bytes; where they are not UTF-8, Deno
 * puts U+FFFD in their place, and nothing tells which file was meant.
 *
 * @throws {UsageError} It has one.
 */
export function refuseDamagedName(path: string): void {
  if (!path.includes("\ufffd")) return;
  throw new UsageError(
    `the name '${printable(path, 200)}' is not UTF-8, and no file of that name can be opened; ` +
      "give the file another name (or convmv -f latin1 -t utf8)",
  );
}

/** Tells whether there is anything at a path. */
export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Tells whether there is anything at a path that we may look at. */
export function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Tells whether a path is standard output, a device or a pipe, which nothing can be renamed to. */
export function isStream(path: string): boolean {
  if (path === "-") return true;
  try {
    const info = Deno.statSync(path);
    return !info.isFile && !info.isDirectory;
  } catch {
    return false;
  }
}

/** Tells by the suffix, in any case, whether a file is or shall be compressed by gzip or BGZF. */
export function isCompressedName(path: string): boolean {
  return /\.(gz|bgz)$/i.test(path);
}

/** Removes a file; it need not be there. */
export function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Most bytes of a file's name, in all common file systems. */
export const NAME_BYTES = 255;

/** Returns the bytes of the name of a file, without its folder. */
export function nameBytes(path: string): number {
  return new TextEncoder().encode(basename(path)).length;
}

/**
 * Returns where a link points, even where there is no file yet. Renaming a file to the link's own
 * path would replace the link.
 */
export function resolved(path: string, links = 40): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    try {
      // After a link, `..` is not the folder that the link lies in.
      const target = resolve(resolved(dirname(path)), Deno.readLinkSync(path));
      return links > 0 ? resolved(target, links - 1) : path;
    } catch {
      return path;
    }
  }
}

/**
 * Returns a text that two paths share if they lead to one file, by whatever links. Where there is no
 * file yet, it is the place where it would be made.
 */
export function identity(path: string): string {
  const place = resolved(path);
  try {
    const { dev, ino } = Deno.statSync(place);
    if (ino !== null) return `${dev}:${ino}`;
  } catch { /* There is none. */ }
  return join(resolved(dirname(place)), basename(place));
}

/** Waits until all that was written to a file, by whomever, is on the disk. */
export async function syncFile(path: string): Promise<void> {
  // Windows syncs only what may be written to.
  using file = await Deno.open(path, { read: true, write: true });
  await file.syncData();
}

/** The receiver of bytes: a file or standard output. */
export interface ByteSink {
  write(bytes: Uint8Array): Promise<number>;
}

/** Writes all of `bytes`; one call of a sink may take only a part. */
export async function writeAll(sink: ByteSink, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await sink.write(bytes.subarray(at));
}
