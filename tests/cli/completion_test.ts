/**
 * Shell completion: the scripts are given to the shells themselves, which say what they offer.
 */
import assert from "node:assert/strict";
import { Argument, Command, Option } from "commander";
import { completionScript, SHELLS } from "../../src/cli/completion.ts";
import { cli, filePath, withFolder } from "../helpers/cli.ts";
import { hasTool, missingNote, run } from "../helpers/tools.ts";

/** What stands on the line, the last word being the one to complete, and what shall be offered. */
const OFFERS = [
  { words: ["conv"], offered: ["convert"] },
  { words: ["convert", "--ploi"], offered: ["--ploidy"] },
  { words: ["convert", "in.tsv", "--ploidy", ""], offered: ["1", "2", "auto"] },
  { words: ["convert", "--on-bad-row", "s"], offered: ["skip"] },
  { words: ["convert", "--threads", ""], offered: [] },
  { words: ["completion", ""], offered: ["bash", "fish", "zsh"] },
];

/** Completes the rest of the arguments, as readline does. */
const ASK_BASH = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _matrix2vcf; ' +
  'printf "%s\\n" "${COMPREPLY[@]}"';

/** The offers, in order. */
function offered(stdout: string): string[] {
  return stdout.split("\n").map((line) => line.split("\t")[0].trim()).filter(Boolean).sort();
}

async function script(shell: string, folder: string): Promise<string> {
  const { code, stdout, stderr } = await cli(["completion", shell]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  const file = `${folder}/matrix2vcf.${shell}`;
  await Deno.writeTextFile(file, stdout);
  return file;
}

Deno.test({
  name: "bash offers commands, flags and choices" + missingNote("bash"),
  ignore: !hasTool("bash"),
  fn: () =>
    withFolder(async (folder) => {
      const file = await script("bash", folder);
      for (const { words, offered: expected } of OFFERS) {
        const asked = ["bash", file, "matrix2vcf", ...words];
        const { stdout, stderr } = await run("bash", ["--norc", "-c", ASK_BASH, ...asked]);
        assert.deepEqual([words, offered(stdout), stderr], [words, expected, ""]);
      }
      // bash itself takes --ploidy=a apart.
      const asked = ["bash", file, "matrix2vcf", "convert", "--ploidy", "=", "a"];
      const { stdout } = await run("bash", ["--norc", "-c", ASK_BASH, ...asked]);
      assert.deepEqual(offered(stdout), ["auto"]);
    }),
});

Deno.test({
  name: "fish offers commands, flags and choices" + missingNote("fish"),
  ignore: !hasTool("fish"),
  fn: () =>
    withFolder(async (folder) => {
      const file = await script("fish", folder);
      for (const { words, offered: expected } of OFFERS) {
        const line = ["matrix2vcf", ...words].join(" ");
        const ask = `source ${file}; complete -C '${line}'`;
        const { stdout, stderr } = await run("fish", ["--no-config", "-c", ask]);
        assert.deepEqual([words, offered(stdout), stderr], [words, expected, ""]);
      }
    }),
});

Deno.test({
  name: "zsh registers the completion" + missingNote("zsh"),
  ignore: !hasTool("zsh"),
  fn: () =>
    withFolder(async (folder) => {
      const file = await script("zsh", folder);
      const ask =
        `autoload -Uz compinit; compinit -u -D; source ${file}; print $_comps[matrix2vcf]`;
      const { stdout, stderr } = await run("zsh", ["-f", "-c", ask]);
      assert.deepEqual({ stdout, stderr }, { stdout: "_matrix2vcf\n", stderr: "" });
    }),
});

Deno.test("every sub-command of the help and every flag is in each script", async () => {
  const { stdout: help } = await cli(["--help"]);
  const commands = [...help.matchAll(/^ {2}([a-z]+) .*$/gm)].map((match) => match[1]);
  assert.ok(commands.includes("convert") && commands.includes("completion"), help);
  for (const shell of SHELLS) {
    const { stdout } = await cli(["completion", shell]);
    const missing = commands.filter((name) => !new RegExp(`\\b${name}\\b`).test(stdout));
    assert.deepEqual([shell, missing], [shell, []]);
    assert.match(stdout, /on-bad-row/);
  }
});

Deno.test("texts with quotes, colons and brackets survive", () => {
  const program = new Command("m");
  program.command("go").description("it's [here]: now")
    .addArgument(new Argument("<file>"))
    .addOption(new Option("--how <how>", "the user's [way]").choices(["a", "b"]));
  assert.match(completionScript("fish", program), /-d 'it\\'s \[here\]: now'/);
  assert.match(completionScript("zsh", program), /'go:it'\\''s \[here\]\\: now'/);
  assert.match(
    completionScript("zsh", program),
    /--how='\[the user'\\''s \\\[way\\\]\]:how:\(a b\)'/,
  );
});

Deno.test("an unknown shell is a usage error that names the known ones", async () => {
  const { code, stdout, stderr } = await cli(["completion", "tcsh"]);
  assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
  assert.match(stderr, /bash, zsh, fish/);
});

Deno.test("help needs no permission but to read, also where NO_COLOR is not set", async () => {
  const { NO_COLOR: _, ...env } = Deno.env.toObject();
  const args = ["run", "--no-prompt", "--allow-read", filePath("src/main.ts"), "convert", "--help"];
  const command = new Deno.Command(Deno.execPath(), { args, env, clearEnv: true });
  const { code, stderr } = await command.output();
  assert.deepEqual([code, new TextDecoder().decode(stderr)], [0, ""]);
});
