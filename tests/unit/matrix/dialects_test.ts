/** What a text is: each dialect and each refusal, and what the columns of each dialect are. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { UsageError } from "../../../src/base/errors.ts";
import { type DialectName } from "../../../src/matrix/dialects/dialect.ts";
import type { ColumnOptions } from "../../../src/matrix/read_layout.ts";
import { withFolder } from "../../helpers/cli.ts";
import { columnsOf, dialectOf, examplePath, EXAMPLES } from "../../helpers/dialects.ts";

for (const { file, dialect, evidence, options } of EXAMPLES) {
  Deno.test(`auto: ${file} is ${dialect}`, async () => {
    assert.deepEqual(await dialectOf(examplePath(file)), { dialect, evidence });
    const { layout } = await columnsOf(examplePath(file), options);
    const asked = { ...options, dialect: dialect as DialectName };
    const named = (await columnsOf(examplePath(file), asked)).layout;
    assert.deepEqual([...named.roles], [...layout.roles]);
    assert.deepEqual(named.dialect, layout.dialect);
  });
}

/** What must be refused, whatever the rest of the message is. */
const REFUSED: { file: string; why: RegExp }[] = [
  { file: "refused/transposed.tsv", why: /:1: this is a table with samples in rows; .*transpose/ },
  { file: "refused/gapit_numeric.txt", why: /:1: this is a table with samples in rows/ },
  {
    file: "refused/only01.tsv",
    why:
      /:2: S1: cells are 0, 1: codes of haploid samples, or .*--dialect codes or --dialect dosage/,
  },
  { file: "refused/vcftools.012", why: /:1: this is a table of numbers only, as \.012/ },
  { file: "refused/final_report.txt", why: /:1: this is a FinalReport .*TOP strand/ },
  { file: "refused/dart_1row.csv", why: /:1: this is a report of DArT/ },
];
for (const { file, why } of REFUSED) {
  Deno.test(`auto refuses ${file}`, async () => {
    assert.match((await dialectOf(examplePath(file))).refused ?? "", why);
  });
}

Deno.test("auto refuses letters, and names the dialect that reads them", async () => {
  const path = examplePath("letters/in.tsv");
  await assert.rejects(columnsOf(path), /:2: S1: 'AA' looks like a genotype .*--dialect genotypes/);
  const { layout: { dialect } } = await columnsOf(path, { dialect: "genotypes" });
  assert.deepEqual([dialect.name, dialect.cells, dialect.copies], ["genotypes", "letters", 2]);
});

const SITE = "CHROM\tPOS\tREF", CALLED = `${SITE}\tALT`;

