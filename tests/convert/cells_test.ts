/**
 * Cells that are easily read as something else: N and gaps of any length, N beside a symbolic
 * allele, genotypes of two letters; texts that `--missing` adds; a header without rows.
 */

import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { convert, openMatrix } from "../../mod.ts";
import { cli, withFolder } from "../helpers/cli.ts";
import { columnsOf, convertText, matrixOf, readOutput } from "../helpers/convert_text.ts";
import { hasTool, missingNote, run } from "../helpers/tools.ts";

const DELETION = matrixOf("CHROM POS REF 1a 1b 2", "1 5 N N <DEL> n", "1 6 N N A N");

Deno.test("N beside <DEL> is REF in the VCF, the TSV, the kept table and what is made of it", () =>
  withFolder(async (folder) => {
    const input = `${folder}/m.tsv`, database = `${folder}/m.duckdb`;
    await Deno.writeTextFile(input, DELETION);
    for (const threads of [0, 2]) {
      const request = { threads, database: threads ? undefined : database };
      await convert({ ...request, input, output: `${folder}/o.vcf` });
      const text = await readOutput(`${folder}/o.vcf`);
      assert.deepEqual(columnsOf(text, 3, 4, 9, 10), ["N <DEL> 0|1 0", "N A .|1 ."]);
      await convert({ input: database, output: `${folder}/k.vcf`, threads });
      assert.equal(await readOutput(`${folder}/k.vcf`), text);
      await convert({ input: database, output: `${folder}/k.tsv`, format: "tsv", threads });
      assert.equal(
        await readOutput(`${folder}/k.tsv`),
        matrixOf("CHROM POS REF 1a 1b 2", "1 5 N N <DEL> N", "1 6 N . A ."),
      );
      await convert({ input: `${folder}/k.tsv`, output: `${folder}/again.vcf`, threads });
      assert.equal(await readOutput(`${folder}/again.vcf`), text);
    }
    await using matrix = await openMatrix(database);
    const rows = await Array.fromAsync(
      matrix.query(`SELECT "1a" AS a, "1b" AS b, "2" AS c FROM matrix ORDER BY "POS"`),
    );
    assert.deepEqual(rows.flat().map((row) => Object.values(row).map(String).join()), [
      "N,<DEL>,N",
      ".,A,.",
    ]);
    const sites = await Array.fromAsync(
      matrix.query(`SELECT "AN", missing FROM sites ORDER BY "POS"`),
    );
    assert.deepEqual(sites.flat().map(({ AN, missing }) => [Number(AN), Number(missing)]), [
      [3, 0],
      [1, 2],
    ]);
  }));

const ROWS: { cells: string; request?: Parameters<typeof convertText>[1]; genotypes: string }[] = [
  { cells: "N N/<DEL> N N/N", request: { iupac: "split" }, genotypes: "0/1 0/0 0/0" },
  { cells: "N <DEL>|n R .", request: { iupac: "split" }, genotypes: "1|0 2/3 ./." },
  { cells: "NN NN/<DEL> N NN/.", request: { iupac: "split" }, genotypes: "0/1 ./. 0/." },
  { cells: "N N <DEL> N", request: { missing: ["N"] }, genotypes: ". 1 ." },
  { cells: "N NN <DEL> N", genotypes: ". 1 0" },
  { cells: "A --- * --", request: { gap: "star" }, genotypes: "1 1 1" },
  { cells: "A --- C --", genotypes: ". 1 ." },
  { cells: "A --- C --", request: { gap: "star", missing: ["-"] }, genotypes: ". 1 ." },
];
for (const { cells, request, genotypes } of ROWS) {
  Deno.test(`REF and cells ${cells}, ${JSON.stringify(request ?? {})}`, async () => {
    const { text } = await convertText(matrixOf("CHROM POS REF x y z", `1 5 ${cells}`), request);
    assert.deepEqual(columnsOf(text, 9, 10, 11), [genotypes]);
  });
}

Deno.test("N is REF where REF stands after the cells, and the last line has no end", async () => {
  const matrix = matrixOf("x y CHROM z POS REF", "<DEL> N 1 N 5 N", "N <DEL> 1 A 6 N");
  const { text } = await convertText(matrix.trimEnd());
  assert.deepEqual(columnsOf(text, 9, 10, 11), ["1 0 0", "0 1 2"]);
});

Deno.test("a bad row leaves nothing behind for the next one", async () => {
  const rows = ["1 5 A R <DEL> Q", "1 6 N N A A", "1 7 N <DEL> Q A", "1 8 N N C R"];
  const matrix = matrixOf("CHROM POS REF x y z", ...rows);
  const { text } = await convertText(matrix, { onBadRow: "skip", iupac: "missing" });
  assert.deepEqual(columnsOf(text, 1, 9, 10, 11), ["6 . 1 1", "8 . 1 ."]);
});

