/**
 * Reads the input again, and compares it with what the shards have read.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import { InputError } from "../base/errors.ts";
import { gunzipped } from "../matrix/gunzip.ts";
import type { DoneShard } from "./gather_plan.ts";
import { checkPlanned } from "./planned_files.ts";
import type { ShardPlan } from "./shard_plan.ts";

const BLOCK_BYTES = 1 << 20;

/**
 * Compares the input with the sums in the manifests.
 *
 * @throws {InputError} It changed after a shard had read it; the message names the shards.
 */
export async function verifyInput(
  plan: ShardPlan,
  shards: readonly DoneShard[],
  signal: AbortSignal | undefined,
): Promise<void> {
  await checkPlanned(plan);
  const sums = await rangeSums(plan, signal);
  const changed = shards.filter(({ manifest }, k) => manifest.inputCrc32 !== sums[k])
    .map(({ manifest }) => manifest.shard);
  if (changed.length === 0) return;
  throw new InputError(
    `the file changed after shards ${
      changed.join(", ")
    } had read it, though its size and time did ` +
      "not; scatter again, and convert all shards anew",
    { file: plan.input.path },
  );
}

/** Returns the CRC-32 of the bytes of each shard, which follow each other. */
async function rangeSums(plan: ShardPlan, signal: AbortSignal | undefined): Promise<number[]> {
  const sums = plan.shards.map(() => 0);
  let at = 0, k = 0;
  for await (const block of bytesOf(plan)) {
    signal?.throwIfAborted();
    for (let from = 0; from < block.length && k < sums.length;) {
      const { bytes: [start, end] } = plan.shards[k];
      const first = Math.max(start - at, from), last = Math.min(end - at, block.length);
      if (last > first) sums[k] = crc32(block.subarray(first, last), sums[k]);
      if (end - at > block.length) break;
      from = Math.max(from, last);
      k++;
    }
    at += block.length;
  }
  return sums;
}

async function* bytesOf({ input: { path, kind } }: ShardPlan): AsyncGenerator<Uint8Array> {
  if (kind === "bgzf") {
    for await (const { bytes } of gunzipped({ path, shown: path })) yield bytes;
    return;
  }
  using file = await Deno.open(path);
  const block = new Uint8Array(BLOCK_BYTES);
  for (let read; (read = await file.read(block)) !== null;) yield block.subarray(0, read);
}