/** Texts, as rows with blanks for TABs, and what they are. */
const TEXTS: { name: string; rows: string[]; is: string | RegExp }[] = [
  {
    name: "no header, four fields",
    rows: ["rs1 1 2 CT", "rs2 X 5 A", "i3 MT 7 --"],
    is: "raw-dna",
  },
  { name: "S.GT of GATK", rows: [`${SITE} S1.GT S2.GT`, "1 5 A A/G A/A"], is: "genotypes" },
  { name: "%TGT of haploid samples", rows: [`${SITE} S1:GT`, "1 5 A G"], is: "matrix" },
  {
    name: "GT of haploid samples",
    rows: [`${CALLED} S1:GT`, "1 5 A G 1", "1 6 A G 0"],
    is: "codes",
  },
  { name: "a tetraploid", rows: [`${CALLED} S1`, "1 5 A G 0/1/1/0"], is: "codes" },
  { name: "codes with more after a colon", rows: [`${CALLED} S`, "1 5 A G 0/1:35:9"], is: "codes" },
  {
    name: "a few genotypes among alleles",
    rows: [`${SITE} S1`, ...Array(30).fill("1 5 A G"), "1 6 A A/G"],
    is: "matrix",
  },
  {
    name: "genotypes among alleles",
    rows: [`${SITE} S1`, "1 5 A A", "1 6 A A/G", "1 7 A G"],
    is: /matrix .*or genotypes .*--dialect matrix or --dialect genotypes/,
  },
  {
    name: "a dosage among codes",
    rows: [`${CALLED} S1 S2 S3`, "1 5 A G 0 1 0/1"],
    is: /codes|dosage/,
  },
  { name: "codes without ALT", rows: [`${SITE} S1`, "1 5 A 0/1"], is: "matrix" },
  { name: "no calls at all", rows: [`${CALLED} S1`, "1 5 A G ./."], is: /codes .*or genotypes/ },
  {
    name: "fractions",
    rows: [`${CALLED} S1`, "1 5 A G 0.97"],
    is: /'0.97' is no whole number: a call needs a threshold/,
  },
  { name: "alleles 3 and 4", rows: [`${CALLED} S1 S2`, "1 5 A G 3 0"], is: /codes of haploid/ },
  {
    name: "a VCF",
    rows: [
      "##fileformat=VCFv4.2",
      "#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT S1",
      "1 5 . A G . . . GT 0/1",
    ],
    is: /this is a VCF already; .*bcftools query -H/,
  },
  {
    name: "a VCF without samples",
    rows: ["#CHROM POS ID REF ALT QUAL FILTER INFO", "1 5 . A G . . ."],
    is: /this is a VCF already/,
  },
  {
    name: "Gubbins",
    rows: [
      "##fileformat=VCFv4.2",
      "#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT S1",
      "1 5 . A -,G . . . AB G",
    ],
    is: "matrix",
  },
  {
    name: "names of GT only",
    rows: ["#[1]CHROM [2]POS [3]REF [4]ALT [5]GT [6]GT", "1 5 A G 0/1 0/0"],
    is: "codes",
  },
  {
    name: "a table of blocks and genotypes",
    rows: [`${SITE} S1:GT S1:PI S1:PG_al`, "1 5 A A/G 4 A|G"],
    is: /haplotype-table .*or genotypes/,
  },
  {
    name: "PED",
    rows: ["F1 I1 0 0 1 -9 A A G G", "F1 I2 0 0 2 -9 A G G G"],
    is: /PED file, with samples in rows; plink1.9/,
  },
  {
    name: ".raw of PLINK",
    rows: ["FID IID PAT MAT SEX PHENOTYPE rs1_A", "F1 I1 0 0 1 -9 2"],
    is: /\.raw file of PLINK/,
  },
  { name: "GEN", rows: ["1 rs1 5 A G 1 0 0 0 1 0", "1 rs2 6 A G 0.9 0.1 0 0 0 1"], is: /GEN file/ },
  {
    name: "a TPED of numbers",
    rows: ["1 rs1 0 50 1 2 1 1", "1 rs2 0 60 3 3 3 4"],
    is: /--dialect tped reads/,
  },
  {
    name: "a TPED in which the first sample has no calls",
    rows: ["1 rs1 0 50 0 0 A G", "1 rs2 0 60 0 0 A A"],
    is: "tped",
  },
  {
    name: "0 only, with sites unknown",
    rows: ["0 0 0 0 0 0 0 0", "0 0 0 0 0 0 0 0", "0 0 0 0 0 1 0 0"],
    is: /nothing but 0 and 1/,
  },
  {
    name: "0 and 1 without sites",
    rows: ["0 1 1 1", "0 0 1 0"],
    is: /nothing but 0 and 1; .*--sites/,
  },
  { name: "letters without sites", rows: ["A G A A", "T T C C"], is: /thap/ },
  { name: "FASTA", rows: [">chr1", "ACGT"], is: /this is a FASTA/ },
  { name: "BEAGLE", rows: ["I id S1 S1", "M rs1 A G"], is: /BEAGLE 3/ },
  { name: "no table", rows: ["x y", "1 2"], is: /the header has no CHROM|numbers|looks like/ },
];
for (const { name, rows, is } of TEXTS) {
  Deno.test(`auto: ${name}`, async () => {
    const found = await textDialect(rows.join("\n").replaceAll(" ", "\t"));
    if (typeof is === "string") assert.equal(found.dialect, is, JSON.stringify(found));
    else if (found.dialect !== "matrix") assert.match(found.refused ?? "", is);
    else await assert.rejects(textColumns(rows.join("\n").replaceAll(" ", "\t")), is);
  });
}

