/**
 * Finds out what imports what, as `deno info` sees it.
 *
 * @module
 */

/** The folder of the repository, with its slash at the end. */
export const ROOT = decodeURIComponent(new URL("../", import.meta.url).pathname);

/** An import of one module by another; paths are relative to the repository. */
export interface Import {
  from: string;
  to: string;
  /** Only types are imported: nothing of it is left at run time. */
  typeOnly: boolean;
}

/** Everything that can be reached from some entry points. */
export interface ModuleGraph {
  /** Paths of the files, relative to the repository, in order. */
  files: string[];
  /** Those of them that are loaded at run time, now or later. */
  loaded: string[];
  /** Imports between these files. */
  imports: Import[];
  /** `npm:` specifiers as the import map gives them, in order; type-only imports do not count. */
  npmSpecifiers: string[];
  /** The packages behind them and all they depend on, for all platforms. */
  npmPackages: NpmPackage[];
}

/** A package of the cache. */
export interface NpmPackage {
  name: string;
  version: string;
  /** Path of its files, if they are needed on this platform. */
  localPath: string;
  /** Names with versions, as in `commander@15.1.0`. */
  dependencies: string[];
}

/** The part of the answer of `deno info --json` that is of use here. */
interface Info {
  modules: {
    specifier: string;
    local?: string;
    error?: string;
    npmPackage?: string;
    dependencies?: { code?: { specifier: string }; type?: { specifier: string } }[];
  }[];
  redirects: Record<string, string>;
  npmPackages: Record<string, NpmPackage>;
}

/**
 * Returns the graph of some entry points.
 *
 * @param entries Paths relative to the repository, as in `src/main.ts`.
 * @throws {Error} If a module cannot be found.
 */
export async function moduleGraph(entries: readonly string[]): Promise<ModuleGraph> {
  const infos = await Promise.all(entries.map(info));
  const modules = new Map(infos.flatMap(({ modules }) => modules).map((m) => [m.specifier, m]));
  const edges = [...modules.values()].flatMap(edgesOf);
  const imports = edges.filter(({ to }) => to.startsWith("file:")).map((
    { from, to, typeOnly },
  ) => ({
    from: relative(from),
    to: relative(to),
    typeOnly,
  }));
  const loading = edges.filter(({ to, typeOnly }) => to.startsWith("npm:") && !typeOnly);
  const npmSpecifiers = new Set(loading.map(({ to }) => to));
  return {
    files: [...modules.keys()].filter((url) => url.startsWith("file:")).map(relative).sort(),
    loaded: reachable(entries, imports.filter(({ typeOnly }) => !typeOnly)).sort(),
    imports,
    npmSpecifiers: [...npmSpecifiers].sort(),
    npmPackages: Object.values(
      Object.assign({}, ...infos.map((i) => packagesOf(i, npmSpecifiers))),
    ),
  };
}

function edgesOf({ specifier, error, dependencies = [] }: Info["modules"][number]): Import[] {
  if (error) throw new Error(error);
  return dependencies.map(({ code, type }) => ({
    from: specifier,
    to: (code ?? type)?.specifier ?? "",
    typeOnly: !code,
  }));
}

/** Returns the packages of some specifiers; `deno info` lists those of the whole import map. */
function packagesOf(
  { modules, redirects, npmPackages }: Info,
  npm: Set<string>,
): Record<string, NpmPackage> {
  const roots = [...npm].map((specifier) => redirects[specifier] ?? specifier);
  const names = new Set(
    modules.filter(({ specifier }) => roots.includes(specifier)).map((m) => m.npmPackage ?? ""),
  );
  // A set hands out what is added to it while it is walked over.
  for (const name of names) for (const next of npmPackages[name].dependencies) names.add(next);
  return Object.fromEntries([...names].map((name) => [name, npmPackages[name]]));
}

/** Returns the files that some imports lead to, the start included. */
function reachable(entries: readonly string[], imports: readonly Import[]): string[] {
  const found = new Set(entries);
  for (const file of found) {
    for (const { from, to } of imports) if (from === file) found.add(to);
  }
  return [...found];
}

async function info(entry: string): Promise<Info> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", entry],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  if (code !== 0) throw new Error(`deno info ${entry}: ${decoder.decode(stderr)}`);
  return JSON.parse(decoder.decode(stdout));
}

function relative(url: string): string {
  const path = decodeURIComponent(new URL(url).pathname);
  return path.startsWith(ROOT) ? path.slice(ROOT.length) : path;
}
