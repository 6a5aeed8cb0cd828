/**
 * The sub-command `generate`.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { UsageError } from "../../src/base/errors.ts";
import { generateCommand } from "../../src/cli/generate_command.ts";
import { generatedHeader } from "../../src/generate/generate.ts";
import { withFolder } from "../helpers/cli.ts";
import { matrixText } from "../helpers/generated.ts";

/** Runs the sub-command in a folder of its own, which is removed afterwards. */
async function inFolder(
  test: (folder: string, run: (...args: string[]) => Promise<unknown>) => Promise<void>,
  signal = new AbortController().signal,
): Promise<void> {
  await withFolder((folder) =>
    test(folder, (...args) => generateCommand(signal).parseAsync(args, { from: "user" }))
  );
}

Deno.test("generate command: writes the matrix, or the matrix and its header apart", async () => {
  await inFolder(async (folder, run) => {
    const [matrix, header] = [join(folder, "matrix.tsv"), join(folder, "header.txt")];
    await run("-o", matrix, "--rows", "50", "--no-scatter", "--shuffle", "--indels", "0.1");
    const options = { rows: 50, scatter: false, shuffle: true, indels: 0.1 };
    assert.equal(Deno.readTextFileSync(matrix), matrixText(options));

    await run("--output", matrix, "--header", header, "--rows", "1e3", "--seed", "9");
    const apart = { rows: 1000, seed: 9, headerApart: true };
    assert.equal(Deno.readTextFileSync(matrix), matrixText(apart));
    assert.equal(Deno.readTextFileSync(header), generatedHeader(apart) + "\n");
    assert.equal([...Deno.readDirSync(folder)].length, 2);
  });
});

Deno.test("generate command: a failed run leaves nothing behind", async () => {
  await inFolder(async (folder, run) => {
    const matrix = join(folder, "matrix.tsv");
    const nowhere = join(folder, "nowhere", "header.txt");
    await assert.rejects(
      run("-o", matrix, "--header", nowhere),
      /header\.txt: the folder .* does not exist; make it first$/,
    );
    await assert.rejects(
      async () => await run("-o", matrix, "--rows", "x"),
      new UsageError("--rows must be a number: 'x'"),
    );
    await assert.rejects(
      async () => await run("-o", matrix, "--header", join(folder, ".", "matrix.tsv")),
      UsageError,
    );
    await assert.rejects(async () => await run("-o", folder), /the output is a folder/);
    await assert.rejects(async () => await run("-o", matrix, "--samples", ""), UsageError);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("generate command: a signal ends it, and nothing is left", async () => {
  const controller = new AbortController();
  await inFolder(async (folder, run) => {
    setTimeout(() => controller.abort(), 100);
    const matrix = join(folder, "matrix.tsv");
    await assert.rejects(run("-o", matrix, "--rows", "50000000"), { name: "AbortError" });
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  }, controller.signal);
});
