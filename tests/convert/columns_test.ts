/**
 * Columns: which are haplotypes, what is left out, what is said of them; by every way in.
 */

import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { convert, InputError } from "../../mod.ts";
import { cli, withFolder } from "../helpers/cli.ts";
import {
  columnsOf,
  convertText,
  matrixOf,
  recordsOf,
  type TextRequest,
} from "../helpers/convert_text.ts";

function samplesOf(vcf: string): string {
  return /^#CHROM.*$/m.exec(vcf)![0].split("\t").slice(9).join(" ");
}

Deno.test("columns that are left out by their names are named in a note", async () => {
  const matrix = matrixOf("CHROM POS REF gene 1a 1b strand", "1 5 A x A G +");
  const { text, notes } = await convertText(matrix);
  assert.equal(samplesOf(text), "1");
  assert.deepEqual(notes.slice(1), [
    "left out, as no haplotypes have such names: gene, strand (see --samples-file)",
  ]);
});

Deno.test("a sample called 0 or #x: plink2 refuses it, and a warning says so", async () => {
  const { notes } = await convertText(matrixOf("CHROM POS REF 0 #x 00", "1 5 A A G A"));
  assert.deepEqual(notes.slice(1), [
    "warning: plink2 refuses samples with such names: 0, #x; rename with --samples-file",
  ]);
  const samples = "0\tx\n";
  const renamed = await convertText(matrixOf("CHROM POS REF x", "1 5 A A"), {
    samplesFile: samples,
  });
  assert.match(renamed.notes[1], /^warning: plink2 .*: 0; /);
});

const EMPTY: { name: string; rows: string[]; request?: TextRequest; missing: string[] }[] = [
  { name: "one of a pair", rows: ["1 5 A A . G", "1 6 C C NA -"], missing: ["10b"] },
  { name: "only the first row", rows: ["1 5 A A . .", "1 6 C C C C"], missing: [] },
  { name: "only the last row", rows: ["1 6 C C C C", "1 5 A A . ."], missing: [] },
  {
    name: "an allele in a bad row does not count",
    rows: ["1 5 A A C .", "1 x C C C G"],
    request: { onBadRow: "skip" },
    missing: ["V"],
  },
  { name: "a long allele does", rows: ["1 5 A ACGT . GG"], missing: ["10b"] },
  {
    name: "in a kept table",
    rows: ["1 5 A A . G"],
    request: { database: "k.duckdb" },
    missing: ["10b"],
  },
];
for (const { name, rows, request, missing } of EMPTY) {
  for (const threads of [0, 2]) {
    Deno.test(`columns missing in every row: ${name}, ${threads} threads`, async () => {
      await withFolder(async (folder) => {
        const { database } = request ?? {};
        const { report, text } = await convertText(matrixOf("CHROM POS REF 10a 10b V", ...rows), {
          ...request,
          threads,
          database: database && `${folder}/${database}`,
        });
        assert.deepEqual(report.missingColumns, missing);
        assert.equal(samplesOf(text), "10 V");
      });
    });
  }
}

Deno.test("the summary warns of columns that are missing in every row, and names them", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, matrixOf("CHROM POS REF 1a 1b V", "1 5 A A G ."));
    const { stderr } = await cli(["convert", "m.tsv", "-o", "o.vcf"], { cwd: folder });
    assert.match(stderr, /^warning: missing in every row: 1 column \(V\)$/m);
  });
});

Deno.test("the warning is right where many segments have many producers", async () => {
  const rows = Array.from(
    { length: 60_000 },
    (_, i) => `1 ${i + 1} A ${i === 40_000 ? "G" : "."} . C`,
  );
  const matrix = matrixOf("CHROM POS REF x y z", ...rows);
  const { report } = await convertText(matrix, { threads: 2 });
  assert.deepEqual(report.missingColumns, ["y"]);
});

