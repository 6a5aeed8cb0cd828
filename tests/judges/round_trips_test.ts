/**
 * Round trips: outside programs turn a real VCF into a table of a dialect, and our VCF of it has the
 * genotypes of the first one, as far as the dialect can carry them. It needs `../shared/data`.
 */

import assert from "node:assert/strict";
import { convert, type ConvertRequest } from "../../mod.ts";
import { withFolder } from "../helpers/cli.ts";
import { DATA, REAL_SETS } from "../helpers/real_data.ts";
import { hasTool, missingNote, run } from "../helpers/tools.ts";

const TOOLS = ["bcftools", "plink1.9", "python3"];
const ignore = REAL_SETS.length === 0 || TOOLS.some((tool) => !hasTool(tool));

/** Runs a program, which must end well, and returns what it prints. */
async function output(tool: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(tool, args);
  assert.equal(code, 0, `${tool}: ${stderr}`);
  return stdout;
}

/** Converts a text that is in a file of a name, both ways, and returns the path of the VCF. */
async function ofFile(input: string, more: Partial<ConvertRequest> = {}): Promise<string> {
  const [vcf, straight] = [`${input}.vcf`, `${input}.direct.vcf`];
  await convert({ input, output: vcf, noVersion: true, threads: 0, ...more });
  await convert({ input, output: straight, noVersion: true, threads: 1, direct: true, ...more });
  const [one, other] = [await Deno.readTextFile(vcf), await Deno.readTextFile(straight)];
  assert.ok(one === other, `${input}: bytes differ between the two ways`);
  return vcf;
}

/** Makes sure that all genotypes are those of another VCF. */
async function sameAs(truth: string, vcf: string, ...flags: string[]): Promise<void> {
  const { code, stdout } = await run(`${DATA}/check_roundtrip.sh`, [...flags, truth, vcf]);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /genotypes_compared=[1-9].* mismatches=0/);
}

/** The pairs of alleles of a TPED, in any order, by contig, ID and position. */
function pairsOf(tped: string): Map<string, string> {
  return new Map(
    tped.trimEnd().split("\n").map((line) => {
      const [contig, id, , pos, ...alleles] = line.split(/\s+/);
      const pairs = alleles.flatMap((first, n) => n % 2 ? [] : [[first, alleles[n + 1]].sort()]);
      return [[contig, id, pos].join(), pairs.map((pair) => pair.join("/")).join(" ")];
    }),
  );
}

for (const { name, truth, polyploid } of REAL_SETS) {
  if (truth === undefined) continue;
  Deno.test({
    name: `round trips: ${name}${missingNote(...TOOLS)}`,
    ignore,
    fn: (t) =>
      withFolder(async (folder) => {
        const query = ["query", "-H", "-f"], start = "%CHROM\\t%POS\\t%REF";
        await t.step("bcftools query of %GT: codes", async () => {
          const input = `${folder}/codes.tsv`;
          const format = `${start}\\t%ALT[\\t%GT]\\n`;
          await Deno.writeTextFile(input, await output("bcftools", ...query, format, truth));
          await sameAs(truth, await ofFile(input));
        });
        // bcftools 1.16 breaks off at a row whose GT needs 16 bits.
        const wide = /^hprc_chr8/.test(name);
        await t.step({
          name: "bcftools query of %TGT: genotypes",
          ignore: wide,
          fn: async () => {
            const input = `${folder}/genotypes.tsv`;
            const format = `${start}[\\t%TGT]\\n`;
            await Deno.writeTextFile(input, await output("bcftools", ...query, format, truth));
            await sameAs(truth, await ofFile(input));
          },
        });
        if (polyploid) return;
        const two = `${folder}/two.vcf`;
        await output("bcftools", "view", "-M2", "-m2", "-o", two, truth);
        await t.step("plink1.9 --recode transpose: tped", () => throughPlink(two, folder));
        await t.step("bcftools convert --hapsample: haps", () => throughHaps(two, folder));
        await t.step("bcftools convert --haplegendsample: hap-legend", () =>
          throughLegend(two, folder));
      }),
  });
}

const PLINK = ["--allow-extra-chr", "--double-id", "--vcf-half-call", "m"];

/** The pairs that plink reads of our VCF are those of its TPED, but for rows without an allele. */
async function throughPlink(vcf: string, folder: string): Promise<void> {
  const recode = async (from: string, to: string) => {
    await output("plink1.9", "--vcf", from, ...PLINK, "--recode", "transpose", "--out", to);
    return pairsOf(await Deno.readTextFile(`${to}.tped`));
  };
  const expected = await recode(vcf, `${folder}/p`);
  const more = { refFrom: "first", onBadRow: "skip" } as const;
  const found = await recode(await ofFile(`${folder}/p.tped`, more), `${folder}/q`);
  for (const [site, pairs] of expected) {
    if (/[^0/ ]/.test(pairs)) assert.equal(found.get(site), pairs, site);
    else assert.ok(!found.has(site), `${site} has no allele`);
  }
}

/** What a format cannot carry: half of a genotype, and a missing haploid one. */
const HALF = /\t(?:\.[|/][0-9]|[0-9][|/]\.)/;

async function throughHaps(vcf: string, folder: string): Promise<void> {
  await output("bcftools", "convert", "--hapsample", `${folder}/h`, vcf);
  await output("gzip", "-d", `${folder}/h.hap.gz`);
  await Deno.rename(`${folder}/h.hap`, `${folder}/h.haps`);
  await Deno.rename(`${folder}/h.samples`, `${folder}/h.sample`);
  const ours = await ofFile(`${folder}/h.haps`), text = await Deno.readTextFile(vcf);
  if (!HALF.test(text)) await sameAs(vcf, ours);
  else await sameAs(await withoutHalves(text, folder), ours);
}

async function throughLegend(vcf: string, folder: string): Promise<void> {
  await output("bcftools", "convert", "--haplegendsample", `${folder}/l`, vcf);
  for (const end of ["hap", "legend"]) await output("gzip", "-d", `${folder}/l.${end}.gz`);
  const ours = await ofFile(`${folder}/l.hap`), text = await Deno.readTextFile(vcf);
  // Without a mark of phase, all pairs have one.
  await sameAs(await withoutHalves(text, folder), ours, "-s");
}

/** Writes a VCF whose half-missing genotypes are missing, as bcftools writes them. */
async function withoutHalves(text: string, folder: string): Promise<string> {
  const path = `${folder}/whole.vcf`;
  const whole = text.replaceAll(/\t(?:\.([|/])[0-9]|[0-9]([|/])\.)(?=[\t:\n])/g, "\t.$1$2.");
  await Deno.writeTextFile(path, whole);
  return path;
}
