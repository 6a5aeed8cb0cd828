/**
 * What goes wrong with shards, by the table of failures of the design: what the user is told, and
 * what is left.
 *
 * The suite runs a slice. More kills: `deno test -A tests/shards/failures_test.ts -- 30`.
 */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import {
  cli,
  cliInShell,
  cliProcess,
  type CliResult,
  listing,
  startCli,
  withFolder,
} from "../helpers/cli.ts";
import { bytesOf, matrixOf } from "../helpers/convert_text.ts";
import { matrixText } from "../helpers/generated.ts";
import { withCells } from "../helpers/shard_runs.ts";
import { compressBlocks, EOF_BLOCK } from "../../src/bgzf/blocks.ts";
import { gather, scatter, shard } from "../../mod.ts";

const [kills = 4] = Deno.args.map(Number).filter(Number.isInteger);

const SMALL = matrixOf("CHROM POS REF 1a 1b", "1 7 A A G", "1 9 A C A", "2 3 A A T", "2 3 A A A");

/** A run of the command line that must end with a code, and say something. */
async function ends(code: number, said: RegExp, args: string[], cwd: string): Promise<CliResult> {
  const result = await cli(args, { cwd });
  assert.match(result.stdout + result.stderr, said, args.join(" "));
  assert.equal(result.code, code, args.join(" "));
  if (code !== 0) assert.match(result.stderr.trimEnd(), /^(.*\n)*error: .*$/);
  return result;
}

/** Lays a matrix, and plans it in two shards with a few rows each. */
async function planned(folder: string, text = SMALL, options: string[] = []): Promise<void> {
  await Deno.writeTextFile(`${folder}/m.tsv`, text);
  await withCells(24, async () => {
    await scatter({
      input: `${folder}/m.tsv`,
      plan: `${folder}/plan.json`,
      shards: 2,
      ...flags(options),
    });
  });
}

function flags(options: string[]) {
  return options.includes("skip") ? { onBadRow: "skip" as const } : {};
}

async function bothShards(folder: string): Promise<void> {
  for (const k of [0, 1]) {
    await withCells(24, () => shard({ plan: `${folder}/plan.json`, shard: k, threads: 0 }));
  }
}

/** The public names in the folder of the shards. */
const shardNames = (folder: string) => listing(`${folder}/shards`);

Deno.test("scatter refuses what cannot be cut, and says what works", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, SMALL);
    await Deno.writeFile(`${folder}/m.tsv.gz`, gzipSync(SMALL));
    // Gzip members that begin as BGZF, and go on as anything.
    const mixed = [
      compressBlocks(new TextEncoder().encode(SMALL), 5).bytes,
      gzipSync(SMALL),
      EOF_BLOCK,
    ];
    await Deno.writeFile(`${folder}/mixed.tsv.gz`, new Blob(mixed as BlobPart[]).stream());
    const cut = ["-n", "2", "-o", "plan.json"];
    await ends(
      1,
      /m\.tsv\.gz: a \.gz file cannot be cut .* bgzip/,
      ["scatter", "m.tsv.gz", ...cut],
      folder,
    );
    await ends(
      1,
      /mixed\.tsv\.gz: a \.gz file cannot be cut/,
      ["scatter", "mixed.tsv.gz", ...cut],
      folder,
    );
    await ends(1, /no\.tsv: there is no such file/, ["scatter", "no.tsv", ...cut], folder);
    const piped = await cliProcess(["scatter", "-", ...cut], { cwd: folder, stdin: SMALL });
    assert.match(piped.stderr, /^error: -: standard input can be read but once/);
    assert.equal(piped.code, 1);
    await Deno.writeTextFile(`${folder}/p.hap`, "0 1\n1 0\n");
    await Deno.writeTextFile(`${folder}/p.legend`, "id position a0 a1\n1:5 5 A G\n1:9 9 C T\n");
    await Deno.writeTextFile(`${folder}/p.samples`, "sample population group sex\nS1 P G 1\n");
    const pair = ["scatter", "p.hap", "--contig", "1", "--ref-from", "first", ...cut];
    await ends(1, /p\.hap: the sites of hap-legend are in another file/, pair, folder);
    await cli(["convert", "m.tsv", "-o", "o.vcf", "--database", "k.duckdb"], { cwd: folder });
    await ends(
      1,
      /k\.duckdb: a table is not converted in shards/,
      ["scatter", "k.duckdb", ...cut],
      folder,
    );
    assert.equal((await listing(folder)).includes("plan.json"), false);
  }));

