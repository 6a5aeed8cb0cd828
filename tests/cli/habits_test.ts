/**
 * Options that are spelled as in bcftools: what they do, what wrong use of them is told, and how the
 * help lists them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { VERSION } from "../../src/base/version.ts";
import { EOF_BLOCK } from "../../src/bgzf/blocks.ts";
import { convertCommand } from "../../src/cli/convert_command.ts";
import { inspectCommand } from "../../src/cli/inspect_command.ts";
import { sqlCommand } from "../../src/cli/sql_command.ts";
import { cli, cliInShell, cliProcess, listing, withFolder } from "../helpers/cli.ts";

const MATRIX = "CHROM\tPOS\tREF\t10a\t10b\t11a\t11b\tVida\tgene\n" +
  "1\t5\tA\tA\tG\tG\tG\tT\tx\n1\t9\tC\tC\tC\tG\t.\tC\ty\n2\t7\tA\tA\tA\tA\tA\tT\tz\n";
const FILES: Record<string, string> = {
  "m.tsv": MATRIX,
  "l.txt": "Vida\n10\n",
  "twice.txt": "10\n11\n10\n",
  "comma.txt": "10,11\n",
  "blanks.txt": "A 10a 10b\n",
  "sheet.tsv": "A\t10a\t10b\nB\tVida\n",
  "r.txt": "1\t1\t6\n",
};

function withFiles<T>(use: (folder: string) => Promise<T>): Promise<T> {
  return withFolder(async (folder) => {
    for (const [name, text] of Object.entries(FILES)) {
      await Deno.writeTextFile(`${folder}/${name}`, text);
    }
    return await use(folder);
  });
}

/** What follows `convert m.tsv -o o.vcf`, the exit code, and all of the one line. */
const WRONG: [args: string[], code: number, line: string | RegExp][] = [
  [
    ["-s", "sheet.tsv"],
    2,
    "--samples takes names of samples, and 'sheet.tsv' is a file: give a sheet, or a file of names, " +
    "with -S, --samples-file",
  ],
  [["-s", "^l.txt"], 2, /^--samples takes names of samples, and 'l\.txt' is a file: .* -S, /],
  [["-s", "10,12"], 1, "m.tsv:1: there is no sample '12'; was it '10', '11'?"],
  [["-s", "vida"], 1, "m.tsv:1: there is no sample 'vida'; was it 'Vida'?"],
  [
    ["-s", "^nobody"],
    1,
    "m.tsv:1: there is no sample 'nobody'; the samples are '10', '11', 'Vida'",
  ],
  [["-s", "10a"], 1, "m.tsv:1: there is no sample '10a'; that column belongs to the sample '10'"],
  [["-s", "gene"], 1, /^m\.tsv:1: there is no sample 'gene'; .* see --samples-file$/],
  [["-s", "10,10"], 1, "m.tsv:1: the sample '10' is chosen twice; name it once"],
  [["-s", "^10,11,Vida"], 1, "m.tsv:1: all samples are left out; leave out fewer"],
  [["-s", ""], 2, "--samples has an empty name; write NAME,NAME or ^NAME,NAME"],
  [["-s", "10,"], 2, "--samples has an empty name; write NAME,NAME or ^NAME,NAME"],
  [["-s", "^"], 2, "--samples has an empty name; write NAME,NAME or ^NAME,NAME"],
  [
    ["-S", "10,11"],
    1,
    /^10,11: there is no such file; .* looks like a list of names, which -s takes$/,
  ],
  [["-S", "^none.txt"], 1, /^none\.txt: there is no such file; --samples-file takes a sheet/],
  [["-S", "twice.txt"], 1, "twice.txt:3: the sample '10' is chosen twice; name it once"],
  [
    ["-S", "comma.txt"],
    1,
    "comma.txt:1: there is no sample '10,11'; a file has one name on each line",
  ],
  [["-S", "blanks.txt"], 1, /^blanks\.txt:1: there is no sample 'A 10a 10b'; a sheet has a TAB/],
  [["-S", "^sheet.tsv"], 2, /^'\^sheet\.tsv' is a sheet, and \^ is for a list of names; /],
  [
    ["-S", "sheet.tsv", "--ploidy", "1"],
    2,
    /^--ploidy pairs .* sheet of --samples-file .*one of them/,
  ],
  [["-S", "-", "-R", "-"], 2, /^--samples-file and --regions-file cannot both be standard input/],
  [
    ["-r", "r.txt"],
    2,
    /^--regions takes regions, and 'r\.txt' is a file: give it with -R, --regions-file/,
  ],
  [
    ["-R", "1:1-6"],
    1,
    /^1:1-6: there is no such file; .* list of regions, which --regions \(-r\) takes/,
  ],
  [["-Ob9"], 2, "--output-type is v, z, b or u; the level is --compression-level 9"],
  [["-O", "z9"], 2, "--output-type is v, z, b or u; the level is --compression-level 9"],
  [
    ["-O", "gz"],
    2,
    "--output-type is v (plain VCF), z (VCF in BGZF), b (BCF) or u (plain BCF), not 'gz'",
  ],
  [["-O", "b", "--format", "tsv"], 2, /^--output-type is for VCF; --format tsv is compressed by/],
  [["-o", "o.bcf", "--format", "haplotype"], 2, /^--format haplotype is text; BCF, as o\.bcf is /],
  [["-o", "o.bcf.gz"], 2, /^BCF is compressed already: name it OUT\.bcf; -O b or -O u goes with/],
  [["-o", "o.ubcf"], 2, /^BCF is compressed already: /],
  [["-O", "u", "-W"], 2, "-W is for a compressed VCF or BCF in a file, as in -o OUT.vcf.gz"],
  [["-o", "o.bcf", "-W=tbi"], 2, "--index tbi is for VCF; the index of a BCF is csi"],
  [["-O", "b", "--index", "tbi"], 2, "--index tbi is for VCF; the index of a BCF is csi"],
  [
    ["-O", "z", "--format", "tsv"],
    2,
    /^--output-type is for VCF; --format tsv is compressed by its name/,
  ],
  [["-W"], 2, "-W is for a compressed VCF or BCF in a file, as in -o OUT.vcf.gz"],
  [["-W=csi"], 2, "-W is for a compressed VCF or BCF in a file, as in -o OUT.vcf.gz"],
  [["-O", "z", "-W", "csi"], 2, "the kind of an index stands with its flag: -W=csi"],
  [
    ["-O", "z", "-W=bai"],
    2,
    /--write-index \[kind\]' argument 'bai' is invalid\. .* auto, tbi, csi\.$/,
  ],
  [
    ["-O", "z", "-W", "--index", "csi"],
    2,
    /'-W, --write-index \[kind\]' cannot be used with .*--index/,
  ],
  [
    ["-@", "0"],
    2,
    /'-@, --threads <n>' argument '0' is invalid\. It is a whole number from 1 on\./,
  ],
  [["-l", "9"], 2, "unknown option '-l': the level is --compression-level here"],
  [["-t", "1:1-6"], 2, /^unknown option '-t': regions are -r here/],
  [["-T", "r.txt"], 2, /^unknown option '-T': files of regions are -R here/],
  [["-v", "snps"], 2, /^unknown option '-v': write --snps-only; /],
  [["-m2", "-M2"], 2, /^unknown option '-m2?': write --min-alleles/],
  [["-c", "1"], 2, /^unknown option '-c': write --variants-only/],
  [
    ["-a"],
    2,
    /^unknown option '-a': it is not needed: ALT has the alleles that the chosen samples/,
  ],
  [["--force-samples"], 2, /^unknown option '--force-samples': an unknown sample is an error/],
  [["-i", "AC>1"], 2, "unknown option '-i': it is left to bcftools: -o - | bcftools view -i ..."],
  [["-H"], 2, /^unknown option '-H': it is left to bcftools/],
  [
    ["1:1-6"],
    2,
    /^too many arguments for 'convert'.* Regions are given with -r, samples with -s\.$/,
  ],
];
for (const [args, code, line] of WRONG) {
  Deno.test(`wrong use: ${args.join(" ")}`, () =>
    withFiles(async (folder) => {
      const all = ["convert", "m.tsv", "-o", "o.vcf", "--quiet", ...args];
      const { stderr, ...rest } = await cli(all, { cwd: folder });
      assert.deepEqual({ ...rest }, { code, stdout: "" });
      assert.equal(stderr.split("\n").length, 2, stderr);
      const [, message] = /^error: (.*)\n$/.exec(stderr) ?? [];
      if (typeof line === "string") assert.equal(message, line);
      else assert.match(message, line);
      assert.deepEqual(await listing(folder), Object.keys(FILES).sort());
    }));
}

