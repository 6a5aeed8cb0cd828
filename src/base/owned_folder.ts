/**
 * Makes a folder that is known to be its run's as long as that lives, and removes those of runs that
 * are dead.
 *
 * @module
 */
import { join } from "node:path";

/** Lies in each folder, and is locked by its run. The system drops the lock with the process. */
const LOCK = "lock";

/** The name of a folder: host, process and a number of its own; so a person knows whose it is. */
const NAME = /^\.matrix2vcf-(.*)-\d+-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;

/** A hidden folder with a lock; disposing of it removes it and all that is in it. */
export class OwnedFolder implements Disposable {
  private constructor(readonly path: string, private readonly lock: Deno.FsFile) {}

  /**
   * Makes a folder in another one. Whoever sweeps just now may take a folder away that has no lock
   * yet; then another one is made.
   *
   * @throws The error of the system.
   */
  static make(parent: string): OwnedFolder {
    while (true) {
      const name = `.matrix2vcf-${hostName()}-${Deno.pid}-${crypto.randomUUID()}.tmp`;
      const path = join(parent, name);
      Deno.mkdirSync(path, { mode: 0o700 });
      const lock = lockNew(path);
      if (lock) return new OwnedFolder(path, lock);
    }
  }

  /** @throws The error of the system; what is left is then known to be dead when the run ends. */
  [Symbol.dispose](): void {
    try {
      removeContents(this.path);
    } finally {
      // NFS keeps an open file under another name, so that its folder cannot be removed.
      this.lock.close();
    }
    removeEmptied(this.path);
  }
}

/**
 * Removes the folders that dead runs of this host have left in another folder. What is alive, not
 * ours, or of another user stays; so does what another host has made, whose locks may not reach us.
 *
 * @param anyHost True where what is alive elsewhere is of no more use, and may be taken for dead.
 */
export function sweep(parent: string, anyHost = false): void {
  try {
    for (const { name, isDirectory } of Deno.readDirSync(parent)) {
      const host = NAME.exec(name)?.[1];
      if (isDirectory && host && (anyHost || host === hostName())) removeDead(join(parent, name));
    }
  } catch {
    // Nobody has asked for it. What we need of the folder is found out by who writes to it.
  }
}

function removeDead(path: string): void {
  const lock = join(path, LOCK);
  try {
    if (!isFile(lock)) return Deno.removeSync(path);
    using file = Deno.openSync(lock, { read: true, write: true });
    // Throws where there are no locks: there nobody knows whether the run is alive.
    if (!file.tryLockSync(true)) return;
    // A run that the dead one has started may be alive in here.
    sweep(path);
    if ([...Deno.readDirSync(path)].some(({ name }) => NAME.test(name))) return;
    removeContents(path);
    removeEmptied(path);
  } catch {
    // It is not empty or not ours, or another run has been quicker.
  }
}

/** Makes the lock of a new folder; undefined where the folder was swept away before it had one. */
function lockNew(path: string): Deno.FsFile | undefined {
  const lock = join(path, LOCK);
  let file: Deno.FsFile | undefined;
  try {
    file = Deno.openSync(lock, { write: true, createNew: true });
    if (isLocked(file) && isFile(lock)) return file;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  file?.close();
}

/** Locks a file; false where somebody else has it locked. */
function isLocked(file: Deno.FsFile): boolean {
  try {
    return file.tryLockSync(true);
  } catch {
    // Without locks, nobody sweeps either.
    return true;
  }
}

/** Empties a folder but for its lock, so that what an interrupted removal leaves has an owner. */
function removeContents(path: string): void {
  for (const { name } of Deno.readDirSync(path)) {
    if (name !== LOCK) Deno.removeSync(join(path, name), { recursive: true });
  }
}

function removeEmptied(path: string): void {
  for (const last of [join(path, LOCK), path]) {
    try {
      Deno.removeSync(last);
    } catch (error) {
      // Once it has no lock, another run may take it for dead.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

function isFile(path: string): boolean {
  try {
    return Deno.lstatSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Returns the name of this host; empty where we may not ask for it, and then nothing is swept. */
export function hostName(): string {
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "hostname" });
  return state === "granted" ? Deno.hostname().replaceAll(/[^\w.-]/g, "_").slice(0, MOST_HOST) : "";
}

/** Characters of a host's name, which leave room for the rest. */
const MOST_HOST = 64;
