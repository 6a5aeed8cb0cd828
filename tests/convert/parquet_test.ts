/**
 * Views of the table as Parquet and as text: they are what the views of a kept table are, in the order
 * of the VCF, and the records are those that the VCF has with the same options.
 */
import assert from "node:assert/strict";
import { convert, type ConvertReport, type ConvertRequest } from "../../mod.ts";
import type { ViewFormat } from "../../src/vcf/row_formatter.ts";
import { cli, listing, withFolder } from "../helpers/cli.ts";
import { convertText, matrixOf, readOutput } from "../helpers/convert_text.ts";
import { examplePath, EXAMPLES } from "../helpers/dialects.ts";
import { noDataNote, REAL_SETS, writeHead, writeSheet } from "../helpers/real_data.ts";
import { hasTool, missingNote, run } from "../helpers/tools.ts";
import { parquetOf, type Texts, typesOf, viewOf } from "../helpers/views.ts";

const VIEWS: readonly ViewFormat[] = ["matrix", "sites", "genotypes"];

type Request = Omit<Partial<ConvertRequest>, "output" | "format" | "database">;

/** Compares the views of an input as Parquet with those of its kept table. */
async function checkViews(folder: string, input: string, request: Request = {}): Promise<void> {
  const database = `${folder}/kept.duckdb`;
  await convert({
    threads: 0,
    ...request,
    input,
    output: `${folder}/o.tsv`,
    format: "tsv",
    database,
  });
  for (const format of VIEWS) {
    const output = `${folder}/${format}.parquet`, expected = await viewOf(database, format);
    // The table is a temporary one, then a kept one that is reused, then the input.
    await convert({ threads: 0, ...request, input, output, format });
    checkTexts(await parquetOf(output), expected, format);
    const bytes = await Deno.readFile(output);
    await convert({ threads: 0, ...request, input, output, format, database });
    assert.deepEqual(await Deno.readFile(output), bytes, `${format}, reused`);
    const { reference, regions } = request;
    await convert({ input: database, output, format, reference, regions, threads: 0 });
    assert.deepEqual(await Deno.readFile(output), bytes, `${format} of the table`);
  }
}

/** Compares a file with a view; the column of the lines in `matrix` has a name that is free. */
function checkTexts([names, ...found]: Texts, [expected, ...rows]: Texts, view: ViewFormat): void {
  if (view === "matrix") {
    const line = names.pop()!, taken = names.map((name) => name!.toLowerCase());
    assert.ok(/^line(_\d+)?$/.test(line) && !taken.includes(line), line);
    assert.equal(expected.pop(), "own_line");
  }
  assert.deepEqual(names, expected, view);
  assert.deepEqual(found, rows, view);
}

const shuffled = (rows: string[]) =>
  rows.map((row, n) => [n * 7919 % rows.length, row] as const)
    .sort(([a], [b]) => a - b).map(([, row]) => row);

const MATRICES: Record<string, string> = {
  "a small one": matrixOf(
    "CHROM POS REF 1a 1b 2a 2b V",
    "1 7 A A G . . A",
    "1 9 AT A AT . <DEL> *",
    "2 1 C . . . . .",
    "2 1 C C C C C C",
  ),
  "rows and contigs in any order": matrixOf(
    "CHROM POS REF 1a 1b V",
    ...shuffled(
      Array.from(
        { length: 500 },
        (_, n) => `c${n % 3} ${(n >> 2) + 1} A A ${"ACGT"[n % 4]} ${n % 5 === 0 ? "." : "T"}`,
      ),
    ),
  ),
  "IDs": matrixOf(
    "CHROM POS ID REF x y",
    "1 1 rs1 A A C",
    "1 2 . A A C",
    `1 3 ${"long".repeat(100)} A A C`,
  ),
  "names of all kinds": matrixOf(
    `CHROM POS REF Sa sA %s it's line LINE_1 $x; é,b`,
    "1 1 A A C G T A C G T",
    "1 2 A . . . . . . . .",
  ),
  "columns of samples apart": matrixOf(
    "CHROM POS REF 1b 2a V 1a 2b",
    "1 1 A A C G T .",
    "1 2 A A A A A C",
  ),
  "300 alleles": matrixOf(
    "CHROM POS REF 1a 1b",
    ...Array.from(
      { length: 300 },
      (_, n) =>
        `1 ${n + 1} A A ${n.toString(4).replaceAll(/./g, (digit) => "ACGT"[Number(digit)])}AA`,
    ),
  ),
  "a header alone": matrixOf("CHROM POS REF 1a 1b"),
};

