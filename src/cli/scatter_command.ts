/**
 * Defines the sub-command `scatter`, which plans the conversion of a matrix in shards.
 *
 * @module
 */
import { Command, Option } from "commander";
import { say } from "../base/say.ts";
import { VERSION } from "../base/version.ts";
import type { ScatterRequest } from "../shards/scatter.ts";
import {
  bytes,
  compressionLevel,
  indexKind,
  infoOption,
  requireOutput,
  wholeNumber,
  withCellOptions,
  withColumnOptions,
  withGenotypeOptions,
  withRecordOptions,
} from "./arguments.ts";

/** Flags as commander gives them. */
interface Flags extends Omit<ScatterRequest, "input" | "plan" | "ploidy"> {
  output?: string;
  ploidy: "auto" | "1" | "2";
  /** False for `--no-version`. */
  version?: boolean;
  quiet?: boolean;
}

/** Flags of `convert` that are known here, too, so that their refusal can say what works. */
const REFUSED = [
  "--database <file>",
  "--populations <file>",
  "--format <format>",
  "--direct",
  "--verify",
  "--verify-input",
  "--profile <file>",
  "--report <file>",
  "-@, --threads <n>",
  "--memory <size>",
  "--temp-dir <folder>",
];

/**
 * Returns the sub-command `scatter`, to be added to a program.
 *
 * @param signal Ends it early.
 */
export function scatterCommand(signal: AbortSignal): Command {
  const command = new Command("scatter")
    .description("Plan the conversion of a matrix in shards, on one machine or many")
    .version(VERSION, "--version", "print the version")
    .argument("<input>", "matrix, plain or BGZF")
    .optionsGroup("The cut:")
    .option("-n, --shards <n>", "number of shards, up to 1000", wholeNumber)
    .option(
      "--shard-size <size>",
      "bytes of the matrix in a shard, in place of their number",
      bytes,
    )
    .option("-o, --output <file>", "plan to write; shards lie in the folder shards beside it")
    .optionsGroup("Input:");
  withCellOptions(withColumnOptions(command))
    .option("--max-line <size>", "longest line [102MiB]", bytes);
  withRecordOptions(command)
    .optionsGroup("Output of the gathering:")
    .option("-O, --output-type <type>", "v: VCF, z: BGZF of it [z]")
    .addOption(compressionLevel())
    .addOption(indexKind())
    .addOption(infoOption());
  withGenotypeOptions(command)
    .optionsGroup("The run:")
    .option("--quiet", "print nothing but errors");
  for (const flags of REFUSED) command.addOption(new Option(flags).hideHelp());
  return command.action(async (input: string, flags: Flags, command: Command) => {
    requireOutput(flags.output, command);
    await runScatter(input, flags.output, flags, signal);
  });
}

async function runScatter(
  input: string,
  plan: string,
  { output: _, ploidy, version, quiet = false, ...rest }: Flags,
  signal: AbortSignal,
): Promise<void> {
  const { scatter } = await import("../shards/scatter.ts");
  const { recipeLines } = await import("../shards/recipe_lines.ts");
  const report = await scatter({
    ...rest,
    input,
    plan,
    ploidy: ploidy === "auto" ? ploidy : ploidy === "1" ? 1 : 2,
    noVersion: version === false,
    signal,
    onNote: (line) => quiet || say(line),
  });
  if (!quiet) console.log(recipeLines(report).join("\n"));
}
