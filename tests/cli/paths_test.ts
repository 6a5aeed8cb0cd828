/** Streams, names and folders as users and pipelines really have them. */
import assert from "node:assert/strict";
import { symlinkSync } from "node:fs";
import { convert, UsageError } from "../../mod.ts";
import { cli, cliInShell, filePath, listing, startCli, withFolder } from "../helpers/cli.ts";

const MATRIX = "CHROM\tPOS\tREF\t1a\t1b\n1\t5\tA\tA\tG\n";
const RECORD = "1\t5\t.\tA\tG\t.\t.\t.\tGT\t0|1\n";

function withMatrix(use: (folder: string) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, MATRIX);
    await use(folder);
  });
}

const STREAMS = ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];
for (const name of STREAMS) {
  Deno.test(`standard input is ${name}`, () =>
    withMatrix(async (folder) => {
      for (const script of ['"$@" < m.tsv', 'cat m.tsv | "$@"']) {
        const args = ["convert", name, "-o", "o.vcf", "--quiet"];
        const { code, stderr } = await cliInShell(script, args, folder);
        assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
        assert.ok((await Deno.readTextFile(`${folder}/o.vcf`)).endsWith(RECORD));
      }
    }));
}

for (const name of ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"]) {
  Deno.test(`standard output is ${name}`, () =>
    withMatrix(async (folder) => {
      const args = ["convert", "m.tsv", "-o", name, "--quiet", "--json"];
      for (const script of ['"$@" > o.vcf', '"$@" | cat > o.vcf']) {
        const { stderr } = await cliInShell(script, args, folder);
        assert.ok((await Deno.readTextFile(`${folder}/o.vcf`)).endsWith(RECORD));
        // The summary is not on standard output then.
        assert.equal(JSON.parse(stderr).output, "-");
      }
      const made = await cli(["generate", "--rows", "9", "-o", name], { cwd: folder });
      assert.match(made.stdout, /^CHROM\tPOS/);
      assert.deepEqual(await listing(folder), ["m.tsv", "o.vcf"]);
    }));
}

Deno.test("a process substitution is a stream", () =>
  withMatrix(async (folder) => {
    const args = ["convert", "/dev/fd/9", "-o", "o.vcf", "--quiet"];
    const script = 'cat m.tsv | { exec 9<&0 < /dev/null; "$@"; }';
    assert.equal((await cliInShell(script, args, folder)).code, 0);
    assert.ok((await Deno.readTextFile(`${folder}/o.vcf`)).endsWith(RECORD));
  }));

/** Deno refuses all of /dev, /proc and /sys, whatever lies there. */
const REFUSED = /^error: [^\n]*: Deno opens nothing in \/dev, \/proc or \/sys [^\n]*\n$/;
const SHM: [what: string, args: string[]][] = [
  ["an input", ["convert", "/dev/shm/m.tsv", "-o", "o.vcf"]],
  ["an output", ["convert", "m.tsv", "-o", "/dev/shm/o.vcf"]],
  ["an output through a link", ["convert", "m.tsv", "-o", "shm/o.vcf"]],
  ["a database", ["convert", "m.tsv", "-o", "o.vcf", "--database", "/dev/shm/x.duckdb"]],
  ["a database through a link", ["convert", "m.tsv", "-o", "o.vcf", "--database", "shm/x.duckdb"]],
  ["a profile", ["convert", "m.tsv", "-o", "o.vcf", "--profile", "shm/p.csv"]],
  ["a table to ask", ["sql", "/dev/shm/x.duckdb", "-c", "SELECT 1"]],
  ["a file to inspect", ["inspect", "/dev/shm/m.tsv"]],
  ["a matrix to generate", ["generate", "--rows", "9", "-o", "/dev/shm/m.tsv"]],
];
Deno.test("in /dev/shm: one line that fits, and nothing is left", async (t) => {
  await withMatrix(async (folder) => {
    symlinkSync("/dev/shm", `${folder}/shm`);
    const before = await listing("/dev/shm");
    for (const [what, args] of SHM) {
      await t.step(what, async () => {
        const { code, stderr } = await cli(args, { cwd: folder });
        assert.match(stderr.replace(/^1 sample.*\n/, ""), REFUSED);
        assert.equal(code, 1);
      });
    }
    assert.deepEqual(await listing("/dev/shm"), before);
    assert.deepEqual(await listing(folder), ["m.tsv", "shm"]);
  });
});

const encoded = (name: string) => new TextEncoder().encode(name).length;

