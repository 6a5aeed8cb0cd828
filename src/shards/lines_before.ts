/**
 * Counts the lines before a shard, for the message of an error in it.
 *
 * @module
 */
import { LF } from "../base/bytes.ts";
import { gunzipped } from "../matrix/gunzip.ts";
import type { PlannedShard, ShardPlan } from "./shard_plan.ts";

const BLOCK_BYTES = 1 << 20;

/** Returns the number of lines of the matrix that start before the bytes of a shard. */
export async function linesBefore(
  { input: { path, kind } }: ShardPlan,
  { bytes: [start] }: PlannedShard,
): Promise<number> {
  // A line starts after each LF; one that is the last byte before the shard starts it.
  let left = start - 1, lines = 1;
  if (left <= 0) return 0;
  for await (const bytes of kind === "bgzf" ? unpacked(path) : blocks(path)) {
    const some = bytes.subarray(0, left);
    for (let at = -1; (at = some.indexOf(LF, at + 1)) >= 0;) lines++;
    left -= some.length;
    if (left === 0) break;
  }
  return lines;
}

async function* unpacked(path: string): AsyncGenerator<Uint8Array> {
  for await (const { bytes } of gunzipped({ path, shown: path })) yield bytes;
}

async function* blocks(path: string): AsyncGenerator<Uint8Array> {
  using file = await Deno.open(path);
  const block = new Uint8Array(BLOCK_BYTES);
  for (let read; (read = await file.read(block)) !== null;) yield block.subarray(0, read);
}
