/**
 * A newcomer's path: the commands of the README's "A first session", as printed there, in a copy of
 * the repository and with an empty HOME. `UPDATE_README=1` writes the output of a change that is meant.
 *
 * @module
 */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { terminalSvg } from "../../tasks/terminal_picture.ts";
import { filePath, withFolder } from "../helpers/cli.ts";
import { hasTool, run } from "../helpers/tools.ts";

const README = filePath("README.md");

/** Copy what git tracks, and what it will. */
async function copyRepository(to: string): Promise<void> {
  const root = filePath(".");
  const { stdout } = await run("git", ["-C", root, "ls-files", "-co", "--exclude-standard"]);
  for (const file of stdout.trimEnd().split("\n")) {
    if (!await Deno.stat(`${root}/${file}`).then(() => true, () => false)) continue;
    await Deno.mkdir(dirname(`${to}/${file}`), { recursive: true });
    await Deno.copyFile(`${root}/${file}`, `${to}/${file}`);
  }
}

async function denoDir(): Promise<string> {
  const { stdout } = await run(Deno.execPath(), ["info", "--json"]);
  return JSON.parse(stdout).denoDir;
}

/** Run a command line as a new user's shell does. */
async function shell(command: string, cwd: string, home: string, cache: string) {
  const { code, stdout, stderr } = await new Deno.Command("bash", {
    args: ["-c", command],
    cwd,
    env: {
      HOME: home,
      DENO_DIR: cache,
      NO_COLOR: "1",
      PATH: `${home}/bin:${Deno.env.get("PATH")}`,
    },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test("the README's first session does what it says", async (t) => {
  const readme = await Deno.readTextFile(README);
  const from = readme.indexOf("## A first session\n");
  const section = readme.slice(from, readme.indexOf("\n## ", from));
  let updated = section;
  const cache = await denoDir();
  await withFolder(async (folder) => {
    await copyRepository(`${folder}/clone`);
    await Deno.mkdir(`${folder}/home/bin`, { recursive: true });
    await Deno.symlink(Deno.execPath(), `${folder}/home/bin/deno`);
    for (const [whole, kind, body] of section.matchAll(/^```(sh|console)\n([\s\S]*?)^```$/gm)) {
      const [first, ...output] = body.trimEnd().split("\n");
      const command = first.replace(/^\$ /, "");
      const tool = command.split(" ")[0];
      await t.step({
        name: hasTool(tool) || tool === "deno" ? command : `${command} (skipped: no ${tool})`,
        ignore: !hasTool(tool) && tool !== "deno",
        fn: async () => {
          const result = await shell(command, `${folder}/clone`, `${folder}/home`, cache);
          if (command.endsWith("task compile") && result.code !== 0) {
            // Without network, it explains itself.
            assert.match(result.stderr, /DENORT_BIN/);
            return;
          }
          assert.equal(result.code, 0, result.stderr);
          if (kind === "sh") return;
          updated = updated.replace(whole, () => `\`\`\`console\n${first}\n${result.stdout}\`\`\``);
          if (Deno.env.get("UPDATE_README")) return;
          assert.equal(result.stdout, output.map((line) => `${line}\n`).join(""));
        },
      });
    }
    assert.ok(await Deno.stat(`${folder}/clone/sample.vcf.gz.tbi`));
  });
  if (Deno.env.get("UPDATE_README")) {
    await Deno.writeTextFile(README, readme.replace(section, () => updated));
  }
});

Deno.test("a picture of a terminal shows its lines as text", () => {
  const svg = terminalSvg("echo '<&>'", ["<&>"]);
  assert.match(svg, />\$ echo '&lt;&amp;&gt;'<\/text>/);
  assert.equal(svg.match(/<text /g)?.length, 2);
});