const NAMES = [
  "1:1-100000.vcf.gz",
  "HLA-A*01:01.vcf.gz",
  "gi|123|ref.vcf.gz",
  "a\nb.vcf.gz",
  " blanks .vcf.gz",
  "--dashes.vcf.gz",
  "quote'\"$(x).vcf.gz",
  "ä ö.vcf.gz",
  `${"x".repeat(244)}.vcf.gz`,
  `${"ä".repeat(122)}.vcf.gz`,
];
for (const name of NAMES) {
  Deno.test(`a name that users have: ${JSON.stringify(name.slice(0, 30))}`, () =>
    withMatrix(async (folder) => {
      const database = `./${name.slice(0, -12)}.duckdb`, rejects = encoded(name) < 200;
      const result = await cli(
        ["convert", "m.tsv", "-o", `./${name}`, "--database", database, "--quiet"].concat(
          rejects ? ["--on-bad-row", "skip"] : [],
        ),
        { cwd: folder },
      );
      assert.deepEqual({ ...result, stdout: "" }, { code: 0, stdout: "", stderr: "" });
      const expected = ["m.tsv", name, `${name}.tbi`, database.slice(2)].sort();
      assert.deepEqual((await listing(folder)).filter((file) => !/rejects/.test(file)), expected);
    }));
}

const TOO_LONG =
  /^error: [^\n]*: the name has 256 bytes, and file systems take 255 at most; [^\n]*\n$/;
Deno.test("a name that is too long is refused before the work, also that of an index", () =>
  withMatrix(async (folder) => {
    const at = (bytes: number, end: string) => "x".repeat(bytes - end.length) + end;
    for (
      const args of [
        ["-o", at(256, ".vcf")],
        ["-o", at(252, ".vcf.gz")],
        ["-o", "o.vcf", "--database", at(256, ".duckdb")],
        ["-o", "o.vcf", "--profile", at(256, ".csv")],
        ["-o", at(244, ".vcf"), "--on-bad-row", "skip"],
      ]
    ) {
      const { code, stderr } = await cli(["convert", "m.tsv", ...args], { cwd: folder });
      assert.match(stderr, TOO_LONG);
      assert.equal(code, 1);
    }
    const longest = ["-o", at(252, ".vcf.gz"), "--index", "none", "--quiet"];
    assert.equal((await cli(["convert", "m.tsv", ...longest], { cwd: folder })).code, 0);
  }));

Deno.test("--database :memory: is refused, and no file of that name stays", () =>
  withMatrix(async (folder) => {
    const args = ["convert", "m.tsv", "-o", "o.vcf", "--database", ":memory:"];
    const { code, stderr } = await cli(args, { cwd: folder });
    assert.equal(
      stderr,
      "error: --database names a file; a table that is not to be kept needs no name\n",
    );
    assert.equal(code, 2);
    assert.deepEqual(await listing(folder), ["m.tsv"]);
    const request = { input: `${folder}/m.tsv`, output: `${folder}/o.vcf`, database: ":memory:" };
    await assert.rejects(convert(request), UsageError);
  }));

Deno.test("a write-protected file is refused before the work, and stays", () =>
  withMatrix(async (folder) => {
    for (const name of ["o.vcf.gz", "o.vcf.gz.tbi", "p.csv", "o.vcf.gz.rejects.tsv"]) {
      await Deno.writeTextFile(`${folder}/${name}`, "mine", { mode: 0o444 });
      const args = ["-o", "o.vcf.gz", "--profile", "p.csv", "--on-bad-row", "skip"];
      const { code, stderr } = await cli(["convert", "m.tsv", ...args], { cwd: folder });
      assert.match(stderr, new RegExp(`^error: ${name}: the file is write-protected; [^\n]*\n$`));
      assert.equal(code, 1);
      assert.equal(await Deno.readTextFile(`${folder}/${name}`), "mine");
      await Deno.remove(`${folder}/${name}`);
    }
    // A kept table is only read.
    const args = ["convert", "m.tsv", "-o", "o.vcf", "--database", "k.duckdb", "--quiet"];
    assert.equal((await cli(args, { cwd: folder })).code, 0);
    await Deno.chmod(`${folder}/k.duckdb`, 0o444);
    assert.equal((await cli(args, { cwd: folder })).code, 0);
  }));

