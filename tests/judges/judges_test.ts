/**
 * Outside judges: what bcftools, vcf-validator, plink2 and `@gmod/vcf` say of our output, on the
 * golden files, on the sample in `data/`, and on real data where `../shared/data` lies beside the
 * checkout. There a script compares every genotype with the VCF that the matrix was made from.
 */

import assert from "node:assert/strict";
import VCF from "@gmod/vcf";
import { convert } from "../../mod.ts";
import { cli, filePath, withFolder } from "../helpers/cli.ts";
import { oracle, withoutVersion } from "../helpers/oracle.ts";
import { DATA, REAL_SETS as sets, writeSheet } from "../helpers/real_data.ts";
import { hasTool, run } from "../helpers/tools.ts";

interface Judge {
  name: string;
  tool?: string;
  /** Reads samples of more than two haplotypes. */
  polyploid: boolean;
  judge: (vcf: string, folder: string) => Promise<void>;
}

const JUDGES: Judge[] = [
  {
    name: "bcftools view reads it without a word",
    tool: "bcftools",
    polyploid: true,
    judge: async (vcf) => {
      const { code, stderr } = await run("bcftools", ["view", "-Ob", "-o", "/dev/null", vcf]);
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    },
  },
  {
    name: "vcf-validator finds no fault",
    tool: "vcf-validator",
    polyploid: false,
    judge: async (vcf) => {
      // It is slow: a few hundred records of a large file will do.
      const head = (await Deno.readTextFile(vcf)).match(/^(#.*\n)*(.*\n){0,300}/)![0];
      const { code, stdout, stderr } = await run("vcf-validator", [], head);
      const faults = (stdout + stderr).replace(/^The header tag 'reference' not present.*\n/m, "");
      assert.deepEqual({ code, faults }, { code: 0, faults: "" });
    },
  },
  {
    name: "plink2 imports it",
    tool: "plink2",
    polyploid: true,
    judge: async (vcf, folder) => {
      const flags = ["--allow-extra-chr", "--vcf-half-call", "m", "--threads", "1"];
      const args = [
        "--vcf",
        vcf,
        ...flags,
        "--memory",
        "640",
        "--make-pgen",
        "--out",
        `${folder}/p`,
      ];
      const { code, stdout, stderr } = await run("plink2", args);
      assert.equal(code, 0, stdout + stderr);
      const others = (stdout + stderr).replace(/^Warning: chrX is present in the input file/m, "");
      assert.doesNotMatch(others, /^(Error|Warning)/m);
    },
  },
  { name: "@gmod/vcf parses it", polyploid: true, judge: readWithGmod },
];

const goldens = [...Deno.readDirSync(filePath("tests/golden"))].map((entry) => entry.name).sort();
for (const judge of JUDGES) {
  Deno.test({
    name: named(`golden files: ${judge.name}`, judge.tool),
    ignore: lacks(judge.tool),
    fn: () =>
      withFolder(async (folder) => {
        for (const golden of goldens) {
          if (!judge.polyploid && golden.startsWith("tetraploid")) continue;
          await judge.judge(filePath(`tests/golden/${golden}/expected.vcf`), folder);
        }
      }),
  });
}

Deno.test("judges: data/genome_matrix.tsv", async (t) => {
  await withFolder(async (folder) => {
    const [matrix, header] = ["data/genome_matrix.tsv", "data/genome_matrix_header.txt"].map(
      filePath,
    );
    const vcf = `${folder}/o.vcf`;
    await converted([matrix, "--header", header, "-o", vcf]);
    const text = await Deno.readTextFile(matrix);
    const names = (await Deno.readTextFile(header)).trim().split("\t");
    await t.step("the oracle agrees", async () => {
      const expected = oracle(text, { header: names.join("\t") }).vcf;
      assert.equal(withoutVersion(await Deno.readTextFile(vcf)), expected);
    });
    await t.step({
      name: named("bcftools query %TGT gives the matrix back", "bcftools"),
      ignore: lacks("bcftools"),
      fn: async () => {
        const samples = (await run("bcftools", ["query", "-l", vcf])).stdout.trim().split("\n");
        const format = "%CHROM\\t%POS\\t%REF[\\t%TGT]\\n";
        const { stdout } = await run("bcftools", ["query", "-f", format, vcf]);
        assert.deepEqual(stdout.trim().split("\n").sort(), linesAs(samples, names, text).sort());
      },
    });
    await everyJudge(t, vcf, folder);
  });
});

if (sets.length === 0) {
  Deno.test({ name: `judges: real data (skipped: no ${DATA})`, ignore: true, fn: () => {} });
}

for (const { name, matrix, truth, flags, polyploid } of sets) {
  Deno.test(`judges: ${name}`, async (t) => {
    await withFolder(async (folder) => {
      const vcf = `${folder}/o.vcf`;
      const sheet = polyploid ? await writeSheet(matrix, `${folder}/samples.tsv`) : undefined;
      await convert({ input: matrix, output: vcf, samplesFile: sheet, threads: 0 });
      await t.step("the oracle agrees", async () => {
        const samples = sheet && await Deno.readTextFile(sheet);
        const expected = oracle(await Deno.readTextFile(matrix), { samples }).vcf;
        assert.ok(withoutVersion(await Deno.readTextFile(vcf)) === expected, "bytes differ");
      });
      await t.step({
        name: named("every genotype is the one in the source VCF", "bcftools", "python3"),
        ignore: truth === undefined || lacks("bcftools", "python3"),
        fn: () => sameAsTruth(flags, truth ?? "", vcf),
      });
      await everyJudge(t, vcf, folder, polyploid);
    });
  });
}

const PACKINGS = [
  { name: "gzip", tool: "gzip", extension: ".gz", args: ["-k"], stdin: false },
  { name: "BGZF", tool: "bgzip", extension: ".gz", args: ["-k"], stdin: false },
  { name: "standard input", tool: undefined, extension: "", args: [], stdin: true },
  { name: "gzip on standard input", tool: "gzip", extension: ".gz", args: ["-k"], stdin: true },
];
const EXPECTED = new Map<string, string>();

/** What the oracle says of a matrix, once. */
async function expectedOf(matrix: string): Promise<string> {
  if (!EXPECTED.has(matrix)) {
    EXPECTED.set(matrix, oracle(await Deno.readTextFile(matrix)).vcf);
  }
  return EXPECTED.get(matrix)!;
}

const FEW = sets.filter(({ name }) => /^(kg3_chr22|hail_sample2|hprc_chr8)/.test(name));
for (const { name, tool, extension, args, stdin } of PACKINGS) {
  Deno.test({
    name: named(`judges: real data from ${name} gives the same bytes`, tool),
    ignore: FEW.length === 0 || lacks(tool),
    fn: () =>
      withFolder(async (folder) => {
        for (const set of FEW) {
          const copy = `${folder}/${set.name}`;
          await Deno.writeFile(copy, await Deno.readFile(set.matrix));
          if (tool) assert.equal((await run(tool, [...args, copy])).code, 0);
          const packed = copy + extension;
          if (stdin) await converted(["-", "-o", `${copy}.vcf`], await Deno.readFile(packed));
          else await convert({ input: packed, output: `${copy}.vcf`, threads: 0 });
          const expected = await expectedOf(set.matrix);
          const actual = withoutVersion(await Deno.readTextFile(`${copy}.vcf`));
          assert.ok(actual === expected, `${set.name}: bytes differ`);
        }
      }),
  });
}

Deno.test({
  name: named("judges: all of them read .vcf.gz with its index", "bcftools", "tabix"),
  ignore: lacks("bcftools", "tabix"),
  fn: () =>
    withFolder(async (folder) => {
      const [matrix, header] = ["data/genome_matrix.tsv", "data/genome_matrix_header.txt"]
        .map(filePath);
      await converted([matrix, "--header", header, "-o", `${folder}/o.vcf`]);
      await converted([matrix, "--header", header, "-o", `${folder}/o.vcf.gz`]);
      const plain = await Deno.readTextFile(`${folder}/o.vcf`);
      const inflated = (await run("bgzip", ["-dc", `${folder}/o.vcf.gz`])).stdout;
      assert.ok(inflated === plain, "bytes differ");
      const lines = plain.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
      for (const contig of new Set(lines.map((line) => line.split("\t")[0]))) {
        const own = lines.filter((line) => line.startsWith(`${contig}\t`));
        const [first, last] = [own[0], own[own.length - 1]].map((line) => line.split("\t")[1]);
        const region = `${contig}:${first}-${last}`;
        const { stdout } = await run("tabix", [`${folder}/o.vcf.gz`, region]);
        assert.deepEqual(stdout.trimEnd().split("\n"), own);
      }
    }),
});

const REFERENCES = [
  { set: "cfsan_lambda.matrix.tsv", fasta: "cfsan_lambda.fa" },
  { set: "cfsan_listeria.snpmatrix.tsv", fasta: "cfsan_listeria.fa" },
];
for (const { set, fasta } of REFERENCES) {
  Deno.test({
    name: named(`judges: bcftools norm checks REF of ${set}`, "bcftools"),
    ignore: sets.length === 0 || lacks("bcftools"),
    fn: () =>
      withFolder(async (folder) => {
        await Deno.writeFile(`${folder}/r.fa`, await Deno.readFile(`${DATA}/${fasta}`));
        await convert({ input: `${DATA}/${set}`, output: `${folder}/o.vcf`, threads: 0 });
        const check = ["norm", "-c", "e", "-f", `${folder}/r.fa`, "-o", "/dev/null"];
        const { code, stderr } = await run("bcftools", [...check, `${folder}/o.vcf`]);
        assert.equal(code, 0, stderr);
        assert.match(stderr, /realigned\/skipped:\s+(\d+)\/0\/0\/0/);
      }),
  });
}

async function everyJudge(t: Deno.TestContext, vcf: string, folder: string, polyploid = false) {
  for (const judge of JUDGES) {
    await t.step({
      name: named(judge.name, judge.tool),
      ignore: lacks(judge.tool) || polyploid && !judge.polyploid,
      fn: () => judge.judge(vcf, folder),
    });
  }
}

async function converted(args: string[], stdin?: Uint8Array): Promise<void> {
  const { code, stdout, stderr } = await cli(["convert", ...args, "--quiet"], { stdin });
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: "", stderr: "" });
}

