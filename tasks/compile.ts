/**
 * Makes one executable that holds everything: `deno task compile [--target NAME] [-o FILE]`.
 *
 * It is built in a folder of its own beside the output, with a flat `node_modules` of just the
 * packages that the program needs on the target. The binary unpacks itself when it is first run,
 * because an addon's shared library must lie beside the addon. What went in is read back from the
 * binary, and the binary gets its name only if nothing is missing.
 *
 * @module
 */
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import config from "../deno.json" with { type: "json" };
import { taskCommands } from "./task_commands.ts";
import { type EmbeddedFile, readEmbedded } from "./embedded_files.ts";
import { type ModuleGraph, moduleGraph, ROOT } from "./module_graph.ts";
import {
  CHARTS,
  fillFolder,
  hostTarget,
  installPackages,
  isForeign,
  runDeno,
  type Target,
  TARGETS,
} from "./program_folder.ts";

/** The module that the binary starts with. */
export const ENTRY = "src/main.ts";

/** Modules that are started as workers, which no import leads to. */
export const WORKERS: readonly string[] = ["src/worker.ts", "src/shards/compress_worker.ts"];

/**
 * Returns the flags of `deno run` that the program needs: those of the tasks that run it, together,
 * so that a sub-command may do in the binary what it may do as a task, and no more.
 */
export function runFlags(tasks: Readonly<Record<string, string>>): string[] {
  const starts = Object.values(tasks).flatMap((task) => task.match(/.*(?= src\/main\.ts )/) ?? []);
  const flags = [...new Set(starts.flatMap((start) => start.match(/--\S+/g) ?? []))];
  const covered = (flag: string) => flags.some((other) => other !== flag && covers(other, flag));
  // A binary that may start any program would be a gift to whoever finds a hole in it.
  return flags.filter((flag) => !covered(flag) && flag !== "--allow-run").sort();
}

/** Tells whether a flag allows all that another one does. */
function covers(flag: string, other: string): boolean {
  const [name, values] = flag.split("="), [otherName, otherValues] = other.split("=");
  if (name !== otherName || otherValues === undefined) return false;
  const all = values?.split(",");
  return otherValues.split(",").every((value) => all?.includes(value) ?? true);
}

/** Makes a binary, and returns the files that are inside. */
export async function compile(name: string, output: string): Promise<EmbeddedFile[]> {
  const target = TARGETS[name];
  const graph = await moduleGraph([ENTRY, ...WORKERS]);
  await Deno.mkdir(dirname(output), { recursive: true });
  const folder = await Deno.makeTempDir({ dir: dirname(output), prefix: ".compile-" });
  try {
    await fillFolder(folder, graph.files, graph.npmSpecifiers);
    await installPackages(folder, target);
    const binary = await build(folder, target);
    const { files } = readEmbedded(await Deno.readFile(binary));
    const wrong = problems(files.map(({ path }) => path), graph, target);
    if (wrong.length > 0) throw new Error(`The binary is not whole: ${wrong.join(", ")}`);
    await Deno.rename(binary, output);
    return files;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function build(folder: string, { triple, os }: Target): Promise<string> {
  const binary = `${folder}/matrix2vcf${os === "win32" ? ".exe" : ""}`;
  const includes = [...WORKERS, CHARTS.scriptFile].flatMap((file) => ["--include", file]);
  const what = [
    "--target",
    triple,
    "--no-check",
    "--cached-only",
    "--self-extracting",
    ...includes,
  ];
  const args = [
    "compile",
    ...what,
    ...runFlags(taskCommands(config.tasks)),
    "--output",
    binary,
    ENTRY,
  ];
  await runDeno(args, { cwd: folder, explain: explained });
  return binary;
}

/** Says what to do where the base binary cannot be downloaded; undefined for any other error. */
export function explained(stderr: string): string | undefined {
  const [, url] = /Download (\S*denort\S*)/.exec(stderr) ?? [];
  if (!url) return undefined;
  const [cause] = /error sending request.*/.exec(stderr) ?? ["the download failed"];
  return `Cannot download denort, the part of Deno that every compiled binary starts with: ${cause}
  This network does not reach it. On one that does, download and unpack
    ${url}
  (it must be of this very version, Deno ${Deno.version.deno}), copy the file denort here, and say
    DENORT_BIN=/path/to/denort deno task compile`;
}

/** Returns what a binary for a target lacks, or should not hold; the paths are those inside. */
export function problems(
  paths: readonly string[],
  { loaded }: ModuleGraph,
  { addon, library }: Target,
): string[] {
  const folder = `node_modules/${addon}`;
  const needed = [...loaded, `${folder}/duckdb.node`, `${folder}/${library}`];
  return [
    ...needed.filter((path) => !paths.includes(path)).map((path) => `${path} is missing`),
    ...paths.filter((path) => isForeign(path, addon)).map((path) => `${path} is foreign`),
  ];
}

async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      target: { type: "string" },
      output: { type: "string", short: "o" },
      help: { type: "boolean", short: "h" },
    },
  });
  const names = Object.keys(TARGETS);
  if (values.help) {
    return console.log(`deno task compile [--target ${names.join("|")}] [-o FILE]
Makes one executable with everything in it, by default dist/matrix2vcf for this platform.
DENORT_BIN=FILE names the base to start from, where Deno cannot download it.`);
  }
  const name = values.target ?? hostTarget();
  if (!names.includes(name)) throw new Error(`--target is one of ${names.join(", ")}: ${name}`);
  const suffix = (values.target ? `-${name}` : "") + (TARGETS[name].os === "win32" ? ".exe" : "");
  const output = resolve(values.output ?? `${ROOT}dist/matrix2vcf${suffix}`);
  const files = await compile(name, output);
  const size = (await Deno.stat(output)).size;
  const inside = files.reduce((sum, { content }) => sum + content.length, 0);
  console.error(
    `${output} (${megabytes(size)}; ${files.length} files, ${megabytes(inside)}, inside)
Its first run unpacks them, beside it or else in the user's data folder. Where many may start at once,
as in a job array, run it once before: matrix2vcf --version`,
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

if (import.meta.main) {
  try {
    await main(Deno.args);
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  }
}
