/**
 * Dialects in and out: gaps, IUPAC letters, haplotype tables, the matrix again; names of samples
 * that VCF cannot hold.
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { convert, type ConvertRequest, InputError } from "../../mod.ts";
import { cli, filePath, listing, withFolder } from "../helpers/cli.ts";
import {
  columnsOf,
  convertText,
  matrixOf,
  readOutput,
  recordsOf,
  type TextRequest,
} from "../helpers/convert_text.ts";
import { DATA, noDataNote, REAL_SETS, writeHead, writeSheet } from "../helpers/real_data.ts";
import { hasTool, missingNote, run } from "../helpers/tools.ts";

const noData = REAL_SETS.length === 0;

async function refused(matrix: string, request: TextRequest = {}): Promise<InputError> {
  let found: unknown;
  await assert.rejects(convertText(matrix, request), (error) => {
    found = error;
    return error instanceof InputError;
  });
  return found as InputError;
}

// ---------------------------------------------------------------------------------------------
// Gaps and IUPAC letters.

const GAPS: { gap: TextRequest["gap"]; genotypes: string[] }[] = [
  { gap: "missing", genotypes: [". .|. .", "C .|1 0"] },
  { gap: "star", genotypes: ["* 1|1 1", "*,C 1|2 0"] },
];
for (const { gap, genotypes } of GAPS) {
  Deno.test(`--gap ${gap}`, async () => {
    const matrix = matrixOf("CHROM POS REF 1a 1b V", "1 1 A - - *", "1 2 A - C A");
    const own = matrix.replace("*", "-");
    const { text } = await convertText(own, { gap });
    assert.deepEqual(columnsOf(text, 4, 9, 10), genotypes);
  });
}

Deno.test("--gap error names line and column, and says what reads a gap", async () => {
  const matrix = matrixOf("CHROM POS REF 1a 1b", "1 1 A A A", "1 2 A A -");
  const { at, detail } = await refused(matrix, { gap: "error" });
  assert.deepEqual([at.line, at.column], [3, "1b"]);
  assert.match(detail, /^'-' is not an allele; .*; --gap missing or star reads it$/);
  assert.doesNotMatch(detail, /'NA', '-'/);
});

Deno.test("a gap in REF is bad input, whatever --gap says", async () => {
  const matrix = matrixOf("CHROM POS REF 1a 1b", "1 1 - A A");
  for (const gap of ["missing", "star", "error"] as const) {
    assert.equal((await refused(matrix, { gap })).at.column, "REF");
  }
});

Deno.test("--missing has the last word on a gap", async () => {
  const matrix = matrixOf("CHROM POS REF 1a 1b", "1 1 A - A");
  const { text } = await convertText(matrix, { gap: "star", missing: ["-"] });
  assert.deepEqual(columnsOf(text, 4, 9), [". .|0"]);
});

const MESSAGES = [
  { cell: "R", hint: "--iupac missing or split reads it" },
  { cell: "y", hint: "--iupac missing or split reads it" },
  { cell: "A/G", hint: "--iupac split reads both alleles of a sample" },
  { cell: "A|G", hint: "--iupac split reads both alleles of a sample" },
  { cell: "./.", hint: "--iupac split reads both alleles of a sample" },
];
for (const { cell, hint } of MESSAGES) {
  Deno.test(`the message of '${cell}' says: ${hint}`, async () => {
    const matrix = matrixOf("CHROM POS REF x", `1 1 A ${cell}`);
    const { detail } = await refused(matrix, { dialect: "matrix" });
    assert.ok(detail.endsWith(`--missing); ${hint}`), detail);
  });
}

Deno.test("B D H V are no alleles, whatever --iupac says; --missing reads them", async () => {
  const matrix = matrixOf("CHROM POS REF x", "1 1 A B");
  for (const iupac of ["error", "missing", "split"] as const) {
    const { detail } = await refused(matrix, { iupac });
    assert.match(detail, /; the letter stands for three bases, .*: --missing B reads it$/);
    const { text } = await convertText(matrix, { iupac, missing: ["B"] });
    assert.deepEqual(columnsOf(text, 9), [iupac === "split" ? "./." : "."]);
  }
});

/** What a cell comes to: its alleles, or undefined where it is bad. A page of its own, no bytes. */
function readCell(cell: string, ref: string, { gap, iupac, whole }: CellOptions):
  | string[]
  | undefined {
  const pair = IUPAC[cell.toUpperCase()];
  if (pair && iupac === "missing") return whole ? [".", "."] : ["."];
  if (pair && iupac === "split" && whole) return pair.toSorted((a, b) => rank(a) - rank(b));
  const parts = whole ? /^([^/|]*)(?:[/|](.*))?$/.exec(cell)!.slice(1) : [cell];
  // Half a genotype that begins with nothing is none.
  if (whole && parts[0] === "" && parts[1] !== undefined && parts[1] !== "") return undefined;
  const alleles = parts.map((part) => part === undefined ? undefined : readAllele(part, gap));
  if (whole && parts[1] === undefined) alleles[1] = alleles[0];
  // A call of one haplotype.
  if (whole && parts[1] === "") alleles.pop();
  return alleles.includes(undefined) ? undefined : alleles as string[];

  function rank(base: string): number {
    return base === ref ? 0 : base.charCodeAt(0);
  }
}

