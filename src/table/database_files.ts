/**
 * Guards the files of a database. DuckDB lets SQL write over those of the open database, whatever
 * its settings say, and takes in a write-ahead log that it finds beside one.
 *
 * @module
 */
import { fstatSync } from "node:fs";
import { basename, dirname, isAbsolute, join } from "node:path";
import { InputError } from "../base/errors.ts";
import { fileError, readAt } from "../base/files.ts";
import { printable } from "../base/text.ts";

/** Suffixes of a database's files: none for the database, and those of its logs. */
const SUFFIXES = ["", ".wal", ".wal.checkpoint", ".wal.recovery"];

/** File descriptors of streams whose paths cannot be looked at. */
const STREAMS: ReadonlyMap<string, number> = new Map([["/dev/stdout", 1], ["/dev/stderr", 2]]);

/** Returns the write-ahead log that lies beside a database, or beside the target of a link. */
export function logBeside(database: string): string | undefined {
  const paths = [database, ...attempt(() => [Deno.realPathSync(database)]) ?? []];
  return paths.flatMap(namesOf).find((path) =>
    !paths.includes(path) && attempt(() => Deno.lstatSync(path)) !== undefined
  );
}

/**
 * Refuses a database with a write-ahead log beside it: reading would take in changes that nobody
 * asked for, and that may come from anyone.
 *
 * @throws {InputError} There is one.
 */
export function refuseLog(database: string): void {
  const log = logBeside(database);
  if (log === undefined) return;
  const place = printable(log, 200);
  throw new InputError(
    `changes that are not in the table yet lie beside it in ${place}: if nobody has it open, take ` +
      `them in with 'sql FILE --write -c CHECKPOINT', or remove that file if you do not know where ` +
      `it comes from`,
    { file: database },
  );
}

/**
 * Refuses a file that is no database by its first bytes.
 *
 * @throws {InputError} It is none, and what to do; or it cannot be read.
 */
export function refuseForeign(path: string): void {
  let head = new Uint8Array(12);
  try {
    using file = Deno.openSync(path);
    head = head.subarray(0, readAt(file, 0, head));
  } catch (error) {
    throw fileError(error, path);
  }
  if (new TextDecoder().decode(head.subarray(8)) === "DUCK") return;
  throw new InputError(
    `this is ${kindOf(head)}, no DuckDB table; 'convert MATRIX -o OUT.vcf --database NEW.duckdb' ` +
      "keeps one of a matrix",
    { file: path },
  );
}

function kindOf(head: Uint8Array): string {
  if (head.length === 0) return "an empty file";
  if (head[0] === 0x1f && head[1] === 0x8b) return "a gzip file";
  return head.includes(0) ? "a binary file" : "a text file";
}

/**
 * Refuses a path through which SQL would write to the files of a database, or to a place that
 * cannot be told from them. Links are followed; a folder must not hold the files, nor links.
 *
 * @param path The path that DuckDB is given.
 * @throws {InputError} The path is refused, and why.
 */
export function refuseFilesOf(database: string, path: string): void {
  const refuse = (why: string) => {
    throw new InputError(`Permission Error: ${why}`, { file: path });
  };
  // DuckDB expands `~`, strips `file:`, and in some places reads other blanks as spaces.
  if (/^~|^[a-z][\w+.-]+:|[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/iu.test(path)) {
    refuse("give other files by a plain path");
  }
  // DuckDB may write to a temporary name first, and an attached database has logs of its own.
  const written = STREAMS.has(path)
    ? [path]
    : [...namesOf(path), `${dirname(path)}/tmp_${basename(path)}`];
  try {
    if (written.some((name) => leadsTo(database, name)) || holds(database, path)) {
      refuse("SQL must not write over the files of the open database");
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    refuse(`where this leads cannot be found out (${(error as Error).message})`);
  }
}

/** Tells whether a path leads to a file of a database. */
export function isFileOf(database: string, path: string): boolean {
  return attempt(() => leadsTo(database, path)) ?? false;
}

/** Returns the paths of a database's write-ahead logs, also those beside the target of a link. */
export function logsOf(database: string): string[] {
  const paths = new Set([database, ...attempt(() => [resolved(database)]) ?? []]);
  return [...paths].flatMap((path) => namesOf(path).slice(1));
}

function namesOf(database: string): string[] {
  return SUFFIXES.map((suffix) => database + suffix);
}

function leadsTo(database: string, path: string): boolean {
  const own = namesOf(Deno.realPathSync(database));
  const stream = STREAMS.get(path);
  if (stream !== undefined) return own.some((name) => isSame(fstatSync(stream), idOf(name)));
  const target = resolved(path);
  return own.some((name) =>
    folded(name) === folded(target) || isSame(idOf(name), idOf(target)) ||
    // A folder may be mounted in two places.
    folded(basename(name)) === folded(basename(target)) &&
      isSame(idOf(dirname(name)), idOf(dirname(target)))
  );
}

/** Returns a name as it is to file systems that ignore case and the composition of accents. */
function folded(name: string): string {
  return name.normalize("NFC").toLowerCase();
}

type FileId = Pick<Deno.FileInfo, "dev" | "ino">;

/** Returns device and inode, which all hard links of a file share. */
function idOf(path: string): FileId | undefined {
  return attempt(() => Deno.statSync(path));
}

function isSame(one: FileId | undefined, other: FileId | undefined): boolean {
  return one?.ino != null && one.dev === other?.dev && one.ino === other.ino;
}

/** Returns where a path leads, also where there is no file yet. */
function resolved(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const link = attempt(() => Deno.readLinkSync(path));
  if (link === undefined) return join(Deno.realPathSync(dirname(path)), basename(path));
  // `join` would fold `..` away, but after a link that is not the folder that the link lies in.
  return resolved(isAbsolute(link) ? link : `${dirname(path)}/${link}`);
}

/** Tells whether a folder holds a file of the database, or a link that could lead to one. */
function holds(database: string, folder: string): boolean {
  if (!attempt(() => Deno.statSync(folder))?.isDirectory) return false;
  return [...Deno.readDirSync(folder)].some(({ name, isDirectory, isSymlink }) => {
    const path = `${folder}/${name}`;
    return isSymlink || (isDirectory ? holds(database, path) : leadsTo(database, path));
  });
}

function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