const NOTE = matrixOf("CHROM POS REF 1a note", "1 5 A A gyrB", "1 6 A A recA");
const WAYS = ["plain", "gzip", "stdin", "gzip on stdin", "--header", "inspect"];
for (const way of WAYS) {
  Deno.test(`a column without alleles is refused by name: ${way}`, async () => {
    await withFolder(async (folder) => {
      const bytes = new TextEncoder().encode(NOTE), packed = gzipSync(bytes);
      await Deno.writeFile(`${folder}/m.tsv`, way === "gzip" ? packed : bytes);
      await Deno.writeTextFile(`${folder}/h.txt`, NOTE.split("\n")[0]);
      const args = {
        "stdin": ["convert", "-", "-o", "o.vcf"],
        "gzip on stdin": ["convert", "-", "-o", "o.vcf"],
        "--header": ["convert", "m.tsv", "--header", "h.txt", "-o", "o.vcf"],
        "inspect": ["inspect", "m.tsv"],
      }[way] ?? ["convert", "m.tsv", "-o", "o.vcf"];
      const stdin = way === "stdin" ? NOTE : way === "gzip on stdin" ? packed : undefined;
      const { code, stderr } = await cli(args, { cwd: folder, stdin });
      assert.equal(code, 1);
      assert.match(stderr, /^error: (m\.tsv|-):2: note: 'gyrB' is not an allele; .*--samples$/m);
    });
  });
}

Deno.test("a sheet takes a column whatever it holds, and a bad cell is what it was", async () => {
  await assert.rejects(convertText(NOTE, { samplesFile: "x\t1a\tnote\n" }), (error) => {
    assert.ok(error instanceof InputError);
    assert.doesNotMatch(error.detail, /annotation/);
    assert.equal(error.at.line, 2);
    return true;
  });
  const { text } = await convertText(NOTE, { samplesFile: "x\t1a\n" });
  assert.equal(samplesOf(text), "x");
});

Deno.test("annotation further down than 1,000 rows is a bad cell", async () => {
  const rows = Array.from({ length: 1001 }, (_, i) => `1 ${i + 1} A A ${i < 1000 ? "." : "x"}`);
  const matrix = matrixOf("CHROM POS REF 1a note", ...rows);
  await assert.rejects(convertText(matrix), /:1002: note: 'x' is not an allele; (?!.*annotation)/);
});

Deno.test("what --missing names is no annotation", async () => {
  const matrix = matrixOf("CHROM POS REF 1a 1b", "1 5 A A none", "1 6 A A none");
  const { report } = await convertText(matrix, { missing: ["none"] });
  assert.deepEqual(report.missingColumns, ["1b"]);
});

Deno.test("a haplotype table beside plain haplotypes: both are read", async () => {
  const matrix = matrixOf("CHROM POS REF 10a S:PI S:PG_al 10b V", "1 5 A A 1 A|G G G");
  const { text } = await convertText(matrix);
  assert.equal(samplesOf(text), "10 S V");
  assert.deepEqual(columnsOf(text, 4, 9, 10, 11), ["G 0|1:. 0|1:1 1:."]);
});

Deno.test("names that come twice: tsv, haplotype tables and sheets", async () => {
  const matrix = matrixOf("CHROM POS REF S1 S1 S2 S2", "1 5 A A G . A");
  const { text } = await convertText(matrix);
  assert.equal(samplesOf(text), "S1 S2");
  const tsv = await convertText(matrix, { format: "tsv" });
  assert.equal(tsv.text, matrixOf("CHROM POS REF S1_1 S1_2 S2_1 S2_2", "1 5 A A G . A"));
  assert.deepEqual(tsv.notes, ["2 samples (2 diploid): S1, S2"]);
  for (const format of ["tsv", "haplotype"] as const) {
    const table = await convertText(matrix, { format });
    const again = (await convertText(table.text)).text;
    // A haplotype table says so in the header, and its block on contig 1 is the block 1.
    const records = recordsOf(again).map((line) =>
      line.replace("GT:PS", "GT").replaceAll(":1", "")
    );
    assert.deepEqual(records, recordsOf(text));
    assert.equal(samplesOf(again), samplesOf(text));
  }
  const sheet = await convertText(matrix, {
    samplesFile: "x\tS2\ty\nz\tS1\tS1\n".replace("\ty", "\tS2"),
  });
  assert.deepEqual(columnsOf(sheet.text, 9, 10), [".|0 0|1"]);
  await assert.rejects(
    convertText(matrix, { samplesFile: "x\tS2\n" }),
    /:1: .*2 columns 'S2'; name it 2/,
  );
});

