/**
 * The figures of a report on real data, each against an outside program. The pairs:
 *
 * | figure                                  | judge                                               |
 * | --------------------------------------- | --------------------------------------------------- |
 * | records, no ALTs, multi-allelic sites   | `bcftools stats`: SN                                |
 * | records with a SNP, with an indel       | `bcftools stats`: SN                                |
 * | transitions, transversions              | `bcftools stats`: TSTV                              |
 * | length of indels                        | `bcftools stats`: IDD                               |
 * | singletons                              | `vcftools --singletons`: S, of ALTs                 |
 * | allele frequency, folded spectrum       | `bcftools view -S`: AC, AN                          |
 * | REF as the major allele                 | `bcftools view -S`: AC, AN                          |
 * | missing haplotypes of samples           | `plink2 --missing`                                  |
 * | missing and heterozygous, any ploidy    | `bcftools query -f '[%GT]'`, counted                |
 * | heterozygous genotypes                  | `plink2 --het`, `vcftools --het`                    |
 *
 * `bcftools stats` counts the change of a SNP by the first bases of REF and ALT only, so that it leaves
 * out those of longer texts; its singletons are records in which one sample has an ALT.
 */
import assert from "node:assert/strict";
import { Counts } from "../../src/report/counts_reader.ts";
import { withFolder } from "../helpers/cli.ts";
import { DATA, noDataNote, REAL_SETS, type RealSet, writeSheet } from "../helpers/real_data.ts";
import { countsOfInput } from "../helpers/report_oracle.ts";
import { hasTool, missingNote, run } from "../helpers/tools.ts";

const JUDGES = ["bcftools", "plink2", "vcftools"];
const ignore = REAL_SETS.length === 0 || !JUDGES.every(hasTool);
const note = noDataNote + missingNote(...JUDGES);

async function asked(cmd: string, args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(cmd, args);
  assert.equal(code, 0, stderr);
  return stdout;
}

/** Converts a set, and returns its counts and its VCF. */
async function converted({ matrix, polyploid }: RealSet, folder: string) {
  const samplesFile = polyploid ? await writeSheet(matrix, `${folder}/s.tsv`) : undefined;
  const vcf = `${folder}/o.vcf`;
  const counts = new Counts(await countsOfInput({ input: matrix, output: vcf, samplesFile }));
  return { counts, vcf };
}

/** Returns the fields of the lines of a kind of `bcftools stats`. */
function linesOf(stats: string, kind: string): string[][] {
  return stats.split("\n").filter((line) => line.startsWith(`${kind}\t`)).map((line) =>
    line.split("\t").slice(2)
  );
}

/** Numbers of samples, in their order. */
function ofSamples(counts: Counts, name: string): number[] {
  return counts.rows(`sample.${name}`).map(({ count }) => count);
}

async function compareStats(counts: Counts, vcf: string, name: string): Promise<void> {
  const stats = await asked("bcftools", ["stats", vcf]);
  const sums = Object.fromEntries(linesOf(stats, "SN").map(([name, count]) => [name, +count]));
  const found = {
    records: counts.total("records"),
    noAlts: counts.total("records") - counts.total("variants"),
    snps: counts.total("snp_records"),
    indels: counts.total("indel_records"),
    multiallelic: counts.total("multiallelic"),
    lengths: counts.rows("length").map(({ place, count }) => [place, count]),
  };
  const [changes] = linesOf(stats, "TSTV");
  const counted = [counts.total("transitions"), counts.total("transversions")];
  if (!/^hprc/.test(name)) assert.deepEqual(counted, changes.slice(0, 2).map(Number));
  else assert.ok(counted.every((count, n) => count > Number(changes[n])), "SNPs of longer texts");
  assert.deepEqual(found, {
    records: sums["number of records:"],
    noAlts: sums["number of no-ALTs:"],
    snps: sums["number of SNPs:"],
    indels: sums["number of indels:"],
    multiallelic: sums["number of multiallelic sites:"],
    lengths: linesOf(stats, "IDD").map(([length, count]) => [+length, +count]),
  });
}

/** Frequencies are those of AC and AN as bcftools counts them. */
async function compareFrequencies(counts: Counts, vcf: string): Promise<void> {
  const filled = `${vcf}.filled.vcf`;
  await Deno.writeTextFile(`${vcf}.names`, await asked("bcftools", ["query", "-l", vcf]));
  await asked("bcftools", ["view", "-S", `${vcf}.names`, vcf, "-o", filled]);
  const text = await asked("bcftools", ["query", "-f", "%INFO/AC\t%INFO/AN\n", filled]);
  const classes = new Array(50).fill(0), spectrum = new Map<number, number>();
  const sides = [0, 0, 0];
  for (const line of text.trim().split("\n")) {
    const [list, total] = line.split("\t"), an = Number(total);
    if (list === ".") continue;
    const acs = list.split(",").map(Number), most = Math.max(...acs);
    for (const ac of acs) if (an > 0) classes[Math.min(49, Math.floor(ac * 50 / an))]++;
    if (acs.length === 1) {
      spectrum.set(Math.min(most, an - most), (spectrum.get(Math.min(most, an - most)) ?? 0) + 1);
    }
    const refs = an - acs.reduce((sum, ac) => sum + ac, 0);
    sides[refs > most ? 0 : refs === most ? 1 : 2]++;
  }
  const found = new Map(counts.rows("frequency").map(({ place, count }) => [place, count]));
  assert.deepEqual(classes.map((_, n) => found.get(n) ?? 0), classes);
  assert.deepEqual(
    counts.rows("spectrum").map(({ place, count }) => [place, count]),
    [...spectrum].sort(([a], [b]) => a - b),
  );
  assert.deepEqual(["ref_major", "ref_tied", "ref_minor"].map((name) => counts.total(name)), sides);
}