function readAllele(text: string, gap: string): string | undefined {
  if (/^(|\.|N+|NA)$/i.test(text)) return ".";
  if (/^-+$/.test(text)) return { missing: ".", star: "*" }[gap];
  return /^(\*|[ACGTN]+)$/i.test(text) ? text.toUpperCase() : undefined;
}

interface CellOptions {
  gap: "missing" | "star" | "error";
  iupac: "error" | "missing" | "split";
  /** Does a cell hold both alleles of a sample? */
  whole: boolean;
}

const IUPAC: Record<string, string[]> = {
  R: ["A", "G"],
  Y: ["C", "T"],
  S: ["C", "G"],
  W: ["A", "T"],
  K: ["G", "T"],
  M: ["A", "C"],
};

const HALF = fc.constantFrom("A", "C", "G", "T", "a", "t", ".", "-", "N", "", "AC", "*");
const CELL = fc.oneof(
  { weight: 4, arbitrary: HALF },
  { weight: 3, arbitrary: fc.constantFrom(..."RYSWKMrykm") },
  { weight: 1, arbitrary: fc.tuple(HALF, HALF).map((halves) => halves.join("/")) },
  { weight: 1, arbitrary: fc.tuple(HALF, HALF).map((halves) => halves.join("|")) },
);
const ROWS = fc.array(
  fc.record({
    ref: fc.constantFrom("A", "C", "G", "T", "AC"),
    cells: fc.array(CELL, { minLength: 3, maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 12 },
);
const HEADERS = [
  { columns: ["CHROM", "POS", "REF", "x", "y", "z"], samples: [["x"], ["y"], ["z"]] },
  { columns: ["x", "POS", "y", "CHROM", "z", "REF"], samples: [["x"], ["y"], ["z"]] },
  { columns: ["CHROM", "POS", "qa", "z", "REF", "qb"], samples: [["qa", "qb"], ["z"]] },
];

Deno.test("--gap and --iupac agree with the oracle on random matrices", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        rows: ROWS,
        header: fc.constantFrom(...HEADERS),
        gap: fc.constantFrom("missing" as const, "star" as const, "error" as const),
        iupac: fc.constantFrom("error" as const, "missing" as const, "split" as const),
      }),
      async ({ rows, header: { columns, samples }, gap, iupac }) => {
        const names = columns.filter((name) => !["CHROM", "POS", "REF"].includes(name));
        const matrix = [columns];
        const expected: string[] = [];
        const rejects: number[] = [];
        for (const [row, { ref, cells }] of rows.entries()) {
          const values = new Map(names.map((name, i) => [name, cells[i]]));
          values.set("CHROM", "1").set("POS", String(row + 1)).set("REF", ref);
          matrix.push(columns.map((name) => values.get(name)!));
          const calls = samples.map((own) => {
            const whole = iupac === "split" && own.length === 1;
            const read = own.map((name) => readCell(values.get(name)!, ref, { gap, iupac, whole }));
            if (read.includes(undefined)) return undefined;
            const marked = !whole || values.get(own[0])!.includes("|");
            return read.flat().join(marked ? "|" : "/");
          });
          if (calls.includes(undefined)) rejects.push(row + 2);
          else expected.push(`${row + 1} ${calls.join(" ")}`);
        }
        const text = matrix.map((cells) => cells.join("\t") + "\n").join("");
        if (expected.length === 0) return; // no row is left: refused
        // A genotype among few alleles makes another dialect likely.
        const dialect = iupac === "split" ? "auto" : "matrix";
        const request = { gap, iupac, dialect, onBadRow: "skip" } as const;
        const { text: vcf, report } = await convertText(text, request);
        assert.deepEqual(allelesOf(vcf), expected);
        assert.equal(report.skipped, rejects.length);
      },
    ),
    { seed: 11, numRuns: 20 },
  );
});