async function readWithGmod(path: string): Promise<void> {
  const lines = (await Deno.readTextFile(path)).trimEnd().split("\n");
  const header = lines.filter((line) => line.startsWith("#"));
  const parser = new VCF({ header: header.join("\n") });
  assert.deepEqual(parser.samples, header[header.length - 1].split("\t").slice(9));
  const contigs: string[] = [];
  let before = 0;
  for (const line of lines.slice(header.length)) {
    const fields = line.split("\t");
    const variant = parser.parseLine(line);
    if (contigs.at(-1) !== fields[0]) {
      contigs.push(fields[0]);
      before = 0;
    }
    assert.ok(variant.POS >= before, line.slice(0, 80));
    before = variant.POS;
    const genotypes = variant.GENOTYPES();
    assert.deepEqual(parser.samples.map((sample) => genotypes[sample]), fields.slice(9));
    const alleles = [variant.REF, ...variant.ALT ?? []];
    assert.equal(new Set(alleles).size, alleles.length, line.slice(0, 80));
    const used = new Set(Object.values(genotypes).flatMap((call) => call?.split(/[|/]/) ?? []));
    used.delete("."), used.delete("0");
    assert.deepEqual(
      [...used].map(Number).sort((a, b) => a - b),
      alleles.slice(1).map((_, i) => i + 1),
    );
  }
  assert.equal(new Set(contigs).size, contigs.length, "a contig is not contiguous");
}