const GOOD: { name: string; rows: string[]; request?: Parameters<typeof convertText>[1] }[] = [
  { name: "half of the cells", rows: ["1 1 A AA A", "1 2 A AG G"] },
  { name: "one REF of two letters", rows: ["1 1 A AA AG", "1 2 AG AA GG"] },
  { name: "missing ones only", rows: ["1 1 A NN --", "1 2 A NN NA"] },
  { name: "half of those that are not missing", rows: ["1 1 A . NA", "1 2 A N AG", "1 3 A A ."] },
  { name: "rows with all bases", rows: ["1 1 A AC GT", "1 2 C CG AT"] },
  {
    name: "columns left out",
    rows: ["1 1 A AA A", "1 2 A AG A"],
    request: { samplesFile: "y\ty\n" },
  },
  { name: "insertions after 1,000 rows", rows: [...Array(1000).fill("1 1 A A A"), "1 2 A AC AC"] },
];
for (const { name, rows, request } of GOOD) {
  Deno.test(`cells of two letters are read: ${name}`, async () => {
    const { report } = await convertText(matrixOf("CHROM POS REF x y", ...rows), request);
    assert.equal(report.records, rows.length);
  });
}

const LETTERS = ["1 1 A AA AG", "1 2 C CT NN", "1 3 G GG GA"];
const REFUSED: { name: string; matrix: string; request?: Parameters<typeof convertText>[1] }[] = [
  ...["   ", "", "garbage", "1\t9", "1\t9\t\tAA\tAG", "1\t9\t.\tAA\tAG", "\t\t"].map((row) => ({
    name: `a row ${JSON.stringify(row)} among them`,
    matrix: matrixOf("CHROM POS REF x y", ...LETTERS).replace("CT", `CT\tCC\n${row}\n1\t4\tC\tCT`),
    request: { onBadRow: "skip" as const },
  })),
  ...[".", "NA", "", "N", "NN", "--"].map((cell) => ({
    name: `most are missing, as '${cell}'`,
    matrix: `CHROM\tPOS\tREF\tx\ty\n1\t5\tA\tAG\t${cell}\n1\t6\tC\t${cell}\t${cell}\n`,
  })),
  {
    name: "most are missing, as '00' of --missing",
    matrix: matrixOf("CHROM POS REF x y", "1 5 A AG 00", "1 6 C 00 00"),
    request: { missing: ["00"] },
  },
];
for (const line of ["", "##x", "1", "1\t5\tA\tAG", "  "]) {
  REFUSED.push({
    name: `1,000 lines ${JSON.stringify(line)} before them`,
    matrix: `CHROM\tPOS\tREF\tx\ty\n1\t1\tA\tA\t.\n${`${line}\n`.repeat(1000)}1\t2\tA\tAG\tAA\n`,
    request: { onBadRow: "skip" },
  });
}
for (const { name, matrix, request } of REFUSED) {
  for (const end of ["\n", "\r\n"]) {
    Deno.test(`genotypes of two letters are refused: ${name}, ${JSON.stringify(end)}`, async () => {
      const conversion = convertText(matrix.replaceAll("\n", end), request);
      await assert.rejects(conversion, /: 'A[AG]' looks like a genotype of two letters, /);
    });
  }
}

Deno.test("genotypes of two letters are refused of gzip, with a header apart, and by inspect", () =>
  withFolder(async (folder) => {
    const rows = "##x\n1\t1\tA\tAA\n\n1\t2\tA\tAG", header = "CHROM\tPOS\tREF\tx\n";
    await Deno.writeFile(`${folder}/m.tsv.gz`, new Uint8Array(gzipSync(`${header}${rows}`)));
    await Deno.writeTextFile(`${folder}/m.txt`, rows);
    await Deno.writeTextFile(`${folder}/h.txt`, header);
    const output = `${folder}/o.vcf`, what = "x: 'AA' looks like a genotype of two letters";
    await assert.rejects(
      convert({ input: `${folder}/m.tsv.gz`, output, threads: 0 }),
      new RegExp(`m\\.tsv\\.gz:3: ${what}`),
    );
    await assert.rejects(
      convert({ input: `${folder}/m.txt`, header: `${folder}/h.txt`, output, threads: 0 }),
      new RegExp(`m\\.txt:2: ${what}`),
    );
    const { code, stderr } = await cli(["inspect", "m.tsv.gz"], { cwd: folder });
    assert.deepEqual([code, stderr.includes(`m.tsv.gz:3: ${what}`)], [1, true]);
  }));

Deno.test("--missing: blanks around a text do not count; an allele among them is worth a warning", () =>
  withFolder(async (folder) => {
    const matrix = matrixOf("CHROM POS REF x y z", "1 5 A -9 G g", "1 6 G Na A G");
    await Deno.writeTextFile(`${folder}/m.tsv`, matrix);
    const convertWith = async (list: string) => {
      const args = ["convert", "m.tsv", "-o", "o.vcf", "--threads", "1", "--missing", list];
      const { code, stderr } = await cli(args, { cwd: folder });
      assert.equal(code, 0, stderr);
      return { stderr, cells: columnsOf(await readOutput(`${folder}/o.vcf`), 3, 9, 10, 11) };
    };
    const blank = await convertWith("NA, -9 ");
    assert.deepEqual(blank.cells, ["A . 1 1", "G . 1 0"]);
    assert.doesNotMatch(blank.stderr, /warning: --missing/);
    const alleles = await convertWith("-9,g,NN");
    assert.deepEqual(alleles.cells, ["A . . .", "G . 1 ."]);
    assert.deepEqual(alleles.stderr.match(/^warning: .*--missing.*$/mg), [
      "warning: 'g' is an allele, and --missing takes it away wherever it stands",
    ]);
  }));

