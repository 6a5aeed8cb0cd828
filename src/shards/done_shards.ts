/**
 * Finds the shards of a plan that are done, and says which are not.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import { fileError, pathOf } from "../base/files.ts";
import { printable } from "../base/text.ts";
import { gatheredBefore } from "./gathered_mark.ts";
import type { DoneShard } from "./gather_plan.ts";
import { shardFiles, shardState, type ShardSummary } from "./shard_manifest.ts";
import { addTotals, noTotals, type ShardTotals } from "./shard_totals.ts";
import { readPlan, type ShardPlan } from "./shard_plan.ts";
import { shardFolder } from "./shard.ts";
import { readDirectory } from "./span_file.ts";

/** All shards of a plan, and what they add up to. */
export interface DoneShards extends ShardTotals {
  /** In order. */
  shards: DoneShard[];
}

/** Where the shards of a plan are. */
interface ShardsPlace {
  plan: ShardPlan;
  /** Path of the plan, for the command that makes what is missing. */
  path: string;
  folder: string;
}

/** How far the shards of a plan are; numbers from 0. */
export interface GatherStatus {
  /** Number of shards of the plan. */
  shards: number;
  /** Shards that are done. */
  done: number[];
  /** Shards without a manifest. */
  missing: number[];
  /** Shards whose files are of another plan, cut, or lost in part, and why. */
  stale: { shard: number; why: string }[];
  /** A command for Slurm that makes the others; undefined where all are done. */
  command: string | undefined;
  /** The output, where the shards have been gathered and removed. */
  gathered?: string;
}

/** Milliseconds between two looks for shards that are not there. */
const PAUSE = 500;
/** Shards that a message names, with why they are stale. */
const MOST_NAMED = 5;

/**
 * Tells how far the shards of a plan are.
 *
 * @param request The path of the plan, and of the folder of the shards.
 * @throws {InputError} There is no such plan.
 */
export async function gatherStatus(
  { plan: given, from }: { plan: string | URL; from?: string | URL },
): Promise<GatherStatus> {
  const path = pathOf(given), plan = await readPlan(path);
  const folder = shardFolder(path, pathOf(from)), gathered = await gatheredBefore(folder, plan);
  if (!gathered) return (await look({ plan, path, folder })).status;
  const { length: shards } = plan.shards, done = [...plan.shards.keys()];
  const rest = { missing: [], stale: [], command: undefined };
  return { shards, done, ...rest, gathered: gathered.output };
}

/** Returns a status as lines. */
export function statusLines(
  { shards, done, missing, stale, command, gathered }: GatherStatus,
): string[] {
  const named = stale.slice(0, MOST_NAMED)
    .map(({ shard, why }) => `stale: ${shard} (${printable(why, 200)})`);
  if (stale.length > MOST_NAMED) named.push(`stale: ${stale.length - MOST_NAMED} more`);
  return [
    `${done.length} of ${shards} shards done`,
    ...gathered === undefined ? [] : [`gathered into ${printable(gathered, Infinity)}`],
    ...missing.length > 0 ? [`missing: ${ranges(missing)}`] : [],
    ...named,
    ...command === undefined ? [] : [command],
  ];
}

/**
 * Waits for all shards, and reads what they say of themselves.
 *
 * @throws {InputError} Some are missing or stale; it names all, and how to make them.
 */
export async function awaitShards(
  { wait, signal, ...place }: ShardsPlace & { wait: number; signal: AbortSignal | undefined },
): Promise<DoneShards> {
  const end = performance.now() + wait * 1000;
  for (;;) {
    const { status, manifests, totals } = await look(place);
    if (status.command === undefined) {
      return { shards: manifests.map((manifest) => opened(place, manifest)), ...totals };
    }
    if (performance.now() >= end) {
      const lines = statusLines(status), command = lines.pop();
      throw new InputError(`${lines.join("; ")}; to make them: ${command}`, { file: place.folder });
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    signal?.throwIfAborted();
  }
}

function opened({ plan, folder }: ShardsPlace, manifest: ShardSummary): DoneShard {
  const { spans } = shardFiles(folder, manifest.shard, plan);
  try {
    return { manifest, directory: readDirectory(spans, manifest.spans) };
  } catch (error) {
    if (!(error instanceof InputError)) throw fileError(error, spans);
    const files = shardFiles(folder, manifest.shard, plan);
    throw new InputError(
      `${error.detail}; remove ${files.manifest} and run shard ${manifest.shard} again`,
      error.at,
    );
  }
}

async function look(
  { plan, path, folder }: ShardsPlace,
): Promise<{ status: GatherStatus; manifests: ShardSummary[]; totals: ShardTotals }> {
  const manifests: ShardSummary[] = [],
    totals = noTotals(plan),
    missing: number[] = [],
    stale: GatherStatus["stale"] = [];
  for (let k = 0; k < plan.shards.length; k++) {
    // By their names, as a network disk may show a folder as it was.
    const { manifest, why } = await shardState(shardFiles(folder, k, plan), k, plan);
    if (manifest) manifests.push(addTotals(totals, manifest));
    else if (why === "missing") missing.push(k);
    else stale.push({ shard: k, why });
  }
  const open = [...missing, ...stale.map(({ shard }) => shard)].sort((a, b) => a - b);
  const done = manifests.map(({ shard }) => shard), shards = plan.shards.length;
  const command = open.length === 0 ? undefined : arrayCommand(open, path);
  return { status: { shards, done, missing, stale, command }, manifests, totals };
}

/** Returns a command that has Slurm make some shards. */
function arrayCommand(shards: readonly number[], plan: string): string {
  const run = `matrix2vcf shard ${shellWord(plan)} $SLURM_ARRAY_TASK_ID`;
  return `sbatch --array=${ranges(shards)} --requeue --wrap ${shellWord(run)}`;
}

/** Returns a word as a shell reads it. */
export function shellWord(word: string): string {
  return /^[\w.,:@%^+=/-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Returns ascending numbers as `1,4-6`. */
function ranges(numbers: readonly number[]): string {
  const parts: [number, number][] = [];
  for (const number of numbers) {
    if (parts.at(-1)?.[1] === number - 1) parts.at(-1)![1] = number;
    else parts.push([number, number]);
  }
  return parts.map(([first, last]) => {
    if (first === last) return first;
    return `${first}${last - first > 1 ? "-" : ","}${last}`;
  }).join(",");
}
