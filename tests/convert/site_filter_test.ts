/**
 * Choices of sites: which records are written, and that every row is counted once.
 */

import assert from "node:assert/strict";
import { convert, type ConvertRequest, UsageError } from "../../mod.ts";
import { ALL_SITES, type SiteChoice, SiteCounter } from "../../src/vcf/site_filter.ts";
import { cli, filePath, withFolder } from "../helpers/cli.ts";
import {
  columnsOf,
  convertText,
  matrixOf,
  recordsOf,
  type TextRequest,
} from "../helpers/convert_text.ts";
import { DATA, noDataNote, REAL_SETS, writeHead } from "../helpers/real_data.ts";
import { hasTool, missingNote, run } from "../helpers/tools.ts";

const MATRIX = matrixOf(
  "CHROM POS REF 1a 1b 2a 2b",
  "1 1 A A A A A", // monomorphic
  "1 2 A A A . .",
  "1 3 A A C A A", // a SNP
  "1 4 A A C . .",
  "1 5 A A C G T",
  "1 6 A A AT A .", // an insertion
  "1 7 AT A AT AT AT",
  "1 8 A * A A A",
  "1 9 A A C <DEL> A",
  "1 10 N A C G T",
  "1 11 A . . . .",
  "1 12 A . . . C",
);
const ROWS = 12;

const CASES: { choice: TextRequest; positions: number[]; filtered: Record<string, number> }[] = [
  { choice: {}, positions: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], filtered: {} },
  {
    choice: { variantsOnly: true },
    positions: [3, 4, 5, 6, 7, 8, 9, 10, 12],
    filtered: { tooFewAlleles: 3 },
  },
  { choice: { minAlleles: 1 }, positions: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], filtered: {} },
  { choice: { minAlleles: 3 }, positions: [5, 9, 10], filtered: { tooFewAlleles: 9 } },
  { choice: { minAlleles: 5 }, positions: [10], filtered: { tooFewAlleles: 11 } },
  { choice: { maxAlleles: 1 }, positions: [1, 2, 11], filtered: { tooManyAlleles: 9 } },
  {
    choice: { minAlleles: 2, maxAlleles: 2 },
    positions: [3, 4, 6, 7, 8, 12],
    filtered: { tooFewAlleles: 3, tooManyAlleles: 3 },
  },
  // --variants-only never makes --min-alleles smaller.
  {
    choice: { minAlleles: 3, variantsOnly: true },
    positions: [5, 9, 10],
    filtered: { tooFewAlleles: 9 },
  },
  {
    choice: { snpsOnly: true },
    positions: [1, 2, 3, 4, 5, 8, 10, 11, 12], // plink2 keeps an ALT of `*`, too
    filtered: { notSnps: 3 },
  },
  {
    choice: { maxMissingRate: 0 },
    positions: [1, 3, 5, 7, 8, 9, 10],
    filtered: { tooManyMissing: 5 },
  },
  {
    choice: { maxMissingRate: 0.25 },
    positions: [1, 3, 5, 6, 7, 8, 9, 10],
    filtered: { tooManyMissing: 4 },
  },
  {
    choice: { maxMissingRate: 0.749 },
    positions: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    filtered: { tooManyMissing: 2 },
  },
  {
    choice: {
      variantsOnly: true,
      maxAlleles: 2,
      snpsOnly: true,
      maxMissingRate: 0.5,
      regions: "1:1-8",
    },
    positions: [3, 4, 8],
    // By the first reason that applies: region, alleles, kind, missing. The deletion at 7 reaches 8.
    filtered: { outsideRegions: 4, tooFewAlleles: 2, tooManyAlleles: 1, notSnps: 2 },
  },
];
for (const { choice, positions, filtered } of CASES) {
  Deno.test(`sites: ${JSON.stringify(choice)}`, async () => {
    for (const format of ["vcf", "tsv"] as const) {
      const { text, report } = await convertText(MATRIX, { ...choice, format });
      const records = format === "vcf" ? text : text.replace(/^.*\n/, "");
      assert.deepEqual(columnsOf(records, 1).map(Number), positions, format);
      const counts = Object.entries(report.filtered).filter(([, count]) => count > 0);
      assert.deepEqual(Object.fromEntries(counts), filtered);
      assert.equal(report.records, positions.length);
      assert.equal(sum(report.filtered) + report.records, ROWS);
    }
  });
}

