/**
 * Makes the npm package in `npm/`: `deno task package`. `npm pack ./npm` makes a file of it.
 *
 * Deno does not strip types below `node_modules`, so the program is bundled as JavaScript, with all
 * packages but DuckDB's addon, and the declarations are those that `deno pack` makes for the library.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import config from "../deno.json" with { type: "json" };
import { OTHER_FLAGS, RUN_FLAGS } from "../src/cli/permissions.ts";
import { ENTRY, WORKERS } from "./compile.ts";
import { ROOT } from "./module_graph.ts";
import { CHARTS, filesBelow, runDeno, TARGETS } from "./program_folder.ts";

/** What stands in the sources, and what in the bundle; each must be found. */
const REPLACED: readonly [string, string][] = [
  // A worker's path is relative to its caller in src/convert/, which is a chunk of dist/ now.
  [`new URL("../worker.ts", import.meta.url)`, `new URL("./src/worker.js", import.meta.url)`],
  [`from "${CHARTS.name}"`, `from "./${CHARTS.file}"`],
  [
    `import.meta.resolve("${CHARTS.name}/${CHARTS.script}")`,
    `new URL("./${CHARTS.scriptFile}", import.meta.url)`,
  ],
];

/** Makes the package in a folder that does not exist yet. */
export async function makePackage(folder: string): Promise<void> {
  await Deno.mkdir(folder);
  await bundle(`${folder}/dist`);
  await declare(`${folder}/types`);
  const files = [[`dist/${CHARTS.file}`, CHARTS.file], [CHARTS.script, CHARTS.scriptFile]];
  for (const [from, to] of files) {
    const path = fileURLToPath(import.meta.resolve(`${config.imports.echarts}/${from}`));
    await Deno.copyFile(path, `${folder}/dist/${to}`);
  }
  for (const file of ["README.md", "LICENSE", "CHANGELOG.md"]) {
    await Deno.copyFile(ROOT + file, `${folder}/${file}`);
  }
  await Deno.writeTextFile(`${folder}/node.cjs`, await nodeText(`${folder}/dist/mod.js`));
  await Deno.writeTextFile(`${folder}/bin.js`, await binText());
  await Deno.writeTextFile(`${folder}/package.json`, JSON.stringify(manifest(), null, 2) + "\n");
}

/** Returns the program that Node starts, with the table of flags in it. */
export async function binText(): Promise<string> {
  const text = await Deno.readTextFile(`${ROOT}tasks/npm/bin.js`);
  return text
    .replace(/RUN_FLAGS = \{\};.*/, `RUN_FLAGS = ${JSON.stringify(RUN_FLAGS, null, 2)};`)
    .replace(/OTHER_FLAGS = \[\];/, `OTHER_FLAGS = ${JSON.stringify(OTHER_FLAGS)};`);
}

/**
 * Returns what Node imports: it exports the names of the library, without which Node would complain
 * of them instead.
 */
async function nodeText(library: string): Promise<string> {
  const [, exported] = /^export \{([^}]*)\};$/m.exec(await Deno.readTextFile(library))!;
  // A function may have another name inside the bundle: `convert2 as convert`.
  const names = exported.split(",").map((name) =>
    `exports.${name.trim().split(" as ").at(-1)} = undefined;`
  );
  const text = await Deno.readTextFile(`${ROOT}tasks/npm/node.cjs`);
  return text.replace(/^\/\/ NAMES.*$/m, names.join("\n"));
}

function manifest(): Record<string, unknown> {
  const version = config.imports["@duckdb/node-bindings"].split("@").at(-1)!;
  return {
    name: "matrix2vcf",
    version: config.version,
    description: "Genome matrices to VCF, and a DuckDB table to query",
    license: config.license,
    type: "module",
    bin: { matrix2vcf: "bin.js" },
    exports: {
      ".": { types: "./types/mod.d.ts", deno: "./dist/mod.js", default: "./node.cjs" },
    },
    engines: { node: ">=20" },
    dependencies: { deno: Deno.version.deno },
    // The addons one by one: by way of @duckdb/node-bindings npm downloads those for musl, too, which
    // has no Deno.
    optionalDependencies: Object.fromEntries(
      Object.values(TARGETS).map(({ addon }) => [addon, version]),
    ),
  };
}

async function bundle(folder: string): Promise<void> {
  const external = ["@duckdb/node-bindings-*", CHARTS.name].flatMap((name) => ["--external", name]);
  const args = ["bundle", "--quiet", "--code-splitting", ...external, "--outdir", folder];
  await runDeno([...args, ENTRY, ...WORKERS, "mod.ts"], { cwd: ROOT });
  const missing = new Set(REPLACED);
  for await (const path of filesBelow(folder)) {
    const text = await Deno.readTextFile(path);
    const found = REPLACED.filter(([from]) => text.includes(from));
    if (found.length === 0) continue;
    found.forEach((pair) => missing.delete(pair));
    const changed = found.reduce((text, [from, to]) => text.replaceAll(from, to), text);
    await Deno.writeTextFile(path, changed);
  }
  for (const [from] of missing) throw new Error(`the bundle has no ${from}`);
}

/** Writes the declarations of the library: those files that `mod.d.ts` leads to. */
async function declare(folder: string): Promise<void> {
  const work = await Deno.makeTempDir();
  try {
    const args = ["pack", "--quiet", "--allow-dirty", "--no-source-maps", "-o", `${work}/all.tgz`];
    await runDeno(args, { cwd: ROOT });
    await new Deno.Command("tar", { args: ["-xzf", "all.tgz"], cwd: work }).output();
    const from = `${work}/package/`;
    for await (const path of filesBelow(`${work}/package`)) {
      if (!path.endsWith(".d.ts") || path.endsWith("/main.d.ts")) continue;
      const to = `${folder}/${path.slice(from.length)}`;
      await Deno.mkdir(to.slice(0, to.lastIndexOf("/")), { recursive: true });
      await Deno.copyFile(path, to);
    }
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

if (import.meta.main) {
  const folder = `${ROOT}npm`;
  try {
    await Deno.remove(folder, { recursive: true }).catch(() => {});
    await makePackage(folder);
    console.error(`${folder} is made; npm pack ./npm makes a file of it`);
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  }
}
