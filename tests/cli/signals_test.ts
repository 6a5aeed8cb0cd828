/**
 * Every sub-command ends by a signal with its code and leaves nothing; what SIGKILL leaves is swept
 * by the next conversion that makes files there.
 */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { launcherText } from "../../tasks/launcher.ts";
import { cli, filePath, listing, startCli, withFolder } from "../helpers/cli.ts";
import { hasTool, missingNote, run } from "../helpers/tools.ts";

const HEADER = "CHROM\tPOS\tREF\t1a\t1b\n", MATRIX = `${HEADER}1\t5\tA\tA\tG\n`;
const CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143, SIGKILL: 137 } as const;

/** A sub-command that is busy, or waits, with all its folders apart. */
const BUSY: Record<string, { args: string[]; stdin?: string; left: string }> = {
  "convert of a pipe": {
    args: [
      "convert",
      "-",
      "-o",
      "out/o.vcf",
      "--temp-dir",
      "temp",
      "--database",
      "tables/k.duckdb",
    ],
    stdin: MATRIX,
    left: "out/ temp/",
  },
  "convert of a pipe, to a pipe": {
    args: ["convert", "-", "-o", "-", "--temp-dir", "temp", "--profile", "out/p.csv"],
    stdin: MATRIX,
    left: "out/ temp/",
  },
  "generate": {
    args: ["generate", "--rows", "90000000", "-o", "out/m.tsv", "--header", "tables/h.txt"],
    left: "out/",
  },
  "inspect of a pipe": {
    args: ["inspect", "-", "--temp-dir", "temp"],
    stdin: MATRIX,
    left: "temp/",
  },
  "sql, a query": {
    args: [
      ...["sql", "tables/old.duckdb", "--external", "--temp-dir", "temp", "-c"],
      "SELECT count(*) FROM range(99999) a, range(99999) b WHERE hash(a.range, b.range) % 7 = 1",
    ],
    left: "temp/",
  },
};

/** Lays out the folders, with a table that is kept. */
async function lay(folder: string): Promise<string[]> {
  for (const name of ["out", "temp", "tables"]) await Deno.mkdir(`${folder}/${name}`);
  await Deno.writeTextFile(`${folder}/m.tsv`, MATRIX);
  const args = ["convert", "m.tsv", "-o", "one.vcf", "--database", "tables/old.duckdb"];
  const { code, stderr } = await cli(args, { cwd: folder });
  assert.equal(code, 0, stderr);
  return await listing(folder);
}

