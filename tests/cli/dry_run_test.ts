/** `convert --dry-run`: what a run would take, and nothing is written. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { MachineError } from "../../mod.ts";
import { checkRehearsal, type Rehearsal } from "../../src/inspect/rehearse.ts";
import { cli, listing, withFolder } from "../helpers/cli.ts";

/** Generates a matrix, and gives its folder to a test, which must leave it as it was. */
function withMatrix(
  flags: string[],
  use: (folder: string, run: (...args: string[]) => ReturnType<typeof cli>) => Promise<void>,
): Promise<void> {
  return withFolder(async (folder) => {
    await cli(["generate", "-o", "m.tsv", ...flags], { cwd: folder });
    await use(folder, (...args) => cli(["convert", ...args], { cwd: folder }));
  });
}

async function rehearsed(
  run: (...args: string[]) => ReturnType<typeof cli>,
  ...args: string[]
): Promise<Rehearsal> {
  const { code, stdout, stderr } = await run(...args, "--dry-run", "--json");
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

/** Tells whether an estimate is within a factor of what came out. */
function near(estimate: number, actual: number, factor: number): boolean {
  return estimate <= actual * factor && estimate >= actual / factor;
}

for (
  const { name, flags } of [
    { name: "tall", flags: ["--rows", "300000"] },
    { name: "wide", flags: ["--rows", "1500", "--samples", "1000", "--haploid", "0"] },
    { name: "shuffled", flags: ["--rows", "100000", "--shuffle"] },
  ]
) {
  Deno.test(`--dry-run of a ${name} matrix: rows, output and table are as estimated`, () =>
    withMatrix(flags, async (folder, run) => {
      for (const output of ["o.vcf", "o.vcf.gz"]) {
        const before = await listing(folder);
        const kept = ["m.tsv", "-o", output, "--database", `${output}.duckdb`];
        const rehearsal = await rehearsed(run, ...kept);
        assert.deepEqual(await listing(folder), before);
        const { stdout } = await run(...kept, "--json", "--quiet");
        const { records, bytes, threads } = JSON.parse(stdout);
        assert.ok(near(rehearsal.rows, records, 1.02), `${rehearsal.rows} rows`);
        assert.ok(near(rehearsal.output!, bytes, 1.2), `${rehearsal.output} of ${bytes} bytes`);
        const table = (await Deno.stat(`${folder}/${output}.duckdb`)).size;
        const [{ bytes: disk }] = rehearsal.folders;
        // Blocks of a table as small as this are not full, which the estimate does not know.
        assert.ok(near(disk, bytes + table, 1.3), `${disk} of ${bytes + table} bytes`);
        assert.equal(rehearsal.threads, threads);
        assert.equal(rehearsal.disorder, name === "shuffled");
        assert.ok(rehearsal.seconds > 0 && rehearsal.folders[0].free! > 0);
      }
    }));
}

Deno.test("--dry-run of a gzip file estimates from its beginning", () =>
  withMatrix(["--rows", "300000"], async (folder, run) => {
    const text = await Deno.readFile(`${folder}/m.tsv`);
    await Deno.writeFile(`${folder}/m.tsv.gz`, gzipSync(text, { level: 1 }));
    const { rows, output } = await rehearsed(run, "m.tsv.gz", "-o", "o.vcf");
    assert.ok(near(rows, 300_000, 1.1) && near(output!, text.length, 1.3), `${rows} ${output}`);
  }));

const HEADER = "CHROM\tPOS\tREF\t1a\t1b\n", ROW = "1\t5\tA\tA\tG\n";
const REFUSED: { name: string; text: string; args?: string[]; code: number; error: RegExp }[] = [
  {
    name: "a bad row",
    text: `${HEADER}${ROW}1\tx\tA\tA\tG\n`,
    code: 1,
    error: /^error: m\.tsv:3: POS: /m,
  },
  {
    name: "a bad header",
    text: `CHROM\tPOS\t1a\n${ROW}`,
    code: 1,
    error: /^error: m\.tsv:1: .*REF/m,
  },
  {
    name: "an output folder that does not exist",
    text: HEADER + ROW,
    args: ["-o", "no/o.vcf"],
    code: 1,
    error: /^error: no\/o\.vcf: the folder 'no' does not exist/m,
  },
  {
    name: "a budget that is too small",
    text: HEADER + ROW,
    args: ["--memory", "4000"],
    code: 2,
    error: /^error: .*--memory/m,
  },
];
for (const { name, text, args = [], code, error } of REFUSED) {
  Deno.test(`--dry-run says what the run would say: ${name}`, () =>
    withFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/m.tsv`, text);
      const output = args.includes("-o") ? [] : ["-o", "o.vcf"];
      const command = ["convert", "m.tsv", ...output, ...args];
      const result = await cli([...command, "--dry-run"], { cwd: folder });
      assert.match(result.stderr, error);
      assert.equal(result.code, code);
      assert.equal((await cli(command, { cwd: folder })).code, code);
      assert.deepEqual(await listing(folder), ["m.tsv"]);
    }));
}

Deno.test("--dry-run: bad rows that are skipped are counted, a pipe is refused", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, `${HEADER}${ROW}1\tx\tA\tA\tG\n`);
    const skip = ["m.tsv", "-o", "o.vcf", "--on-bad-row", "skip", "--dry-run"];
    const { code, stdout } = await cli(["convert", ...skip], { cwd: folder });
    assert.match(stdout, /^bad rows {2}1 of 2 that were looked at: m\.tsv:3: POS: .*$/m);
    assert.match(stdout, /^this was a rehearsal: nothing has been written$/m);
    assert.equal(code, 0);
    const pipe = await cli(["convert", "-", "-o", "o.vcf", "--dry-run"], { cwd: folder });
    assert.match(pipe.stderr, /which a pipe gives only once/);
    assert.equal(pipe.code, 2);
    assert.deepEqual(await listing(folder), ["m.tsv"]);
  }));

Deno.test("a rehearsal refuses a disk that is too small", () => {
  const folders = [{ folder: "/data", bytes: 2 ** 31, free: 2 ** 30 }];
  const rehearsal = { badRow: undefined, folders } as unknown as Rehearsal;
  assert.throws(() => checkRehearsal(rehearsal, false), MachineError);
  checkRehearsal({ ...rehearsal, folders: [{ ...folders[0], free: undefined }] }, false);
});