/** What chooses samples, and the samples with the first record. */
const CHOICES: [args: string[], columns: string][] = [
  [["-s", "Vida,10"], "A T,G Vida=1 10=0|2"],
  [["-s", "^10"], "A G,T 11=1|1 Vida=2"],
  [["-s", "^Vida,10,10"], "A G 11=1|1"],
  [["--samples", "11"], "A G 11=1|1"],
  [["-s", "10", "-s", "11"], "A G 11=1|1"],
  [["-S", "l.txt"], "A T,G Vida=1 10=0|2"],
  [["-S", "^l.txt"], "A G 11=1|1"],
  [["-S", "sheet.tsv"], "A G,T A=0|1 B=2"],
  [["-S", "sheet.tsv", "-s", "B"], "A T B=1"],
  [["-S", "l.txt", "-s", "^Vida"], "A G 10=0|1"],
  [["-s", "10a", "--ploidy", "1"], "A . 10a=0"],
];
for (const [args, columns] of CHOICES) {
  Deno.test(`samples: ${args.join(" ")}`, () =>
    withFiles(async (folder) => {
      const all = ["convert", "m.tsv", "-o", "-", "--quiet", ...args];
      const { code, stdout, stderr } = await cli(all, { cwd: folder });
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
      const [header, record] = stdout.split("\n").filter((line) => !line.startsWith("##"))
        .map((line) => line.split("\t"));
      const calls = header.slice(9).map((name, at) => `${name}=${record[9 + at]}`);
      assert.equal([record[3], record[4], ...calls].join(" "), columns);
      const looked = await cli(["inspect", "m.tsv", "--json", ...args], { cwd: folder });
      const names = JSON.parse(looked.stdout).samples.map(({ name }: { name: string }) => name);
      assert.deepEqual(names, header.slice(9));
    }));
}