Deno.test("quotes: plain, gzip, many threads, a kept table, rejects", async () => {
  const quote = (text: string) => text.replaceAll(/[^\t\n]+/g, '"$&"');
  const rows = Array.from({ length: 30_000 }, (_, i) => `${1 + (i >> 13)} ${i + 1} A A AC`);
  const matrix = matrixOf("CHROM POS REF 1a 1b", ...rows);
  const { text } = await convertText(matrix);
  for (const threads of [0, 1, 2]) {
    assert.equal((await convertText(quote(matrix), { threads })).text, text);
  }
  await withFolder(async (folder) => {
    await Deno.writeFile(`${folder}/m.tsv.gz`, gzipSync(quote(matrix)));
    const database = `${folder}/k.duckdb`;
    for (const threads of [0, 2]) {
      const output = `${folder}/${threads}.vcf`;
      const report = await convert({ input: `${folder}/m.tsv.gz`, output, threads, database });
      assert.equal(report.reused, threads === 2);
      assert.equal(await Deno.readTextFile(output), text);
    }
  });
  const bad = quote(matrixOf("CHROM POS REF 1a", "1 5 A A", "1 x A A"));
  const { report } = await convertText(bad, { onBadRow: "skip" });
  assert.equal(report.skipped, 1);
});

Deno.test("a kept table whose samples another version chose otherwise is not reused", async () => {
  await withFolder(async (folder) => {
    const input = `${folder}/m.tsv`, database = `${folder}/k.duckdb`, output = `${folder}/o.vcf`;
    await Deno.writeTextFile(input, matrixOf("CHROM POS REF S_1 S_2", "1 5 A A G"));
    await convert({ input, output, database, threads: 0 });
    assert.ok((await convert({ input, output, database, threads: 0 })).reused);
    const sql = "UPDATE samples SET sample = 'S_1', ploidy = 1";
    const { code, stderr } = await cli(["sql", database, "--write", "-c", sql]);
    assert.equal(code, 0, stderr);
    const again = convert({ input, output, database, threads: 0, verifyInput: true });
    await assert.rejects(again, /k\.duckdb: the database was made differently: how its columns/);
  });
});

/** Rows that an earlier version read otherwise, and whether the bad ones are skipped. */
const READ_OTHERWISE: { rows: string[]; onBadRow?: "skip"; reused?: true }[] = [
  { rows: ["1 5 A A G"], reused: true },
  { rows: ["1 5 NN NN A"] },
  { rows: ["1 5 N N <DEL>"] },
  { rows: ["1 5 A A G", "1 6 A A Q"], onBadRow: "skip" },
];
for (const { rows, onBadRow, reused } of READ_OTHERWISE) {
  Deno.test(`a table kept by an earlier version: ${rows}, ${reused ? "reused" : "refused"}`, () =>
    withFolder(async (folder) => {
      const input = `${folder}/m.tsv`, database = `${folder}/k.duckdb`;
      const request = { input, database, output: `${folder}/o.vcf`, threads: 0, onBadRow };
      await Deno.writeTextFile(input, matrixOf("CHROM POS REF S_1 S_2", ...rows));
      await convert(request);
      assert.ok((await convert(request)).reused);
      const text = await Deno.readTextFile(request.output);
      const sql = "UPDATE metadata SET features = []";
      assert.equal((await cli(["sql", database, "--write", "-c", sql])).code, 0);
      if (reused) assert.ok((await convert(request)).reused);
      else await assert.rejects(convert(request), /made differently: how its cells are read /);
      // As the input itself it gives what it holds.
      await convert({ input: database, output: request.output, threads: 0 });
      assert.equal(await Deno.readTextFile(request.output), text);
    }));
}

Deno.test("comments: of several headers the last counts, and lines are counted", async () => {
  const matrix = "# x\n#CHROM\tPOS\tREF\told\n#\n# rsid\tchromosome\tposition\tREF\t1a\n" +
    "rs1\t1\t5\tA\tA\n";
  const { text } = await convertText(matrix);
  assert.deepEqual(recordsOf(text), ["1\t5\trs1\tA\t.\t.\t.\t.\tGT\t0"]);
  await assert.rejects(convertText(matrix + "rs2\t1\tx\tA\tA\n"), /:6: position: POS is 'x'/);
});