Deno.test("scatter refuses options that are not for shards, and says where they belong", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, SMALL);
    const USAGE: [string[], RegExp][] = [
      [["-n", "2", "-O", "b"], /BCF is not gathered.* bcftools view -Ob OUT\.vcf\.gz/],
      [["-n", "2", "-O", "u"], /BCF is not gathered/],
      [["-n", "2", "-O", "x"], /--output-type is v/],
      [["-n", "2", "--format", "matrix"], /--format is not for shards/],
      [["-n", "2", "--database", "k.duckdb"], /--database is not for shards/],
      [["-n", "2", "--memory", "1GiB"], /--memory is not for shards: it belongs to a node/],
      [["-n", "2", "--shard-size", "1MiB"], /either --shards, their number, or --shard-size/],
      [[], /either --shards, their number, or --shard-size/],
      [["-n", "0"], /whole number from 1 on/],
      [["-n", "1001"], /1 to 1000, not '1001'/],
      [["--shard-size", "0"], /at least 1 byte/],
    ];
    for (const [options, said] of USAGE) {
      await ends(2, said, ["scatter", "m.tsv", "-o", "plan.json", ...options], folder);
    }
    await ends(2, /--output <file>' not specified/, ["scatter", "m.tsv", "-n", "2"], folder);
    await ends(1, /m\.tsv: this output is also an input/, [
      "scatter",
      "m.tsv",
      "-n",
      "2",
      "-o",
      "m.tsv",
    ], folder);
    assert.deepEqual(await listing(folder), ["m.tsv"]);
  }));

Deno.test("-n gives so many shards, however small the matrix is, and none makes a difference", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, SMALL);
    await Deno.writeTextFile(`${folder}/empty.tsv`, SMALL.split("\n")[0] + "\n");
    await Deno.writeTextFile(`${folder}/apart.tsv`, "");
    await Deno.writeTextFile(`${folder}/h.txt`, SMALL.split("\n")[0]);
    for (const name of ["m", "empty", "apart"]) {
      const header = name === "apart" ? ["--header", "h.txt"] : [];
      await cli(["convert", `${name}.tsv`, "-o", `${name}.one.vcf.gz`, ...header], { cwd: folder });
      const { stdout } = await ends(0, /sbatch/, [
        "scatter",
        `${name}.tsv`,
        "-n",
        "5",
        "-o",
        "plan.json",
        ...header,
      ], folder);
      assert.match(stdout, /seq 0 4/);
      assert.match(stdout, /--array=0-4 /);
      for (let k = 0; k < 5; k++) {
        await ends(0, /records/, ["shard", "plan.json", String(k)], folder);
      }
      await ends(
        0,
        /checksum of all samples/,
        ["gather", "plan.json", "-o", `${name}.vcf.gz`],
        folder,
      );
      for (const suffix of ["", ".tbi"]) {
        const [one, many] = [`${name}.one.vcf.gz${suffix}`, `${name}.vcf.gz${suffix}`];
        assert(
          (await bytesOf(`${folder}/${many}`)).equals(await bytesOf(`${folder}/${one}`)),
          many,
        );
      }
      assert.deepEqual(await shardNames(folder), ["gathered.json"]);
    }
  }));

Deno.test("shard refuses what is no shard of a plan", () =>
  withFolder(async (folder) => {
    await planned(folder);
    const plan = await Deno.readTextFile(`${folder}/plan.json`);
    await ends(
      2,
      /the plan has 2 shards, 0 to 1, and none '2'/,
      ["shard", "plan.json", "2"],
      folder,
    );
    await ends(2, /the first shard is 1/, ["shard", "plan.json", "0", "--one-based"], folder);
    await ends(2, /whole number from 0 on/, ["shard", "plan.json", "-1"], folder);
    await ends(2, /whole number from 0 on/, ["shard", "plan.json", "x"], folder);
    await ends(1, /no\.json: there is no such plan/, ["shard", "no.json", "0"], folder);
    await ends(1, /m\.tsv: this is no JSON/, ["shard", "m.tsv", "0"], folder);
    const damaged: [string, string, RegExp][] = [
      ["{}", "", /is no plan/],
      ["[1]", "", /this is no JSON/],
      [plan.slice(0, -40), "", /this is no JSON, or it was cut/],
      [plan.replace('"gap":"missing"', '"gap":"star"'), "", /was changed after scatter wrote it/],
      [
        plan.replace(/"version":"[^"]*"/, '"version":"0.0.9"'),
        "",
        /made by matrix2vcf 0\.0\.9 and this is/,
      ],
      [plan.replace('"format":1', '"format":2'), "", /may write other bytes/],
    ];
    for (const [text, , said] of damaged) {
      await Deno.writeTextFile(`${folder}/bad.json`, text);
      for (const args of [["shard", "bad.json", "0"], ["gather", "bad.json", "-o", "o.vcf.gz"]]) {
        await ends(1, said, args, folder);
      }
    }
    assert.deepEqual(await listing(folder), ["bad.json", "m.tsv", "plan.json"]);
  }));

