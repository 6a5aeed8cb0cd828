/** What `src/` promises to readers: files and functions of a length, each name once. */
import assert from "node:assert/strict";
import { filePath, listing } from "../helpers/cli.ts";

const MOST_LINES = 500, LONG = 40, MOST_LONG = 10;

/** Functions that are longer than 40 lines, and why. */
const REASONS: Readonly<Record<string, string>> = {
  "cli/convert_command.ts convertCommand": "a list of options, one call",
  "cli/profile_chart.ts profileSvg": "a description of a chart as one value",
  "convert/options.ts convertOptions": "forty options, a line each",
  "ingest/new_table.ts newTable": "a request of twenty fields, named once",
  "inspect/inspect_database.ts columnCosts": "a table of costs by column",
  "inspect/inspect_lines.ts databaseLines": "a page of text, line by line",
  "inspect/inspect_matrix.ts inspectMatrix": "a report of fifteen fields",
  "matrix/find_contigs.ts plainContigs": "a recursion over what it has seen",
  "matrix/tokenizer.ts #cell": "the hot loop, one cell; see DECISIONS.md",
  "matrix/tokenizer.ts #row": "the hot loop, one row; see DECISIONS.md",
};

const sources = (await listing(filePath("src"))).filter((name) => name.endsWith(".ts"));
const texts = new Map(
  sources.map((name) => [name, Deno.readTextFileSync(filePath(`src/${name}`))]),
);

/** A function's head on a line of its own, as formatted code has it. */
const FUNCTION = /^(?:export )?(?:async )?function\*? (\w+)/;
const METHOD = /^ {2}(?:(?:static|private|override|async|get|set) )*\*?(#?\w+)(?:<[^>]*>)?\(/;
const NO_METHOD = /^ {2}(?:if|for|while|switch|return|super|await|function|using)\b/;

/** Names and numbers of lines of the functions of a text. */
function functionsOf(text: string): { name: string; lines: number }[] {
  const lines = text.split("\n");
  return lines.flatMap((line, from) => {
    const [, name] = FUNCTION.exec(line) ?? (NO_METHOD.test(line) ? [] : METHOD.exec(line)) ?? [];
    if (name === undefined || /[;}]$/.test(line)) return [];
    const indent = /^ */.exec(line)![0];
    const to = lines.findIndex((other, at) => at > from && new RegExp(`^${indent}\\}`).test(other));
    // What ends in a semicolon first is a declaration, or text of another language.
    const ended = lines.slice(from + 1, to).some((other) =>
      indent.length === 2 && /^ {2}[^ ].*;$/.test(other)
    );
    return to < 0 || ended ? [] : [{ name, lines: to - from + 1 }];
  });
}

Deno.test("the house: no file of src/ is longer than 500 lines", () => {
  const long = [...texts].filter(([, text]) => text.split("\n").length > MOST_LINES);
  assert.deepEqual(long.map(([name]) => name), []);
});

Deno.test("the house: at most ten functions are longer than 40 lines, each with its reason", () => {
  const long = [...texts].flatMap(([file, text]) =>
    functionsOf(text).filter(({ lines }) => lines > LONG).map(({ name }) => `${file} ${name}`)
  );
  assert.deepEqual(long.sort(), Object.keys(REASONS).sort());
  assert.ok(long.length <= MOST_LONG);
});

Deno.test("the house: the measure of functions sees them", () => {
  const body = "  a();\n".repeat(50);
  const text = `export async function long(\n  a: string,\n): Promise<void> {\n${body}}\n` +
    `class Of {\n  async #method(): Promise<void> {\n${body.replaceAll("  a", "    a")}  }\n}\n`;
  assert.deepEqual(functionsOf(text), [{ name: "long", lines: 54 }, {
    name: "#method",
    lines: 52,
  }]);
});

Deno.test("the house: no two exports have one name", () => {
  const names = [...texts.values()].flatMap((text) =>
    [...text.matchAll(/^export (?:async )?(?:const|function\*?|class|interface|type) (\w+)/gm)]
      .map(([, name]) => name)
  );
  // The signatures of one function.
  const once = new Set(names), twice = names.filter((name) => !once.delete(name));
  assert.deepEqual(twice.filter((name) => name !== "pathOf"), []);
});
