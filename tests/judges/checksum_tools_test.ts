/**
 * Sums of genotypes that go through bcftools, bgzip and plink2, on the truths of `../shared/data`:
 * what these programs keep, the sums keep, and what they drop is told. Where the judge of the
 * definition lies beside the checkout, it has the same sums.
 */
import assert from "node:assert/strict";
import { sumInput } from "../../src/convert/sum_input.ts";
import { sumLines } from "../../src/checksum/sums.ts";
import { withFolder } from "../helpers/cli.ts";
import { DATA, noDataNote, REAL_SETS } from "../helpers/real_data.ts";
import { hasTool, missingNote, run } from "../helpers/tools.ts";

const TOOLS = ["bcftools", "bgzip", "python3"];
const ignore = TOOLS.some((tool) => !hasTool(tool)), JUDGE = `${DATA}/../checksum`;

async function sumsOf(input: string): Promise<string[]> {
  return sumLines(await sumInput({ input, threads: 0 }));
}

async function output(tool: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(tool, args);
  assert.equal(code, 0, `${tool} ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** The lines of samples, in any order; without the column of phase, where that is wanted. */
function sampleLines(lines: readonly string[], columns = 5): string[] {
  return lines.slice(1, -2).map((line) => line.split("\t").slice(0, columns).join("\t")).sort();
}

for (const { name, truth, polyploid } of REAL_SETS) {
  if (truth === undefined) continue;
  Deno.test({
    name: `checksum through tools: ${name}${missingNote(...TOOLS)}`,
    ignore,
    fn: (t) =>
      withFolder(async (folder) => {
        const sums = await sumsOf(truth), path = (file: string) => `${folder}/${file}`;
        await t.step("the judge", async () => {
          const { code, stdout } = await run("python3", [`${JUDGE}/checksum.py`, truth]);
          assert.equal(code, 0);
          assert.deepEqual(sums, stdout.trimEnd().split("\n"));
        });
        await t.step("bcftools view -Ob, and back", async () => {
          await output("bcftools", "view", "-Ob", "-o", path("t.bcf"), truth);
          await output("bcftools", "view", "-Oz", "-o", path("t.vcf.gz"), path("t.bcf"));
          for (const file of ["t.bcf", "t.vcf.gz"]) {
            assert.deepEqual(await sumsOf(path(file)), sums);
          }
        });
        await t.step("bgzip", async () => {
          await Deno.copyFile(truth, path("z.vcf"));
          await Deno.chmod(path("z.vcf"), 0o644);
          await output("bgzip", path("z.vcf"));
          assert.deepEqual(await sumsOf(path("z.vcf.gz")), sums);
        });
        await t.step("bcftools concat of parts", async () => {
          const lines = (await Deno.readTextFile(truth)).trimEnd().split("\n");
          const from = lines.findIndex((line) => !line.startsWith("#"));
          const half = Math.floor((from + lines.length) / 2), header = lines.slice(0, from);
          for (const [n, part] of [lines.slice(from, half), lines.slice(half)].entries()) {
            await Deno.writeTextFile(path(`${n}.vcf`), [...header, ...part, ""].join("\n"));
          }
          await output("bcftools", "concat", "-o", path("c.vcf"), path("0.vcf"), path("1.vcf"));
          assert.deepEqual(await sumsOf(path("c.vcf")), sums);
        });
        await t.step("bcftools view -s", async () => {
          const names = sums.slice(1, -2).map((line) => line.split("\t")[0]);
          const chosen = [...names.slice(-3), names[0]].join();
          await output("bcftools", "view", "-s", chosen, "-o", path("s.vcf"), path("t.bcf"));
          const own = await sumsOf(path("s.vcf"));
          assert.ok(sampleLines(own).length > 1);
          assert.ok(sampleLines(own).every((line) => sums.includes(line)));
        });
        await t.step({
          name: "plink2 --make-pgen and --export vcf",
          ignore: polyploid || !hasTool("plink2"),
          fn: async () => {
            const kept = await throughPlink(truth, folder, sums);
            if (PHASED.test(name)) assert.equal(kept, "all");
          },
        });
      }),
  });
}
if (REAL_SETS.length === 0) {
  Deno.test({ name: `checksum through tools${noDataNote}`, ignore: true, fn: () => {} });
}

/** Truths whose genotypes are all phased, whole, and of autosomes: plink2 keeps them. */
const PHASED = /^(kg3_chr22|kidd_aims_1kg)/;

/**
 * What plink2 gives back has the same alleles, unless half calls or contigs were changed.
 *
 * @returns What was kept.
 */
async function throughPlink(
  truth: string,
  folder: string,
  sums: string[],
): Promise<"all" | "alleles" | "nothing"> {
  const flags = ["--allow-extra-chr", "--threads", "1", "--memory", "640"];
  const made = await run("plink2", [
    ...["--vcf", truth, "--vcf-half-call", "m", "--make-pgen", "--out", `${folder}/p`],
    ...flags,
  ]);
  assert.equal(made.code, 0, made.stderr);
  await output(
    "plink2",
    "--pfile",
    `${folder}/p`,
    "--export",
    "vcf",
    "--out",
    `${folder}/q`,
    ...flags,
  );
  const own = await sumsOf(`${folder}/q.vcf`), text = await Deno.readTextFile(truth);
  const cells = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"))
    .flatMap((line) => line.split("\t").slice(9).map((cell) => cell.split(":")[0]));
  const isHalf = (cell: string) => /^\.[|/]\d|^\d+[|/]\./.test(cell);
  // plink2 gives X and haploid calls other ploidies, and writes other names for some contigs.
  const isKept = own.at(-1) === sums.at(-1) && !cells.some(isHalf) &&
    !/^(chr)?[XY]\t/m.test(text) &&
    cells.every((cell) => cell === "." || /[|/]/.test(cell));
  if (!isKept) {
    assert.notDeepEqual(own, sums);
    return "nothing";
  }
  assert.deepEqual(sampleLines(own, 4), sampleLines(sums, 4));
  return sampleLines(own).join() === sampleLines(sums).join() ? "all" : "alleles";
}
