/** The check that data flows one way through `src/`, on made-up trees. */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { layerProblems } from "../../tasks/check_layers.ts";
import { filePath, withFolder } from "../helpers/cli.ts";

/** Problems of a tree, given as the texts of its files. */
async function problemsOf(tree: Record<string, string>): Promise<string[]> {
  return await withFolder(async (folder) => {
    for (const [path, text] of Object.entries(tree)) {
      await Deno.mkdir(dirname(`${folder}/${path}`), { recursive: true });
      await Deno.writeTextFile(`${folder}/${path}`, text);
    }
    return layerProblems(folder);
  });
}

const GOOD = {
  "main.ts": `import { run } from "./cli/run.ts";\nrun();\n`,
  "worker.ts": `import { one } from "./base/one.ts";\none();\n`,
  "base/one.ts": `export function one() {}\n`,
  "base/two.ts": `import type {\n  one,\n} from "./one.ts";\nexport type Two = typeof one;\n`,
  "vcf/record.ts": `/** Not \`Deno.exit\`. */\nimport { one } from "../base/one.ts";\n`,
  "cli/run.ts":
    `import { Command } from "commander";\nexport const run = () =>\n  import("../vcf/record.ts");\n`,
};

const CASES: { name: string; add: Record<string, string>; wrong: RegExp[] }[] = [
  { name: "a house in order", add: {}, wrong: [] },
  {
    name: "a file in no folder",
    add: { "novel.ts": "" },
    wrong: [/^src\/novel\.ts lies in no folder: .*base, threads/],
  },
  {
    name: "a file in a folder that nobody knows",
    add: { "misc/novel.ts": "" },
    wrong: [/^src\/misc\/ is no folder of the house/],
  },
  {
    name: "an import upward",
    add: { "base/up.ts": `import { run } from "../cli/run.ts";\n` },
    wrong: [/^src\/base\/up\.ts must not import src\/cli\/run\.ts/],
  },
  {
    name: "an import upward for a type alone",
    add: { "base/up.ts": `import type {\n  run,\n} from "../cli/run.ts";\n` },
    wrong: [/^src\/base\/up\.ts must not import src\/cli\/run\.ts/],
  },
  {
    name: "a type upward, without an import of its own",
    add: { "base/up.ts": `export type Up = typeof import("../cli/run.ts");\n` },
    wrong: [/^src\/base\/up\.ts must not import src\/cli\/run\.ts/],
  },
  {
    name: "an export from above",
    add: { "base/up.ts": `export { run } from "../cli/run.ts";\n` },
    wrong: [/^src\/base\/up\.ts must not import src\/cli\/run\.ts/],
  },
  {
    name: "an import of a file that joins folders",
    add: { "cli/up.ts": `import "../worker.ts";\n` },
    wrong: [/^src\/cli\/up\.ts must not import src\/worker\.ts/],
  },
  {
    name: "an import upward on demand",
    add: { "base/up.ts": `export const up = await import("../cli/run.ts");\n` },
    wrong: [/^src\/base\/up\.ts must not import src\/cli\/run\.ts/],
  },
  {
    name: "a package in a folder that does not own it",
    add: { "base/up.ts": `import { Command } from "commander";\n` },
    wrong: [/^src\/base\/up\.ts must not import commander, which is for cli$/],
  },
  {
    name: "a package that nobody knows",
    add: { "cli/up.ts": `import pad from "left-pad";\n` },
    wrong: [/^src\/cli\/up\.ts must not import left-pad, which has no folder in PACKAGES$/],
  },
  {
    name: "files in a pure folder",
    add: { "bgzf/up.ts": `export const file = Deno.openSync("x");\n` },
    wrong: [/^src\/bgzf\/up\.ts must not use Deno/],
  },
  {
    name: "a circle, of types too",
    add: {
      "base/a.ts": `import type { B } from "./b.ts";\nexport type A = B;\n`,
      "base/b.ts": `import { a } from "./a.ts";\nexport type B = typeof a;\n`,
    },
    wrong: [/^files import each other in a circle: base\/a\.ts -> base\/b\.ts -> base\/a\.ts$/],
  },
];

for (const { name, add, wrong } of CASES) {
  Deno.test(`layers: ${name}`, async () => {
    const found = await problemsOf({ ...GOOD, ...add });
    assert.equal(found.length, wrong.length, found.join("\n"));
    wrong.forEach((pattern, index) => assert.match(found[index], pattern));
  });
}

Deno.test("layers: src/ itself is in order", () => {
  assert.deepEqual(layerProblems(filePath("src")), []);
});
