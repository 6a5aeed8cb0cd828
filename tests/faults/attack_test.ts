/**
 * Names made to do harm: SQL, options, paths, control characters and characters that turn text
 * round, in every place where a matrix has a name; and names of files that are other files. A name
 * comes back as it was in every output and answer, or it is refused in one line that shows nothing
 * raw. No other file is touched.
 */
import assert from "node:assert/strict";
import { convert, InputError } from "../../mod.ts";
import { cli, listing, withFolder } from "../helpers/cli.ts";
import { oracle, withoutVersion } from "../helpers/oracle.ts";
import { readOutput } from "../helpers/convert_text.ts";
import { COMMANDS, type OutputKind, OUTPUTS } from "./outputs.ts";
import { hashes } from "./victim.ts";
import { Tally } from "./settings.ts";

const NAMES = [
  "x';DROP/**/TABLE/**/records;--",
  'a","b',
  "$(touch${IFS}pwned)",
  "`touch\u00a0pwned`",
  "../../etc/passwd",
  "-o",
  "--database=pwned",
  "%s%n%x",
  "__proto__",
  "constructor",
  "{{7*7}}",
  "=cmd|calc",
  "CHROM",
  "records",
  "x\x1b[2J\x1b]0;pwned\x07",
  "x\x00y",
  "x\x7fy",
  // C1: controls of terminals that are one character.
  "x\u009b2Jy",
  "x\u0085y",
  // Characters that turn text round, or end that.
  "x\u202ey",
  "x\u2066y\u2069",
  "x\u2067y",
  "x\u2068y",
  "x\u200ey",
  "x\u200fy",
  "\u{1f9ec}".repeat(40),
  "n".repeat(3000),
];

/** Characters that no file of ours and no message shows as they are. */
// deno-lint-ignore no-control-regex
const RAW = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

const PLACES: Record<string, (name: string) => string> = {
  contig: (name) => `CHROM\tPOS\tREF\t1a\t1b\n${name}\t5\tA\tC\tA\n`,
  sample: (name) => `CHROM\tPOS\tREF\t${name}\n1\t5\tA\tC\n`,
  pair: (name) => `CHROM\tPOS\tREF\t${name}_1\t${name}_2\n1\t5\tA\tC\tA\n`,
  ID: (name) => `CHROM\tPOS\tID\tREF\t1a\t1b\n1\t5\t${name}\tA\tC\tA\n`,
  allele: (name) => `CHROM\tPOS\tREF\t1a\t1b\n1\t5\tA\t<${name}>\tA\n1\t6\tA\tC\tA\n`,
};

for (const [place, matrixOf] of Object.entries(PLACES)) {
  Deno.test(`attack: ${NAMES.length} names as ${place}`, async () => {
    const outcomes = new Tally(), failures: string[] = [];
    for (const [index, name] of NAMES.entries()) {
      const output = OUTPUTS[index % OUTPUTS.length];
      try {
        outcomes.add(await attacked(matrixOf(name), output, RAW.test(name)));
      } catch (error) {
        failures.push(`${JSON.stringify(name)}: ${error}`);
      }
    }
    assert.deepEqual(failures, []);
    console.log(`${place}: ${outcomes}`);
    assert.ok(outcomes.of("taken") > 0 && outcomes.of("refused") > 0);
    assert.equal(outcomes.sum(/./), NAMES.length);
  });
}

/** Converts a matrix, and asks its table; says whether it was taken. */
async function attacked(matrix: string, output: OutputKind, raw: boolean): Promise<string> {
  return await withFolder(async (folder) => {
    const input = `${folder}/m.tsv`, database = `${folder}/k.duckdb`, notes: string[] = [];
    await Deno.writeTextFile(input, matrix);
    const onNote = (note: string) => notes.push(note);
    const request = { ...output.request, input, output: `${folder}/${output.name}`, onNote };
    try {
      await convert({ ...request, database, threads: 0 });
    } catch (error) {
      assert.ok(error instanceof InputError && error.message.startsWith(input), String(error));
      assert.doesNotMatch(error.message, RAW);
      assert.deepEqual(await listing(folder), ["m.tsv"]);
      return "refused";
    } finally {
      assert.doesNotMatch(notes.join(), RAW);
    }
    assert.ok(!raw, "a name that hides or acts was taken");
    const text = withoutVersion(await readOutput(request.output));
    assert.equal(text, output.expected(oracle(matrix).vcf, text));
    const files = [output.name, ...output.beside.map((end) => output.name + end)];
    assert.deepEqual(await listing(folder), ["k.duckdb", "m.tsv", ...files].sort());
    for (const { run } of COMMANDS) assert.notEqual(await run(database, folder), "");
    return "taken";
  });
}