/** Texts as programs write them, and what they are. */
const FILES: {
  name: string;
  text: string;
  is: string;
  samples: string;
  options?: ColumnOptions;
}[] = [
  {
    name: "FTDNA, with quotes in the header",
    text: '"RSID","CHROMOSOME","POSITION","RESULT"\n"rs1","1","5","AG"\n',
    is: "raw-dna",
    samples: "x:0,0",
    options: { refFrom: "first" },
  },
  {
    name: "MyHeritage, with comments",
    text: "# MyHeritage, DNA, raw data\n##x\nRSID,CHROMOSOME,POSITION,RESULT\nrs1,1,5,AG\n",
    is: "raw-dna",
    samples: "x:0,0",
    options: { refFrom: "first" },
  },
  {
    name: "GATK VariantsToTable",
    text: "CHROM\tPOS\tREF\tALT\tS1.GT\tS1.AD\tS2.GT\n1\t5\tA\tG\tA/G\t3,4\tG|G\n",
    is: "genotypes",
    samples: "S1:0,0 S2:2,2",
  },
  {
    name: "a HapMap between commas, # before its header",
    text:
      "#rs#,alleles,chrom,pos,strand,assembly#,center,protLSID,assayLSID,panelLSID,QCcode,GENE\n" +
      "m1,A/G,1,5,+,NA,NA,NA,NA,NA,NA,AG\n",
    is: "hapmap",
    samples: "GENE:0,0",
    options: { refFrom: "first" },
  },
  {
    name: "codes between blanks",
    text: "CHROM POS REF ALT S1 S2\n1 5 A G 0|1 1\n1 6 A G,T 0/2 ./.\n",
    is: "codes",
    samples: "S1:0,0 S2:2,2",
  },
  {
    name: "a table of VCF-Simplify, as genotypes",
    text: "CHROM\tPOS\tREF\tALT\tINFO:AC\tS1:GT\tS1:PI\tS1:PG_al\n1\t5\tA\tG\t1\tA/G\t4\tA|G\n",
    is: "genotypes",
    samples: "S1:0,0",
    options: { dialect: "genotypes" },
  },
  {
    name: "the same as haplotype table",
    text: "CHROM\tPOS\tREF\tALT\tINFO:AC\tS1:GT\tS1:PI\tS1:PG_al\n1\t5\tA\tG\t1\tA/G\t4\tA|G\n",
    is: "haplotype-table",
    samples: "S1:0,0",
    options: { dialect: "haplotype-table" },
  },
  {
    name: "tetraploid codes, one sample of two copies",
    text: "CHROM\tPOS\tREF\tALT\tS1\tS2\n1\t5\tA\tG\t0/0/1/1\t0/1\n",
    is: "codes",
    samples: "S1:0,0,0,0 S2:4,4,4,4",
  },
  {
    name: "HapMap whose samples a sheet renames",
    text: "rs#\talleles\tchrom\tpos\tL1\tL2\nm1\tA/G\t1\t5\tA\tR\n",
    is: "hapmap",
    samples: "L2:0,0",
    options: { refFrom: "first", samples: ["L2"] },
  },
];
for (const { name, text, is, samples, options } of FILES) {
  Deno.test(`a file: ${name}`, async () => {
    const { layout } = await textColumns(text, options);
    assert.equal(layout.dialect.name, is);
    const shown = layout.choice.samples.map(({ name, columns }) =>
      `${name}:${columns.map((column) => layout.roles[column])}`
    );
    assert.equal(shown.join(" "), samples);
  });
}

async function textDialect(text: string, options: ColumnOptions = {}, file = "x.txt") {
  return await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/${file}`, text);
    return await dialectOf(`${folder}/${file}`, options);
  });
}

async function textColumns(text: string, options: ColumnOptions = {}, file = "x.txt") {
  return await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/${file}`, text);
    return await columnsOf(`${folder}/${file}`, options);
  });
}