Deno.test("samples: a list on standard input", () =>
  withFiles(async (folder) => {
    const args = ["convert", "m.tsv", "-o", "-", "--quiet", "-S", "-"];
    const { stdout, stderr } = await cliProcess(args, { cwd: folder, stdin: "11\r\n10\r\n" });
    assert.match(stdout, /FORMAT\t11\t10\n/, stderr);
  }));

Deno.test("samples: a column that declares alleles, or holds none, is in nobody's way", () =>
  withFiles(async (folder) => {
    const matrix = "CHROM\tPOS\tREF\tALT\tnote\t1\n1\t5\tA\tG\tgyrB\tG\n";
    await Deno.writeTextFile(`${folder}/n.tsv`, matrix);
    for (const list of ["1", "^ALT,note"]) {
      const args = ["convert", "n.tsv", "-o", "-", "--quiet", "-s", list];
      const { stdout, stderr } = await cli(args, { cwd: folder });
      assert.match(stdout, /FORMAT\t1\n1\t5\t\.\tA\tG\t.*\tGT\t1\n$/, stderr);
    }
  }));

Deno.test("samples: inspect of a kept table refuses what chooses samples", () =>
  withFiles(async (folder) => {
    const keep = ["convert", "m.tsv", "-o", "o.vcf", "--quiet", "--database", "k.duckdb"];
    assert.equal((await cli(keep, { cwd: folder })).code, 0);
    for (const flags of [["-s", "10"], ["-S", "l.txt"], ["--header", "l.txt"]]) {
      for (const command of [["inspect", "k.duckdb"], ["convert", "k.duckdb", "-o", "p.vcf"]]) {
        const { code, stderr } = await cli([...command, ...flags], { cwd: folder });
        assert.equal(code, 2, stderr);
        assert.match(stderr, /^error: --[a-z-]+: for a matrix; the input is a database, /);
      }
    }
  }));

Deno.test("samples: a kept table remembers which were chosen, however they were named", () =>
  withFiles(async (folder) => {
    const keep = async (...args: string[]) =>
      (await cli(["convert", "m.tsv", "-o", "o.vcf", "--database", "k.duckdb", ...args], {
        cwd: folder,
      })).stderr;
    await keep("-s", "Vida,10");
    assert.match(await keep("-S", "l.txt"), /reusing the table/);
    assert.match(await keep("-s", "^11,11"), /made differently: --samples; /);
    assert.match(await keep(), /made differently: --samples; /);
  }));