/** Positions and genotypes as texts, in place of indexes. */
function allelesOf(vcf: string): string[] {
  return recordsOf(vcf).map((line) => {
    const [, pos, , ref, alt, , , , , ...calls] = line.split("\t");
    const alleles = [ref, ...alt.split(",")];
    return [pos, ...calls.map((call) => call.replaceAll(/\d+/g, (index) => alleles[Number(index)]))]
      .join(" ");
  });
}

Deno.test("--iupac split: REF first, wherever REF's column stands", async () => {
  const rows = ["A R G", "G R A", "T K K", "C R S"];
  const [before, after] = [
    matrixOf("CHROM POS REF x y", ...rows.map((row, i) => `1 ${i + 1} ${row}`)),
    matrixOf(
      "x y CHROM POS REF",
      ...rows.map((row, i) => {
        const [ref, x, y] = row.split(" ");
        return `${x} ${y} 1 ${i + 1} ${ref}`;
      }),
    ),
  ];
  const first = await convertText(before, { iupac: "split" });
  assert.deepEqual(columnsOf(first.text, 3, 4, 9, 10), [
    "A G 0/1 1/1",
    "G A 0/1 1/1",
    "T G 0/1 0/1",
    "C A,G 1/2 0/2",
  ]);
  assert.equal((await convertText(after, { iupac: "split" })).text, first.text);
});

Deno.test("--iupac split with a sheet: one column is a whole sample, two are a pair", async () => {
  const matrix = matrixOf("CHROM POS REF x y z", "1 1 A R A G", "1 2 C C/T C T");
  const { text } = await convertText(matrix, {
    iupac: "split",
    samplesFile: "one\tx\ntwo\tz\ty\n",
  });
  assert.deepEqual(columnsOf(text, 9, 10), ["0/1 1|0", "0/1 1|0"]);
});

Deno.test({
  name: `--iupac split reads vcf-to-tab of vcftools as the VCF it is of${noDataNote}` +
    missingNote("bcftools", "python3"),
  ignore: noData || !hasTool("bcftools") || !hasTool("python3"),
  fn: () =>
    withFolder(async (folder) => {
      const output = `${folder}/o.vcf`;
      const input = `${DATA}/cyvcf2_halfcalls.vcf-to-tab.tsv`;
      await convert({ input, output, iupac: "split", threads: 0 });
      const args = ["-s", `${DATA}/cyvcf2_halfcalls.truth.vcf`, output];
      const { code, stdout, stderr } = await run(`${DATA}/check_roundtrip.sh`, args);
      assert.equal(code, 0, stdout + stderr);
      assert.match(stdout, /mismatches=0/);
    }),
});

// ---------------------------------------------------------------------------------------------
// Haplotype tables.

