/**
 * `convert --profile` and the sub-command `profile`.
 *
 * @module
 */
import assert from "node:assert/strict";
import { profileSvg, readProfile } from "../../src/cli/profile_chart.ts";
import { cli, cliProcess, filePath, listing, withFolder } from "../helpers/cli.ts";

/** Run a task of `deno.json`, with the permissions that stand there. */
async function task(name: string, args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "--config", filePath("deno.json"), name, ...args],
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("convert --profile: a line every 100 ms, of every phase", async () => {
  await withFolder(async (folder) => {
    // Ingest has to take several lines: a million rows, and into a table that is kept.
    await cli(["generate", "--rows", "1000000", "-o", "m.tsv"], { cwd: folder });
    const kept = ["--database", "m.duckdb", "--memory", "512MiB"];
    const { code, stderr } = await cliProcess(
      ["convert", "m.tsv", "-o", "m.vcf", ...kept, "--profile", "run.csv", "--json"],
      { cwd: folder },
    );
    assert.equal(code, 0, stderr);
    const rows = readProfile(await Deno.readTextFile(`${folder}/run.csv`), "run.csv");
    assert.deepEqual([...new Set(rows.map(({ phase }) => phase))], ["ingest", "convert", "finish"]);
    const seconds = rows.map((row) => Number(row.seconds));
    assert.ok(seconds.every((time, index) => index === 0 || time >= seconds[index - 1]));
    // A busy machine may leave out a line, but not half of them.
    assert.ok(rows.length > seconds.at(-1)! * 5, `${rows.length} lines in ${seconds.at(-1)} s`);
    for (const row of rows) {
      assert.ok(Number(row.rss) > 2e7 && Number(row.v8_heap) > 1e6, JSON.stringify(row));
      assert.equal(row.budget, String(512 * 1024 ** 2));
    }
    assert.ok(rows.some((row) => Number(row.duckdb_memory) > 0));
    assert.ok(rows.some((row) => Number(row.busy_workers) > 0));
  });
});

Deno.test("the task profile: PSS and USS, and a picture", async () => {
  await withFolder(async (folder) => {
    await cli(["generate", "--rows", "100000", "-o", "m.tsv"], { cwd: folder });
    const seen = await task("profile", [
      "--",
      "convert",
      `${folder}/m.tsv`,
      "-o",
      `${folder}/m.vcf`,
      "--quiet",
      `--profile=${folder}/run.csv`,
    ]);
    assert.deepEqual(seen, { code: 0, stdout: "", stderr: "" });
    const rows = readProfile(await Deno.readTextFile(`${folder}/run.csv`), "run.csv");
    if (Deno.build.os === "linux") {
      const [row] = rows.filter(({ uss }) => Number(uss) > 0);
      assert.ok(Number(row.uss) <= Number(row.pss) && Number(row.pss) <= Number(row.rss) * 1.5);
    }
    const drawn = await task(
      "profile",
      [`${folder}/run.csv`, `--output=${folder}/run.svg`],
    );
    const told = `the picture is in ${folder}/run.svg\n`;
    assert.deepEqual(drawn, { code: 0, stdout: "", stderr: told });
    const svg = await Deno.readTextFile(`${folder}/run.svg`);
    for (const text of ["ingest", "convert", "RSS", "--memory", "seconds", "of 1024 MiB"]) {
      assert.ok(svg.includes(text), text);
    }
  });
});

Deno.test("the task profile: a picture in one command, and a name beside the output", async () => {
  await withFolder(async (folder) => {
    await cli(["generate", "--rows", "1000", "-o", "m.tsv"], { cwd: folder });
    const convert = ["convert", `${folder}/m.tsv`, "-o", `${folder}/m.vcf`];
    const beside = await task("profile", convert);
    assert.match(beside.stderr, /^the profile is in .*\/m\.vcf\.profile\.csv$/m);
    const drawn = await task("profile", [...convert, "--profile", `${folder}/p.SVG`, "--quiet"]);
    assert.deepEqual(drawn, { code: 0, stdout: "", stderr: "" });
    assert.match(await Deno.readTextFile(`${folder}/p.SVG`), /^<svg/);
    const files = ["m.tsv", "m.vcf", "m.vcf.profile.csv", "p.SVG"];
    assert.deepEqual(await listing(folder), files);
  });
});

Deno.test("profile: bad input, wrong use, and a conversion that fails", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/no.csv`, "a,b\n1,2\n");
    const cases: { args: string[]; code: number; error: RegExp }[] = [
      { args: ["run.csv"], code: 2, error: /profile run\.csv -o run\.svg/ },
      { args: ["run.csv", "-o", "a.svg", "b"], code: 2, error: /profile run\.csv -o run\.svg/ },
      { args: ["run.csv", "-o"], code: 2, error: /-o needs a file/ },
      {
        args: ["run.csv", "-o", "run.png"],
        code: 2,
        error: /a \.csv, or a picture of it an \.svg/,
      },
      { args: ["run.csv", "-o", "a.csv"], code: 2, error: /a picture is an \.svg, not 'a\.csv'/ },
      {
        args: ["convert", "m.tsv", "-o", "-"],
        code: 2,
        error: /say where the profile goes: --profile FILE\.csv/,
      },
      {
        args: ["convert", "m.tsv", "-o", "m.vcf", "--profile", "p.png"],
        code: 2,
        error: /a profile is a \.csv, or a picture of it an \.svg, not 'p\.png'/,
      },
      {
        args: [`${folder}/no.csv`, "-o", `${folder}/x.svg`],
        code: 1,
        error: /not a profile of convert/,
      },
      {
        args: [`${folder}/none.csv`, "-o", `${folder}/x.svg`],
        code: 1,
        error: /there is no such file/,
      },
      {
        args: [
          "convert",
          `${folder}/none.tsv`,
          "-o",
          `${folder}/x.vcf`,
          "--profile",
          `${folder}/x.csv`,
        ],
        code: 1,
        error: /no such file/,
      },
      {
        args: ["convert", "none.tsv", "--profile", `${folder}/x.csv`],
        code: 2,
        error: /required option/,
      },
    ];
    for (const { args, code, error } of cases) {
      const result = await task("profile", args);
      assert.match(result.stderr, error);
      assert.equal(result.code, code, args.join(" "));
    }
    const result = await cli(
      ["convert", "none.tsv", "-o", "x.vcf", "--profile", "no/such/folder.csv"],
      { cwd: folder },
    );
    assert.match(
      result.stderr,
      /^error: no\/such\/folder\.csv: the folder .no\/such. does not exist/,
    );
    assert.equal(result.code, 1);
  });
});

Deno.test("a profile of a single line is drawn", () => {
  const rows = readProfile("seconds,phase,rss,peak_rss,budget\n0.001,ingest,5,6,7\n", "x.csv");
  assert.match(profileSvg(rows), /^<svg/);
});
