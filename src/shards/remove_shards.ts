/**
 * Removes the files of shards that have been gathered.
 *
 * @module
 */
import { firstLine } from "../base/errors.ts";
import { removeIfThere } from "../base/files.ts";
import { sweep } from "../base/owned_folder.ts";
import { shardFiles } from "./shard_manifest.ts";
import type { ShardPlan } from "./shard_plan.ts";

/**
 * Removes the files of all shards, and what dead attempts have left. What cannot be removed is told, and left.
 *
 * @param keep True where the files of the shards stay, and only what dead attempts have left goes.
 */
export function removeShards(
  folder: string,
  plan: ShardPlan,
  keep: boolean,
  onNote: (line: string) => void,
): void {
  try {
    for (let k = 0; k < (keep ? 0 : plan.shards.length); k++) {
      const { manifest, ...files } = shardFiles(folder, k, plan);
      // Without its manifest, nobody takes the rest for a shard.
      for (const path of [manifest, ...Object.values(files)]) removeIfThere(path);
    }
    // Of all shards that are done, another attempt is of no use, wherever it may still be going on.
    sweep(folder, true);
  } catch (error) {
    onNote(`warning: some files of the shards in ${folder} are left over: ${firstLine(error)}`);
  }
}
