/**
 * Makes a folder that holds the program and just the packages that it needs on a platform. The
 * binary is compiled from such a folder, and the installed command runs from one.
 *
 * @module
 */
import { dirname } from "node:path";
import config from "../deno.json" with { type: "json" };
import { ROOT } from "./module_graph.ts";

/** A platform that the program is made for. */
export interface Target {
  /** Deno's name for it. */
  triple: string;
  /** npm's name for it. */
  os: string;
  arch: string;
  /** The package with DuckDB's addon, and the library that lies beside the addon. */
  addon: string;
  library: string;
}

const ADDON = "@duckdb/node-bindings-";

/** The platforms that the program is made for; Deno's npm package has none with musl. */
export const TARGETS: Readonly<Record<string, Target>> = {
  "linux-x64": target("x86_64-unknown-linux-gnu", "linux", "x64", "libduckdb.so"),
  "linux-arm64": target("aarch64-unknown-linux-gnu", "linux", "arm64", "libduckdb.so"),
  "macos-x64": target("x86_64-apple-darwin", "darwin", "x64", "libduckdb.dylib"),
  "macos-arm64": target("aarch64-apple-darwin", "darwin", "arm64", "libduckdb.dylib"),
  "windows-x64": target("x86_64-pc-windows-msvc", "win32", "x64", "duckdb.dll"),
};

function target(triple: string, os: string, arch: string, library: string): Target {
  return { triple, os, arch, addon: `${ADDON}${os}-${arch}`, library };
}

/** Returns the name of this machine's platform among the targets. */
export function hostTarget(): string {
  const found = Object.keys(TARGETS).find((name) => TARGETS[name].triple === Deno.build.target);
  if (!found) throw new Error(`The program is not made for ${Deno.build.target}`);
  return found;
}

/**
 * The plotting library, of which the program needs two files: the module that it imports, and the
 * script that it puts into pages, which must not be taken for a module.
 */
export const CHARTS = {
  name: "echarts",
  file: "echarts.esm.min.mjs",
  script: "dist/echarts.min.js",
  scriptFile: "echarts.min.js.txt",
  /** What comes with it and is in that file, too. */
  packages: ["echarts", "zrender", "tslib"],
};

/** Tells whether a file of a package is used at run time: declarations and source maps are not. */
export function usedAtRunTime(path: string): boolean {
  return !/\.d\.[cm]?ts$|\.map$/.test(path);
}

/** Tells whether a file belongs to the addon for another platform, or another C library. */
export function isForeign(path: string, addon: string): boolean {
  return path.includes(`node_modules/${ADDON}`) && !path.includes(`node_modules/${addon}/`);
}

/**
 * Copies the program, and the settings of the repository as far as they matter to it.
 *
 * @param files Paths relative to the repository.
 * @param npmSpecifiers What the program imports of npm, as the import map gives it.
 */
export async function fillFolder(
  folder: string,
  files: readonly string[],
  npmSpecifiers: readonly string[],
): Promise<void> {
  const imports = Object.entries(config.imports).filter(([, specifier]) =>
    npmSpecifiers.some((used) => used === specifier || used.startsWith(`${specifier}/`))
  );
  await writeSettings(folder, Object.fromEntries(imports));
  await writeLock(folder, imports.map(([, specifier]) => specifier));
  for (const file of files.filter((file) => file !== "deno.json")) {
    await Deno.mkdir(dirname(`${folder}/${file}`), { recursive: true });
    await Deno.copyFile(ROOT + file, `${folder}/${file}`);
  }
}

async function writeSettings(folder: string, imports: Record<string, string>): Promise<void> {
  const { version } = config;
  const settings = { nodeModulesDir: "manual", nodeModulesLinker: "hoisted" };
  const own = { version, imports, ...settings };
  await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify(own, null, 2) + "\n");
}

/**
 * Writes a lock that agrees with the imports. Where it does not, Deno asks the registry again what
 * there is, and downloads the addon for musl, too.
 */
async function writeLock(folder: string, imports: readonly string[]): Promise<void> {
  const { specifiers, workspace, ...rest } = JSON.parse(
    await Deno.readTextFile(`${ROOT}deno.lock`),
  );
  const used = Object.entries(specifiers).filter(([specifier]) => imports.includes(specifier));
  const dependencies = workspace.dependencies.filter((name: string) => imports.includes(name));
  const lock = { ...rest, specifiers: Object.fromEntries(used), workspace: { dependencies } };
  await Deno.writeTextFile(`${folder}/deno.lock`, JSON.stringify(lock));
}

/**
 * Installs the packages for a target into a folder that {@linkcode fillFolder} has filled, without
 * addons for other platforms and unused files. Of the plotting library two files stay, under the
 * names by which the program finds them.
 */
export async function installPackages(
  folder: string,
  { os, arch, addon }: Target,
): Promise<void> {
  await runDeno(["install", "--quiet", "--os", os, "--arch", arch], { cwd: folder });
  const modules = `${folder}/node_modules`;
  await Deno.remove(`${modules}/.deno`, { recursive: true });
  await Deno.copyFile(`${modules}/${CHARTS.name}/dist/${CHARTS.file}`, `${folder}/${CHARTS.file}`);
  await Deno.copyFile(
    `${modules}/${CHARTS.name}/${CHARTS.script}`,
    `${folder}/${CHARTS.scriptFile}`,
  );
  for (const name of CHARTS.packages) {
    await Deno.remove(`${modules}/${name}`, { recursive: true });
  }
  const { imports } = JSON.parse(await Deno.readTextFile(`${folder}/deno.json`));
  await writeSettings(folder, {
    ...imports,
    [CHARTS.name]: `./${CHARTS.file}`,
    [`${CHARTS.name}/${CHARTS.script}`]: `./${CHARTS.scriptFile}`,
  });
  // The packages lie there now; a lock that is left would only be brought up to date.
  await Deno.remove(`${folder}/deno.lock`);
  for await (const path of filesBelow(modules)) {
    if (isForeign(path, addon) || !usedAtRunTime(path)) await Deno.remove(path);
  }
}

/** Walks over all files below a folder; paths begin with the folder's. */
export async function* filesBelow(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* filesBelow(`${folder}/${name}`);
    else yield `${folder}/${name}`;
  }
}

/** How {@linkcode runDeno} runs. */
export interface RunSettings {
  cwd: string;
  /** Variables beside those of this process. */
  env?: Record<string, string>;
  /** Returns a better message for what Deno prints, if there is one. */
  explain?: (stderr: string) => string | undefined;
}

/** Runs Deno to its end, and throws what it prints where it fails. */
export async function runDeno(args: string[], { cwd, env, explain }: RunSettings): Promise<void> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  if (code === 0) return;
  const text = new TextDecoder().decode(stderr).trim();
  // Deno prints the tree of files to embed before the error.
  const cause = text.slice(text.search(/^error: /m));
  throw new Error(explain?.(text) ?? `deno ${args.join(" ")}\n${cause}`);
}
