/**
 * Reads the files of many shards, of which only some are open at a time: systems limit open files.
 *
 * @module
 */
import { fileError, readAt } from "../base/files.ts";
import type { DoneShard } from "./gather_plan.ts";
import type { OpenShard } from "./record_stream.ts";
import { shardFiles } from "./shard_manifest.ts";
import type { ShardPlan } from "./shard_plan.ts";

/** Most files that are open at a time. */
const MOST_OPEN = 128;

/** The open files of a gathering; the one that was not read for longest is closed first. */
class OpenFiles implements Disposable {
  readonly #files = new Map<string, Deno.FsFile>();

  read(path: string, offset: number, into: Uint8Array): number {
    const file = this.#files.get(path) ?? this.#open(path);
    // What was read last is the last of the map.
    this.#files.delete(path);
    this.#files.set(path, file);
    return readAt(file, offset, into);
  }

  #open(path: string): Deno.FsFile {
    for (const [first, file] of this.#files) {
      if (this.#files.size < MOST_OPEN) break;
      file.close();
      this.#files.delete(first);
    }
    try {
      return Deno.openSync(path);
    } catch (error) {
      throw fileError(error, path);
    }
  }

  [Symbol.dispose](): void {
    for (const file of this.#files.values()) file.close();
    this.#files.clear();
  }
}

/** Returns shards that are read when they are asked for, until it is disposed of. */
export function openShards(
  folder: string,
  plan: ShardPlan,
  shards: readonly DoneShard[],
): { files: OpenShard[] } & Disposable {
  const open = new OpenFiles();
  const files = shards.map(({ manifest: { shard, output: { header } } }): OpenShard => {
    const { output, spans } = shardFiles(folder, shard, plan);
    return {
      path: output,
      readOutput: (offset, into) => open.read(output, offset, into),
      readSpans: (offset, into) => open.read(spans, offset, into),
      header,
      compressed: plan.options.outputType !== "v",
    };
  });
  return { files, [Symbol.dispose]: () => open[Symbol.dispose]() };
}
