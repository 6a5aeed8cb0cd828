/**
 * Defines the sub-command `shard`, which converts one shard of a plan.
 *
 * @module
 */
import { Command, InvalidArgumentError } from "commander";
import { UsageError } from "../base/errors.ts";
import { say } from "../base/say.ts";
import { jsonText } from "../base/text.ts";
import { VERSION } from "../base/version.ts";
import type { ShardReport } from "../shards/shard.ts";
import { progressOption, size, wholeNumber } from "./arguments.ts";

interface Flags {
  oneBased?: boolean;
  out?: string;
  threads?: number;
  memory?: number;
  tempDir?: string;
  quiet?: boolean;
  json?: boolean;
  progress: "auto" | "plain" | "none";
}

/**
 * Returns the sub-command `shard`, to be added to a program.
 *
 * @param signal Interrupts a conversion.
 */
export function shardCommand(signal: AbortSignal): Command {
  return new Command("shard")
    .description("Convert one shard of a plan of scatter; one that is done is left as it is")
    .version(VERSION, "--version", "print the version")
    .argument("<plan>", "plan, as scatter wrote it")
    .argument("<k>", "number of the shard, from 0", shardNumber)
    .option("--one-based", "shards are numbered from 1, as in arrays of LSF and SGE")
    .option("--out <folder>", "folder of the shards [shards, beside the plan]")
    .option("-@, --threads <n>", "worker threads [all cores, none for a small file]", wholeNumber)
    .option("--memory <size>", "memory for the whole process [1GiB]", size)
    .option("--temp-dir <folder>", "for the temporary table [$TMPDIR, or /tmp]")
    .addOption(progressOption())
    .option("--quiet", "say nothing but errors")
    .option("--json", "print the summary as JSON")
    .action(async (plan: string, number: number, flags: Flags) => {
      const { oneBased = false, ...rest } = flags;
      if (oneBased && number === 0) throw new UsageError("with --one-based, the first shard is 1");
      await runShard(plan, oneBased ? number - 1 : number, rest, signal);
    });
}

async function runShard(
  plan: string,
  number: number,
  { quiet = false, json = false, progress, ...flags }: Flags,
  signal: AbortSignal,
): Promise<void> {
  const { shard } = await import("../shards/shard.ts");
  const { withProgress } = await import("./progress_display.ts");
  const onNote = (line: string) => quiet || say(line);
  const report = await withProgress(
    quiet ? "none" : progress,
    (onProgress) => shard({ ...flags, plan, shard: number, signal, onProgress, onNote }),
  );
  if (json) console.log(jsonText(report));
  else onNote(lineOf(report));
}

function shardNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It is a whole number from 0 on.");
}

function lineOf({ shard, before, records, skipped, seconds }: ShardReport): string {
  if (before) return `shard ${shard} was done before: ${records} records`;
  const bad = skipped > 0 ? `, ${skipped} bad rows skipped` : "";
  return `shard ${shard}: ${records} records${bad}, ${seconds.toFixed(2)} s`;
}
