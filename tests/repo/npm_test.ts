/**
 * The npm package that `deno task package` makes, laid out as npm lays it out: its dependencies are
 * links to the Deno and the addon that run the tests, so that no network is needed.
 *
 * @module
 */
import assert from "node:assert/strict";
import config from "../../deno.json" with { type: "json" };
import { ENTRY } from "../../tasks/compile.ts";
import { moduleGraph } from "../../tasks/module_graph.ts";
import { makePackage } from "../../tasks/package.ts";
import { hostTarget, TARGETS } from "../../tasks/program_folder.ts";
import { cli, listing, withFolder } from "../helpers/cli.ts";
import { run, type ToolResult } from "../helpers/tools.ts";

const MATRIX = "CHROM\tPOS\tREF\t1a\t1b\n2\t7\tA\tA\tG\n1\t9\tC\tT\tC\n";
const { addon } = TARGETS[hostTarget()];

/** Lays out `node_modules` in a folder; returns false where esbuild cannot be downloaded. */
async function layOut(folder: string): Promise<boolean> {
  const modules = `${folder}/node_modules`;
  await Deno.mkdir(`${modules}/deno`, { recursive: true });
  await Deno.mkdir(`${modules}/@duckdb`);
  try {
    await makePackage(`${modules}/matrix2vcf`);
  } catch (error) {
    if (/failed to download esbuild/.test((error as Error).message)) return false;
    throw error;
  }
  await Deno.writeTextFile(`${modules}/deno/package.json`, `{"name":"deno"}`);
  await Deno.symlink(Deno.execPath(), `${modules}/deno/deno`);
  const { npmPackages } = await moduleGraph([ENTRY]);
  const { localPath } = npmPackages.find(({ name }) => name === addon)!;
  await Deno.symlink(localPath, `${modules}/${addon}`);
  return true;
}

Deno.test("the npm package", async (test) => {
  await withFolder(async (folder) => {
    if (!await layOut(folder)) return console.log("esbuild cannot be downloaded; not tested");
    const root = `${folder}/node_modules/matrix2vcf`;
    await Deno.writeTextFile(`${folder}/m.tsv`, MATRIX);
    await test.step("depends on Deno, and on the addon of one's own platform alone", () =>
      checkManifest(root));
    await test.step("holds JavaScript and declarations", () => checkFiles(root));
    await test.step("runs the sub-commands in the caller's folder", () => checkBin(folder));
    await test.step("is a library for Deno programs", () => checkLibrary(folder));
    await test.step("names its command where Node imports it", () => checkNode(folder));
  });
});

async function checkManifest(root: string): Promise<void> {
  const manifest = JSON.parse(await Deno.readTextFile(`${root}/package.json`));
  assert.equal(manifest.version, config.version);
  assert.deepEqual(manifest.dependencies, { deno: Deno.version.deno });
  const addons = Object.keys(manifest.optionalDependencies);
  assert.deepEqual(addons, Object.values(TARGETS).map(({ addon }) => addon));
  assert.deepEqual(addons.filter((name) => name.includes("musl")), []);
  const version = config.imports["@duckdb/node-bindings"].split("@").at(-1);
  assert.deepEqual([...new Set(Object.values(manifest.optionalDependencies))], [version]);
}

async function checkFiles(root: string): Promise<void> {
  const files = (await listing(root)).filter((path) => !path.endsWith("/"));
  assert.deepEqual(files.filter((path) => /(?<!\.d)\.ts$/.test(path)), [], "no TypeScript");
  const needed = [
    "dist/src/main.js",
    "dist/src/worker.js",
    "dist/echarts.esm.min.mjs",
    "dist/echarts.min.js.txt",
  ];
  for (const path of [...needed, "types/mod.d.ts", "bin.js", "LICENSE", "README.md"]) {
    assert.ok(files.includes(path), path);
  }
  let bytes = 0;
  for (const path of files) bytes += (await Deno.stat(`${root}/${path}`)).size;
  assert.ok(bytes < 5e6, `${bytes}`);
}

async function checkBin(folder: string): Promise<void> {
  const convert = ["convert", "m.tsv", "-o", "m.vcf", "--quiet"];
  await bin(folder, [...convert, "--database", "m.duckdb"]);
  await cli(["convert", "m.tsv", "-o", "expected.vcf", "--quiet"], { cwd: folder });
  const vcf = await Deno.readTextFile(`${folder}/m.vcf`);
  assert.equal(vcf, await Deno.readTextFile(`${folder}/expected.vcf`));
  const query = ["-c", "SELECT count(*) AS n FROM matrix", "--format", "csv"];
  assert.equal((await bin(folder, ["sql", "m.duckdb", ...query])).stdout, "n\n2\n");
  await bin(folder, ["profile", ...convert, "--profile", "run.csv"]);
  await bin(folder, ["profile", "run.csv", "-o", "run.svg"]);
  assert.match(await Deno.readTextFile(`${folder}/run.svg`), /^<svg/);
  await bin(folder, ["report", "m.duckdb", "-o", "m.html"]);
  assert.match(await Deno.readTextFile(`${folder}/m.html`), /Apache Software Foundation/);
  assert.equal((await bin(folder, ["--version"])).stdout.trim(), config.version);
  const wrong = await bin(folder, ["convert"], 2);
  assert.match(wrong.stderr, /^error: missing required argument 'input'/);
}

/** Runs the bin of the package by Node. */
async function bin(folder: string, args: string[], expected = 0): Promise<ToolResult> {
  const path = `${folder}/node_modules/matrix2vcf/bin.js`;
  const result = await run("node", [path, ...args], "", { cwd: folder });
  assert.equal(result.code, expected, `${args.join(" ")}: ${result.stderr}`);
  return result;
}

async function checkLibrary(folder: string): Promise<void> {
  await Deno.writeTextFile(`${folder}/package.json`, `{"dependencies":{"matrix2vcf":"*"}}`);
  await Deno.writeTextFile(
    `${folder}/use.ts`,
    `import { convert } from "npm:matrix2vcf";
const report = await convert({ input: "m.tsv", output: "library.vcf" });
console.log(report.records);
// @ts-expect-error The declarations are there, and know no such thing.
void report.nonsense;
`,
  );
  const flags = ["--check", "--quiet", "--allow-read", "--allow-write", "--allow-ffi"];
  const { code, stdout, stderr } = await run(
    Deno.execPath(),
    ["run", ...flags, "use.ts"],
    "",
    { cwd: folder, env: { NO_COLOR: "1" } },
  );
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "2\n");
  const vcf = await Deno.readTextFile(`${folder}/library.vcf`);
  assert.equal(vcf, await Deno.readTextFile(`${folder}/m.vcf`));
}

async function checkNode(folder: string): Promise<void> {
  const error = /^.*Error: matrix2vcf is a library for Deno: .*npx matrix2vcf convert .*$/m;
  const imports = `import { convert, UsageError } from "matrix2vcf"; convert(UsageError);`;
  const options = ["--input-type=module", "-e", imports];
  assert.match((await run("node", options, "", { cwd: folder })).stderr, error);
  const required = await run("node", ["-e", `require("matrix2vcf")`], "", { cwd: folder });
  assert.match(required.stderr, error);
}
