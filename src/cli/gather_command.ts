/**
 * Defines the sub-command `gather`, which joins the shards of a plan.
 *
 * @module
 */
import { Command, InvalidArgumentError } from "commander";
import { InputError } from "../base/errors.ts";
import { say } from "../base/say.ts";
import { jsonText } from "../base/text.ts";
import { VERSION } from "../base/version.ts";
import { printReport } from "./print_report.ts";
import { progressOption, requireOutput, wholeNumber } from "./arguments.ts";

interface Flags {
  output?: string;
  from?: string;
  status?: boolean;
  wait: number;
  keepShards?: boolean;
  verifyInput?: boolean;
  threads?: number;
  quiet?: boolean;
  json?: boolean;
  progress: "auto" | "plain" | "none";
}

/** Seconds for which a network disk may not show files that are there. */
const WAIT = 60;

/**
 * Returns the sub-command `gather`, to be added to a program.
 *
 * @param signal Interrupts it.
 */
export function gatherCommand(signal: AbortSignal): Command {
  return new Command("gather")
    .description("Join the shards of a plan: the bytes are those of one conversion")
    .version(VERSION, "--version", "print the version")
    .argument("<plan>", "plan, as scatter wrote it")
    .option("-o, --output <file>", "file to write, or - for standard output")
    .option("--from <folder>", "folder of the shards [shards, beside the plan]")
    .option("--status", "say which shards are done; exit 0 only if all are")
    .option("--wait <seconds>", "wait for shards that are not there yet", seconds, WAIT)
    .option("--keep-shards", "leave the shards where they are, once they are joined")
    .option("--verify-input", "read the matrix again, and compare it with what the shards read")
    .option(
      "-@, --threads <n>",
      "worker threads, where records are merged [all cores]",
      wholeNumber,
    )
    .addOption(progressOption())
    .option("--quiet", "say nothing but errors")
    .option("--json", "print the summary as JSON")
    .action(async (plan: string, flags: Flags, command: Command) => {
      if (flags.status) return await runStatus(plan, flags);
      requireOutput(flags.output, command);
      await runGather(plan, flags.output, flags, signal);
    });
}

function seconds(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It is a number of seconds, from 0 on.");
}

async function runStatus(plan: string, { from, quiet, json }: Flags): Promise<void> {
  const { gatherStatus, statusLines } = await import("../shards/done_shards.ts");
  const status = await gatherStatus({ plan, from });
  if (json) console.log(jsonText(status));
  else if (!quiet) console.log(statusLines(status).join("\n"));
  if (status.command === undefined) return;
  const open = status.shards - status.done.length;
  throw new InputError(`${open} of ${status.shards} shards are not done`, { file: plan });
}

async function runGather(
  plan: string,
  output: string,
  { quiet = false, json = false, progress, ...flags }: Flags,
  signal: AbortSignal,
): Promise<void> {
  const { gather } = await import("../shards/gather.ts");
  const { withProgress } = await import("./progress_display.ts");
  const { status: _, output: __, ...rest } = flags;
  const onNote = (line: string) => quiet || say(line);
  const report = await withProgress(
    quiet ? "none" : progress,
    (onProgress) => gather({ ...rest, plan, output, signal, onProgress, onNote }),
  );
  await printReport(report, { output, quiet, json });
  if (json) return;
  const { called, alleles, phase, sites } = report.checksum!;
  onNote(
    `checksum of all samples: called ${called}, alleles ${alleles}, phase ${phase}, sites ${sites}`,
  );
}
