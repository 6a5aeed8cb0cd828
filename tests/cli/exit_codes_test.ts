/**
 * Exit codes that a workflow can act on, of every sub-command, and the codes of the library's errors.
 */
import assert from "node:assert/strict";
import {
  InputError,
  InternalError,
  InterruptedError,
  MachineError,
  UsageError,
} from "../../mod.ts";
import { fromPlainError, ownError, toPlainError } from "../../src/base/errors.ts";
import { Exit, runProgram } from "../../src/cli/program.ts";
import { cli, cliInShell, withFolder } from "../helpers/cli.ts";
import { withKeptTable } from "../helpers/kept_table.ts";

const OUT = ["-o", "o.vcf"];
const CODES: [args: string[], code: number][] = [
  [["convert", "m.tsv", ...OUT], 0],
  [["inspect", "m.duckdb"], 0],
  [["sql", "m.duckdb", "-c", "SELECT 1"], 0],
  [["generate", "--rows", "9", "-o", "g.tsv"], 0],
  [["convert", "none.tsv", ...OUT], 1],
  [["convert", "m.tsv", "-o", "no/o.vcf"], 1],
  [["convert", "m.tsv", ...OUT, "-s", "nobody"], 1],
  [["inspect", "none.tsv"], 1],
  [["sql", "m.duckdb", "-c", "SELECT nothing"], 1],
  [["sql", "none.duckdb", "-c", "SELECT 1"], 1],
  [["generate", "-o", "no/g.tsv"], 1],
  [["profile", "none.csv", "-o", "p.svg"], 1],
  [["convert", "m.tsv"], 2],
  [["convert", "m.tsv", ...OUT, "--threads", "x"], 2],
  [["inspect"], 2],
  [["sql", "m.duckdb", "--format", "x"], 2],
  [["generate", "--rows", "x", "-o", "g.tsv"], 2],
  [["profile", "none.csv"], 2],
  // DuckDB is out of memory.
  [
    ["sql", "m.duckdb", "--memory", "16MiB", "-c", "SELECT list(range) FROM range(9000000)"],
    3,
  ],
];

Deno.test("exit codes of all sub-commands", async (t) => {
  await withKeptTable(async (cwd) => {
    for (const [args, code] of CODES) {
      await t.step(`${args.join(" ").slice(0, 60)}: ${code}`, async () => {
        const result = await cli(args, { cwd });
        assert.deepEqual([result.code, result.stderr], [code, result.stderr]);
        if (code > 0) assert.match(result.stderr, /^error: [^\n]*\n/m);
      });
    }
  });
});

Deno.test("too many open files: code 3, and how to allow more", () =>
  withKeptTable(async (cwd) => {
    for (const files of [24, 32, 40]) {
      const { code, stderr } = await cliInShell(
        `ulimit -n ${files}; "$@"`,
        ["convert", "m.tsv", "-o", "new.vcf", "--quiet", "--threads", "1"],
        cwd,
      );
      // With very few, Deno does not come as far as to this program.
      if (code === 0 || !/^error: /.test(stderr) || /deno|Import|Module/.test(stderr)) continue;
      assert.match(stderr, /^error: .*too many files are open.*ulimit -n/);
      assert.equal(code, 3);
    }
  }));

Deno.test("a bug ends with 70, and says what to send", async () => {
  const real = new AbortController().signal;
  const planted = new Proxy(real, {
    get(target, name) {
      if (name === "addEventListener") throw new TypeError("x is not a function");
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const lines: string[] = [], { error } = console;
  console.error = (line: string) => lines.push(line);
  try {
    await withKeptTable(async (folder) => {
      const code = await runProgram(["inspect", `${folder}/m.tsv`], planted, () => 130);
      assert.equal(code, Exit.Bug);
    });
  } finally {
    console.error = error;
  }
  assert.equal(lines[0], "error: x is not a function");
  assert.match(
    lines[1],
    /^this is a bug of matrix2vcf: please report it .* \(matrix2vcf \d.*, Deno \d.*, \w+ \w+\)$/,
  );
  assert.equal(lines.length, 2);
});

Deno.test("the help says what exit codes mean", async () => {
  for (const command of ["convert", "sql", "inspect", "generate", "profile"]) {
    const { stdout } = await cli([command, "--help"]);
    assert.match(stdout, /Exit codes: 0 done; 1 .*; 2 .*; 3 .*; 70 /s, command);
  }
});

/** Texts of the system, V8 and DuckDB, and the code that the library gives to an error of each. */
const CAUSES: [thrown: Error, code: string][] = [
  [system("ENOSPC", "No space left on device (os error 28)"), "MACHINE"],
  [new Error("File too large (os error 27)"), "MACHINE"],
  [system("EMFILE", "Too many open files (os error 24): open '/x'"), "MACHINE"],
  [system("EROFS", "Read-only file system (os error 30): open '/x'"), "MACHINE"],
  [system("EIO", "Input/output error (os error 5)"), "MACHINE"],
  [new Deno.errors.NotFound("No such file or directory (os error 2): open '/x'"), "MACHINE"],
  [new Error('IO Error: Could not write file "/x": No space left on device'), "MACHINE"],
  [new Error('FATAL Error: Could not write "x": Disk quota exceeded\nmore'), "MACHINE"],
  [new Error("Out of Memory Error: failed to pin block of size 256.0 KiB"), "MACHINE"],
  [new Error("TransactionContext Error: Failed to commit: Input/output error"), "MACHINE"],
  [new RangeError("Array buffer allocation failed"), "MACHINE"],
  [new TypeError("x is not a function"), "INTERNAL"],
  // Data and statements may quote any text.
  [new Error("Conversion Error: Could not convert string 'No space left on device'"), "INTERNAL"],
  [new Error("INTERNAL Error: Attempted to access index 0"), "INTERNAL"],
  [new InputError("x"), "BAD_INPUT"],
  [new UsageError("x"), "USAGE"],
  [new MachineError("x"), "MACHINE"],
  [new InternalError("x"), "INTERNAL"],
  [new InterruptedError(), "ABORTED"],
];

function system(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

for (const [thrown, code] of CAUSES) {
  Deno.test(`the code of '${thrown.message.slice(0, 50)}' is ${code}, also of another thread`, () => {
    const closing = new SuppressedError(new Error("closing failed, too"), thrown);
    for (const error of [thrown, closing, fromPlainError(toPlainError(thrown))]) {
      const own = ownError(error) as Error & { code: string };
      assert.equal(own.code, code);
      assert.doesNotMatch(own.message, /suppressed|closing/);
    }
    assert.equal((ownError(fromPlainError(toPlainError(closing))) as InputError).code, code);
  });
}

Deno.test("the launcher hands the exit code through", () =>
  withFolder(async (folder) => {
    const { launcherText } = await import("../../tasks/launcher.ts");
    const program = `${folder}/it's`, deno = `${folder}/deno`;
    await Deno.writeTextFile(deno, "#!/bin/sh\nulimit -f 1 2>/dev/null\nexit 70\n", {
      mode: 0o755,
    });
    await Deno.writeTextFile(
      `${folder}/launcher`,
      launcherText({ program, deno, version: "1" }),
      { mode: 0o755 },
    );
    const { code } = await new Deno.Command(`${folder}/launcher`, { args: ["convert"] }).output();
    assert.equal(code, 70);
  }));