const MATRIX = matrixOf(
  "CHROM POS REF Sa Sb 7a 7b",
  "1 5 A A AT . .",
  "1 5 A A A . A",
  "chr2 9 ACGT * <DEL> T ACGT",
  "chr2 11 C T G T C",
);
const TABLE = matrixOf(
  "CHROM POS REF all-alleles S:PI S:PG_al 7:PI 7:PG_al",
  "1 5 A A,AT 1 A|AT . .",
  "1 5 A A 1 A|A 1 .|A",
  "chr2 9 ACGT ACGT,*,<DEL>,T chr2 *|<DEL> chr2 T|ACGT",
  "chr2 11 C C,T,G chr2 T|G chr2 T|C",
);
const LEGACY = matrixOf(
  "contig pos ref alt S_PI S_PG_al 7_PI 7_PG_al",
  "1 5 A AT 1 A|AT . .",
  "1 5 A . 1 A|A 1 .|A",
  "chr2 9 ACGT *,<DEL>,T chr2 *|<DEL> chr2 T|ACGT",
  "chr2 11 C T,G chr2 T|G chr2 T|C",
);

/** A VCF without what it says of its dialect and its blocks, where missing has no order. */
function withoutBlocks(vcf: string): string {
  return vcf.split("\n").filter((line) => !/^##(?:matrix2vcf_|FORMAT=<ID=PS)/.test(line))
    .map((line) =>
      line.replace("\tGT:PS", "\tGT").replaceAll(/:(?:\d+|\.)(?=\t|$)/g, "")
        .replaceAll(/\t\.[|/]\.(?=\t|$)/g, "\t./.")
    ).join("\n");
}

Deno.test("--format haplotype and haplotype-legacy", async () => {
  assert.equal((await convertText(MATRIX, { format: "haplotype" })).text, TABLE);
  assert.equal((await convertText(MATRIX, { format: "haplotype-legacy" })).text, LEGACY);
});

Deno.test("haplotype tables are read back as what they were made from", async () => {
  const { text: vcf } = await convertText(MATRIX);
  for (const table of [TABLE, LEGACY]) {
    assert.equal(withoutBlocks((await convertText(table)).text), withoutBlocks(vcf));
    assert.equal((await convertText(table, { format: "haplotype" })).text, TABLE);
    assert.equal((await convertText(table, { format: "haplotype-legacy" })).text, LEGACY);
  }
});

Deno.test("an allele of 20,000 bases comes back from a matrix and from a haplotype table", async () => {
  const long = "ACGT".repeat(5000);
  const matrix = matrixOf("CHROM POS REF 1a 1b 2a 2b", `1 5 ${long} A ${long} . ${long}C`);
  const { text: vcf } = await convertText(matrix);
  for (const format of ["tsv", "haplotype", "haplotype-legacy"] as const) {
    const { text: table } = await convertText(matrix, { format });
    assert.ok(withoutBlocks((await convertText(table)).text) === withoutBlocks(vcf), format);
  }
});

Deno.test("a haploid sample comes back from a haplotype table as --homozygous writes it", async () => {
  const matrix = matrixOf("CHROM POS REF V 1a 1b", "1 5 A G A G", "1 6 A . A A");
  const { text: table } = await convertText(matrix, { format: "haplotype" });
  assert.deepEqual(columnsOf(table, 5).slice(1), ["G", "."]);
  const { text: vcf } = await convertText(matrix, { homozygous: true, noVersion: true });
  const { text } = await convertText(table, { noVersion: true });
  // A cell of one allele is the same twice, in no order.
  assert.equal(withoutBlocks(text), withoutBlocks(vcf).replace("1|1", "1/1"));
});

Deno.test("--unphased and --homozygous hold for haplotype tables, too", async () => {
  const matrix = matrixOf("CHROM POS REF V 1a 1b", "1 5 A G A G");
  const request = { format: "haplotype", unphased: true, homozygous: true } as const;
  const { text } = await convertText(matrix, request);
  assert.deepEqual(columnsOf(text, 5, 7)[1], "G/G A/G");
});

Deno.test("a sheet chooses, orders and renames the samples of a haplotype table", async () => {
  const samples = "seven\t7:PG_al\nS\tS:PG_al\n";
  const { text } = await convertText(TABLE, { samplesFile: samples, noVersion: true });
  const { text: expected } = await convertText(MATRIX, {
    samplesFile: "seven\t7a\t7b\nS\tSa\tSb\n",
    noVersion: true,
  });
  // The table declares an order of ALTs.
  assert.deepEqual(allelesOf(withoutBlocks(text)), allelesOf(withoutBlocks(expected)));
});

Deno.test("a haplotype table: a sample without PI is a sample", async () => {
  const table = matrixOf("CHROM POS REF x:PI x:PG_al y:PG_al", "1 5 A 1 A|G G|A");
  const { text } = await convertText(table);
  assert.deepEqual(columnsOf(text, 9, 10), ["0|1:1 1/0:."]);
});

Deno.test({
  name: `phase-Extender's examples and ours have the same columns${noDataNote}`,
  ignore: noData,
  fn: async () => {
    const theirs = await Deno.readTextFile(`${DATA}/lyrata_phase_extender_eg1.txt`);
    const [header] = theirs.split("\n");
    const rows = theirs.split("\n").slice(1).map((line) => line.split("\t"));
    // Its REF is '.' throughout, which VCF does not allow: that of the first allele is taken.
    const whole = rows.filter((row) => row.length > 4)
      .map((row) => row.with(2, row[5][0]).join("\t") + "\n").join("");
    const { text } = await convertText(`${header}\n${whole}`, { format: "haplotype" });
    assert.equal(text.split("\n")[0], header);
    assert.deepEqual(columnsOf(text, 5).slice(1), rows.slice(0, -1).map((row) => row[5]));
    const refused = await Deno.readTextFile(`${DATA}/lyrata_phase_extender_eg1.txt`);
    await assert.rejects(convertText(refused), /:2: REF: REF is '\.', expected/);

    const eg2 = await Deno.readTextFile(`${DATA}/lyrata_phase_extender_eg2.txt`);
    const ours = await convertText(eg2, { format: "haplotype" });
    assert.deepEqual(ours.text.trimEnd().split("\n"), eg2.trimEnd().split("\n"));
    const again = await convertText(ours.text, { format: "haplotype" });
    assert.equal(again.text, ours.text);
  },
});

/** Positions, REF and genotypes as texts, of records in any order of ALTs; phase and blocks apart. */
function genotypesOf(vcf: string): string[] {
  return allelesOf(withoutBlocks(vcf)).map((line) => line.replaceAll("|", "/"));
}

for (const name of ["lyrata_phase_extender_eg2", "lyrata_allele_table_2018"]) {
  Deno.test({
    name: `${name} gives the VCF of its decoded matrix${noDataNote}`,
    ignore: noData,
    fn: async () => {
      const table = await convertText(await Deno.readTextFile(`${DATA}/${name}.txt`));
      const matrix = await convertText(await Deno.readTextFile(`${DATA}/${name}.decoded.tsv`));
      assert.equal(table.report.records, 2159);
      assert.deepEqual(genotypesOf(table.text), genotypesOf(matrix.text));
    },
  });
}

// ---------------------------------------------------------------------------------------------
// The matrix again.

Deno.test("--format tsv: the matrix, sorted and cleaned", async () => {
  const messy = "##x\n#chr\tpos\tReference\tid\tSa\tSb\tV\t\n" +
    "2\t9\tacgt\trs1\t*\t<DEL>\tt\t\t\n1\t7\tA\t\ta\tNA\t-\n1\t5\tA\t.\tA\tn\t\n";
  const { text } = await convertText(messy, { format: "tsv" });
  assert.equal(
    text,
    matrixOf(
      "CHROM POS REF ID Sa Sb V",
      "2 9 ACGT rs1 * <DEL> T",
      "1 5 A . A . .",
      "1 7 A . A . .",
    ),
  );
});

Deno.test("--format tsv of the columns that a sheet chooses", async () => {
  const samples = "x\t7b\ny\tSb\tSa\n";
  const { text } = await convertText(MATRIX, { format: "tsv", samplesFile: samples });
  const [header, first] = text.split("\n");
  assert.deepEqual([header, first], ["CHROM\tPOS\tREF\t7b\tSb\tSa", "1\t5\tA\t.\tAT\tA"]);
});

/** Diploid and haploid, phased and not, with indels, gaps and rows out of order. */
const SOME = /^(hprc_chr8|kg3_chr22|cyvcf2_halfcalls|cfsan_agona|kidd_aims_1kg|whatshap|gubbins)/;
for (const set of REAL_SETS.filter(({ name }) => SOME.test(name))) {
  Deno.test(`--format tsv and haplotype of ${set.name} give the VCF of its first rows`, () =>
    withFolder(async (folder) => {
      const samples = set.polyploid
        ? await writeSheet(set.matrix, `${folder}/samples.tsv`)
        : undefined;
      const matrix = await writeHead(set.matrix, 300, `${folder}/m.tsv`);
      const convertTo = async (name: string, request: Partial<ConvertRequest>) => {
        const output = `${folder}/${name}`;
        const common = { samplesFile: samples, threads: 0, noVersion: true };
        await convert({ ...common, input: matrix, output, ...request });
        return await readOutput(output);
      };
      const vcf = await convertTo("a.vcf", {});
      await convertTo("a.tsv.gz", { format: "tsv" });
      const back = await convertTo("b.vcf", { input: `${folder}/a.tsv.gz` });
      assert.ok(back === vcf, "tsv differs");
      if (set.polyploid) return;
      const diploid = await convertTo("d.vcf", { homozygous: true });
      const format = "haplotype", input = `${folder}/a.txt`;
      const table = await convertTo("a.txt", { homozygous: true, format });
      const kept = { input, database: `${folder}/table.duckdb` };
      const again = await convertTo("c.vcf", kept);
      assert.ok(withoutBlocks(again) === withoutBlocks(diploid), "the table differs");
      assert.ok(await convertTo("b.txt", { ...kept, format }) === table, "the table changes");
    }));
}

for (const format of ["tsv", "haplotype", "haplotype-legacy"] as const) {
  Deno.test(
    `--format ${format}: .gz is BGZF of the same text, without an index${missingNote("bgzip")}`,
    {
      ignore: !hasTool("bgzip"),
    },
    () =>
      withFolder(async (folder) => {
        const input = filePath("data/genome_matrix.tsv");
        const header = filePath("data/genome_matrix_header.txt");
        for (const name of ["o.txt", "o.txt.gz"]) {
          const output = `${folder}/${name}`;
          await convert({ input, header, output, format, threads: name === "o.txt" ? 0 : 2 });
        }
        assert.deepEqual(await listing(folder), ["o.txt", "o.txt.gz"]);
        assert.equal((await run("bgzip", ["-t", `${folder}/o.txt.gz`])).code, 0);
        const plain = await readOutput(`${folder}/o.txt`);
        assert.ok(await readOutput(`${folder}/o.txt.gz`) === plain, "the text differs");
      }),
  );
}

Deno.test("--format haplotype on standard output", async () => {
  const args = ["convert", "-", "-o", "-", "--format", "haplotype", "--quiet", "--threads", "1"];
  const { code, stdout, stderr } = await cli(args, { stdin: MATRIX });
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  assert.equal(stdout, TABLE);
});

// ---------------------------------------------------------------------------------------------
// Names of samples.

for (const name of ["é 1", "a\u00a0b", "a\u0001b", "tail\u007f"]) {
  Deno.test(`the sample name ${JSON.stringify(name)} is refused, with a way out`, async () => {
    const matrix = `CHROM\tPOS\tREF\t${name}\n1\t5\tA\tG\n`;
    const { at, detail } = await refused(matrix);
    assert.equal(at.line, 1);
    assert.match(
      detail,
      /^the sample name '.*' has a blank or control character, or one that turns text; rename it with --samples-file$/,
    );
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(detail, /[\u0000-\u001f\u007f]/);
    const { text } = await convertText(matrix, { samplesFile: `renamed\t${name}\n` });
    assert.match(text, /FORMAT\trenamed\n/);
  });
}

Deno.test("a blank in a name of the sample sheet is refused, too", async () => {
  const { at, detail } = await refused(matrixOf("CHROM POS REF x", "1 5 A G"), {
    samplesFile: "my sample\tx\n",
  });
  assert.match(at.file ?? "", /samples\.tsv$/);
  assert.match(detail, /'my sample' has a blank/);
});

Deno.test("a blank in a name of a haplotype table is refused, and a sheet renames it", async () => {
  const table = "CHROM\tPOS\tREF\tmy x:PI\tmy x:PG_al\n1\t5\tA\t1\tA|G\n";
  assert.match((await refused(table)).detail, /'my x' has a blank/);
  const { text } = await convertText(table, { samplesFile: "x\tmy x:PG_al\n" });
  assert.deepEqual(columnsOf(text, 9), ["0|1:1"]);
});

Deno.test("an output in place of a companion that was found beside the input is refused", () =>
  withFolder(async (folder) => {
    for (const end of ["tped", "tfam"]) {
      await Deno.copyFile(filePath(`tests/dialects/tped/in.${end}`), `${folder}/in.${end}`);
    }
    const names = await Deno.readTextFile(`${folder}/in.tfam`);
    for (const name of ["output", "database", "profile"] as const) {
      const request = { input: `${folder}/in.tped`, output: `${folder}/o.vcf`, threads: 0 };
      const more = { [name]: `${folder}/in.tfam`, refFrom: "first" } as const;
      await assert.rejects(convert({ ...request, ...more }), /is also an input; give it another/);
    }
    assert.equal(await Deno.readTextFile(`${folder}/in.tfam`), names);
  }));

Deno.test("too few fields: the message says what stands between them", async () => {
  for (const [separator, message] of [[",", /set apart by commas/], [" ", /set apart by blanks/]]) {
    const rows = ["CHROM POS REF a b", "1 5 A G A", "1 6 A G"];
    const text = rows.map((row) => row.replaceAll(" ", separator as string) + "\n").join("");
    assert.match((await refused(text)).detail, message as RegExp);
  }
});

Deno.test("DNA tests on another strand: a warning, and none on the right one", async () => {
  const complement = (text: string) =>
    text.replaceAll(/[ACGT]/g, (base) => "TGCA"["ACGT".indexOf(base)]);
  const genome = Array.from({ length: 400 }, (_, i) => "ACGT"[(i * 7 + (i >> 2)) % 4]).join("");
  const rows = [...genome].map((base, i) =>
    `rs${i}\t1\t${i + 1}\t${base}${i % 3 ? base : "ACGT"[("ACGT".indexOf(base) + 1) % 4]}`
  );
  const text = `# rsid\tchromosome\tposition\tgenotype\n${rows.join("\n")}\n`;
  await withFolder(async (folder) => {
    const input = `${folder}/me.txt`, notes: string[] = [];
    await Deno.writeTextFile(input, text);
    for (const [name, bases] of [["right", genome], ["wrong", complement(genome)]]) {
      const reference = `${folder}/${name}.fa`;
      await Deno.writeTextFile(reference, `>1\n${bases}\n`);
      const onNote = (line: string) => void notes.push(`${name}: ${line}`);
      await convert({ input, reference, output: `${folder}/o.vcf`, threads: 0, onNote });
    }
    const warned = notes.filter((line) => /both alleles differ from REF/.test(line));
    assert.equal(warned.length, 1);
    assert.match(warned[0], /^wrong: warning: in \d+ of 400 records /);
  });
});
