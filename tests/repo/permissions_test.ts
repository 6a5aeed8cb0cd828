/**
 * Every way to start a sub-command gives it the same permissions: the tasks of `deno.json`, the
 * launcher of the installed command, and the bin of the npm package.
 *
 * @module
 */
import assert from "node:assert/strict";
import config from "../../deno.json" with { type: "json" };
import { taskCommands } from "../../tasks/task_commands.ts";
import { OTHER_FLAGS, RUN_FLAGS } from "../../src/cli/permissions.ts";
import { launcherText } from "../../tasks/launcher.ts";
import { binText } from "../../tasks/package.ts";
import { run } from "../helpers/tools.ts";
import { withFolder } from "../helpers/cli.ts";

/** What each sub-command may do; this is said here once more, so that a change is seen. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  convert: ["--allow-ffi", "--allow-read", "--allow-sys=hostname,statfs", "--allow-write"],
  checksum: ["--allow-ffi", "--allow-read", "--allow-sys=hostname,statfs", "--allow-write"],
  shard: ["--allow-ffi", "--allow-read", "--allow-sys=hostname,statfs", "--allow-write"],
  scatter: ["--allow-read", "--allow-sys=hostname,statfs", "--allow-write"],
  gather: ["--allow-read", "--allow-sys=hostname,statfs", "--allow-write"],
  sql: [
    "--allow-env=HOME,XDG_STATE_HOME",
    "--allow-ffi",
    "--allow-read",
    "--allow-sys=hostname,statfs",
    "--allow-write",
  ],
  report: ["--allow-ffi", "--allow-read", "--allow-sys=hostname,statfs", "--allow-write"],
  inspect: ["--allow-ffi", "--allow-read", "--allow-sys=hostname", "--allow-write"],
  profile: [
    "--allow-env=NODE_ENV",
    "--allow-read",
    "--allow-run=cat,deno",
    "--allow-sys=hostname",
    "--allow-write",
  ],
  generate: ["--allow-read", "--allow-sys=hostname,statfs", "--allow-write"],
};

/** Words that are no sub-command of the table. */
const OTHERS = ["completion", "--help", "--version", "nonsense", "__proto__", "toString"];

function permissions(flags: readonly string[]): string[] {
  return flags.filter((flag) => flag.startsWith("--allow-")).sort();
}

Deno.test("the table of flags: as narrow as it was, and never a prompt", () => {
  assert.deepEqual(
    Object.fromEntries(
      Object.entries(RUN_FLAGS).map(([name, flags]) => [name, permissions(flags)]),
    ),
    ALLOWED,
  );
  assert.deepEqual(permissions(OTHER_FLAGS), ["--allow-read"]);
  for (const flags of [...Object.values(RUN_FLAGS), OTHER_FLAGS]) {
    assert.ok(flags.includes("--no-prompt"));
  }
});

Deno.test("the tasks of deno.json have the flags of the table", () => {
  const starts = Object.entries(taskCommands(config.tasks)).filter(([, task]) =>
    task.includes("src/main.ts")
  );
  assert.deepEqual(
    Object.fromEntries(starts),
    Object.fromEntries(
      Object.entries(RUN_FLAGS).map(([name, flags]) => {
        // A task cannot know where its Deno is, and that need not be on the PATH.
        const text = flags.join(" ").replace("--allow-run=cat,deno", "--allow-run");
        return [name, `deno run ${text} src/main.ts ${name}`];
      }),
    ),
  );
});

/** A stand-in for Deno that prints its arguments. */
const ECHO = '#!/bin/sh\nfor word; do echo "$word"; done\n';

/** Runs a launcher whose Deno only prints its arguments, for every sub-command. */
async function flagsOf(start: (args: string[]) => [string, string[]]) {
  const found: Record<string, readonly string[]> = {};
  for (const name of [...Object.keys(RUN_FLAGS), ...OTHERS]) {
    const { code, stdout, stderr } = await run(...start([name, "a b", "--allow-all"]));
    assert.equal(code, 0, stderr);
    const words = stdout.trimEnd().split("\n"),
      main = words.findIndex((w) => /main\.[jt]s$/.test(w));
    assert.deepEqual(words.slice(main + 1), [name, "a b", "--allow-all"]);
    assert.equal(words[0], "run");
    found[name] = words.slice(1, main);
  }
  return found;
}

const EXPECTED = Object.fromEntries(
  [...Object.entries(RUN_FLAGS), ...OTHERS.map((name) => [name, OTHER_FLAGS] as const)],
);

async function writeProgram(path: string, text: string): Promise<void> {
  await Deno.writeTextFile(path, text);
  await Deno.chmod(path, 0o755);
}

Deno.test("the launcher of the installed command has the flags of the table", () =>
  withFolder(async (folder) => {
    // A quote and a space in the name of a folder are a user's right.
    const home = `${folder}/it's a home`;
    await Deno.mkdir(home);
    await writeProgram(`${home}/deno`, ECHO);
    const launcher = launcherText({ program: home, deno: `${home}/deno`, version: "1.2.3" });
    await writeProgram(`${home}/matrix2vcf`, launcher);
    assert.deepEqual(await flagsOf((args) => [`${home}/matrix2vcf`, args]), EXPECTED);
    assert.doesNotMatch(launcher, /-A\b|--allow-all|--allow-net/);
  }));

Deno.test("the bin of the npm package has the flags of the table", () =>
  withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/node_modules/deno`, { recursive: true });
    await Deno.writeTextFile(`${folder}/package.json`, `{"type":"module"}`);
    await Deno.writeTextFile(`${folder}/node_modules/deno/package.json`, `{"name":"deno"}`);
    await writeProgram(`${folder}/node_modules/deno/deno`, ECHO);
    await writeProgram(`${folder}/bin.js`, await binText());
    assert.deepEqual(await flagsOf((args) => ["node", [`${folder}/bin.js`, ...args]]), EXPECTED);
  }));