for (const [name, matrix] of Object.entries(MATRICES)) {
  Deno.test(`views as Parquet: ${name}`, () =>
    withFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/m.tsv`, matrix);
      if (name === "a header alone") {
        for (const format of VIEWS) {
          const output = `${folder}/${format}.parquet`;
          const report = await convert({ input: `${folder}/m.tsv`, output, format, threads: 0 });
          assert.equal(report.records, 0);
          assert.equal((await parquetOf(output)).length, 1);
        }
      } else await checkViews(folder, `${folder}/m.tsv`);
    }));
}

for (const { file, options } of EXAMPLES) {
  Deno.test(`views as Parquet: the dialect of ${file}`, () =>
    withFolder((folder) =>
      checkViews(folder, examplePath(file), { ...options as Request, onBadRow: "skip" })
    ));
}

for (const { name, matrix, polyploid } of REAL_SETS) {
  Deno.test(
    `views as Parquet: ${name}${noDataNote}`,
    () =>
      withFolder(async (folder) => {
        const input = await writeHead(matrix, 200, `${folder}/m.tsv`);
        const samplesFile = polyploid ? await writeSheet(matrix, `${folder}/sheet.tsv`) : undefined;
        const database = `${folder}/kept.duckdb`, request = { input, samplesFile, threads: 0 };
        await convert({ ...request, output: `${folder}/o.tsv`, format: "tsv", database });
        for (const format of VIEWS) {
          const output = `${folder}/${format}.parquet`;
          await convert({ ...request, output, format });
          checkTexts(await parquetOf(output), await viewOf(database, format), format);
        }
      }),
  );
}

Deno.test("views as Parquet: POS and counts are numbers, alleles are texts", () =>
  withFolder(async (folder) => {
    const input = `${folder}/m.tsv`;
    await Deno.writeTextFile(input, MATRICES["a small one"]);
    const types = async (format: ViewFormat) => {
      await convert({ input, output: `${folder}/o.parquet`, format, threads: 0 });
      return await typesOf(`${folder}/o.parquet`);
    };
    const { line, ...alleles } = await types("matrix");
    assert.equal(line, "BIGINT");
    const { POS, ...texts } = alleles;
    assert.equal(POS, "INTEGER");
    assert.deepEqual(new Set(Object.values(texts)), new Set(["VARCHAR"]));
    const sites = await types("sites");
    assert.deepEqual([sites.ALT, sites.AC, sites.AF], ["VARCHAR[]", "INTEGER[]", "DOUBLE[]"]);
    assert.equal((await types("genotypes")).phased, "BOOLEAN");
  }));

Deno.test("views as Parquet: the same bytes with any number of threads", () =>
  withFolder(async (folder) => {
    const input = `${folder}/m.tsv`;
    await cli(["generate", "--rows", "60000", "--samples", "4", "--shuffle", "-o", "m.tsv"], {
      cwd: folder,
    });
    for (const name of ["matrix.parquet", "sites.tsv.gz", "genotypes.tsv"]) {
      const output = `${folder}/${name}`, format = name.split(".")[0] as ViewFormat;
      const made: Uint8Array[] = [];
      for (const threads of [0, 1, 4]) {
        await convert({ input, output, format, threads });
        made.push(await Deno.readFile(output));
      }
      assert.deepEqual(made[1], made[0], name);
      assert.deepEqual(made[2], made[0], name);
    }
  }));

const CHOICES: Request[] = [
  { variantsOnly: true },
  { minAlleles: 3 },
  { maxAlleles: 2 },
  { snpsOnly: true },
  { maxMissingRate: 0.1 },
  { maxMissingRate: 0.25, snpsOnly: true, variantsOnly: true },
  { regions: "1:5-700,3" },
  { regions: "2", minAlleles: 2 },
];

/** A matrix with sites of all kinds; each has a position of its own. */
const SITES = matrixOf(
  "CHROM POS REF 1a 1b 2a 2b V",
  ...shuffled(Array.from({ length: 900 }, (_, n) => {
    const cell = (k: number) =>
      ["A", "A", "C", ".", "A", "GT", "*", "A", "T", "A"][(n * k + (n >> 3)) % 10];
    return `${n % 3 + 1} ${n + 1} ${n % 50 === 0 ? "ACGT" : "A"} ${cell(1)} ${cell(3)} ${cell(7)} ${
      cell(9)
    } ${cell(n)}`;
  })),
);

/** What a report counts, apart from what the format decides. */
function countsOf(report: ConvertReport) {
  const { bytes: _, seconds: __, peakMemory: ___, kernelShare: ____, ...counts } = report;
  return { ...counts, bytesPerSecond: 0, output: "", input: "" };
}

for (const choice of CHOICES) {
  Deno.test(`views hold the records of the VCF: ${JSON.stringify(choice)}`, async () => {
    const vcf = await convertText(SITES, choice as Parameters<typeof convertText>[1]);
    const places = vcf.text.split("\n").filter((line) => /^\d/.test(line)).map((line) =>
      line.split("\t", 2).join(" ")
    );
    assert.ok(places.length > 0 && places.length < 900);
    for (const format of VIEWS) {
      const { text, report } = await convertText(SITES, {
        ...choice as Parameters<typeof convertText>[1],
        format,
        output: "o.tsv",
      });
      const found = text.split("\n").slice(1, -1).map((line) => line.split("\t", 2).join(" "));
      assert.deepEqual([...new Set(found)], places, format);
      assert.deepEqual(countsOf(report), countsOf(vcf.report), format);
    }
  });
}

Deno.test("views with a reference: its order of contigs, and REF is compared", async () => {
  const matrix = matrixOf("CHROM POS REF x y", "1 1 A A C", "1 2 A A C", "2 1 C C G");
  const reference = ">2\nC\n>1\nAG\n",
    request = { reference, format: "sites", output: "o.tsv" } as const;
  await assert.rejects(convertText(matrix, request), /m(atrix)?\.tsv:3: REF: .*at 2/);
  const places = (text: string) => text.split("\n").slice(1, -1).map((line) => line.slice(0, 3));
  const skip = await convertText(matrix, { ...request, refMismatch: "skip" });
  assert.deepEqual(places(skip.text), ["2\t1", "1\t1"]);
  assert.equal(skip.report.refMismatches, 1);
  const count = await convertText(matrix, { ...request, refMismatch: "count" });
  assert.deepEqual(places(count.text), ["2\t1", "1\t1", "1\t2"]);
});

Deno.test("views as text: TABs, no quotes, lists between commas, a dot for nothing", async () => {
  const matrix = matrixOf(
    `CHROM POS ID REF 1a 1b s'q,`,
    "1 7 . A A G T",
    "1 9 rs9 A A A A",
    "2 1 . C . . .",
  );
  const text = async (format: ViewFormat, output: string) =>
    (await convertText(matrix, { format, output })).text;
  const sites = await text("sites", "o.tsv");
  assert.equal(
    sites,
    "CHROM\tPOS\tID\tREF\tALT\tAC\tAN\tAF\tmissing\tline\n" +
      "1\t7\t.\tA\tG,T\t1,1\t3\t0.333333,0.333333\t0\t2\n" +
      "1\t9\trs9\tA\t.\t.\t3\t.\t0\t3\n" +
      "2\t1\t.\tC\t.\t.\t0\t.\t3\t4\n",
  );
  assert.equal(await text("sites", "o.tsv.gz"), sites);
  assert.equal(
    (await text("genotypes", "o.TSV")).split("\n").slice(0, 3).join("\n"),
    "CHROM\tPOS\tID\tREF\tsample\tgt\talleles\tphased\tline\n" +
      "1\t7\t.\tA\t1\tA|G\tA,G\ttrue\t2\n" +
      `1\t7\t.\tA\ts'q,\tT\tT\ttrue\t2`,
  );
  assert.equal(
    await text("matrix", "o.tsv"),
    `CHROM\tPOS\tREF\tID\t1a\t1b\ts'q,\tline\n` +
      "1\t7\tA\t.\tA\tG\tT\t2\n1\t9\tA\trs9\tA\tA\tA\t3\n2\t1\tC\t.\t.\t.\t.\t4\n",
  );
});