Deno.test("a link as output is followed, and modes are kept, of an index too", () =>
  withMatrix(async (folder) => {
    await Deno.mkdir(`${folder}/there`);
    for (const [name, mode] of [["o.vcf.gz", 0o664], ["o.vcf.gz.tbi", 0o660]] as const) {
      await Deno.writeTextFile(`${folder}/there/${name}`, "old");
      await Deno.chmod(`${folder}/there/${name}`, mode);
    }
    symlinkSync("there/o.vcf.gz", `${folder}/link.vcf.gz`);
    const { code } = await cli(["convert", "m.tsv", "-o", "link.vcf.gz"], { cwd: folder });
    assert.equal(code, 0);
    assert.ok((await Deno.lstat(`${folder}/link.vcf.gz`)).isSymlink);
    const modeOf = async (name: string) => (await Deno.stat(`${folder}/${name}`)).mode! & 0o777;
    assert.equal(await modeOf("there/o.vcf.gz"), 0o664);
    assert.equal(await modeOf("there/o.vcf.gz.tbi"), 0o660);
  }));

Deno.test("a reader that goes away before the end is no success", () =>
  withFolder(async (folder) => {
    const rows = Array.from({ length: 60_000 }, (_, i) => `1\t${i + 1}\tA\tA\tG\n`);
    await Deno.writeTextFile(`${folder}/m.tsv`, "CHROM\tPOS\tREF\t1a\t1b\n" + rows.join(""));
    const script = '{ "$@"; echo $? >&2; } | head -1';
    for (
      const args of [["convert", "m.tsv", "-o", "-"], ["generate", "--rows", "60000", "-o", "-"]]
    ) {
      const command = args[0] === "convert" ? [...args, "--quiet"] : args;
      const { stdout, stderr } = await cliInShell(script, command, folder);
      assert.equal(stdout.split("\n").length, 2);
      assert.equal(stderr, "141\n");
    }
  }));

Deno.test("standard error on a full disk does not cost the output", () =>
  withMatrix(async (folder) => {
    const script = '"$@" 2> /dev/full';
    for (const more of [[], ["--progress", "plain"]]) {
      const args = ["convert", "m.tsv", "-o", "o.vcf", ...more];
      assert.equal((await cliInShell(script, args, folder)).code, 0);
      assert.ok((await Deno.readTextFile(`${folder}/o.vcf`)).endsWith(RECORD));
      await Deno.remove(`${folder}/o.vcf`);
    }
    const bad = ["convert", "no.tsv", "-o", "o.vcf"];
    assert.equal((await cliInShell(script, bad, folder)).code, 1);
  }));

Deno.test("a path that is not there: a task says where it looked, and how to install", async () => {
  const told = `; a task looks in ${filePath(".").slice(0, -1)}: give the whole path, or install ` +
    "the command, which looks where you are: deno task install\n";
  const cases = [
    { args: ["convert", "no.tsv", "-o", "no.vcf"], cwd: filePath("."), told },
    { args: ["inspect", "no.tsv"], cwd: filePath("."), told },
    { args: ["sql", "no.duckdb", "-c", "x"], cwd: filePath("."), told },
    { args: ["generate", "-o", "no/x.tsv"], cwd: filePath("."), told },
    { args: ["inspect", "/no.tsv"], cwd: filePath("."), told: "" },
    { args: ["inspect", "no.tsv"], cwd: filePath("docs"), told: "" },
  ];
  for (const { args, cwd, told } of cases) {
    const { code, stderr } = await cli(args, { cwd });
    assert.equal(code, 1);
    assert.match(stderr, /^error: .*(?:no such file|does not exist)[^;\n]*/, args.join(" "));
    const rest = stderr.replace(/^error: .*?(?:no such file|does not exist; make it first)/, "");
    assert.equal(rest, told || "\n", args.join(" "));
  }
});

Deno.test("a signal ends the wait for a reader of a named pipe", async (t) => {
  if (Deno.build.os === "windows") return;
  for (const args of [["convert", "m.tsv"], ["generate", "--rows", "9", "--chromosomes", "1"]]) {
    await t.step(args[0], () =>
      withMatrix(async (folder) => {
        await new Deno.Command("mkfifo", { args: ["pipe"], cwd: folder }).output();
        const child = startCli([...args, "-o", "pipe"], folder);
        const ended = child.output();
        await child.stdin.close();
        await new Promise((resolve) => setTimeout(resolve, 700));
        child.kill("SIGTERM");
        assert.equal((await ended).code, 143);
        assert.deepEqual(await listing(folder), ["m.tsv", "pipe"]);
      }));
  }
});