Deno.test("a shard that is done is left as it is; one of another plan is replaced", () =>
  withFolder(async (folder) => {
    await planned(folder);
    await ends(0, /^shard 0: 3 records/m, ["shard", "plan.json", "1", "--one-based"], folder);
    const before = await Deno.stat(`${folder}/shards/0.vcf.gz`);
    await ends(0, /shard 0 was done before: 3 records/, ["shard", "plan.json", "0"], folder);
    assert.deepEqual((await Deno.stat(`${folder}/shards/0.vcf.gz`)).mtime, before.mtime);
    const { stdout } = await cli(["shard", "plan.json", "0", "--json"], { cwd: folder });
    assert.equal(JSON.parse(stdout).before, true);

    await withCells(
      24,
      () =>
        scatter({
          input: `${folder}/m.tsv`,
          plan: `${folder}/plan.json`,
          shards: 2,
          unphased: true,
        }),
    );
    await ends(1, /stale: 0 \(made by another plan/, ["gather", "plan.json", "--status"], folder);
    await ends(0, /^shard 0: 3 records/m, ["shard", "plan.json", "0"], folder);
    await withCells(
      24,
      () => scatter({ input: `${folder}/m.tsv`, plan: `${folder}/other.json`, shards: 2 }),
    );
    await ends(1, /has shards of another plan, .*plan\.json; give this one a folder of its own/, [
      "shard",
      "other.json",
      "0",
    ], folder);
    await ends(
      0,
      /^shard 0: 3 records/m,
      ["shard", "other.json", "0", "--out", "elsewhere"],
      folder,
    );
    await ends(1, /shards done; missing: 1; to make them: sbatch --array=1 /, [
      "gather",
      "other.json",
      "--from",
      "elsewhere",
      "-o",
      "o.vcf.gz",
      "--wait",
      "0",
    ], folder);
  }));

Deno.test("gather names all that is missing or stale, as a command that makes it", () =>
  withFolder(async (folder) => {
    const odd = `${folder}/a b'c`;
    await Deno.mkdir(odd);
    await Deno.writeTextFile(`${odd}/m.tsv`, SMALL);
    await ends(0, /sbatch/, ["scatter", "m.tsv", "-n", "9", "-o", "p 1.json"], odd);
    const status = ["gather", "p 1.json", "--status"];
    for (const k of [1, 5, 8]) await cli(["shard", "p 1.json", String(k)], { cwd: odd });
    const { stdout } = await ends(1, /3 of 9 shards done\nmissing: 0,2-4,6,7\n/, status, odd);
    const command = stdout.trimEnd().split("\n").at(-1)!;
    assert.match(command, /^sbatch --array=0,2-4,6,7 --requeue --wrap /);
    // A shell that stands for Slurm: it runs the command for each number of the array.
    const fake = `sbatch() { for k in 0 2 3 4 6 7; do SLURM_ARRAY_TASK_ID=$k sh -c "$4"; done; }
      matrix2vcf() { shift 0; }; export PATH="$PWD/bin:$PATH"; ${command}`;
    await Deno.mkdir(`${odd}/bin`);
    await Deno.writeTextFile(
      `${odd}/bin/matrix2vcf`,
      '#!/bin/sh\nprintf "%s\\n" "$*" >>"$PWD/asked"\n',
      {
        mode: 0o755,
      },
    );
    const ran = await cliInShell(fake.replace("matrix2vcf() { shift 0; }; ", ""), [], odd);
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(
      (await Deno.readTextFile(`${odd}/asked`)).trimEnd().split("\n"),
      [0, 2, 3, 4, 6, 7].map((k) => `shard p 1.json ${k}`),
    );
    for (const k of [0, 2, 3, 4, 6, 7]) await cli(["shard", "p 1.json", String(k)], { cwd: odd });
    await ends(0, /^9 of 9 shards done\n$/, status, odd);
    const json = await cli([...status, "--json"], { cwd: odd });
    assert.deepEqual(JSON.parse(json.stdout), {
      shards: 9,
      done: [...Array(9).keys()],
      missing: [],
      stale: [],
    });
  }));

Deno.test("gather waits for a shard that is late", () =>
  withFolder(async (folder) => {
    await planned(folder);
    await bothShards(folder);
    await Deno.rename(`${folder}/shards/1.json`, `${folder}/late.json`);
    const gathering = gather({
      plan: `${folder}/plan.json`,
      output: `${folder}/o.vcf.gz`,
      wait: 30,
    });
    await new Promise((resolve) => setTimeout(resolve, 700));
    await Deno.rename(`${folder}/late.json`, `${folder}/shards/1.json`);
    assert.equal((await gathering).records, 4);
  }));

Deno.test("a file of a shard that was cut, changed or lost is told, and nothing is left", () =>
  withFolder(async (folder) => {
    await planned(folder);
    await bothShards(folder);
    const output = `${folder}/shards/1.vcf.gz`, spans = `${folder}/shards/1.spans`;
    const whole = { [output]: await Deno.readFile(output), [spans]: await Deno.readFile(spans) };
    const CASES: [string, (bytes: Uint8Array) => Uint8Array | undefined, RegExp][] = [
      [
        output,
        (bytes) => bytes.subarray(0, -5),
        /stale: 1 \(.*1\.vcf\.gz has \d+ bytes, and was written with/,
      ],
      [output, () => undefined, /stale: 1 \(.*1\.vcf\.gz is missing\)/],
      [
        output,
        (bytes) => flipped(bytes, -40),
        /1\.vcf\.gz: the file is not what its shard wrote .*remove .*1\.json/,
      ],
      [
        spans,
        (bytes) => flipped(bytes, 9),
        /1\.spans: the file is not what its shard wrote; remove .*1\.json/,
      ],
      [spans, (bytes) => bytes.subarray(8), /stale: 1 \(.*1\.spans has/],
    ];
    for (const [path, change, said] of CASES) {
      const changed = change(whole[path]);
      if (changed) await Deno.writeFile(path, changed);
      else await Deno.remove(path);
      await Deno.writeTextFile(`${folder}/o.vcf.gz`, "an older output");
      await ends(1, said, ["gather", "plan.json", "-o", "o.vcf.gz", "--wait", "0"], folder);
      assert.equal(await Deno.readTextFile(`${folder}/o.vcf.gz`), "an older output");
      assert.deepEqual((await listing(folder)).filter((name) => name.startsWith(".")), []);
      await Deno.writeFile(path, whole[path]);
    }
    await Deno.writeTextFile(`${folder}/shards/0.json`, "{");
    await ends(1, /stale: 0 \(this is no JSON/, ["gather", "plan.json", "--status"], folder);
  }));

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const changed = bytes.slice();
  changed[at < 0 ? bytes.length + at : at] ^= 1;
  return changed;
}

Deno.test("an input that changed after scatter is refused, by every shard", () =>
  withFolder(async (folder) => {
    const CHANGES: [string, (path: string) => void, RegExp][] = [
      [
        "longer",
        (path) => Deno.writeTextFileSync(path, SMALL + "2\t9\tA\tA\tA\n"),
        /it has \d+ bytes, and had \d+/,
      ],
      [
        "touched",
        (path) => Deno.utimeSync(path, 1, 1),
        /it was written 1970-01-01T00:00:01\.000Z, and before/,
      ],
      ["edited, its time set back", (path) => {
        const { atime, mtime } = Deno.statSync(path);
        Deno.writeTextFileSync(path, SMALL.replace("7", "8"));
        Deno.utimeSync(path, atime!, mtime!);
      }, /its first or last MiB differs/],
      ["gone", (path) => Deno.removeSync(path), /m\.tsv: there is no such file/],
    ];
    for (const [name, change, said] of CHANGES) {
      await planned(folder);
      change(`${folder}/m.tsv`);
      await ends(1, said, ["shard", "plan.json", "1"], folder);
      assert.deepEqual(await shardNames(folder), [], name);
    }
  }));

Deno.test("a change in the middle, its size and time as before, is found by --verify-input", () =>
  withFolder(async (folder) => {
    const path = `${folder}/m.tsv`;
    for (const middle of [true, false]) {
      const text = matrixText({ rows: 60_000, samples: 12, chromosomes: 2 });
      assert(text.length > 3 << 20);
      await Deno.writeTextFile(path, text);
      await scatter({ input: path, plan: `${folder}/plan.json`, shards: 2 });
      await withCells(1 << 20, async () => {
        await scatter({ input: path, plan: `${folder}/plan.json`, shards: 2 });
        for (const k of [0, 1]) await shard({ plan: `${folder}/plan.json`, shard: k, threads: 0 });
      });
      if (middle) {
        const { atime, mtime } = Deno.statSync(path), bytes = new TextEncoder().encode(text);
        // The quality of a byte in the second MiB: a base becomes another one.
        const at = bytes.indexOf("A".charCodeAt(0), 1_500_000);
        bytes[at] = "C".charCodeAt(0);
        await Deno.writeFile(path, bytes);
        Deno.utimeSync(path, atime!, mtime!);
      }
      const args = ["gather", "plan.json", "-o", "o.vcf.gz", "--keep-shards", "--verify-input"];
      if (middle) {
        await ends(1, /m\.tsv: the file changed after shards 0 had read it/, args, folder);
      } else await ends(0, /60000 records/, args, folder);
    }
  }));

Deno.test("a bad row has the line of the whole matrix, however it is read", () =>
  withFolder(async (folder) => {
    const rows = Array.from({ length: 300 }, (_, n) => `1 ${n + 5} A A G`);
    const bad = [...rows.slice(0, 250), "1 256 A A Q", ...rows.slice(250)];
    for (
      const [name, disorder] of [["straight", []], ["through the table", ["1 3 A A G"]]] as const
    ) {
      const text = matrixOf(
        "CHROM POS REF 1a 1b",
        ...bad.slice(0, 160),
        ...disorder,
        ...bad.slice(160),
      );
      const line = 252 + disorder.length;
      for (const file of ["m.tsv", "m.tsv.gz"]) {
        const bytes = new TextEncoder().encode(text);
        const content = file === "m.tsv" ? bytes : compressBlocks(bytes, 5).bytes;
        await Deno.writeFile(`${folder}/${file}`, content);
        if (file === "m.tsv.gz") {
          await Deno.writeFile(`${folder}/${file}`, EOF_BLOCK, { append: true });
        }
        await withCells(512, async () => {
          const input = `${folder}/${file}`, plan = `${folder}/plan.json`;
          await scatter({ input, plan, shards: 2 });
          await assert.rejects(
            shard({ plan, shard: 1, threads: file === "m.tsv" ? 0 : 1 }),
            ({ message }: Error) =>
              message.startsWith(`${input}:${line}: 1b: 'Q' is not an allele`),
            `${file} ${name}`,
          );
          assert.deepEqual(await shardNames(folder), []);
          await assert.rejects(gather({ plan, output: `${folder}/o.vcf.gz` }), /missing: 0,1/);
          // The others go on.
          await shard({ plan, shard: 0, threads: file === "m.tsv" ? 0 : 1 });
          await Deno.remove(`${folder}/shards`, { recursive: true });
        });
      }
    }
  }));

Deno.test("bad rows that are skipped have their lines in the one file of bad rows", () =>
  withFolder(async (folder) => {
    const text = matrixOf(
      "CHROM POS REF 1a 1b",
      "1 x A A A",
      "1 3 A A G",
      "1 4 A Q G",
      "1 5 A A G",
      "1 6 A A R",
    );
    await planned(folder, text, ["skip"]);
    await bothShards(folder);
    await cli(["convert", "m.tsv", "-o", "one.vcf.gz", "--on-bad-row", "skip"], { cwd: folder });
    await ends(0, /3 bad rows skipped, see o\.vcf\.gz\.rejects\.tsv/, [
      "gather",
      "plan.json",
      "-o",
      "o.vcf.gz",
    ], folder);
    const read = (name: string) => Deno.readTextFile(`${folder}/${name}.vcf.gz.rejects.tsv`);
    assert.equal(await read("o"), await read("one"));
    assert.match(await read("o"), /^4\t1a: /m);

    await planned(folder, matrixOf("CHROM POS REF 1a 1b", "1 x A A A", "1 3 A A Q"), ["skip"]);
    await bothShards(folder);
    await ends(1, /m\.tsv: all 2 rows are bad/, ["gather", "plan.json", "-o", "p.vcf.gz"], folder);
    assert.equal((await listing(folder)).some((name) => name.startsWith("p.")), false);
  }));

Deno.test("a name that does not fit the plan is wrong usage", () =>
  withFolder(async (folder) => {
    await planned(folder);
    await bothShards(folder);
    for (const name of ["o.vcf", "o.bcf"]) {
      await ends(2, /the shards are VCF in BGZF: name the --output OUT\.vcf\.gz/, [
        "gather",
        "plan.json",
        "-o",
        name,
      ], folder);
    }
    await ends(
      1,
      /the folder 'no' does not exist/,
      ["gather", "plan.json", "-o", "no/o.vcf.gz"],
      folder,
    );
    await ends(
      1,
      /m\.tsv: this output is also an input/,
      ["gather", "plan.json", "-o", "m.tsv"],
      folder,
    );
    const { stdout } = await cli(["gather", "plan.json", "-o", "o.vcf.gz", "--json"], {
      cwd: folder,
    });
    assert.equal(JSON.parse(stdout).records, 4);
  }));

Deno.test("what the whole run refuses, or warns of, gather does", () =>
  withFolder(async (folder) => {
    const input = `${folder}/m.tsv`, plan = `${folder}/plan.json`;
    await Deno.writeTextFile(input, SMALL);
    await withCells(24, async () => {
      await scatter({ input, plan, shards: 3, regions: "3:1-9" });
      for (const k of [0, 1, 2]) await shard({ plan, shard: k, threads: 0 });
      await assert.rejects(
        gather({ plan, output: `${folder}/o.vcf.gz` }),
        /the matrix has no contig '3'/,
      );
      const far = matrixOf("CHROM POS REF 1a 1b", "1 7 A A G", "1 536870913 A A G");
      await Deno.writeTextFile(input, far);
      await scatter({ input, plan, shards: 2, index: "tbi" });
      for (const k of [0, 1]) await shard({ plan, shard: k, threads: 0 });
      await assert.rejects(
        gather({ plan, output: `${folder}/o.vcf.gz` }),
        /a \.tbi index ends at position/,
      );
    });
    assert.deepEqual((await listing(folder)).filter((name) => name.startsWith("o.")), []);
  }));

Deno.test("two attempts of a shard at one time: both end well, and nothing is left over", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, matrixText({ rows: 150_000, samples: 12 }));
    await cli(["scatter", "m.tsv", "-n", "1", "-o", "plan.json"], { cwd: folder });
    const both = await Promise.all(
      [1, 2].map(() => cliProcess(["shard", "plan.json", "0"], { cwd: folder })),
    );
    for (const { code, stderr } of both) assert.equal(code, 0, stderr);
    assert.deepEqual(await shardNames(folder), ["0.json", "0.spans", "0.vcf.gz"]);
    await ends(
      0,
      /150000 records/,
      ["gather", "plan.json", "-o", "o.vcf.gz", "--verify-input"],
      folder,
    );
  }));

