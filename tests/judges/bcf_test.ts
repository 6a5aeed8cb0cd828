/**
 * BCF beside the VCF of the same input: htslib makes the same bytes of that VCF, bcftools and plink2
 * find the same in both, and both ways and all numbers of threads write the same.
 */

import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import VCF from "@gmod/vcf";
import { convert, type ConvertRequest } from "../../mod.ts";
import { INFO_TAGS } from "../../src/vcf/info_fields.ts";
import { withFolder } from "../helpers/cli.ts";
import { bytesOf, matrixOf, readOutput, recordsOf } from "../helpers/convert_text.ts";
import { examplePath, EXAMPLES } from "../helpers/dialects.ts";
import { matrixText } from "../helpers/generated.ts";
import { DATA, noDataNote, REAL_SETS, writeSheet } from "../helpers/real_data.ts";
import { hasTool, missingNote, run } from "../helpers/tools.ts";

const ignore = !hasTool("bcftools"), note = missingNote("bcftools");

type Request = Omit<ConvertRequest, "output">;

async function output(tool: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(tool, args);
  assert.equal(code, 0, `${tool} ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** Converts to `o.vcf`, `o.vcf.gz`, `o.bcf` and `plain.bcf` of a folder, which agree. */
async function converted(folder: string, request: Request, threads: number[] = []): Promise<void> {
  const into = (name: string, more: Partial<Request> = {}) =>
    convert({ threads: 0, noVersion: true, ...request, ...more, output: `${folder}/${name}` });
  for (const name of ["o.vcf", "o.vcf.gz", "o.bcf"]) await into(name);
  await into("plain.bcf", { outputType: "u" });
  const plain = await bytesOf(`${folder}/plain.bcf`);
  assert.ok(plain.equals(gunzipSync(await bytesOf(`${folder}/o.bcf`))), "-O u differs from -O b");
  assert.ok(await readOutput(`${folder}/o.bcf`) === await readOutput(`${folder}/o.vcf`));
  for (const more of [{ direct: true }, ...threads.map((threads) => ({ threads }))]) {
    await into("other.bcf", more);
    for (const end of ["", ".csi"]) {
      const [one, other] = ["o.bcf", "other.bcf"].map((name) => bytesOf(`${folder}/${name}${end}`));
      assert.ok((await one).equals(await other), `${JSON.stringify(more)}: bcf${end} differs`);
    }
  }
}

/** htslib's BCF of our VCF is ours, byte for byte. */
async function htslibAgrees(folder: string): Promise<void> {
  // By the name .bcf, bcftools would compress it in spite of -Ou.
  const [vcf, theirs] = [`${folder}/o.vcf`, `${folder}/htslib.plain`];
  await output("bcftools", "view", "--no-version", "-Ou", "-o", theirs, vcf);
  const ours = await bytesOf(`${folder}/plain.bcf`);
  assert.ok(ours.equals(await bytesOf(theirs)), "htslib's bytes differ");
}

/** What bcftools reads out of both is the same. */
async function bcftoolsAgrees(folder: string): Promise<void> {
  const [vcf, bcf] = [`${folder}/o.vcf.gz`, `${folder}/o.bcf`];
  const asks = [
    ["view", "--no-version"],
    ["query", "-f", "%CHROM %POS %ID %REF %ALT %FILTER %INFO[ %GT]\\n"],
    ["stats", "-s", "-"],
  ];
  for (const ask of asks) {
    const [of, own] = await Promise.all([vcf, bcf].map((path) => output("bcftools", ...ask, path)));
    const bare = (text: string) => text.replaceAll(/^(#.*|ID\t.*)\n/gm, "");
    assert.ok(bare(of) === bare(own) && of.length > 0, `bcftools ${ask[0]} differs`);
  }
}

/** Our index and htslib's own of the same file say and find the same. */
async function indexAgrees(folder: string): Promise<void> {
  const ours = `${folder}/o.bcf`, theirs = `${folder}/copy.bcf`;
  await Deno.copyFile(ours, theirs);
  await output("bcftools", "index", theirs);
  for (const what of ["--stats", "--nrecords"]) {
    const said = await output("bcftools", "index", what, ours);
    assert.equal(said, await output("bcftools", "index", what, theirs));
  }
  const records = recordsOf(await readOutput(`${folder}/o.vcf`));
  const sites = records.map((line) => line.split("\t", 2)).filter(([contig]) => !/:/.test(contig));
  for (let n = 0; n < Math.min(8, sites.length); n++) {
    const [contig, pos] = sites[Math.floor(n * sites.length / 8)];
    const region = `${contig}:${pos}-${Number(pos) + 500 * n}`;
    const found = await output("bcftools", "view", "-H", "-r", region, ours);
    assert.equal(found, await output("bcftools", "view", "-H", "-r", region, theirs));
    assert.ok(found.length > 0, region);
  }
}

const PLINK = ["--allow-extra-chr", "--vcf-half-call", "m", "--threads", "1", "--memory", "640"];

/** plink2, which has a reader of BCF of its own, exports the same of both; `@gmod/vcf` reads that. */
async function plinkAgrees(folder: string): Promise<void> {
  const exported = async (flag: string, name: string) => {
    const out = `${folder}/plink_${flag}`;
    const args = [`--${flag}`, `${folder}/${name}`, "--out", out, ...PLINK];
    const { code, stdout, stderr } = await run("plink2", [...args, "--export", "vcf"]);
    return code === 0 ? await Deno.readTextFile(`${out}.vcf`) : (stdout + stderr);
  };
  const [vcf, bcf] = [await exported("vcf", "o.vcf"), await exported("bcf", "o.bcf")];
  assert.ok(recordsOf(vcf).length > 0, vcf);
  assert.deepEqual(recordsOf(bcf), recordsOf(vcf));
  const header = bcf.split("\n").filter((line) => line.startsWith("#"));
  const parser = new VCF({ header: header.join("\n") });
  const ours = recordsOf(await readOutput(`${folder}/o.vcf`));
  recordsOf(bcf).forEach((line, n) => {
    const variant = parser.parseLine(line);
    const [, pos, , ref, , , , , , ...cells] = ours[n].split("\t");
    assert.deepEqual([variant.POS, variant.REF], [Number(pos), ref]);
    const genotypes = variant.GENOTYPES();
    parser.samples.forEach((sample, at) =>
      assert.equal(asPlink(genotypes[sample]!), asPlink(cells[at]))
    );
  });
}

/** A genotype as plink2 keeps it: half of one is none, and order is kept of heterozygous ones. */
function asPlink(genotype: string): string {
  const [gt] = genotype.split(":"), alleles = gt.split(/[|/]/);
  if (alleles.includes(".")) return ".";
  return new Set(alleles).size === 1 ? alleles[0] : gt;
}

for (const { name, matrix, truth, flags, polyploid } of REAL_SETS) {
  Deno.test({
    name: `BCF: ${name}${note}`,
    ignore,
    fn: (t) =>
      withFolder(async (folder) => {
        const sheet = polyploid ? await writeSheet(matrix, `${folder}/samples.tsv`) : undefined;
        await converted(folder, { input: matrix, samplesFile: sheet }, [3]);
        await t.step("htslib's bytes", () => htslibAgrees(folder));
        await t.step("bcftools", () => bcftoolsAgrees(folder));
        await t.step("index", () => indexAgrees(folder));
        const agrees = hasTool("plink2") && !polyploid;
        await t.step({ name: "plink2", ignore: !agrees, fn: () => plinkAgrees(folder) });
        const judge = async () => {
          const args = [...flags, truth!, `${folder}/o.bcf`];
          const { code, stdout } = await run(`${DATA}/check_roundtrip.sh`, args);
          assert.equal(code, 0, stdout);
          assert.match(stdout, /genotypes_compared=[1-9].* mismatches=0/);
        };
        await t.step({ name: "the truth", ignore: truth === undefined, fn: judge });
      }),
  });
}
if (REAL_SETS.length === 0) {
  Deno.test({ name: `BCF: real data${noDataNote}`, ignore: true, fn: () => {} });
}

for (const { file, dialect, options = {} } of EXAMPLES) {
  Deno.test({
    name: `BCF: ${file} (${dialect})${note}`,
    ignore,
    fn: () =>
      withFolder(async (folder) => {
        const request = { input: examplePath(file), onBadRow: "skip", ...options } as Request;
        const needsRef = /hapmap|tped/.test(dialect) && options.reference === undefined;
        await converted(folder, { ...request, refFrom: needsRef ? "first" : options.refFrom });
        await htslibAgrees(folder);
        await bcftoolsAgrees(folder);
        await indexAgrees(folder);
      }),
  });
}

const names = (count: number) => Array.from({ length: count }, (_, n) => `s${n}`).join(" ");
/** So many different alleles of seven bases. */
const alleles = (count: number) =>
  Array.from(
    { length: count },
    (_, n) => [...n.toString(4).padStart(8, "0")].map((digit) => "ACGT"[Number(digit)]).join(""),
  ).join(" ");
const long = (length: number) => "ACGT".repeat(Math.ceil(length / 4)).slice(0, length);

interface Kind {
  what: string;
  matrix: string;
  more?: Partial<Request>;
}

/** What records can be; widths of integers and lengths of texts are at their edges. */
const KINDS: Kind[] = [
  {
    what: "indels, *, <DEL>, missing and half-missing",
    matrix: matrixOf(
      "CHROM POS REF 1a 1b 2a 2b h",
      "1 1 A A G . T *",
      "1 1 A <DEL> A . . .",
      "1 5 AT A AT ATTT . AT",
      "c:2 9 N . . . . .",
    ),
  },
  {
    what: "IDs of 1 to 4,096 bytes, and none",
    matrix: matrixOf(
      "CHROM POS REF ID 1a 1b",
      ...[1, 14, 15, 127, 128, 4096].map((n) => `1 ${n} A ${"x".repeat(n)} A G`),
      "1 40001 A . A G",
      "1 40002 A Zoë;rs2 A G",
    ),
  },
  {
    what: "alleles of 14 to 40,000 bases",
    matrix: matrixOf(
      "CHROM POS REF 1a 1b",
      ...[14, 15, 127, 128, 32_767, 32_768, 40_000].map((n) => `1 ${n} ${long(n)} A ${long(n)}`),
    ),
  },
  ...[62, 63, 64, 300].map((count) => ({
    what: `${count} alleles`,
    matrix: matrixOf(
      `CHROM POS REF ${names(count)}`,
      `1 1 AAAAAAAA ${alleles(count)}`,
      `1 2 A ${"C ".repeat(count)}`,
    ),
  })),
  {
    what: "17,000 alleles",
    matrix: matrixOf(`CHROM POS REF ${names(17_000)}`, `1 1 AAAAAAAA ${alleles(17_000)}`),
  },
  {
    what: "samples of one to four haplotypes",
    matrix: matrixOf(
      "CHROM POS REF a b c d e f g h",
      "1 1 A A C G T A . . C",
      "1 2 A . . . . . . . C",
    ),
    more: { samplesFile: "sheet" },
  },
  {
    what: "unphased, homozygous",
    matrix: matrixOf("CHROM POS REF 1a 1b h", "1 1 A A C G", "1 2 A . C .", "1 3 A A A A"),
    more: { unphased: true, homozygous: true },
  },
  {
    what: "filters and a region",
    matrix: matrixText({ rows: 3000, multiallelic: 0.2, indels: 0.1 }),
    more: {
      regions: "1,3:100-20000",
      variantsOnly: true,
      maxMissingRate: 0.1,
      samples: ["3", "1"],
    },
  },
  {
    what: "many contigs, out of order",
    matrix: matrixOf(
      "CHROM POS REF 1a 1b",
      ...Array.from({ length: 3000 }, (_, n) => `c${n * 7 % 500} ${n * 13 % 997 + 1} A A G`),
    ),
  },
  { what: "5,008 haplotypes", matrix: matrixText({ rows: 60, samples: 2504, chromosomes: 2 }) },
];
for (const { what, matrix, more = {} } of KINDS) {
  Deno.test({
    name: `BCF: ${what}${note}`,
    ignore,
    fn: () =>
      withFolder(async (folder) => {
        const input = `${folder}/m.tsv`;
        await Deno.writeTextFile(input, matrix);
        await Deno.writeTextFile(
          `${folder}/sheet`,
          "one\ta\ntwo\tb\tc\nfour\td\te\tf\tg\nlast\th\n",
        );
        const samplesFile = more.samplesFile && `${folder}/sheet`;
        await converted(folder, { input, ...more, samplesFile });
        await htslibAgrees(folder);
        await bcftoolsAgrees(folder);
        await indexAgrees(folder);
        // htslib stores the frequencies that it reads, with six digits; as text they are the same.
        await converted(folder, { input, ...more, samplesFile, info: INFO_TAGS });
        await bcftoolsAgrees(folder);
      }),
  });
}
