/**
 * Joins the files of bad rows of all shards.
 *
 * @module
 */
import { fileError } from "../base/files.ts";
import { Rejects } from "../ingest/rejects.ts";
import type { FinishedFile } from "../output/output_file.ts";
import type { DoneShard } from "./gather_plan.ts";
import { shardFiles } from "./shard_manifest.ts";
import type { ShardPlan } from "./shard_plan.ts";

/**
 * Writes all bad rows with their lines in the whole matrix.
 *
 * @param path The public name of the file.
 * @param made Where it is made.
 * @returns The file to publish; where there are no bad rows, one of an earlier run goes.
 */
export async function gatherRejects(
  folder: string,
  plan: ShardPlan,
  shards: readonly DoneShard[],
  path: string,
  made: string,
): Promise<FinishedFile[]> {
  using rejects = new Rejects(made);
  let before = plan.input.headerLines;
  for (const { manifest } of shards) {
    if (manifest.rejects) {
      const { rejects: file } = shardFiles(folder, manifest.shard, plan);
      await addAll(rejects, file, before);
    }
    before += manifest.lines;
  }
  return [rejects.count > 0 ? { path, from: made } : { path, aside: `${made}.old` }];
}

/** Adds the rows of a file, whose lines count from `before`. */
async function addAll(rejects: Rejects, file: string, before: number): Promise<void> {
  try {
    for await (const text of linesOf(file)) {
      if (text.startsWith("#")) continue;
      const [line, reason, ...row] = text.split("\t");
      rejects.write(String(before + Number(line)), reason, row.join("\t"));
    }
  } catch (error) {
    throw fileError(error, file);
  }
}

/** Yields the lines of a file, which end with LF and nothing else: a row may hold any other character. */
async function* linesOf(path: string): AsyncGenerator<string> {
  using file = await Deno.open(path);
  const decoder = new TextDecoder(), block = new Uint8Array(BLOCK_BYTES);
  let rest = "";
  for (let read; (read = await file.read(block)) !== null;) {
    const lines = (rest + decoder.decode(block.subarray(0, read), { stream: true })).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}

const BLOCK_BYTES = 1 << 16;
