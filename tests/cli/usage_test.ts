/**
 * Command lines that are wrong: what they are told, and that nothing is written.
 *
 * @module
 */
import assert from "node:assert/strict";
import { cli, listing, withFolder } from "../helpers/cli.ts";

const OUT = ["-o", "o.vcf"];
const WRONG: [args: string[], code: number, message: RegExp][] = [
  // A typo leaves its flag out: the typo is what is wrong.
  [["convert", "m.tsv", "--outptu", "o.vcf"], 2, /^error: unknown option '--outptu'\n.*--output\?/],
  [
    ["convert", "--outptu=o.vcf", "m.tsv"],
    2,
    /^error: unknown option '--outptu=o\.vcf'|'--outptu'/,
  ],
  [["convert", "m.tsv"], 2, /^error: required option '-o, --output <file>' not specified\n$/],
  [["generate", "--rwos", "5"], 2, /^error: unknown option '--rwos'\n.*--rows\?/],
  [["generate"], 2, /^error: required option '-o, --output <file>' not specified\n$/],
  [["convert", "m.tsv", ...OUT, "--memory", "4000"], 2, /'4000' are bytes; was 4000MiB meant\?/],
  [["convert", "m.tsv", ...OUT, "--memory", "4"], 2, /'4' are bytes; was 4GiB meant\?/],
  [["convert", "m.tsv", ...OUT, "--memory", "4000000"], 2, /are bytes; was 4000000KiB meant\?/],
  [
    ["convert", "m.tsv", ...OUT, "--memory", "20000000"],
    2,
    /at least 256MiB, not '20000000' bytes/,
  ],
  [["convert", "m.tsv", ...OUT, "--memory", "4000B"], 2, /at least 256MiB, not '4000' bytes/],
  [["convert", "m.tsv", ...OUT, "--memory", "4 gigs"], 2, /is not a size; write 512MiB or 2GiB/],
  [["sql", "k.duckdb", "--memory", "4000"], 2, /'4000' are bytes; was 4000MiB meant\?/],
  [
    ["convert", "m.tsv", ...OUT, "--samples-file", "1,2"],
    1,
    /^error: 1,2: there is no such file; --samples-file takes a sheet .* list of names, which -s takes/,
  ],
  [
    ["convert", "m.tsv", ...OUT, "--samples-file", "s"],
    1,
    /^error: s: there is no such file; .*, TAB-separated\), or names of samples, one on each line\n$/,
  ],
  [
    ["inspect", "m.tsv", "-S", "1a,1b"],
    1,
    /^error: 1a,1b: there is no such file; --samples-file/,
  ],
];

for (const [args, code, message] of WRONG) {
  Deno.test(`wrong use: ${args.join(" ").slice(0, 60)}`, () =>
    withFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/m.tsv`, "CHROM\tPOS\tREF\t1a\t1b\n1\t5\tA\tA\tG\n");
      const result = await cli(args, { cwd: folder });
      const [error] = result.stderr.split(/^(?=error: )/m).filter((part) =>
        part.startsWith("error: ")
      );
      assert.match(error, message);
      assert.deepEqual([result.code, result.stdout, await listing(folder)], [code, "", ["m.tsv"]]);
    }));
}

Deno.test("a file whose name looks like a list is a sample sheet", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, "CHROM\tPOS\tREF\t1a\t1b\n1\t5\tA\tA\tG\n");
    await Deno.writeTextFile(`${folder}/a,b`, "one\t1a\t1b\n");
    const args = ["convert", "m.tsv", ...OUT, "-S", "a,b", "--memory", "268435456"];
    const { code, stderr } = await cli(args, { cwd: folder });
    assert.equal(code, 0, stderr);
  }));
