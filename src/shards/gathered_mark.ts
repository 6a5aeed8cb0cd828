/**
 * Remembers that the shards of a plan have been gathered, where they were removed after it: whoever is
 * started again then, as a cluster does with the jobs of a node that it has lost, has nothing to do.
 *
 * @module
 */
import { join, resolve } from "node:path";
import type { ConvertReport } from "../convert/report.ts";
import type { DoneShard } from "./gather_plan.ts";
import type { ShardManifest } from "./shard_manifest.ts";
import { encode, readJson, type ShardPlan } from "./shard_plan.ts";

/** What stands in the folder of the shards in place of them. */
export interface GatheredMark {
  plan: string;
  /** The output as it was published: its absolute path, bytes, and time of the last write. */
  output: { path: string; bytes: number; modified: number };
  report: ConvertReport;
  /** What each shard had written. */
  shards: GatheredShard[];
}

/** What is known of a shard that was removed. */
export interface GatheredShard {
  direct: boolean;
  records: number;
  skipped: number;
  bytes: number;
}

const NAME = "gathered.json";

/** Leaves a mark; nothing for an output that is no file. */
export async function markGathered(
  folder: string,
  { id }: ShardPlan,
  report: ConvertReport,
  shards: readonly DoneShard[],
): Promise<void> {
  const output = await stateOf(resolve(report.output));
  if (!output) return;
  const mark: GatheredMark = {
    plan: id,
    output,
    report,
    shards: shards.map(({ manifest }) => writtenBy(manifest)),
  };
  await Deno.writeTextFile(join(folder, NAME), `${encode(mark)}\n`);
}

/** Returns what a shard has written. */
export function writtenBy(
  { direct, counts, skipped, output }: ShardManifest,
): GatheredShard {
  return { direct, records: counts.records, skipped, bytes: output.bytes };
}

/**
 * Returns the mark of a gathering whose output still is as it was published; undefined where there
 * was none.
 *
 * @param output Path of the output that is asked for; any, if left out.
 */
export async function gatheredBefore(
  folder: string,
  { id }: ShardPlan,
  output?: string,
): Promise<GatheredMark | undefined> {
  const found = await readJson(join(folder, NAME), "a mark").catch(() => undefined);
  const mark = found as unknown as GatheredMark | undefined;
  if (mark?.plan !== id || (output !== undefined && resolve(output) !== mark.output.path)) {
    return undefined;
  }
  const now = await stateOf(mark.output.path);
  const same = now?.bytes === mark.output.bytes && now.modified === mark.output.modified;
  return same ? mark : undefined;
}

async function stateOf(path: string): Promise<GatheredMark["output"] | undefined> {
  try {
    const { isFile, size, mtime } = await Deno.stat(path);
    return isFile ? { path, bytes: size, modified: mtime?.getTime() ?? 0 } : undefined;
  } catch {
    return undefined;
  }
}