/** The matrix as `bcftools query` should print it; its pairs end in `a` and `b`. */
function linesAs(samples: string[], names: string[], text: string): string[] {
  const at = (name: string) => names.findIndex((own) => own.replace(/^#/, "") === name);
  const columns = samples.map((name) =>
    at(`${name}a`) < 0 ? [at(name)] : [at(`${name}a`), at(`${name}b`)]
  );
  return text.trimEnd().split("\n").map((line) => {
    const cells = line.split("\t");
    const calls = columns.map((own) => own.map((i) => cells[i] === "N" ? "." : cells[i]).join("|"));
    return [...["CHROM", "POS", "REF"].map((name) => cells[at(name)]), ...calls].join("\t");
  });
}

async function sameAsTruth(flags: string[], truth: string, vcf: string): Promise<void> {
  const { code, stdout, stderr } = await run(`${DATA}/check_roundtrip.sh`, [...flags, truth, vcf]);
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /mismatches=0/);
}

function lacks(...tools: (string | undefined)[]): boolean {
  return tools.some((tool) => tool !== undefined && !hasTool(tool));
}

/** A test's name, with the reason if it is skipped. */
function named(name: string, ...tools: (string | undefined)[]): string {
  const missing = tools.filter((tool) => tool !== undefined && !hasTool(tool));
  return missing.length === 0 ? name : `${name} (skipped: no ${missing.join(", ")})`;
}