/** Roles by example; see `Role`. */
const ROLES: { file: string; roles: string; copies: string; samples: string; ref: string }[] = [
  {
    file: "codes/in.tsv",
    roles: "-2 -3 -4 -6 0 2",
    copies: "0 0 0 0 2 2",
    samples: "S1 S2",
    ref: "column REF",
  },
  {
    file: "dosage/in.tsv",
    roles: "-5 -2 -3 -4 -6 0 2 4",
    copies: "0 0 0 0 0 2 2 2",
    samples: "S1 S2 S3",
    ref: "column REF",
  },
  {
    file: "genotypes/in.tsv",
    roles: "-2 -3 -4 0 2 4",
    copies: "0 0 0 2 2 2",
    samples: "S1 S2 S3",
    ref: "column REF",
  },
  {
    file: "hap-legend/in.hap",
    roles: "-5 -3 -6 -6 0 1 2 3",
    copies: "0 0 0 0 1 1 1 1",
    samples: "S1 S2",
    ref: "a0, confirmed by the IDs",
  },
  {
    file: "haplotype-table/in.tsv",
    roles: "-2 -3 -4 -6 -9 -7 0 -7 2",
    copies: "0 0 0 0 0 0 2 0 2",
    samples: "S1 S2",
    ref: "column REF",
  },
  {
    file: "haplotype-table-numeric/in.tsv",
    roles: "-2 -3 -6 -7 0 -7 2",
    copies: "0 0 0 0 2 0 2",
    samples: "S1 S2",
    ref: "first of column RefAndAlts",
  },
  {
    file: "hapmap1/in.hmp.txt",
    roles: "-5 -6 -2 -3 -8 -1 -1 -1 -1 -1 -1 0 2 4",
    copies: "0 0 0 0 0 0 0 0 0 0 0 2 2 2",
    samples: "L1 L2 L3",
    ref: "first of the alleles column",
  },
  {
    file: "haps/in.haps",
    roles: "-2 -5 -3 -6 -6 0 1 2 3",
    copies: "0 0 0 0 0 1 1 1 1",
    samples: "S1 S2",
    ref: "first allele column, confirmed by the IDs",
  },
  {
    file: "raw-dna/in.txt",
    roles: "-5 -2 -3 0",
    copies: "0 0 0 2",
    samples: "in",
    ref: "reference ref.fa",
  },
  {
    file: "raw-dna-ancestry/in.txt",
    roles: "-5 -2 -3 0 1",
    copies: "0 0 0 1 1",
    samples: "in",
    ref: "reference ref.fa",
  },
  {
    file: "raw-dna-csv/in.csv",
    roles: "-5 -2 -3 0",
    copies: "0 0 0 2",
    samples: "in",
    ref: "reference ref.fa",
  },
  {
    file: "snp-matrix/core.tab",
    roles: "-2 -3 -4 0 1 2",
    copies: "0 0 0 1 1 1",
    samples: "A1 A2 A3",
    ref: "column REF",
  },
  {
    file: "tped/in.tped",
    roles: "-2 -5 -1 -3 0 1 2 3 4 5",
    copies: "0 0 0 0 1 1 1 1 1 1",
    samples: "I1 I2 I3",
    ref: "reference ref.fa",
  },
];
for (const { file, roles, copies, samples, ref } of ROLES) {
  Deno.test(`columns of ${file}`, async () => {
    const { options } = EXAMPLES.find((example) => example.file === file)!;
    const { layout } = await columnsOf(examplePath(file), options);
    assert.equal([...layout.roles].join(" "), roles);
    assert.equal([...layout.copies].join(" "), copies);
    assert.equal(layout.choice.samples.map(({ name }) => name).join(" "), samples);
    assert.equal(layout.facts.refText, ref);
  });
}

Deno.test("columns of a haplotype table: each block belongs to a sample", async () => {
  const { layout: { blocks } } = await columnsOf(examplePath("haplotype-table/in.tsv"));
  assert.deepEqual([...blocks], [-1, -1, -1, -1, -1, 0, -1, 1, -1]);
  const chosen = await columnsOf(examplePath("haplotype-table/in.tsv"), { samples: ["S2"] });
  assert.deepEqual([...chosen.layout.blocks], [-1, -1, -1, -1, -1, -1, -1, 0, -1]);
});