/** A name that is another file, and the options that use it. */
const SAME: { name: string; make: (folder: string) => void; flags: string[] }[] = [
  { name: "the input", make() {}, flags: ["-o", "m.tsv"] },
  {
    name: "a symbolic link to the input",
    make: (folder) => Deno.symlinkSync("m.tsv", `${folder}/o.vcf`),
    flags: ["-o", "o.vcf"],
  },
  {
    name: "a hard link to the input",
    make: (folder) => Deno.linkSync(`${folder}/m.tsv`, `${folder}/o.vcf`),
    flags: ["-o", "o.vcf"],
  },
  {
    name: "an index that is a link to the input",
    make: (folder) => Deno.symlinkSync("m.tsv", `${folder}/o.vcf.gz.tbi`),
    flags: ["-o", "o.vcf.gz"],
  },
  {
    name: "an index that is a hard link to the input",
    make: (folder) => Deno.linkSync(`${folder}/m.tsv`, `${folder}/o.vcf.gz.csi`),
    flags: ["-o", "o.vcf.gz"],
  },
  {
    name: "a rejects file that is a link to the input",
    make: (folder) => Deno.symlinkSync("m.tsv", `${folder}/o.vcf.rejects.tsv`),
    flags: ["-o", "o.vcf", "--on-bad-row", "skip"],
  },
  {
    name: "a rejects file that is a hard link to the input",
    make: (folder) => Deno.linkSync(`${folder}/m.tsv`, `${folder}/o.vcf.rejects.tsv`),
    flags: ["-o", "o.vcf", "--on-bad-row", "skip"],
  },
  {
    name: "a profile that is the input through a folder",
    make: (folder) => Deno.symlinkSync(".", `${folder}/here`),
    flags: ["-o", "o.vcf", "--profile", "here/m.tsv"],
  },
  {
    name: "a profile that is the output's index",
    make() {},
    flags: ["-o", "o.vcf.gz", "--profile", "o.vcf.gz.tbi"],
  },
  {
    name: "a database that is the output",
    make() {},
    flags: ["-o", "o.vcf", "--database", "o.vcf"],
  },
  {
    name: "a database whose log is the output",
    make() {},
    flags: ["-o", "k.duckdb.wal", "--database", "k.duckdb"],
  },
  {
    name: "a database that is a hard link to the input",
    make: (folder) => Deno.linkSync(`${folder}/m.tsv`, `${folder}/k.duckdb`),
    flags: ["-o", "o.vcf", "--database", "k.duckdb"],
  },
  {
    name: "a header that is a hard link to the output",
    make(folder) {
      Deno.writeTextFileSync(`${folder}/h.txt`, "CHROM\tPOS\tREF\t1a\t1b\n");
      Deno.linkSync(`${folder}/h.txt`, `${folder}/o.vcf`);
    },
    flags: ["-o", "o.vcf", "--header", "h.txt"],
  },
];

for (const { name, make, flags } of SAME) {
  Deno.test(`attack: a name that is another file: ${name}`, () =>
    withFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/m.tsv`, PLACES.contig("1"));
      make(folder);
      const before = await hashes(folder);
      const { code, stderr } = await cli(["convert", "m.tsv", ...flags, "--quiet"], {
        cwd: folder,
      });
      assert.deepEqual(await hashes(folder), before, "a file was touched");
      assert.match(stderr, /^error: [^\n]*\n$/);
      assert.equal(code, 1);
    }));
}