/** Missing haplotypes and heterozygous genotypes are those of the texts that bcftools prints. */
async function compareGenotypes(counts: Counts, vcf: string): Promise<void> {
  const text = await asked("bcftools", ["query", "-f", "[%GT\t]\n", vcf]);
  const missing = ofSamples(counts, "missing").fill(0);
  const different = ofSamples(counts, "heterozygous").fill(0);
  for (const line of text.trim().split("\n")) {
    line.trimEnd().split("\t").forEach((gt, n) => {
      const alleles = gt.split(/[|/]/);
      missing[n] += alleles.filter((allele) => allele === ".").length;
      if (alleles.length !== 2 || alleles.includes(".") || alleles[0] === alleles[1]) return;
      different[n]++;
    });
  }
  assert.deepEqual(ofSamples(counts, "missing"), missing);
  assert.deepEqual(ofSamples(counts, "heterozygous"), different);
}

/** Singletons are those of vcftools, which also lists REFs that one haplotype has. */
async function compareSingletons(counts: Counts, vcf: string): Promise<void> {
  await asked("vcftools", ["--vcf", vcf, "--singletons", "--out", vcf]);
  const sites = await asked("bcftools", ["query", "-f", "%CHROM:%POS\t%REF\n", vcf]);
  const refs = new Map(
    sites.trim().split("\n").map((line) => line.split("\t") as [string, string]),
  );
  const found = new Map(counts.rows("sample.singletons").map(({ name }) => [name, 0]));
  const lines = (await Deno.readTextFile(`${vcf}.singletons`)).trim().split("\n").slice(1);
  for (const line of lines) {
    const [contig, pos, kind, allele, name] = line.split("\t");
    if (kind !== "S" || refs.get(`${contig}:${pos}`) === allele) continue;
    found.set(name, found.get(name)! + 1);
  }
  assert.deepEqual(ofSamples(counts, "singletons"), [...found.values()]);
}

for (const set of REAL_SETS) {
  Deno.test({
    name: `report judges: bcftools agrees about ${set.name}${note}`,
    ignore,
    fn: () =>
      withFolder(async (folder) => {
        const { counts, vcf } = await converted(set, folder);
        await compareStats(counts, vcf, set.name);
        await compareFrequencies(counts, vcf);
        await compareGenotypes(counts, vcf);
        // vcftools takes no more than two haplotypes.
        if (!set.polyploid) await compareSingletons(counts, vcf);
      }),
  });
}

/** Returns a table with a header as rows by column. */
function tableOf(text: string): Record<string, string>[] {
  const [header, ...lines] = text.trim().split("\n").map((line) => line.trim().split(/\s+/));
  return lines.map((line) => Object.fromEntries(header.map((name, n) => [name, line[n]])));
}

/** Diploid sets without half-missing genotypes, of which all three programs take all records. */
for (const name of ["kidd_aims_1kg", "wheat_gbs"]) {
  Deno.test({
    name: `report judges: plink2 and vcftools agree about ${name}${note}`,
    ignore,
    fn: () =>
      withFolder(async (folder) => {
        const set = REAL_SETS.find(({ matrix }) => matrix === `${DATA}/${name}.matrix.tsv`)!;
        const { counts, vcf } = await converted(set, folder), out = `${folder}/p`;
        const options = ["--vcf", vcf, "--allow-extra-chr", "--bad-freqs", "--out", out];
        await asked("plink2", [...options, "--missing", "--het"]);
        const missing = tableOf(await Deno.readTextFile(`${out}.smiss`));
        const records = counts.total("records");
        assert.deepEqual(
          missing.map(({ MISSING_CT }) => 2 * Number(MISSING_CT)),
          ofSamples(counts, "missing"),
        );
        assert.ok(missing.every(({ OBS_CT }) => Number(OBS_CT) === records));
        // plink2 takes no contig for an autosome that it does not know.
        if (name !== "kidd_aims_1kg") return;
        const het = tableOf(await Deno.readTextFile(`${out}.het`));
        assert.deepEqual(
          het.map((row) => Number(row.OBS_CT) - Number(row["O(HOM)"])),
          ofSamples(counts, "heterozygous"),
        );
        await asked("vcftools", ["--vcf", vcf, "--het", "--out", out]);
        const others = tableOf(await Deno.readTextFile(`${out}.het`));
        assert.deepEqual(
          others.map((row) => Number(row.N_SITES) - Number(row["O(HOM)"])),
          ofSamples(counts, "heterozygous"),
        );
      }),
  });
}