for (const signal of ["SIGKILL", "SIGTERM"] as const) {
  Deno.test(`a shard that is ended by ${signal} leaves nothing that looks done, and can be run again`, () =>
    withFolder(async (folder) => {
      await Deno.writeTextFile(
        `${folder}/m.tsv`,
        matrixText({ rows: 150_000, samples: 12, shuffle: true }),
      );
      await Deno.mkdir(`${folder}/tmp`);
      await cli(["scatter", "m.tsv", "-n", "1", "-o", "plan.json"], { cwd: folder });
      const args = ["shard", "plan.json", "0", "--temp-dir", "tmp", "--threads", "2"];
      let running = 0;
      for (let n = 0; n < kills; n++) {
        const child = startCli(args, folder);
        child.stdin.close();
        const ended = Promise.all([child.status, child.stdout.cancel(), child.stderr.cancel()]);
        await new Promise((resolve) => setTimeout(resolve, 150 + n * 1800 / kills));
        const alive = await isAlive(child.pid);
        if (alive) child.kill(signal);
        const [{ code }] = await ended;
        if (code !== 0) {
          running++;
          assert.equal(code, signal === "SIGKILL" ? 137 : 143);
          const names = (await shardNames(folder)).filter((name) => !name.startsWith("."));
          assert.deepEqual(names.filter((name) => name.endsWith("json")), []);
          if (signal === "SIGTERM") assert.deepEqual(await listing(`${folder}/tmp`), []);
        } else await Deno.remove(`${folder}/shards`, { recursive: true });
      }
      assert(running > 0, "no run was killed while it ran");
      // What a killed run has left is swept by the next one.
      await ends(0, /shard 0: 150000 records/, args, folder);
      assert.deepEqual(await listing(`${folder}/tmp`), []);
      assert.deepEqual(await shardNames(folder), ["0.json", "0.spans", "0.vcf.gz"]);
      await cli(["convert", "m.tsv", "-o", "one.vcf.gz"], { cwd: folder });
      await ends(0, /records/, ["gather", "plan.json", "-o", "o.vcf.gz"], folder);
      assert((await bytesOf(`${folder}/o.vcf.gz`)).equals(await bytesOf(`${folder}/one.vcf.gz`)));
    }));
}