function sum(counts: object): number {
  return Object.values(counts).reduce((total: number, count: number) => total + count, 0);
}

Deno.test("sites: --json has the counts", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, MATRIX);
    const flags = ["--min-alleles", "2", "--max-alleles", "3", "--max-missing-rate", ".5"];
    const args = ["convert", "m.tsv", "-o", "o.vcf", "--json", "--snps-only", ...flags];
    const { code, stdout, stderr } = await cli([...args, "--progress", "none"], { cwd: folder });
    assert.equal(code, 0, stderr);
    const report = JSON.parse(stdout);
    assert.deepEqual(report.filtered, {
      tooFewAlleles: 3,
      tooManyAlleles: 2,
      notSnps: 3,
      tooManyMissing: 1,
      outsideRegions: 0,
    });
    assert.equal(report.records, recordsOf(await Deno.readTextFile(`${folder}/o.vcf`)).length);
    assert.equal(report.records + sum(report.filtered), ROWS);
    const text = await cli(args.filter((arg) => arg !== "--json"), { cwd: folder });
    assert.match(
      text.stderr,
      /left out: 3 with too few alleles, 2 with too many alleles, 3 no SNPs, 1 with too many missing/,
    );
  }));

const WRONG: TextRequest[] = [
  { minAlleles: 3, maxAlleles: 2 },
  { maxMissingRate: 1.1 },
  { maxMissingRate: -1 },
  { maxMissingRate: NaN },
];
for (const request of WRONG) {
  Deno.test(`sites: ${JSON.stringify(request)} is wrong usage`, async () => {
    await assert.rejects(convertText(MATRIX, request), UsageError);
  });
}

for (const flags of [["--min-alleles", "0"], ["--max-missing-rate", "5%"]]) {
  Deno.test(`sites: ${flags.join(" ")} is wrong usage`, async () => {
    const { code, stderr } = await cli(["convert", "m.tsv", "-o", "o.vcf", ...flags]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /^error: /);
  });
}

const AS_BCFTOOLS: { choice: Partial<ConvertRequest>; flags: string[] }[] = [
  { choice: { minAlleles: 3 }, flags: ["-m", "3"] },
  { choice: { maxAlleles: 2 }, flags: ["-M", "2"] },
  { choice: { minAlleles: 2, maxAlleles: 2 }, flags: ["-m", "2", "-M", "2"] },
  { choice: { variantsOnly: true }, flags: ["-m", "2"] },
  {
    choice: { variantsOnly: true, snpsOnly: true },
    flags: ["-m", "2", "-i", 'STRLEN(REF)=1 && MAX(STRLEN(ALT))=1 && ALT!="*"'],
  },
  { choice: { maxMissingRate: 0.1 }, flags: ["-i", "F_MISSING<=0.1"] },
];
for (const name of ["hail_sample2", "hprc_chr8", "cyvcf2_halfcalls", "cfsan_agona"]) {
  Deno.test({
    name: `sites: ${name} as bcftools view${missingNote("bcftools")}${noDataNote}`,
    ignore: !hasTool("bcftools") || REAL_SETS.length === 0,
    fn: (t) =>
      withFolder(async (folder) => {
        const output = `${folder}/o.vcf`;
        const input = await writeHead(`${DATA}/${name}.matrix.tsv`, 300, `${folder}/m.tsv`);
        const converted = async (choice: Partial<ConvertRequest>) => {
          const report = await convert({ input, output, threads: 0, ...choice });
          return { text: await Deno.readTextFile(output), report };
        };
        const { text: all } = await converted({});
        for (const { choice, flags } of AS_BCFTOOLS) {
          // F_MISSING counts samples, and all of one counts as soon as half of it is missing.
          if (flags.includes("F_MISSING<=0.1") && name !== "cfsan_agona") continue;
          await t.step(
            `${JSON.stringify(choice)} as bcftools view ${flags.join(" ")}`,
            async () => {
              const { text, report } = await converted(choice);
              const { stdout, stderr } = await run("bcftools", ["view", "-H", ...flags, "-"], all);
              assert.equal(stderr, "");
              const found = stdout.split("\n").slice(0, -1);
              assert.deepEqual(columnsOf(text, 0, 1, 3, 4), columnsOf(stdout, 0, 1, 3, 4));
              assert.ok(recordsOf(text).join() === found.join(), "genotypes differ");
              assert.equal(report.records + sum(report.filtered), recordsOf(all).length);
            },
          );
        }
      }),
  });
}