/** Waits until each of some folders has a work folder. */
async function busyIn(folder: string, folders: string): Promise<void> {
  const waiting = new Set(folders.split(" "));
  for (const end = Date.now() + 20_000; waiting.size > 0; await pause(5)) {
    for (const name of await listing(folder)) {
      if (name.endsWith(".tmp/lock")) waiting.delete(`${dirname(dirname(name))}/`);
    }
    assert.ok(Date.now() < end, `no work folder in ${[...waiting]}`);
  }
  // The signal shall come in the middle of the work.
  await pause(150);
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Starts a sub-command, sends it a signal when it is busy, and returns its end. */
async function ended(folder: string, name: string, signal: Deno.Signal) {
  const { args, stdin, left } = BUSY[name];
  const child = startCli(args, folder), output = child.output();
  const writer = child.stdin.getWriter();
  if (stdin === undefined) await writer.close();
  else await writer.write(new TextEncoder().encode(stdin));
  await busyIn(folder, left);
  const begun = performance.now();
  child.kill(signal);
  const { code, stderr } = await output, milliseconds = performance.now() - begun;
  if (stdin !== undefined) await writer.close().catch(() => {});
  return { code, milliseconds, stderr: new TextDecoder().decode(stderr) };
}

for (const name of Object.keys(BUSY)) {
  Deno.test(`signals: ${name}`, () =>
    withFolder(async (folder) => {
      const before = await lay(folder);
      for (const signal of ["SIGHUP", "SIGTERM"] as const) {
        const { code, milliseconds, stderr } = await ended(folder, name, signal);
        assert.equal(code, CODES[signal], stderr);
        assert.match(stderr, /^error: [^\n]*interrupt[^\n]*\n$/im);
        assert.ok(milliseconds < 1000, `${signal}: ${milliseconds} ms`);
        // The profile of a conversion that ended early is wanted.
        assert.deepEqual((await listing(folder)).filter((file) => !file.endsWith(".csv")), before);
      }
      assert.equal((await ended(folder, name, "SIGKILL")).code, CODES.SIGKILL);
      assert.notDeepEqual(await listing(folder), before);
      const again = ["--temp-dir", "temp", "--database", "tables/old.duckdb", "--quiet"];
      const next = await cli(["convert", "m.tsv", "-o", "out/o.vcf", ...again], { cwd: folder });
      assert.deepEqual(next, { code: 0, stdout: "", stderr: "" });
      const left = (await listing(folder)).filter((file) => !file.endsWith(".csv"));
      assert.deepEqual(left, [...before, "out/o.vcf"].sort());
    }));
}

Deno.test("signals: a run that is stopped keeps its files while others come and go", () =>
  withFolder(async (folder) => {
    await lay(folder);
    const args = ["convert", "-", "-o", "out/slow.vcf", "--temp-dir", "temp", "--quiet"];
    const slow = startCli(args, folder), output = slow.output(), stdin = slow.stdin.getWriter();
    await stdin.write(new TextEncoder().encode(MATRIX));
    await busyIn(folder, "out/ temp/");
    slow.kill("SIGSTOP");
    for (const name of ["a", "b"]) {
      const other = ["convert", "m.tsv", "-o", `out/${name}.vcf`, "--temp-dir", "temp", "--quiet"];
      assert.equal((await cli(other, { cwd: folder })).code, 0);
    }
    slow.kill("SIGCONT");
    await stdin.close();
    const { code, stderr } = await output;
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    const left = (await listing(`${folder}/out`)).concat(await listing(`${folder}/temp`));
    assert.deepEqual(left, ["a.vcf", "b.vcf", "slow.vcf"]);
  }));

/** Sends SIGHUP to what starts a conversion of a pipe, and returns how that ended. */
async function hungUp(folder: string, command: string, args: string[]) {
  const all = ["convert", "-", "-o", `${folder}/out/o.vcf`, "--quiet"];
  const child = new Deno.Command(command, {
    args: [...args, ...all],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = child.output(), stdin = child.stdin.getWriter();
  await stdin.write(new TextEncoder().encode(MATRIX));
  await busyIn(folder, "out/");
  child.kill("SIGHUP");
  await pause(300);
  await stdin.close().catch(() => {});
  const { code, stderr } = await output;
  return { code, stderr: new TextDecoder().decode(stderr) };
}

const TASK = ["task", "--quiet", "--config", filePath("deno.json")];

Deno.test("signals: SIGHUP reaches a run by way of a task and of the launcher", () =>
  withFolder(async (folder) => {
    const before = await lay(folder);
    assert.deepEqual(await hungUp(folder, Deno.execPath(), TASK), {
      code: 129,
      stderr: "error: interrupted\n",
    });
    assert.deepEqual(await listing(folder), before);
    const program = `${folder}/program`, launcher = `${folder}/matrix2vcf`;
    await Deno.symlink(filePath("."), program);
    const text = launcherText({ program, deno: Deno.execPath(), version: "1" })
      // Its cache is one for itself; that of the tests is full already.
      .replace(/DENO_DIR=\S+ /, "");
    await Deno.writeTextFile(launcher, text);
    await Deno.chmod(launcher, 0o755);
    assert.equal((await hungUp(folder, launcher, [])).code, 129);
    assert.deepEqual(await listing(`${folder}/out`), []);
  }));

Deno.test({
  name: "signals: a terminal that goes away while it shows the bar" + missingNote("python3"),
  ignore: !hasTool("python3"),
  fn: () =>
    withFolder(async (folder) => {
      await Deno.mkdir(`${folder}/out`);
      const made = await cli(["generate", "--rows", "400000", "-o", "m.tsv"], { cwd: folder });
      assert.equal(made.code, 0, made.stderr);
      const request = {
        argv: [Deno.execPath(), ...TASK, "convert", `${folder}/m.tsv`, "-o", `${folder}/out/o.vcf`],
        env: { TERM: "xterm", NO_COLOR: "1" },
        columns: 80,
        rows: 24,
        steps: [{ send: "", until: "rows/s" }],
        hangUp: true,
      };
      const terminal = [filePath("tests/helpers/terminal.py")];
      const { stdout, stderr } = await run("python3", terminal, JSON.stringify(request));
      assert.equal(JSON.parse(stdout).code, 129, stderr);
      assert.deepEqual(await listing(`${folder}/out`), []);
    }),
});