async function isAlive(pid: number): Promise<boolean> {
  try {
    return !/^State:\s+Z/m.test(await Deno.readTextFile(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

Deno.test("a gathering that is ended leaves the older output, and the shards", () =>
  withFolder(async (folder) => {
    await planned(folder);
    await bothShards(folder);
    await Deno.writeTextFile(`${folder}/o.vcf.gz`, "an older output");
    const abort = new AbortController();
    abort.abort(new Error("stopped"));
    await assert.rejects(
      gather({ plan: `${folder}/plan.json`, output: `${folder}/o.vcf.gz`, signal: abort.signal }),
    );
    assert.equal(await Deno.readTextFile(`${folder}/o.vcf.gz`), "an older output");
    assert.equal((await shardNames(folder)).length, 6);
    await gather({ plan: `${folder}/plan.json`, output: `${folder}/o.vcf.gz` });
    assert.deepEqual(
      (await listing(folder)).filter((name) => !name.startsWith("shards/")),
      ["m.tsv", "o.vcf.gz", "o.vcf.gz.tbi", "plan.json"],
    );
  }));

Deno.test("gather removes what attempts on other hosts have left, and nothing of others", () =>
  withFolder(async (folder) => {
    await planned(folder);
    await bothShards(folder);
    const dead = `${folder}/shards/.matrix2vcf-othernode-77-${crypto.randomUUID()}.tmp`;
    await Deno.mkdir(dead);
    await Deno.writeTextFile(`${dead}/lock`, "");
    await Deno.writeTextFile(`${dead}/output`, "half of it");
    await Deno.writeTextFile(`${folder}/shards/notes.txt`, "somebody's");
    await gather({ plan: `${folder}/plan.json`, output: `${folder}/o.vcf.gz`, keepShards: true });
    assert.equal((await shardNames(folder)).length, 7);
    await gather({ plan: `${folder}/plan.json`, output: `${folder}/o.vcf.gz` });
    assert.deepEqual(await shardNames(folder), ["gathered.json", "notes.txt"]);
  }));

Deno.test("what is started again after the gathering has nothing to do, while the output is there", () =>
  withFolder(async (folder) => {
    await planned(folder);
    await bothShards(folder);
    const gathering = ["gather", "plan.json", "-o", "o.vcf.gz", "--wait", "0"];
    await ends(0, /4 records/, gathering, folder);
    const { mtime } = await Deno.stat(`${folder}/o.vcf.gz`);
    await ends(0, /gathered before, and the output is as it was\n4 records/, gathering, folder);
    assert.deepEqual((await Deno.stat(`${folder}/o.vcf.gz`)).mtime, mtime);
    await ends(0, /shard 1 was done before: 1 records/, ["shard", "plan.json", "1"], folder);
    await ends(0, /2 of 2 shards done\ngathered into .*o\.vcf\.gz\n/, [
      "gather",
      "plan.json",
      "--status",
    ], folder);
    assert.deepEqual(await shardNames(folder), ["gathered.json"]);
    for (const other of ["p.vcf.gz", "-"]) {
      await ends(
        1,
        /gathered\.json: the shards were gathered into .*o\.vcf\.gz, and removed; copy/,
        [
          "gather",
          "plan.json",
          "-o",
          other,
        ],
        folder,
      );
    }
    // The files belong together: without its index, the output is not as it was.
    await Deno.remove(`${folder}/o.vcf.gz.tbi`);
    await ends(1, /missing: 0,1/, gathering, folder);
    await ends(0, /^shard 1: 1 records/m, ["shard", "plan.json", "1"], folder);
  }));

Deno.test("scatter makes the folder of its plan, and none above it", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, SMALL);
    await ends(0, /sbatch/, ["scatter", "m.tsv", "-n", "2", "-o", "run/plan.json"], folder);
    await ends(1, /the folder 'a\/b' does not exist/, [
      "scatter",
      "m.tsv",
      "-n",
      "2",
      "-o",
      "a/b/plan.json",
    ], folder);
    assert.deepEqual(await listing(folder), ["m.tsv", "run/", "run/plan.json"]);
  }));

Deno.test("gather never takes what belongs to the plan for its output", () =>
  withFolder(async (folder) => {
    await planned(folder);
    await bothShards(folder);
    for (
      const name of [
        "plan.json",
        "shards/0.vcf.gz",
        "shards/1.spans",
        "shards/0.json",
        "shards/gathered.json",
      ]
    ) {
      await ends(1, /this output is also an input; give it another name/, [
        "gather",
        "plan.json",
        "-o",
        name,
      ], folder);
    }
    assert.equal((await shardNames(folder)).length, 6);
  }));

Deno.test("a manifest that was changed is stale, whatever was changed in it", () =>
  withFolder(async (folder) => {
    await planned(folder);
    await bothShards(folder);
    const path = `${folder}/shards/1.json`, text = await Deno.readTextFile(path);
    for (
      const [from, to] of [['"longest":1', '"longest":9'], ['"lines":1', '"lines":7'], [
        /"contigs":\[.*?\],/,
        "",
      ]]
    ) {
      await Deno.writeTextFile(path, text.replace(from, to as string));
      await ends(1, /stale: 1 \(the manifest was changed after the shard wrote it\)/, [
        "gather",
        "plan.json",
        "--status",
      ], folder);
    }
  }));

Deno.test("bad rows with other line ends than LF stay one row each", () =>
  withFolder(async (folder) => {
    const good = [6, 7, 8, 9, 10, 11].map((pos) => `1 ${pos} A A G`);
    const rows = ["1 3 A X\rY G", "1 4 A X\u2028Y G", "1 5 A A\u0085 G", ...good];
    await planned(folder, matrixOf("CHROM POS REF 1a 1b", ...rows), ["skip"]);
    await bothShards(folder);
    await cli(["convert", "m.tsv", "-o", "one.vcf.gz", "--on-bad-row", "skip"], { cwd: folder });
    await ends(0, /3 bad rows skipped/, ["gather", "plan.json", "-o", "o.vcf.gz"], folder);
    const read = (name: string) => Deno.readTextFile(`${folder}/${name}.vcf.gz.rejects.tsv`);
    assert.equal(await read("o"), await read("one"));
  }));

Deno.test("what should be the folder of the shards, and is a file, is said to be none", () =>
  withFolder(async (folder) => {
    await planned(folder);
    for (
      const args of [["shard", "plan.json", "0", "--out"], [
        "gather",
        "plan.json",
        "-o",
        "o.vcf.gz",
        "--from",
      ]]
    ) {
      await ends(1, /m\.tsv: this is no folder/, [...args, "m.tsv"], folder);
    }
    await ends(1, /m\.tsv: this is no folder/, [
      "gather",
      "plan.json",
      "--status",
      "--from",
      "m.tsv",
    ], folder);
  }));

Deno.test("gather has few files open, however many shards there are", () =>
  withFolder(async (folder) => {
    // A contig of each shard overlaps those of all others, so that all are read at a time.
    const rows = Array.from({ length: 150 }, (_, n) => [`1 ${n + 1} A A G`, `1 ${999 - n} A A C`]);
    await Deno.writeTextFile(`${folder}/m.tsv`, matrixOf("CHROM POS REF 1a 1b", ...rows.flat()));
    const plan = `${folder}/plan.json`;
    await withCells(24, async () => {
      await scatter({ input: `${folder}/m.tsv`, plan, shards: 130, outputType: "v" });
      for (let k = 0; k < 130; k++) await shard({ plan, shard: k, threads: 0 });
    });
    await cli(["convert", "m.tsv", "-o", "one.vcf"], { cwd: folder });
    const limited = 'ulimit -n 200; exec "$@"';
    const { code, stderr } = await cliInShell(
      limited,
      ["gather", "plan.json", "-o", "o.vcf"],
      folder,
    );
    assert.equal(code, 0, stderr);
    assert((await bytesOf(`${folder}/o.vcf`)).equals(await bytesOf(`${folder}/one.vcf`)));
  }));
