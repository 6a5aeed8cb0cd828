/**
 * The examples of the README's section "Ask the table" print what stands there. After a change that
 * is meant, `UPDATE_README=1 deno test -A tests/repo/readme_sql_test.ts` writes the new output.
 *
 * @module
 */
import assert from "node:assert/strict";
import { cliInShell, filePath, withFolder } from "../helpers/cli.ts";

const README = filePath("README.md");
const FENCE = /^```(sh|console)\n([\s\S]*?)^```$/gm;

/** The section of a title, up to the next one of its level. */
function section(text: string, title: string): string {
  const from = text.indexOf(`## ${title}\n`);
  assert.notEqual(from, -1, `README.md has no section "${title}"`);
  const to = text.indexOf("\n## ", from);
  return text.slice(from, to < 0 ? undefined : to);
}

/** The command of an example (up to the line that ends its quotes), and what it prints. */
function parseExample(body: string): { command: string; output: string } {
  const lines = body.split("\n");
  let length = 1;
  const open = () => lines.slice(0, length).join("\n").replaceAll('\\"', "").split('"').length;
  while (open() % 2 === 0 && length < lines.length) length++;
  return {
    command: lines.slice(0, length).join("\n").replace(/^\$ /, ""),
    output: lines.slice(length).join("\n"),
  };
}

/** Run a command line of the README from another folder. */
function runExample(command: string, cwd: string) {
  const script = command.replace(/deno task /g, '"$@" ').replaceAll(" data/", " $DATA/");
  return cliInShell(`DATA='${filePath("data")}'\n${script}`, [], cwd);
}

Deno.test("the examples of 'Ask the table' print what the README says", async (t) => {
  const readme = await Deno.readTextFile(README);
  const text = section(readme, "Ask the table");
  const fences = [...text.matchAll(FENCE)];
  const examples = fences.filter(([, kind]) => kind === "console");
  assert.ok(examples.length >= 10, `there are ${examples.length} examples`);
  let updated = text;
  await withFolder(async (folder) => {
    for (const [, , setup] of fences.filter(([, kind]) => kind === "sh")) {
      const { code, stderr } = await runExample(setup, folder);
      assert.equal(code, 0, stderr);
    }
    for (const [whole, , body] of examples) {
      const { command, output } = parseExample(body);
      const { code, stdout, stderr } = await runExample(command, folder);
      updated = updated.replace(whole, () => `\`\`\`console\n$ ${command}\n${stdout}\`\`\``);
      if (Deno.env.get("UPDATE_README")) continue;
      await t.step(command.split("\n").join(" ").slice(0, 100), () => {
        assert.equal(stderr, "");
        assert.equal(code, 0);
        assert.equal(stdout, output);
      });
    }
  });
  if (Deno.env.get("UPDATE_README")) {
    await Deno.writeTextFile(README, readme.replace(text, () => updated));
  }
});
