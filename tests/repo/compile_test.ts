/**
 * The binary that `deno task compile` makes.
 *
 * `deno compile` starts from a base binary, denort, that it downloads from a host which closed
 * networks do not reach. So the `deno` executable stands in for it: then the result cannot run by
 * itself, but all that is embedded is real. It is read back from the binary, compared with what the
 * program imports, and run from an empty folder, which is what a self-extracting binary does.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { dirname, join } from "node:path";
import config from "../../deno.json" with { type: "json" };
import { taskCommands } from "../../tasks/task_commands.ts";
import { ENTRY, explained, problems, runFlags, WORKERS } from "../../tasks/compile.ts";
import { type Embedded, type EmbeddedFile, readEmbedded } from "../../tasks/embedded_files.ts";
import { type ModuleGraph, moduleGraph, type NpmPackage } from "../../tasks/module_graph.ts";
import { CHARTS, hostTarget, TARGETS, usedAtRunTime } from "../../tasks/program_folder.ts";
import { cli, filePath, listing, withFolder } from "../helpers/cli.ts";

const MATRIX = [filePath("data/genome_matrix.tsv"), "--header"];
MATRIX.push(filePath("data/genome_matrix_header.txt"));

const graph = await moduleGraph([ENTRY, ...WORKERS]);

Deno.test("the binary, made with a stand-in for its base", async (test) => {
  await withFolder(async (folder) => {
    const binary = `${folder}/out/matrix2vcf`;
    const { code, stderr } = await denoTask(["compile", "-o", binary], Deno.execPath());
    assert.equal(code, 0, stderr);
    const embedded = readEmbedded(await Deno.readFile(binary));

    await test.step("nothing else is left in its folder", async () => {
      assert.deepEqual(await listing(`${folder}/out`), ["matrix2vcf"]);
    });
    await test.step("holds the program, its packages, and nothing of other platforms", async () => {
      print(embedded.files);
      await checkFiles(embedded.files);
    });
    await test.step("starts as the tasks do, with no more permissions", () => {
      checkStart(embedded);
    });
    await test.step("what it holds converts and answers, with no cache and no network", async () => {
      await unpack(embedded.files, `${folder}/unpacked`);
      await checkRuns(folder);
    });
  });
});

/** The whole list, with exact paths. */
function print(files: EmbeddedFile[]): void {
  for (const { path, content } of files) console.log(`${content.length}`.padStart(9), path);
  const bytes = files.reduce((sum, { content }) => sum + content.length, 0);
  console.log(`${bytes}`.padStart(9), `in ${files.length} files`);
}

async function checkFiles(files: EmbeddedFile[]): Promise<void> {
  const paths = files.map(({ path }) => path);
  assert.deepEqual(problems(paths, graph, TARGETS[hostTarget()]), []);
  assert.deepEqual(paths.filter((path) => /musl|darwin|win32/.test(path)), []);
  const expected = await packageFiles(files, graph);
  assert.deepEqual(paths.toSorted(), [...graph.loaded, ...expected.keys()].sort());
  for (const { path, content } of files) {
    // Of deno.json only the version and some imports are taken.
    const original = expected.get(path) ?? filePath(path);
    if (path !== "deno.json") assert.ok(same(content, await Deno.readFile(original)), path);
  }
}

/** The files of all packages on this platform: the path in the binary, and the one in the cache. */
async function packageFiles(
  files: EmbeddedFile[],
  { npmPackages }: ModuleGraph,
): Promise<Map<string, string>> {
  const folders = packageFolders(files);
  const found = new Map<string, string>();
  const { addon } = TARGETS[hostTarget()];
  for (const { name, version, localPath } of npmPackages) {
    if (name.startsWith("@duckdb/node-bindings-") && name !== addon) continue;
    if (CHARTS.packages.includes(name)) {
      if (name === CHARTS.name) {
        found.set(CHARTS.file, `${localPath}/dist/${CHARTS.file}`);
        found.set(CHARTS.scriptFile, `${localPath}/${CHARTS.script}`);
      }
      continue;
    }
    const folder = folders.get(`${name}@${version}`);
    assert.ok(folder, `${name}@${version} is not in the binary`);
    for (const path of await listing(localPath)) {
      if (path.endsWith("/") || path.startsWith(".") || !usedAtRunTime(path)) continue;
      found.set(`${folder}/${path}`, `${localPath}/${path}`);
    }
  }
  return found;
}