/** What follows `convert m.tsv`, the files that there are then, and the one line of a warning. */
const TYPES: { args: string[]; files: string[]; bgzf: boolean; warning?: RegExp }[] = [
  { args: ["-O", "z", "-o", "o.vcf.gz"], files: ["o.vcf.gz", "o.vcf.gz.tbi"], bgzf: true },
  { args: ["-Oz", "-o", "o.BGZ", "-W"], files: ["o.BGZ", "o.BGZ.tbi"], bgzf: true },
  { args: ["-W", "-o", "o.gz"], files: ["o.gz", "o.gz.tbi"], bgzf: true },
  { args: ["-W=csi", "-o", "o.gz"], files: ["o.gz", "o.gz.csi"], bgzf: true },
  { args: ["-Wtbi", "-o", "o.gz"], files: ["o.gz", "o.gz.tbi"], bgzf: true },
  { args: ["--write-index=csi", "-o", "o.gz"], files: ["o.gz", "o.gz.csi"], bgzf: true },
  { args: ["--write-index", "-o", "o.gz"], files: ["o.gz", "o.gz.tbi"], bgzf: true },
  { args: ["-O", "v", "-o", "o.vcf"], files: ["o.vcf"], bgzf: false },
  {
    args: ["-O", "z", "-o", "o.vcf"],
    files: ["o.vcf", "o.vcf.tbi"],
    bgzf: true,
    warning: /^warning: o\.vcf is written as BGZF, as -O z says; /,
  },
  {
    args: ["-O", "v", "-o", "o.vcf.gz"],
    files: ["o.vcf.gz"],
    bgzf: false,
    warning: /^warning: o\.vcf\.gz is written as plain text, as -O v says; /,
  },
];
for (const { args, files, bgzf, warning } of TYPES) {
  Deno.test(`-O and -W: ${args.join(" ")}`, () =>
    withFiles(async (folder) => {
      // The input stands after -W, which has no value of its own.
      const { code, stderr } = await cli(["convert", ...args, "m.tsv"], { cwd: folder });
      assert.equal(code, 0, stderr);
      const warnings = stderr.split("\n").filter((line) => line.startsWith("warning: "));
      assert.equal(warnings.length, warning ? 1 : 0, stderr);
      if (warning) assert.match(warnings[0], warning);
      const found = (await listing(folder)).filter((name) => !(name in FILES));
      assert.deepEqual(found, files);
      const bytes = await Deno.readFile(`${folder}/${files[0]}`);
      const text = new TextDecoder().decode(bgzf ? gunzipSync(bytes) : bytes);
      assert.equal((await cli(["convert", "m.tsv", "-o", "-"], { cwd: folder })).stdout, text);
      assert.deepEqual(bytes.slice(-EOF_BLOCK.length), bgzf ? EOF_BLOCK : bytes.slice(-28));
    }));
}

Deno.test("-O z -o -: the bytes of the file, and no index", () =>
  withFiles(async (folder) => {
    const args = ["convert", "m.tsv", "-Oz", "--quiet", "-o", "-"];
    const { code, stderr } = await cliInShell('"$@" > piped.gz', args, folder);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    await cli(["convert", "m.tsv", "-o", "o.vcf.gz", "--index", "none"], { cwd: folder });
    const [piped, file] = await Promise.all(
      ["piped.gz", "o.vcf.gz"].map((name) => Deno.readFile(`${folder}/${name}`)),
    );
    assert.deepEqual(piped, file);
    assert.deepEqual(
      (await listing(folder)).filter((name) => !(name in FILES)),
      ["o.vcf.gz", "piped.gz"],
    );
  }));

Deno.test("help: each option has one line of at most 100 columns, and names its choices", async () => {
  for (const command of ["convert", "inspect", "sql", "generate", "profile", "completion"]) {
    const { stdout } = await cli([command, "--help"]);
    for (const line of stdout.split("\n")) {
      assert.ok(line.length <= 100, line);
      assert.match(line, /^(?: {2}| {6})?(?:\S.*)?$/, "a line that goes on");
    }
  }
  const never = new AbortController().signal;
  for (const { options } of [convertCommand(never), inspectCommand(never), sqlCommand(never)]) {
    for (const { long, description, argChoices = [] } of options) {
      // No line has room for the dialects, and a page lists them.
      if (/docs\/\S+\.md/.test(description)) continue;
      const unsaid = argChoices.filter((choice) => !description.includes(choice));
      assert.deepEqual([long, unsaid], [long, []]);
    }
  }
});

Deno.test("help: convert lists its options in groups", async () => {
  const { stdout } = await cli(["convert", "--help"]);
  const groups = stdout.split("\n").filter((line) => /^[A-Z][A-Za-z ]*:$/.test(line));
  assert.deepEqual(groups, [
    "Arguments:",
    "Options:",
    "Input:",
    "Table:",
    "Records:",
    "Output:",
    "The run:",
  ]);
  for (const short of ["-s", "-S", "-r", "-R", "-o", "-O", "-W", "-@"]) {
    assert.match(stdout, new RegExp(`^ {2}${short}, --`, "m"));
  }
});

Deno.test("convert --version is the version of the program", async () => {
  const { stdout } = await cli(["convert", "--version"]);
  assert.deepEqual([stdout, stdout], [`${VERSION}\n`, (await cli(["--version"])).stdout]);
});
