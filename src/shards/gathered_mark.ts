/**
 * Remembers that the shards of a plan have been gathered, where they were removed after it: whoever is
 * started again then, as a cluster does with the jobs of a node that it has lost, has nothing to do.
 *
 * @module
 */
import { join, resolve } from "node:path";
import { isStream } from "../base/files.ts";
import type { ConvertReport } from "../convert/report.ts";
import type { DoneShard } from "./gather_plan.ts";
import type { ShardSummary } from "./shard_manifest.ts";
import { encode, readJson, type ShardPlan } from "./shard_plan.ts";

/** What stands in the folder of the shards in place of them. */
export interface GatheredMark {
  plan: string;
  /** Absolute path of the output. */
  output: string;
  /** The files as they were published, index and bad rows included. */
  files: PublishedFile[];
  report: ConvertReport;
  /** What each shard had written. */
  shards: GatheredShard[];
}

/** A file: its absolute path, bytes, and time of the last write. */
interface PublishedFile {
  path: string;
  bytes: number;
  modified: number;
}

/** What is known of a shard that was removed. */
export interface GatheredShard {
  direct: boolean;
  records: number;
  skipped: number;
  bytes: number;
}

/**
 * Leaves a mark; none of an output that is no file. Where it cannot be written, a gathering that is
 * started again finds no shards.
 *
 * @param paths Of the files that were published.
 */
export async function markGathered(
  folder: string,
  { id }: ShardPlan,
  report: ConvertReport,
  paths: readonly string[],
  shards: readonly DoneShard[],
): Promise<void> {
  if (isStream(report.output)) return;
  const files = await Promise.all(paths.map((path) => stateOf(resolve(path))));
  if (files.some((file) => file === undefined)) return;
  const mark: GatheredMark = {
    plan: id,
    output: resolve(report.output),
    files: files as PublishedFile[],
    report,
    shards: shards.map(({ manifest }) => writtenBy(manifest)),
  };
  await Deno.writeTextFile(markPath(folder), `${encode(mark)}\n`).catch(() => {});
}

/** Returns the path of the mark. */
export function markPath(folder: string): string {
  return join(folder, "gathered.json");
}

/** Returns what a shard has written. */
export function writtenBy(
  { direct, counts, skipped, output }: ShardSummary,
): GatheredShard {
  return { direct, records: counts.records, skipped, bytes: output.bytes };
}

/**
 * Returns the mark of a gathering whose files still are as they were published; undefined where there
 * was none.
 */
export async function gatheredBefore(
  folder: string,
  { id }: ShardPlan,
): Promise<GatheredMark | undefined> {
  const found = await readJson(markPath(folder), "a mark").catch(() => undefined);
  const mark = found as unknown as GatheredMark | undefined;
  if (mark?.plan !== id) return undefined;
  for (const { path, bytes, modified } of mark.files) {
    const now = await stateOf(path);
    if (now?.bytes !== bytes || now.modified !== modified) return undefined;
  }
  return mark;
}

async function stateOf(path: string): Promise<PublishedFile | undefined> {
  try {
    const { isFile, size, mtime } = await Deno.stat(path);
    return isFile ? { path, bytes: size, modified: mtime?.getTime() ?? 0 } : undefined;
  } catch {
    return undefined;
  }
}