/** Where in the binary a package is, by name and version. */
function packageFolders(files: EmbeddedFile[]): Map<string, string> {
  const manifests = files.filter(({ path }) =>
    /node_modules\/(@[^/]+\/)?[^/]+\/package.json$/.test(path)
  );
  return new Map(manifests.map(({ path, content }) => {
    const { name, version }: NpmPackage = JSON.parse(new TextDecoder().decode(content));
    return [`${name}@${version}`, path.replace(/\/package.json$/, "")];
  }));
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function checkStart({ metadata }: Embedded): void {
  const { entrypoint_key, v8_flags, permissions, self_extracting } = metadata;
  assert.equal(entrypoint_key, ENTRY);
  assert.ok(v8_flags.includes("--expose-gc"));
  assert.ok(self_extracting, "DuckDB's library must lie beside its addon, on disk");
  const { allow_read, allow_write, allow_ffi, allow_net, allow_run, allow_sys, allow_import } =
    permissions;
  assert.deepEqual({ allow_read, allow_write, allow_ffi }, {
    allow_read: [],
    allow_write: [],
    allow_ffi: [],
  });
  assert.deepEqual({ allow_net, allow_run, allow_sys, allow_import }, {
    allow_net: null,
    allow_run: null,
    // The name of the host is part of those of temporary folders; and how much room a disk has.
    allow_sys: ["hostname", "statfs"],
    allow_import: [],
  });
  assert.equal(permissions.prompt, false);
  assert.notDeepEqual(permissions.allow_env, [], "not all of the environment");
}

async function unpack(files: EmbeddedFile[], folder: string): Promise<void> {
  for (const { path, content } of files) {
    const file = `${folder}/${path}`;
    await Deno.mkdir(file.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeFile(file, content);
  }
}

async function checkRuns(folder: string): Promise<void> {
  const database = `${folder}/kept.duckdb`;
  const convert = [...MATRIX, "--database", database, "--threads", "2", "--quiet"];
  await unpacked(folder, ["convert", ...convert, "-o", `${folder}/unpacked.vcf`]);
  await cli(["convert", ...MATRIX, "-o", `${folder}/expected.vcf`, "--quiet"]);
  const vcf = await Deno.readTextFile(`${folder}/unpacked.vcf`);
  assert.ok(vcf === await Deno.readTextFile(`${folder}/expected.vcf`), "the same bytes");

  const records = vcf.split("\n").filter((line) => line !== "" && !line.startsWith("#")).length;
  const query = ["-c", "SELECT count(*) AS n FROM matrix", "--format", "csv"];
  const answer = await unpacked(folder, ["sql", database, ...query]);
  assert.deepEqual(answer.trim().split(/\r?\n/), ["n", `${records}`]);

  const version = await unpacked(folder, ["--version"]);
  assert.equal(version.trim(), config.version);
  assert.match(await unpacked(folder, ["completion", "bash"]), /^complete .* matrix2vcf$/m);
  const cache = await listing(`${folder}/cache`);
  assert.deepEqual(cache.filter((path) => /^(npm|remote|dl)\/.*[^/]$/.test(path)), []);
}

/** Runs what was unpacked as the binary would; standard output. */
async function unpacked(folder: string, args: string[]): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--cached-only",
      ...runFlags(taskCommands(config.tasks)),
      `${folder}/unpacked/${ENTRY}`,
      ...args,
    ],
    cwd: folder,
    clearEnv: true,
    env: { DENO_DIR: `${folder}/cache`, HOME: folder, NO_COLOR: "1", ...NO_NETWORK },
  });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  assert.equal(code, 0, `${args.join(" ")}: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}

/** Whatever wants to reach another machine must go through a port where nobody answers. */
const NO_NETWORK = { HTTP_PROXY: "http://127.0.0.1:1", HTTPS_PROXY: "http://127.0.0.1:1" };

/** Runs `deno task`, with a base binary to start from, or with none and no network. */
async function denoTask(
  args: string[],
  base?: string,
): Promise<{ code: number; stderr: string }> {
  const { DENORT_BIN: _, ...env } = Deno.env.toObject();
  const command = new Deno.Command(Deno.execPath(), {
    args: ["task", ...args],
    cwd: filePath("."),
    clearEnv: true,
    env: { ...env, NO_COLOR: "1", ...(base ? { DENORT_BIN: base } : NO_NETWORK) },
  });
  const { code, stderr } = await command.output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

Deno.test("where the base cannot be downloaded, it says so and what helps", async () => {
  await withFolder(async (folder) => {
    const { code, stderr } = await denoTask(["compile", "-o", `${folder}/matrix2vcf`]);
    // Who has compiled before has the base in the cache.
    if (code === 0) return;
    assert.match(stderr, /^error: Cannot download denort/m);
    assert.match(stderr, /DENORT_BIN=\/path\/to\/denort deno task compile/);
    assert.match(stderr, new RegExp(`Deno ${Deno.version.deno.replaceAll(".", "\\.")}`));
    assert.deepEqual(await listing(folder), [], "nothing half-made is left");
  });
});

Deno.test("another failure is not explained as a missing download", () => {
  assert.equal(explained("error: Module not found"), undefined);
  assert.match(
    explained("Download https://x/denort-a.zip\nerror: no") ?? "",
    /https:\/\/x\/denort/,
  );
});

Deno.test("a wrong target is refused with the right ones", async () => {
  const { code, stderr } = await denoTask(["compile", "--target", "beos"]);
  assert.equal(code, 1);
  assert.match(stderr, /linux-x64, linux-arm64, macos-x64, macos-arm64, windows-x64/);
});

Deno.test("a binary that lacks something, or holds too much, is refused", () => {
  const target = TARGETS["linux-x64"];
  const folder = "node_modules/@duckdb/node-bindings-linux-x64";
  const whole = [...graph.loaded, `${folder}/duckdb.node`, `${folder}/libduckdb.so`];
  assert.deepEqual(problems(whole, graph, target), []);
  const worker = whole.filter((path) => path !== WORKERS[0]);
  assert.deepEqual(problems(worker, graph, target), [`${WORKERS[0]} is missing`]);
  const musl = `${folder}-musl/duckdb.node`;
  assert.deepEqual(problems([...whole, musl], graph, target), [`${musl} is foreign`]);
});

Deno.test("every module that is started as a worker is known", async () => {
  for (const file of graph.loaded.filter((file) => file.startsWith("src/"))) {
    const text = await Deno.readTextFile(filePath(file));
    for (const [, name] of text.matchAll(/new URL\("([^"]+\.ts)", import\.meta\.url\)/g)) {
      const started = join(dirname(file), name);
      // `profile` starts the entry point as a process of its own.
      if (started === ENTRY) continue;
      assert.ok(WORKERS.includes(started), `WORKERS in tasks/compile.ts lacks ${started}`);
    }
  }
});

Deno.test("the flags of the binary are those of the tasks, together", () => {
  const tasks = {
    convert: "deno run --no-prompt --allow-read src/main.ts convert",
    sql: "deno run --no-prompt --allow-env=HOME src/main.ts sql",
    look: "deno run --no-prompt --allow-read=data src/main.ts look",
    bench: "deno run --allow-all tasks/bench.ts",
  };
  assert.deepEqual(runFlags(tasks), ["--allow-env=HOME", "--allow-read", "--no-prompt"]);
});

Deno.test("a file without an embedded section is said to have none", () => {
  assert.throws(() => readEmbedded(new Uint8Array(100)), /No embedded section/);
  assert.throws(() => readEmbedded(new TextEncoder().encode("d3n0l4nd12345678{}")), SyntaxError);
});