Deno.test("views as text: an absent haplotype is an empty field, as with --format tsv", async () => {
  const matrix = matrixOf("CHROM POS REF ALT 1 2", "1 7 A G 0|1 1", "1 8 A C 0/0 ./.");
  const request = { output: "o.tsv" };
  const { text } = await convertText(matrix, { ...request, format: "matrix" });
  const tsv = await convertText(matrix, { ...request, format: "tsv" });
  const cells = (table: string, last: number) =>
    table.split("\n").map((line) => line.split("\t").slice(0, last).join("\t"));
  assert.deepEqual(cells(text, 7).slice(1), cells(tsv.text, 7).slice(1));
  assert.match(text, /\tG\t\t2\n/);
});

Deno.test(
  `views as text: bgzip and tabix read .tsv.gz${missingNote("tabix")}`,
  { ignore: !hasTool("tabix") },
  () =>
    withFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/m.tsv`, SITES);
      const output = `${folder}/o.tsv.gz`;
      await convert({ input: `${folder}/m.tsv`, output, format: "sites", threads: 0 });
      const indexed = await run("tabix", ["-s1", "-b2", "-e2", "-S1", output]);
      assert.equal(indexed.code, 0, indexed.stderr);
      const { stdout } = await run("tabix", [output, "2:1-10"]);
      const expected = (await readOutput(output)).split("\n").filter((line) =>
        /^2\t([1-9]|10)\t/.test(line)
      );
      assert.deepEqual(stdout.split("\n").filter((line) => line !== ""), expected);
    }),
);

Deno.test("views: names of outputs that SQL could misread, links, and what was there", () =>
  withFolder(async (folder) => {
    const names = [`it's "a" $b; c.parquet`, "*.parquet", "~x?.PARQUET", "%d {a,b}.parquet"];
    await Deno.writeTextFile(`${folder}/m.tsv`, MATRICES["a small one"]);
    await Deno.mkdir(`${folder}/o'f "it"`);
    for (const name of names) {
      const output = `o'f "it"/${name}`;
      const { code, stderr } = await cli(["convert", "m.tsv", "-o", output], { cwd: folder });
      assert.equal(code, 0, stderr);
    }
    assert.deepEqual(await listing(`${folder}/o'f "it"`), names.sort());
    await Deno.symlink("there.parquet", `${folder}/link.parquet`);
    await convert({ input: `${folder}/m.tsv`, output: `${folder}/link.parquet`, threads: 0 });
    assert.equal((await parquetOf(`${folder}/there.parquet`)).length, 5);
  }));

