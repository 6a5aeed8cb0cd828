/**
 * Disks that fill up, at sizes spread over what a run needs, and limits on the size of a file: one
 * line that names the file that was full, the exit code of a machine that failed, nothing left. A
 * disk that is large enough gives the right bytes.
 */
import assert from "node:assert/strict";
import { cliInShell, cliProcess, listing, withFolder } from "../helpers/cli.ts";
import { hasTool } from "../helpers/tools.ts";
import { OUTPUTS, VIEWS } from "./outputs.ts";
import { Dice, many, SEED, Tally } from "./settings.ts";
import { hashes, layMatrix } from "./victim.ts";

/** Exit code of a run that another machine may end well. */
const MACHINE = 3;

const sizes = many(1, 8), ROWS = 30_000;

async function succeeds(command: string, ...args: string[]): Promise<boolean> {
  if (!hasTool(command)) return false;
  return (await new Deno.Command(command, { args, stderr: "null" }).output()).success;
}

/** Gives a function a small disk; returns false where there can be none. */
async function withDisk(
  folder: string,
  bytes: number,
  use: (disk: string) => Promise<void>,
): Promise<boolean> {
  const disk = `${folder}/disk`;
  await Deno.mkdir(disk);
  try {
    const made = await succeeds("mount", "-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", disk);
    if (!made) return false;
    try {
      await use(disk);
    } finally {
      await succeeds("umount", disk);
    }
    return true;
  } finally {
    await Deno.remove(disk);
  }
}

const mountable = await withFolder((folder) => withDisk(folder, 65536, () => Promise.resolve()));
const note = mountable ? "" : " (ignored: no tmpfs can be mounted here)";

for (const { name, flags, beside } of [...OUTPUTS, ...VIEWS]) {
  for (const kept of [false, true]) {
    const what = `${name}${kept ? " with a kept table" : ""}`;
    Deno.test({
      name: `full disk: ${what} (seed ${SEED})${note}`,
      ignore: !mountable,
      fn: () =>
        withFolder(async (folder) => {
          const outcomes = new Tally();
          layMatrix(`${folder}/m.tsv`, { rows: ROWS });
          const args = ["convert", `${folder}/m.tsv`, "-o", name, ...flags, "--quiet"];
          if (kept) args.push("--database", "k.duckdb");
          await Deno.mkdir(`${folder}/whole`);
          const alone = await cliProcess(args, { cwd: `${folder}/whole` });
          assert.deepEqual(alone, { code: 0, stdout: "", stderr: "" });
          const whole = await hashes(`${folder}/whole`);
          delete whole["k.duckdb"]; // its bytes are not promised
          assert.equal(Object.keys(whole).length, 1 + beside.length);
          for (let index = 0; index < sizes; index++) {
            const dice = new Dice(`disk ${what}`, index);
            const bytes = Math.round(2 ** 14 * 1000 ** ((index + dice.share()) / sizes));
            await withDisk(folder, bytes, async (disk) => {
              const { code, stderr } = await cliProcess(args, { cwd: disk });
              const where = `${bytes} bytes: ${stderr}`;
              if (code === 0) {
                const made = await hashes(disk);
                delete made["k.duckdb"];
                assert.deepEqual(made, whole, where);
                return outcomes.add("large enough");
              }
              assert.match(stderr, /^error: [^\n]*\n$/, where);
              assert.match(stderr, /^error: [\w./-]+: [^\n]*no space left/i, where);
              assert.equal(code, MACHINE, where);
              // A table that is whole has its name before the output is made, and may be reused.
              const left = (await listing(disk)).filter((file) => file !== "k.duckdb");
              assert.deepEqual(left, [], where);
              outcomes.add("full");
            });
          }
          assert.equal(outcomes.sum(/./), sizes);
          console.log(`${sizes} disks: ${outcomes}`);
        }),
    });
  }
}

for (const { name, flags } of [...OUTPUTS, ...VIEWS]) {
  Deno.test(`a limit on the size of a file: ${name}`, () =>
    withFolder(async (folder) => {
      layMatrix(`${folder}/m.tsv`, { rows: ROWS });
      const args = ["convert", "m.tsv", "-o", name, ...flags, "--quiet"];
      // In blocks of 512 bytes: less than any output or table of these rows.
      const { code, stderr } = await cliInShell('ulimit -f 128; "$@"', args, folder);
      assert.match(stderr, /^error: [\w./-]+: [^\n]*(limit|too large)[^\n]*\n$/i);
      assert.equal(code, MACHINE, stderr);
      assert.deepEqual(await listing(folder), ["m.tsv"]);
    }));
}
