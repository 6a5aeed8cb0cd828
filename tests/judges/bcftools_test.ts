/**
 * Options that are spelled as in bcftools choose what bcftools chooses of the whole VCF.
 *
 * @module
 */
import assert from "node:assert/strict";
import { cli, withFolder } from "../helpers/cli.ts";
import { matrixText } from "../helpers/generated.ts";
import { hasTool, missingNote, run } from "../helpers/tools.ts";

const FILES: Record<string, string> = {
  "list.txt": "Vida\n3\n12\n",
  "all.bed": "1\t0\t9000\n3\t100\t60000\n",
  "some.txt": "1\t7\t900\n2\t500\t20000\n",
};
const CHOICES: string[][] = [
  ["-s", "12,Vida,3"],
  ["-s", "^1,Vida"],
  ["-S", "list.txt"],
  ["-S", "^list.txt"],
  ["-r", "1:100-9000,3"],
  ["-R", "all.bed"],
  ["-R", "some.txt"],
  ["-s", "^2", "-r", "2:1-30000"],
  ["-S", "list.txt", "-R", "all.bed", "-O", "z"],
  ["-O", "z"],
];
Deno.test({
  name: `-s -S -r -R -O choose what bcftools view chooses${missingNote("bcftools")}`,
  ignore: !hasTool("bcftools"),
  fn: (t) =>
    withFolder(async (folder) => {
      for (const [name, text] of Object.entries(FILES)) {
        await Deno.writeTextFile(`${folder}/${name}`, text);
      }
      const matrix = matrixText({ rows: 1000, multiallelic: 0.2, indels: 0.1 });
      await Deno.writeTextFile(`${folder}/m.tsv`, matrix);
      await cli(["convert", "m.tsv", "-o", "all.vcf.gz", "--quiet"], { cwd: folder });
      for (const choice of CHOICES) {
        await t.step(choice.join(" "), async () => {
          const compressed = choice.includes("z"), ours = compressed ? "o.vcf.gz" : "o.vcf";
          const args = ["convert", "m.tsv", "-o", ours, "--quiet", ...choice];
          const { code, stderr } = await cli(args, { cwd: folder });
          assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
          // Without -a, ALT keeps alleles that no chosen sample has; -I leaves INFO as it is.
          await bcftools(folder, ["view", "-a", "-I", "all.vcf.gz", "-o", "b.vcf", ...choice]);
          assert.ok((await genotypes(folder, ours)).length > 10);
          assert.deepEqual(await genotypes(folder, ours), await genotypes(folder, "b.vcf"));
          if (choice.some((flag) => /^-[sS]$/.test(flag))) return;
          // Of all samples, even the text is the same.
          const records = (name: string) => bcftools(folder, ["view", "-H", name]);
          assert.equal(await records(ours), await records("b.vcf"));
        });
      }
    }),
});

async function bcftools(folder: string, args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run("bcftools", args, "", { cwd: folder });
  assert.equal(code, 0, stderr);
  return stdout;
}

/** Samples, then a line for each record: ALT in order, as its own order is the program's choice. */
async function genotypes(folder: string, file: string): Promise<string[]> {
  const samples = await bcftools(folder, ["query", "-l", file]);
  const text = await bcftools(folder, [
    "query",
    "-f",
    "%ALT\t%CHROM\t%POS\t%ID\t%REF[\t%TGT]\n",
    file,
  ]);
  const records = text.split("\n").slice(0, -1).map((line) => {
    const [alt, ...rest] = line.split("\t");
    return [alt.split(",").sort().join(), ...rest].join("\t");
  });
  return [samples, ...records];
}
