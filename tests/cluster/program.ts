/**
 * The command `matrix2vcf` as the recipes call it, and matrices for them.
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };
import { launcherText } from "../../tasks/launcher.ts";
import { generateMatrix } from "../../src/generate/generate.ts";
import { filePath } from "../helpers/cli.ts";
import { run, type ToolResult } from "../helpers/tools.ts";

/** Writes the launcher that `deno task install` makes, but for this clone; returns its path. */
export async function launcherIn(folder: string): Promise<string> {
  const program = `${folder}/program`, launcher = `${program}/matrix2vcf`;
  const { denoDir } = JSON.parse((await run(Deno.execPath(), ["info", "--json"])).stdout);
  await Deno.mkdir(program);
  for (const name of ["deno.json", "deno.lock", "src"]) {
    await Deno.symlink(filePath(name), `${program}/${name}`);
  }
  await Deno.symlink(denoDir, `${program}/cache`);
  const text = launcherText({ program, deno: Deno.execPath(), version: config.version });
  await Deno.writeTextFile(launcher, text, { mode: 0o755 });
  return launcher;
}

/**
 * Stands between a recipe and the program: shard K ends with the exit code on the first line of the
 * file `fail.K` beside it, if there is one, and the line is used up; `fail.gather` is for gather.
 */
const FLAKY = `#!/usr/bin/env bash
here=$(dirname -- "$0")
[ "$1" = shard ] && what=\${!#} || what=$1
if [ -s "$here/fail.$what" ]; then
  read -r code <"$here/fail.$what"
  sed -i 1d "$here/fail.$what"
  exit "$code"
fi
exec "$here/program/matrix2vcf" "$@"
`;

/** Writes a launcher that can be told to fail by {@linkcode failing}; returns its path. */
export async function flakyLauncherIn(folder: string): Promise<string> {
  const launcher = `${folder}/matrix2vcf`;
  await launcherIn(folder);
  await Deno.writeTextFile(launcher, FLAKY, { mode: 0o755 });
  return launcher;
}

/** Lets a shard, or gather, end with exit codes, one a try, instead of starting. */
export async function failing(folder: string, what: number | "gather", ...codes: number[]) {
  await Deno.writeTextFile(`${folder}/fail.${what}`, codes.join("\n") + "\n");
}

/** Writes a matrix of a size, in megabytes. */
export async function writeMatrix(path: string, megabytes: number): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true });
  // Rows of 16 samples have 71 bytes or a little more.
  for (const block of generateMatrix({ rows: Math.ceil(megabytes * 1e6 / 71) })) {
    for (let at = 0; at < block.length;) at += await file.write(block.subarray(at));
  }
}

/** Runs a program that has to succeed; returns what it prints. */
export async function must(
  cmd: string,
  args: readonly string[],
  settings: Pick<Deno.CommandOptions, "cwd" | "env"> = {},
): Promise<string> {
  const result = await run(cmd, args, "", settings);
  if (result.code !== 0) throw new Error(`${cmd} ${args.join(" ")}: ${said(result)}`);
  return result.stdout;
}

/** What a run says, for messages of failures. */
export function said({ code, stdout, stderr }: ToolResult): string {
  return `exit code ${code}\n${stdout}${stderr}`;
}

/** Compares two outputs, data and index, byte by byte. */
export async function assertSameOutput(actual: string, expected: string): Promise<void> {
  for (const suffix of ["", ".tbi"]) await must("cmp", [actual + suffix, expected + suffix]);
}

/** What is left beside an output that was gathered, logs apart. */
export const LEFT: readonly string[] = ["plan.json", "shards/", "shards/gathered.json"];