Deno.test("views: standard output gets text", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, MATRICES["a small one"]);
    const { code, stdout } = await cli(["convert", "m.tsv", "--format", "sites", "-o", "-"], {
      cwd: folder,
    });
    assert.equal(code, 0);
    const { text } = await convertText(MATRICES["a small one"], {
      format: "sites",
      output: "o.tsv",
    });
    assert.equal(stdout, text);
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const [streamed] = await Promise.all([
      new Response(readable).text(),
      convert({ input: `${folder}/m.tsv`, output: writable, format: "sites", threads: 0 }),
    ]);
    assert.equal(streamed, text);
    assert.deepEqual(await listing(folder), ["m.tsv"]);
  }));

const REFUSED: [flags: string[], message: RegExp][] = [
  [
    ["--format", "sites", "-o", "o.vcf"],
    /--format sites is written to .*\.parquet, \.tsv or \.tsv\.gz/,
  ],
  [["--format", "matrix", "-o", "o.gz"], /--format matrix is written to .*\.parquet/],
  [["--format", "vcf", "-o", "o.parquet"], /--format vcf is no Parquet/],
  [["--format", "haplotype", "-o", "o.PARQUET"], /--format haplotype is no Parquet/],
  [["--format", "tsv", "-o", "o.parquet"], /--format tsv is text; leave --format out/],
  [["-o", "o.parquet", "--info", "AC"], /--info has no meaning for --format matrix/],
  [["-o", "o.parquet", "--unphased"], /--unphased has no meaning for --format matrix/],
  [["-o", "o.parquet", "--homozygous"], /--homozygous has no meaning for --format matrix/],
  [["-o", "o.parquet", "--direct"], /--direct has no meaning for --format matrix/],
  [["-o", "o.parquet", "-O", "z"], /--output-type has no meaning for --format matrix/],
  [["-o", "o.parquet", "--index", "csi"], /--index csi has no meaning for --format matrix/],
  [["-o", "o.parquet", "-W"], /-W is for a compressed VCF/],
  [["-o", "pipe.parquet"], /Parquet is written to a file, .*--format sites -o -/],
];
Deno.test("views: what is refused, and nothing is left", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, MATRICES["a small one"]);
    await run("mkfifo", [`${folder}/pipe.parquet`]);
    for (const [flags, message] of REFUSED) {
      const { code, stderr } = await cli(["convert", "m.tsv", ...flags], { cwd: folder });
      assert.match(stderr, message);
      assert.match(stderr, /^error: [^\n]*\n$/);
      assert.equal(code, 2, stderr);
    }
    const none = await cli(["convert", "m.tsv", "-o", "none/o.parquet"], { cwd: folder });
    assert.equal(none.code, 1);
    assert.match(none.stderr, /^error: none\/o\.parquet: the folder 'none' does not exist/);
    await Deno.copyFile(`${folder}/m.tsv`, `${folder}/m.parquet`);
    const same = await cli(["convert", "m.parquet", "-o", "m.parquet"], { cwd: folder });
    assert.match(same.stderr, /this output is also an input/);
    assert.deepEqual(await listing(folder), ["m.parquet", "m.tsv", "pipe.parquet"]);
  }));

