/**
 * Says which file could not be written, and how much room its disk has.
 *
 * @module
 */
import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { firstError, MachineError, Matrix2vcfError } from "./errors.ts";
import { machineReason } from "./machine_reason.ts";
import { shownSize } from "./sizes.ts";

/**
 * Returns the error of a failed write as one about the file, and any other error as it is. Call it at
 * once: the room on the disk is looked up now.
 *
 * @param path The file.
 * @param own False where a missing folder, or one that is closed to us, is the user's mistake.
 */
export function writeError(thrown: unknown, path: string, own = true): unknown {
  const error = firstError(thrown);
  if (error instanceof Matrix2vcfError) return error;
  const found = machineReason(error, own);
  if (found === undefined) return error;
  const { reason, advice } = found;
  const free = found.room && path !== "-" ? room(path) : "";
  return new MachineError(`${reason}${free}; ${advice}`, { file: path }, { cause: error });
}

/** Does something to a file of a run's own; the error of a failure names it. */
export function writing<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw writeError(error, path);
  }
}

/** Returns how much of the disk is free; empty where the system does not say. */
function room(path: string): string {
  try {
    const { bavail, blocks, bsize } = statfsSync(dirname(path));
    return ` (${shownSize(bavail * bsize)} of ${shownSize(blocks * bsize)} are free)`;
  } catch {
    return "";
  }
}