for (
  const [text, gap, warned] of [
    ["ACGT", "missing", true],
    ["*", "missing", true],
    ["<DEL>", "missing", true],
    ["-", "star", true],
    ["-", "missing", false],
    ["?", "missing", false],
    ["NNN", "missing", false],
  ] as const
) {
  Deno.test(`--missing ${text} with --gap ${gap}: ${warned ? "a" : "no"} warning`, async () => {
    const { notes } = await convertText(DELETION, { missing: [text], gap });
    assert.equal(notes.some((note) => note.startsWith("warning: ")), warned);
  });
}

const HEADER = "CHROM\tPOS\tREF\t1a\t1b\t2\n";

for (
  const { name, files, args } of [
    { name: "plain", files: { "m.tsv": HEADER }, args: ["m.tsv"] },
    { name: "no end of the line", files: { "m.tsv": HEADER.trimEnd() }, args: ["m.tsv"] },
    { name: "gzip", files: { "m.tsv.gz": gzipSync(HEADER) }, args: ["m.tsv.gz"] },
    {
      name: "the header apart",
      files: { "m.tsv": "", "h.txt": HEADER },
      args: ["m.tsv", "--header", "h.txt"],
    },
    {
      name: "the header apart and comments",
      files: { "m.tsv": "##x\n\n", "h.txt": HEADER },
      args: ["m.tsv", "--header", "h.txt"],
    },
    { name: "a table", files: { "m.tsv": HEADER }, args: ["m.tsv", "--database", "m.duckdb"] },
    { name: "regions", files: { "m.tsv": HEADER }, args: ["m.tsv", "--regions", "7:1-5"] },
    {
      name: "bad rows skipped",
      files: { "m.tsv": HEADER },
      args: ["m.tsv", "--on-bad-row", "skip", "--info", "all", "--variants-only"],
    },
  ]
) {
  Deno.test(`a header and no rows is a VCF without records: ${name}`, () =>
    withFolder(async (folder) => {
      for (const [path, content] of Object.entries(files)) {
        const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
        await Deno.writeFile(`${folder}/${path}`, new Uint8Array(bytes));
      }
      for (const threads of name === "a table" ? ["1", "1"] : ["1"]) {
        const all = ["convert", ...args, "-o", "o.vcf.gz", "--threads", threads];
        const { code, stderr } = await cli(all, { cwd: folder });
        assert.equal(code, 0, stderr);
        assert.match(
          stderr,
          /^warning: the matrix has a header but no rows, so the output has no/m,
        );
        assert.match(await readOutput(`${folder}/o.vcf.gz`), /\tFORMAT\t1\t2\n$/);
        if (!hasTool("bcftools")) continue;
        const seen = await run("bcftools", ["index", "-s", `${folder}/o.vcf.gz`]);
        assert.deepEqual([seen.code, seen.stdout, seen.stderr], [0, "", ""]);
      }
    }));
}

Deno.test("a header and no rows: the other formats, a reference, the library", async () => {
  const { text, report } = await convertText(HEADER, { reference: ">1\nACGT\n" });
  assert.match(text, /^##contig=<ID=1,length=4>$/m);
  assert.deepEqual([report.records, report.contigs, report.missingShare], [0, 0, 0]);
  for (const format of ["tsv", "haplotype", "haplotype-legacy"] as const) {
    assert.match((await convertText(HEADER, { format })).text, /^[^\n]+\n$/);
  }
});

Deno.test({
  name: `--snps-only keeps what plink2 keeps, * among it${missingNote("plink2")}`,
  ignore: !hasTool("plink2"),
  fn: () =>
    withFolder(async (folder) => {
      const alts = ["G *", "* *", "A A", "G AT", "<DEL> G", "* G", "G C"];
      const rows = alts.map((cells, index) => `1 ${index + 1} A ${cells}`);
      await Deno.writeTextFile(`${folder}/m.tsv`, matrixOf("CHROM POS REF 1a 1b", ...rows));
      const input = `${folder}/m.tsv`, output = `${folder}/o.vcf`;
      await convert({ input, output: `${folder}/all.vcf`, threads: 0 });
      await convert({ input, output, snpsOnly: true, threads: 0 });
      const args = ["--vcf", `${folder}/all.vcf`, "--snps-only", "--export", "vcf"];
      await run("plink2", [...args, "--out", `${folder}/p`]);
      assert.deepEqual(
        columnsOf(await readOutput(output), 1, 4),
        columnsOf(await readOutput(`${folder}/p.vcf`), 1, 4),
      );
    }),
});
