/**
 * Makes sure that the input is still the file that it was when it was opened.
 *
 * @module
 */
import { InputError } from "./errors.ts";

/** Plain data that tells a file from another one, and from itself before somebody wrote to it. */
export interface InputState {
  device: number;
  inode: number;
  /** Bytes. */
  size: number;
  /** Time of the last write, in milliseconds since 1970; 0 where the system does not say. */
  modified: number;
  /**
   * Time of the last change of content, name, owner or mode, in milliseconds since 1970, of which
   * Deno knows whole seconds; no program can set it back.
   */
  changed: number;
  /** True where `changed` is so recent that another change may leave it as it is. */
  fresh: boolean;
}

/** Milliseconds after a change during which the next one may have the same time. */
const FRESH = 2000;

/** Returns the state of a file from what the system says of it. */
export function inputState({ dev, ino, size, mtime, ctime }: Deno.FileInfo): InputState {
  return {
    device: dev,
    inode: ino ?? 0,
    size,
    modified: mtime?.getTime() ?? 0,
    changed: ctime?.getTime() ?? 0,
    fresh: ctime === null || Date.now() - ctime.getTime() < FRESH,
  };
}

/**
 * Makes sure that a file is as it was promised.
 *
 * @param now What the system says now, of the open file or of the path.
 * @param promised Undefined for a file of this run's own, which nobody else can change.
 * @throws {InputError} It is another file, or somebody wrote to it.
 */
export function checkUnchanged(
  now: Deno.FileInfo,
  promised: InputState | undefined,
  shown: string,
): void {
  if (!promised) return;
  const state = inputState(now);
  const differs = (...keys: (keyof InputState)[]) =>
    keys.some((key) => state[key] !== promised[key]);
  // Some network file systems number their files anew, so that the number counts only where the
  // times of another file could be the same.
  const written = differs("size", "modified") ||
    (promised.fresh && differs("device", "inode"));
  if (written) throw changedFile(shown);
  if (state.changed !== promised.changed) {
    throw changedFile(shown, " (its change time; chmod, mv and ln set it, too)");
  }
}

/** Makes sure that the file at a path is as it was promised, and still there. */
export function checkPathUnchanged(
  path: string,
  promised: InputState | undefined,
  shown: string,
): void {
  if (!promised) return;
  let now: Deno.FileInfo;
  try {
    now = Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw changedFile(shown, ": it is gone");
    throw error;
  }
  checkUnchanged(now, promised, shown);
}

/** Returns the error of a file that did not stay as it was. */
export function changedFile(shown: string, how = ""): InputError {
  return new InputError(
    `the file changed while it was read${how}; convert it again when nobody writes to it`,
    { file: shown },
  );
}
