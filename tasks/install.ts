/**
 * Puts the command `matrix2vcf` on this machine, and takes it away: `deno task install` and
 * `deno task uninstall`.
 *
 * The program gets a folder of its own with all that it needs, so that it works when this clone or
 * the network is gone. It is made beside its place and gets its name when it is whole.
 *
 * @module
 */
import { delimiter, dirname, join } from "node:path";
import config from "../deno.json" with { type: "json" };
import { launcherText, MARK, quoted } from "./launcher.ts";
import { ROOT } from "./module_graph.ts";
import {
  filesBelow,
  fillFolder,
  hostTarget,
  installPackages,
  runDeno,
  TARGETS,
} from "./program_folder.ts";
import { PACKAGES } from "./check_layers.ts";

const NAME = "matrix2vcf";

/** Tells whether a file lies in a cache or a temporary folder: it may be gone tomorrow. */
export function isPassing(path: string): boolean {
  return /\/(?:_npx|\.cache|Caches|dlx-[^/]*|tmp)\//.test(path);
}

/** Where things go for a user. */
export interface Places {
  /** The folder of the program. */
  program: string;
  /** Folders for commands, in the order of preference; the first is the user's own. */
  bins: string[];
  /** Folders of the PATH. */
  path: string[];
  /** Nothing above it is removed. */
  home: string;
}

/** Returns the places by the environment. */
export function placesOf(env: (name: string) => string | undefined): Places {
  const home = env("HOME");
  if (!home) throw new Error("HOME names no folder to install into");
  return {
    home,
    program: join(env("XDG_DATA_HOME") || join(home, ".local", "share"), NAME),
    bins: [
      join(home, ".local", "bin"),
      join(env("DENO_INSTALL_ROOT") || join(home, ".deno"), "bin"),
    ],
    path: (env("PATH") ?? "").split(delimiter),
  };
}

/** Installs the command, and returns what to tell the user. */
export async function install(places: Places): Promise<string> {
  const bin = places.bins.find((folder) => places.path.includes(folder)) ?? places.bins[0];
  const launcher = join(bin, NAME), { program } = places;
  for (const path of [launcher, program]) await refuseForeign(path);
  await Deno.mkdir(dirname(program), { recursive: true });
  const folder = await Deno.makeTempDir({ dir: dirname(program), prefix: `.${NAME}-` });
  let deno: string;
  try {
    await Deno.chmod(folder, 0o755);
    await fill(folder);
    deno = await lastingDeno(folder, program);
    await removeIfThere(program);
    await Deno.rename(folder, program);
  } catch (error) {
    await removeIfThere(folder);
    throw error;
  }
  // What is compiled now need not be compiled by the first run, which may not be allowed to write.
  const cache = { DENO_DIR: join(program, "cache") };
  await runDeno(["cache", "--quiet", "src/main.ts", "src/worker.ts"], { cwd: program, env: cache });
  await Deno.mkdir(bin, { recursive: true });
  const text = launcherText({ program, deno, version: config.version });
  await Deno.writeTextFile(`${launcher}.part`, text);
  await Deno.chmod(`${launcher}.part`, 0o755);
  await Deno.rename(`${launcher}.part`, launcher);
  return installedText(launcher, places, await bytesBelow(program));
}

/** Fills the folder with the sources and with the packages that these may import. */
async function fill(folder: string): Promise<void> {
  const files = ["deno.json", "LICENSE"];
  for await (const path of filesBelow(`${ROOT}src`)) files.push(path.slice(ROOT.length));
  const imports = Object.entries(config.imports).filter(([name]) => Object.hasOwn(PACKAGES, name));
  await fillFolder(folder, files, imports.map(([, specifier]) => specifier));
  await installPackages(folder, TARGETS[hostTarget()]);
}

/** Returns the path of a Deno that stays: our own, or where that is in a cache, one in the program. */
async function lastingDeno(folder: string, program: string): Promise<string> {
  const own = Deno.execPath();
  if (!isPassing(own)) return own;
  const kept = join("bin", "deno");
  await Deno.mkdir(join(folder, "bin"));
  try {
    await Deno.link(own, join(folder, kept));
  } catch {
    // Another disk, or somebody else's file.
    await Deno.copyFile(own, join(folder, kept));
  }
  return join(program, kept);
}

function installedText(launcher: string, { path, program }: Places, bytes: number): string {
  const bin = dirname(launcher);
  const advice = path.includes(bin) ? "" : `
${bin} is not on the PATH; this line in ~/.profile puts it there:
  export PATH=${quoted(bin)}:"$PATH"`;
  return `${NAME} ${config.version} is installed, and works without this clone:
  command  ${launcher}
  program  ${program} (${(bytes / 1e6).toFixed(0)} MB)${advice}
To take it away: deno task uninstall, or without a clone:
  rm -r ${quoted(launcher)} ${quoted(program)}`;
}

/** Takes the command away, and returns what to tell the user. */
export async function uninstall(places: Places): Promise<string> {
  const { program, bins, home } = places;
  const launchers = bins.map((folder) => join(folder, NAME));
  const removed: string[] = [];
  for (const path of [...launchers, program]) {
    if (await kindOf(path) !== "ours") continue;
    await Deno.remove(path, { recursive: true });
    removed.push(path);
    await removeEmpty(dirname(path), home);
  }
  if (removed.length > 0) return removed.map((path) => `removed ${path}`).join("\n");
  throw new Error(`${NAME} is not installed: ${[...launchers, program].join(", ")} are not there`);
}

/** Removes a folder and those above it, up to the home folder, as long as they are empty. */
async function removeEmpty(folder: string, home: string): Promise<void> {
  for (let at = folder; at.startsWith(join(home, "/")); at = dirname(at)) {
    try {
      await Deno.remove(at);
    } catch {
      return;
    }
  }
}

async function refuseForeign(path: string): Promise<void> {
  if (await kindOf(path) !== "foreign") return;
  throw new Error(`${path} was not made by deno task install; move it away first`);
}

/** Tells whether a launcher or a folder of a program is there, and was made by us. */
async function kindOf(path: string): Promise<"none" | "ours" | "foreign"> {
  try {
    const { isDirectory } = await Deno.lstat(path);
    if (isDirectory) {
      await Deno.lstat(join(path, "src", "main.ts"));
      return "ours";
    }
    return (await Deno.readTextFile(path)).includes(`\n${MARK} `) ? "ours" : "foreign";
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return await exists(path) ? "foreign" : "none";
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

async function removeIfThere(folder: string): Promise<void> {
  if (await exists(folder)) await Deno.remove(folder, { recursive: true });
}

async function bytesBelow(folder: string): Promise<number> {
  let bytes = 0;
  for await (const path of filesBelow(folder)) bytes += (await Deno.stat(path)).size;
  return bytes;
}

if (import.meta.main) {
  try {
    if (Deno.build.os === "windows") {
      throw new Error("the launcher is for POSIX shells; on Windows see docs/install.md, From npm");
    }
    const places = placesOf((name) => Deno.env.get(name));
    if (Deno.args.length !== 1 || !["install", "uninstall"].includes(Deno.args[0])) {
      throw new Error("write: deno task install, or: deno task uninstall");
    }
    console.error(await (Deno.args[0] === "install" ? install : uninstall)(places));
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  }
}
