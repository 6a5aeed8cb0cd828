/**
 * Tells how much room a disk has.
 *
 * @module
 */
import { statfsSync } from "node:fs";

/** File systems that compress what they store, so that nobody knows beforehand what fits. */
const COMPRESSING = new Set([
  0x9123683e, /* btrfs */
  0x2fc12fc1, /* ZFS */
  0xca451a4e, /* bcachefs */
]);

/** The room of the disk that a folder lies on, in bytes. */
export interface FreeSpace {
  /** What any user may write. */
  free: number;
  /** What nobody can write more than; undefined where the disk compresses. */
  most: number | undefined;
}

/** Returns the room of a disk; undefined where the system does not say, or we may not ask. */
export function freeSpace(folder: string): FreeSpace | undefined {
  // Without permission, a user at a terminal would be asked.
  if (Deno.permissions.querySync({ name: "sys", kind: "statfs" }).state !== "granted") return;
  try {
    const { bavail, bfree, bsize, type } = statfsSync(folder);
    // Some blocks are kept for the superuser, who we may be.
    const most = COMPRESSING.has(type >>> 0) ? undefined : bfree * bsize;
    return { free: bavail * bsize, most };
  } catch {
    return undefined;
  }
}