const NEEDS: { name: string; rows: string[]; options?: ColumnOptions; error: RegExp }[] = [
  {
    name: "a TPED without its .tfam",
    rows: ["1 rs1 0 5 A A A G"],
    options: { refFrom: "first" },
    error: /x\.txt:1: tped has no names of samples; they are in a \.tfam file, .*--names FILE/,
  },
  {
    name: "a HapMap without REF",
    rows: ["rs#\talleles\tchrom\tpos\tS1", "m1\tA/G\t1\t5\tA"],
    error: /x\.txt:1: nothing says what REF is.*--reference FASTA.*--ref-from first/,
  },
  {
    name: "--ref-from reference without one",
    rows: ["rs#\talleles\tchrom\tpos\tS1", "m1\tA/G\t1\t5\tA"],
    options: { refFrom: "reference" },
    error: /`refFrom` reference needs a `reference`/,
  },
  {
    name: "--ref-from column without one",
    rows: ["rs#\talleles\tchrom\tpos\tS1", "m1\tA/G\t1\t5\tA"],
    options: { refFrom: "column" },
    error: /hapmap has no column that says what REF is/,
  },
  {
    name: "codes without ALT",
    rows: [`${SITE}\tS1`, "1\t5\tA\t0/1"],
    options: { dialect: "codes" },
    error: /x\.txt:1: the header has no ALT column/,
  },
  {
    name: "a header, where it has none",
    rows: ["1 rs1 0 5 A A"],
    options: { dialect: "hapmap" },
    error: /x\.txt:1: the header has no CHROM column/,
  },
  {
    name: "other columns than those of raw-dna",
    rows: [`${CALLED}\tS1\tS2`, "1\t5\tA\tG\t0/1\t0/0"],
    options: { dialect: "raw-dna", refFrom: "first" },
    error:
      /x\.txt:1: raw-dna has a column of genotypes for each sample, and this table has 2 columns/,
  },
  {
    name: "an odd number of haplotypes",
    rows: ["1 rs1 0 5 A A A"],
    options: { dialect: "tped" },
    error: /x\.txt:1: the row has 7 fields; tped has 4 fields and then two for each sample/,
  },
  {
    name: "a header that names no samples",
    rows: ["# [1]CHROM\t[2]POS\t[3]REF\t[4]ALT\t[5]GT\t[6]GT", "1\t5\tA\tG\t0/1\t0/0"],
    error: /x\.txt:1: GT: the header names no samples, only GT, .*--header FILE/,
  },
];
for (const { name, rows, options, error } of NEEDS) {
  Deno.test(`what a dialect needs: ${name}`, async () => {
    await assert.rejects(textColumns(rows.join("\n") + "\n", options), error);
  });
}

for (
  const [option, value] of [["sites", "x"], ["names", "x"], ["contig", "1"], ["sampleName", "x"]]
) {
  Deno.test(`${option} is refused where it has no effect`, async () => {
    const run = columnsOf(examplePath("snp-matrix/core.tab"), { [option]: value });
    await assert.rejects(run, (error) => {
      assert.ok(error instanceof UsageError && error.message.startsWith(`\`${option}\` is for `));
      return true;
    });
  });
}

Deno.test("companions have the name of a file, however it is compressed, or any with --names", async () => {
  await withFolder(async (folder) => {
    const tped = await Deno.readFile(examplePath("tped/in.tped"));
    await Deno.writeFile(`${folder}/a.tped.gz`, gzipSync(tped));
    await Deno.copyFile(examplePath("tped/in.tfam"), `${folder}/a.tfam`);
    const options = { refFrom: "first" } as const;
    const { layout } = await columnsOf(`${folder}/a.tped.gz`, options);
    assert.deepEqual(layout.choice.samples.map(({ name }) => name), ["I1", "I2", "I3"]);
    await Deno.writeTextFile(`${folder}/n`, "F A\nG A\nG B\n");
    const named = await columnsOf(`${folder}/a.tped.gz`, { ...options, names: `${folder}/n` });
    assert.deepEqual(named.layout.choice.samples.map(({ name }) => name), ["F_A", "G_A", "G_B"]);
    await Deno.writeTextFile(`${folder}/n`, "F A\n");
    const few = columnsOf(`${folder}/a.tped.gz`, { ...options, names: `${folder}/n` });
    await assert.rejects(few, /\/n: the file names 1 samples, and the rows have 3/);
  });
});
