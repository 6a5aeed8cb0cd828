/**
 * Checks that data flows one way through `src/`: a file imports its own folder or one that stands
 * before it in {@linkcode ORDER}, be it for code or for types, and no files import each other in a
 * circle. A new file needs no entry here, and there are no exceptions.
 *
 * @module
 */
import { dirname, join, normalize } from "node:path";

/** The folders of `src/`, in the order in which they may use each other: lowest first. */
export const ORDER: readonly string[] = [
  "base",
  "threads",
  "bgzf",
  "kernels",
  "matrix",
  "vcf",
  "checksum",
  "counts",
  "table",
  "reference",
  "ingest",
  "output",
  "direct",
  "convert",
  "shards",
  "query",
  "report",
  "inspect",
  "generate",
  "shell",
  "cli",
];

/** The files that lie in no folder, as they join what lies in several. */
const ROOT_FILES = ["main.ts", "worker.ts"];

/** Packages, and the folders that may import them. */
export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  "@duckdb/node-bindings": ["table", "ingest", "output"],
  "@duckdb/node-api": ["query", "shell"],
  "@gmod/indexedfasta": ["reference"],
  "string-width": ["shell"],
  "commander": ["cli"],
  "cli-progress": ["cli"],
  "echarts": ["cli"],
};

/** Folders that use neither files nor processes: bytes in, bytes out. */
const PURE = ["bgzf", "kernels", "vcf"];

/** A file of `src/`. */
interface SourceFile {
  /** Path relative to `src/`. */
  path: string;
  /** Files, relative to `src/`, and packages that it imports. */
  imports: string[];
  text: string;
}

/** Returns what is wrong with a folder `src/`, a line each. */
export function layerProblems(root: string): string[] {
  const files = [...sourceFiles(root)].sort((a, b) => a.path < b.path ? -1 : 1);
  return [...files.flatMap(placeProblems), ...files.flatMap(importProblems), ...circles(files)];
}

function* sourceFiles(root: string, folder = ""): Generator<SourceFile> {
  for (const { name, isDirectory } of Deno.readDirSync(join(root, folder))) {
    const path = join(folder, name);
    if (isDirectory) yield* sourceFiles(root, path);
    if (!name.endsWith(".ts")) continue;
    const text = Deno.readTextFileSync(join(root, path));
    yield { path, imports: importsOf(path, text), text };
  }
}

/** Matches imports: formatted code begins a line with one, or with the brace after its names. */
const STATIC = /^(?:import |(?:import|export|\})[^\n]*? from )"([^"]+)"/gm;
/**
 * Matches imports on demand, or of a type; examples in comments, which begin with a star, do not
 * count.
 */
const DYNAMIC = /^(?!\s*(?:\*|\/\/)).*\bimport\("([^"]+)"\)/gm;

function importsOf(path: string, text: string): string[] {
  const found = [...text.matchAll(STATIC), ...text.matchAll(DYNAMIC)].map(([, to]) => to);
  return found.map((to) => to.startsWith(".") ? normalize(join(dirname(path), to)) : to);
}

function folderOf(path: string): string {
  return path.includes("/") ? path.split("/")[0] : "";
}

function placeProblems({ path, text }: SourceFile): string[] {
  const folder = folderOf(path), code = text.replaceAll(/^\s*(?:\*|\/\/|\/\*).*$/gm, "");
  if (folder === "" && !ROOT_FILES.includes(path)) {
    return [`src/${path} lies in no folder: put it into one of ${ORDER.join(", ")}`];
  }
  if (folder !== "" && !ORDER.includes(folder)) {
    return [`src/${folder}/ is no folder of the house: ${ORDER.join(", ")}`];
  }
  return PURE.includes(folder) && /\bDeno\./.test(code)
    ? [`src/${path} must not use Deno: ${folder}/ is bytes in, bytes out`]
    : [];
}

function importProblems({ path, imports }: SourceFile): string[] {
  const folder = folderOf(path);
  return imports.flatMap((to) => {
    if (/^(?:node:|\.\.\/)/.test(to)) return [];
    if (!to.endsWith(".ts")) return packageProblems(path, to);
    const upward = folder !== "" && ORDER.indexOf(folder) < rankOf(to);
    return upward ? [`src/${path} must not import src/${to}: ${folder}/ comes before it`] : [];
  });
}

/** Returns the place of a file in the order; files in no folder come last. */
function rankOf(path: string): number {
  const folder = folderOf(path);
  return folder === "" ? ORDER.length : ORDER.indexOf(folder);
}

function packageProblems(path: string, to: string): string[] {
  const owners = PACKAGES[to];
  if (owners?.includes(folderOf(path))) return [];
  const where = owners ? `is for ${owners.join(", ")}` : "has no folder in PACKAGES";
  return [`src/${path} must not import ${to}, which ${where}`];
}

/** Returns the files that import each other in a circle, each circle once. */
function circles(files: readonly SourceFile[]): string[] {
  const next = new Map(files.map(({ path, imports }) => [path, imports]));
  const found: string[] = [], done = new Set<string>();
  const walk = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      const circle = [...trail.slice(trail.indexOf(path)), path];
      found.push(`files import each other in a circle: ${circle.join(" -> ")}`);
    }
    if (done.has(path)) return;
    done.add(path);
    for (const to of next.get(path) ?? []) if (next.has(to)) walk(to, [...trail, path]);
  };
  for (const path of next.keys()) walk(path, []);
  return found;
}

if (import.meta.main) {
  const root = decodeURIComponent(new URL("../src", import.meta.url).pathname);
  const problems = layerProblems(root);
  for (const problem of problems) console.error(`error: ${problem}`);
  if (problems.length > 0) Deno.exit(1);
  console.error(`Checked src/: ${ORDER.length} folders in order`);
}
