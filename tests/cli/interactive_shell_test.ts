/**
 * The SQL shell on a real terminal: a pseudo-terminal of Python's, whose bytes `@xterm/headless` turns
 * into what a user sees.
 *
 * @module
 */
import assert from "node:assert/strict";
import xterm from "@xterm/headless";
import { cli, filePath, withFolder } from "../helpers/cli.ts";
import { hasTool, missingNote, run } from "../helpers/tools.ts";

const COLUMNS = 80, ROWS = 200;
/** The prompt, and the cursor after it. */
const PROMPT = "matrix> \\x1b\\[9G$", CONTINUED = "\\.\\.\\.> \\x1b\\[9G$";
const UP = "\x1b[A", CTRL_C = "\x03", TAB = "\t";

/** What is typed, and what is waited for then. */
interface Step {
  send: string;
  until: string;
  pause?: number;
}

/** Talk with a shell over a database; the screen at the end. */
async function converse(
  database: string,
  state: string,
  steps: Step[],
  hangUp = false,
): Promise<{ screen: string; code: number }> {
  const request = {
    argv: [Deno.execPath(), "task", "--quiet", "--config", filePath("deno.json"), "sql", database],
    env: { XDG_STATE_HOME: state, TERM: "xterm", NO_COLOR: "1" },
    columns: COLUMNS,
    rows: ROWS,
    steps: [{ send: "", until: PROMPT }, ...steps],
    hangUp,
  };
  const { stdout, stderr, code } = await run(
    "python3",
    [filePath("tests/helpers/terminal.py")],
    JSON.stringify(request),
  );
  assert.equal(code, 0, stderr);
  const answer = JSON.parse(stdout) as { output: string[]; code: number };
  return { screen: await show(answer.output.join("")), code: answer.code };
}

/** What a terminal shows of a text. */
async function show(text: string): Promise<string> {
  const terminal = new xterm.Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(text, resolve));
  const lines = Array.from(
    { length: ROWS },
    (_, row) => terminal.buffer.active.getLine(row)?.translateToString(true) ?? "",
  );
  terminal.dispose();
  return lines.join("\n").trimEnd();
}

const SCREEN = `\
m.duckdb: .help lists commands, .quit leaves
matrix> SELECT count(*) AS n FROM matrix;
┌────────┐
│   n    │
│ bigint │
├────────┤
│      1 │
└────────┘
1 row
matrix> SELECT * FRM samples;
error: Parser Error: syntax error at or near "samples"
LINE 1: SELECT * FRM samples
                     ^
matrix> SELECT sample,
   ...>   ploidy
   ...> FROM samples;
┌─────────┬──────────┐
│ sample  │  ploidy  │
│ varchar │ uinteger │
├─────────┼──────────┤
│ 1       │        2 │
│ Vida    │        1 │
└─────────┴──────────┘
2 rows
matrix> SELECT count(*) AS n FROM matrix;
┌────────┐
│   n    │
│ bigint │
├────────┤
│      1 │
└────────┘
1 row
matrix> SELECT forget this^C
matrix> SELECT sum(i * j) FROM range(9999999) t(i), range(9999999) u(j);
interrupted
matrix> SELECT 'still here' AS answer FROM samples WHERE ploidy = 1;
┌────────────┐
│   answer   │
│  varchar   │
├────────────┤
│ still here │
└────────────┘
1 row
matrix> .timer on
matrix> .quit`;

Deno.test({
  name: "a conversation on a terminal" + missingNote("python3"),
  ignore: !hasTool("python3"),
  fn: () =>
    withFolder(async (folder) => {
      const database = `${folder}/m.duckdb`, state = `${folder}/state`;
      await Deno.writeTextFile(
        `${folder}/m.tsv`,
        "CHROM\tPOS\tREF\t1a\t1b\tVida\n1\t10\tA\tA\tG\tA\n",
      );
      const made = await cli(
        ["convert", "m.tsv", "-o", "m.vcf", "--database", "m.duckdb"],
        { cwd: folder },
      );
      assert.equal(made.code, 0, made.stderr);

      const first = await converse(database, state, [
        { send: "SELECT count(*) AS n FROM matrix;\r", until: PROMPT },
        { send: "SELECT * FRM samples;\r", until: PROMPT },
        { send: "SELECT sample,\r", until: CONTINUED },
        { send: "  ploidy\r", until: CONTINUED },
        { send: "FROM samples;\r", until: PROMPT },
        // The statement over three lines is one entry, the mistake another.
        { send: UP + UP + UP, until: "count" },
        { send: "\r", until: `1 row[\\s\\S]*${PROMPT}` },
        { send: "SELECT forget this", until: "this" },
        { send: CTRL_C, until: PROMPT },
        {
          send: "SELECT sum(i * j) FROM range(9999999) t(i), range(9999999) u(j);\r",
          until: "j\\);[\\r\\n]+$",
          pause: 0.5,
        },
        { send: CTRL_C, until: `interrupted[\\s\\S]*${PROMPT}` },
        { send: "SELECT 'still here' AS answer FROM samples WHERE plo", until: "plo" },
        { send: TAB, until: "ploidy|idy" },
        { send: " = 1;\r", until: PROMPT },
        { send: ".ti", until: "\\.ti" },
        { send: TAB, until: "mer" },
        { send: " on\r", until: PROMPT },
        { send: ".quit\r", until: "quit" },
      ]);
      assert.equal(first.screen, SCREEN);
      assert.equal(first.code, 0);

      // History outlives the shell; Ctrl-D leaves it.
      const second = await converse(database, state, [
        { send: UP + UP + UP, until: "still here" },
        { send: CTRL_C, until: PROMPT },
        { send: "SELECT * FROM div", until: "div" },
        { send: TAB, until: "diver|er" },
        { send: TAB, until: "Hudson" },
        { send: CTRL_C, until: PROMPT },
        { send: "\x04", until: "\\n" },
      ]);
      assert.match(
        second.screen,
        /^matrix> SELECT 'still here' AS answer FROM samples WHERE ploidy = 1;\^C$/m,
      );
      // Several completions are told with what they are.
      assert.match(second.screen, /^divergence\(size, step\) {2}dxy and Hudson's Fst of a window/m);
      assert.match(
        second.screen,
        /^diversity\(size, step\) {2}pi, theta and Tajima's D of a window/m,
      );
      assert.equal(second.code, 0);
      const third = await converse(database, state, [{ send: "SELECT 1", until: "1" }], true);
      assert.equal(third.code, 129);
      const { mode } = await Deno.stat(`${state}/matrix2vcf/sql_history`);
      assert.equal(mode! & 0o777, 0o600);
    }),
});