Deno.test("sites: duplicates and shares are those of the records that are written", async () => {
  const matrix = matrixOf(
    "CHROM POS REF 1a 1b",
    "1 5 A A C",
    "1 5 A A A",
    "1 5 A A .",
    "1 5 A C .",
    "2 5 A A C",
  );
  const { report } = await convertText(matrix, { variantsOnly: true });
  assert.deepEqual(
    [report.records, report.variants, report.monomorphic, report.duplicates, report.missingShare],
    [3, 3, 0, 1, 1 / 6],
  );
});

Deno.test("sites: counts add up over partitions and workers", () =>
  withFolder(async (folder) => {
    const output = `${folder}/o.vcf`;
    const args = [filePath("data/genome_matrix.tsv"), "-o", output, "--variants-only", "--json"];
    const header = ["--header", filePath("data/genome_matrix_header.txt")];
    const { stdout } = await cli(["convert", ...args, ...header, "--threads", "3"]);
    const report = JSON.parse(stdout);
    assert.equal(report.records + sum(report.filtered), 2000);
    assert.equal(recordsOf(await Deno.readTextFile(output)).length, report.records);
  }));

const TAKEN: {
  choice: Partial<SiteChoice>;
  haplotypes: number;
  missing: number;
  takes: boolean;
}[] = [
  // 0.7 * 10 is 7 in decimals, a little less in floating point.
  { choice: { maxMissingRate: 0.7 }, haplotypes: 10, missing: 7, takes: true },
  { choice: { maxMissingRate: 0.7 }, haplotypes: 10, missing: 8, takes: false },
  { choice: { maxMissingRate: 0.29 }, haplotypes: 100, missing: 29, takes: true },
  { choice: { maxMissingRate: 1 }, haplotypes: 3, missing: 3, takes: true },
  { choice: { maxMissingRate: 0 }, haplotypes: 3, missing: 1, takes: false },
];
for (const { choice, haplotypes, missing, takes } of TAKEN) {
  Deno.test(`SiteCounter: ${missing} of ${haplotypes} missing, ${JSON.stringify(choice)}`, () => {
    const counter = new SiteCounter({ ...ALL_SITES, ...choice }, haplotypes);
    assert.equal(counter.takes(1, 0, missing, true), takes);
  });
}

Deno.test("SiteCounter.begin() forgets counts and positions", () => {
  const counter = new SiteCounter(ALL_SITES, 2);
  counter.takes(7, 1, 1, true);
  counter.takes(7, 2, 0, true);
  const { records, variants, multiallelic, missing, duplicates } = counter.counts;
  assert.deepEqual([records, variants, multiallelic, missing, duplicates], [2, 2, 1, 1, 1]);
  assert.deepEqual([counter.firstPos, counter.lastPos], [7, 7]);
  counter.begin();
  assert.equal(sum(counter.counts), 0);
  assert.deepEqual([counter.firstPos, counter.lastPos], [0, 0]);
});
