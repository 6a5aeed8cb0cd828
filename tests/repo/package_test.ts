/**
 * The package as others get it: what is published, under which names, and by which workflows.
 */
import assert from "node:assert/strict";
import config from "../../deno.json" with { type: "json" };
import { taskCommands } from "../../tasks/task_commands.ts";
import { VERSION } from "../../src/base/version.ts";
import { TARGETS } from "../../tasks/program_folder.ts";
import { cli, filePath, listing } from "../helpers/cli.ts";

Deno.test("publishing would succeed, without slow types, and takes the library alone", async () => {
  // What is uncommitted is published too, so that the test says something before a commit.
  const { code, stderr } = await deno("publish", "--dry-run", "--allow-dirty", "--no-provenance");
  assert.equal(code, 0, stderr);
  // Slow types are an error, as this is without --allow-slow-types.
  assert.match(stderr, /Checking for slow types[\s\S]*Success/);
  const published = [...stderr.matchAll(/file:\/\/(\S+) \(/g)].map(([, path]) =>
    decodeURIComponent(path).slice(filePath(".").length)
  );
  for (const path of ["deno.json", "mod.ts", "src/main.ts", "src/worker.ts"]) {
    assert.ok(published.includes(path), `${path} is not published`);
  }
  const other = /^(src\/|mod\.ts$|deno\.json$|README\.md$|CHANGELOG\.md$|LICENSE$)/;
  assert.deepEqual(published.filter((path) => !other.test(path)), []);
});

Deno.test("the names that can be imported are there", async () => {
  assert.deepEqual(config.exports, { ".": "./mod.ts", "./cli": "./src/main.ts" });
  const library = await import("../../mod.ts");
  assert.equal(typeof library.convert, "function");
  const main = await import("../../src/main.ts");
  assert.deepEqual(Object.keys(main), [], "the command line exports nothing, and does not start");
});

Deno.test("every sub-command has a task of its name", async () => {
  const { stdout } = await cli(["--help"]);
  const commands = [...stdout.matchAll(/^ {2}([a-z]+) .*$/gm)].map(([, name]) => name);
  const tasks = Object.entries(taskCommands(config.tasks)).filter(([name, task]) =>
    task.endsWith(` src/main.ts ${name}`)
  );
  assert.deepEqual(
    tasks.map(([name]) => name).sort(),
    commands.filter((name) => name !== "help" && name !== "completion").sort(),
  );
});

/** Paths of the modules below `src/`. */
async function sources(): Promise<string[]> {
  return (await listing(filePath("src"))).filter((name) => name.endsWith(".ts"));
}

Deno.test("the version stands in deno.json alone", async () => {
  assert.match(VERSION, /^\d+\.\d+\.\d+$/);
  assert.equal(VERSION, config.version);
  for (const name of await sources()) {
    const text = await Deno.readTextFile(filePath(`src/${name}`));
    assert.ok(!text.includes(`"${VERSION}"`), `src/${name} has a version of its own`);
  }
});

Deno.test("only npm is needed: no package comes from another registry", () => {
  for (const [name, specifier] of Object.entries(config.imports)) {
    assert.match(specifier, /^npm:(@[^/]+\/)?[^@/]+@\d+\.\d+\.\d+/, `${name} is not pinned`);
  }
});

for (const file of ["ci.yml", "release.yml"]) {
  Deno.test(`workflow ${file}: actions are pinned by commit, their version beside it`, async () => {
    const text = await Deno.readTextFile(filePath(`.github/workflows/${file}`));
    const uses = text.match(/uses: .*/g) ?? [];
    assert.ok(uses.length > 0);
    for (const line of uses) {
      assert.match(line, /^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
    assert.match(text, /^permissions:\n {2}contents: read$/m);
  });
}

Deno.test("one version of Deno is told and used everywhere", async () => {
  const files = [".github/workflows/ci.yml", ".github/workflows/release.yml", "CONTRIBUTING.md"];
  const texts = await Promise.all(files.map((file) => Deno.readTextFile(filePath(file))));
  const versions = texts.flatMap((text) => text.match(/(?<=deno@)\d+\.\d+\.\d+/g) ?? []);
  assert.ok(versions.length >= files.length);
  assert.deepEqual([...new Set(versions)].length, 1, versions.join(", "));
});

Deno.test("the release has a binary for every target; what was not tried stays a draft", async () => {
  const text = await Deno.readTextFile(filePath(".github/workflows/release.yml"));
  const targets = Object.keys(TARGETS);
  assert.ok(text.includes(`target: [${targets.join(", ")}]`), targets.join(", "));
  const tried = [...text.matchAll(/\{ target: ([\w-]+), runner/g)].map(([, target]) => target);
  const [released, draft] = [...text.matchAll(/pattern: "\{([^}]*)\}"/g)].map(([, list]) => list);
  const matching = (list: string) =>
    targets.filter((name) =>
      list.split(",").some((pattern) => name.startsWith(pattern.replace("*", "")))
    );
  assert.deepEqual(matching(released), tried);
  assert.deepEqual(matching(draft), targets.filter((name) => !tried.includes(name)));
});

Deno.test("the lock has no addon for musl, where no Deno of npm runs", async () => {
  assert.doesNotMatch(await Deno.readTextFile(filePath("deno.lock")), /musl/);
});

async function deno(...args: string[]): Promise<{ code: number; stderr: string }> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: filePath("."),
    env: { NO_COLOR: "1" },
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

Deno.test("no example uses console.assert, which says what is wrong and goes on", async () => {
  for (const name of await sources()) {
    const text = await Deno.readTextFile(filePath(`src/${name}`));
    assert.ok(!text.includes("console.assert"), name);
  }
});