Deno.test("views: an interrupt while DuckDB writes is heard at once, and leaves nothing", () =>
  withFolder(async (folder) => {
    const flags = ["--rows", "3000", "--samples", "1000", "--haploid", "0"];
    await cli(["generate", ...flags, "-o", "m.tsv"], { cwd: folder });
    for (const threads of [0, 2]) {
      const stop = new AbortController();
      let asked = 0;
      const converting = convert({
        input: `${folder}/m.tsv`,
        output: `${folder}/o.parquet`,
        format: "genotypes",
        threads,
        signal: stop.signal,
        onProgress: ({ phase, share }) => {
          if (phase !== "finish" || share === 0 || asked > 0) return;
          asked = performance.now();
          stop.abort();
        },
      });
      await assert.rejects(converting, { name: "AbortError" });
      assert.ok(asked > 0 && performance.now() - asked < 1000);
      assert.deepEqual(await listing(folder), ["m.tsv"]);
    }
  }));

Deno.test("views: a rehearsal does not say what it cannot know", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, MATRICES["a small one"]);
    const { code, stdout } = await cli(["convert", "m.tsv", "-o", "o.parquet", "--dry-run"], {
      cwd: folder,
    });
    assert.equal(code, 0);
    assert.match(stdout, /^output +not known before it is written/m);
    assert.deepEqual(await listing(folder), ["m.tsv"]);
  }));
