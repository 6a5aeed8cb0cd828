/**
 * `--direct` writes the bytes that the way through the table writes, or goes that way.
 *
 * A longer search with another seed: `deno test -A tests/convert/direct_test.ts -- 2000 7`.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { gzipSync } from "node:zlib";
import { convert, type ConvertRequest, openMatrix } from "../../mod.ts";
import { INFO_TAGS } from "../../src/vcf/info_fields.ts";
import { bothWays, outcomeOf, type Way } from "../helpers/both_ways.ts";
import { withFolder } from "../helpers/cli.ts";
import { matrixText } from "../helpers/generated.ts";
import { matrices, type Matrix } from "../helpers/matrices.ts";

/** Options beside input and output. */
type More = Partial<Omit<ConvertRequest, "output">>;

const [runs, seed] = Deno.args.map(Number).filter(Number.isInteger);

const choices = fc.record({
  threads: fc.constantFrom(0, 0, 0, 1, 2),
  output: fc.constantFrom("o.vcf", "o.vcf.gz", "o.tsv"),
  index: fc.constantFrom("auto" as const, "csi" as const, "none" as const),
  format: fc.constantFrom("vcf" as const, "vcf" as const, "vcf" as const, "haplotype" as const),
  gap: fc.constantFrom("missing" as const, "star" as const, "error" as const),
  iupac: fc.constantFrom("error" as const, "missing" as const, "split" as const),
  regions: fc.constantFrom(undefined, undefined, "1", "chr2:5-30,X", "1:2-9,1:20-31"),
  maxMissingRate: fc.constantFrom(1, 1, 0.3),
  snpsOnly: fc.boolean(),
  gzip: fc.boolean(),
});

Deno.test("random matrices: the same bytes, counts and errors both ways", async () => {
  const ways: Record<Way, number> = { straight: 0, disorder: 0, other: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(
      matrices(),
      matrices({ badRows: true }),
      choices,
      async (good, bad, choice) => {
        for (const matrix of [good, bad]) {
          ways[await inFolder(matrix, choice)]++;
        }
      },
    ),
    { seed: seed ?? 27, numRuns: runs === undefined ? 40 : runs / 2, endOnFailure: true },
  );
  console.log(JSON.stringify(ways));
  assert.ok(ways.straight > 0.2 * ways.disorder, "too few are in order");
  assert.ok(ways.straight >= 9 * ways.other, "too few of those in order went straight");
});

/** Converts a matrix of a test both ways. */
function inFolder(
  { text, options }: Matrix,
  { gzip, index, format, ...choice }: ReturnType<typeof choices.generate>["value"],
): Promise<Way> {
  return withFolder(async (folder) => {
    const { header, samples, info, ploidy = "auto", ...rest } = options;
    const file = async (name: string, content: string | undefined) => {
      if (content === undefined) return undefined;
      await Deno.writeTextFile(`${folder}/${name}`, content);
      return `${folder}/${name}`;
    };
    const input = `${folder}/m.tsv`;
    await Deno.writeFile(input, gzip ? gzipSync(text) : new TextEncoder().encode(text));
    return await bothWays({
      ...rest,
      ...choice,
      input,
      format,
      index: format === "vcf" && choice.output.endsWith(".gz") ? index : "auto",
      info: info && format === "vcf" ? INFO_TAGS : [],
      ploidy: ploidy === "auto" ? ploidy : ploidy === "1" ? 1 : 2,
      header: await file("header.txt", header),
      samplesFile: await file("samples.tsv", samples),
    });
  });
}

/** Rows of several cells of the grid, 9 MB. */
const TEXT = matrixText({
  rows: 140_000,
  samples: 13,
  chromosomes: 2,
  indels: 0.01,
  missing: 0.02,
});

/** Writes lines to a file, and converts it both ways. */
function ofText(text: string, more: More = {}): Promise<Way> {
  return withFolder(async (folder) => {
    const input = `${folder}/m.tsv`;
    await Deno.writeTextFile(input, text);
    return await bothWays({ output: "o.vcf.gz", threads: 2, ...more, input });
  });
}

Deno.test("many cells go straight: plain, gzip, with INFO, regions and threads 0 to 8", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, TEXT);
    await Deno.writeFile(`${folder}/m.tsv.gz`, gzipSync(TEXT, { level: 1 }));
    const requests: More[] = [
      { threads: 0 },
      { threads: 1, info: INFO_TAGS },
      { threads: 2, regions: "1:100-200,1:90000-95000,2:7-70000" },
      { threads: 3, snpsOnly: true, maxMissingRate: 0.05 },
      { threads: 8, format: "tsv" },
    ];
    for (const request of requests) {
      for (const name of ["m.tsv", "m.tsv.gz"]) {
        const input = `${folder}/${name}`, output = "o.vcf.gz";
        assert.equal(await bothWays({ ...request, input, output }), "straight");
      }
    }
  });
});

Deno.test("disorder anywhere: through the table, and nothing is left of the attempt", async (t) => {
  const lines = TEXT.trimEnd().split("\n"), last = lines.length - 1;
  const bytes = new TextEncoder().encode(TEXT);
  const cellEdge = new TextDecoder().decode(bytes.subarray(0, 4 << 20)).split("\n").length;
  const posOf = (at: number) => Number(lines[at].split("\t")[1]);
  for (
    const { name, near } of [
      { name: "the first row", near: 2 },
      { name: "a middle row", near: 70_001 },
      { name: "a cell's edge", near: cellEdge },
      { name: "the last row", near: last },
    ]
  ) {
    await t.step(name, async () => {
      const swapped = [...lines];
      // Rows of one position may stand in any order.
      let at = near;
      while (posOf(at) <= posOf(at - 1)) at--;
      [swapped[at - 1], swapped[at]] = [lines[at], lines[at - 1]];
      assert.notEqual(await ofText(swapped.join("\n") + "\n"), "straight");
    });
  }
  await t.step("a contig that comes back", async () => {
    const moved = [...lines.slice(0, 2), ...lines.slice(3), lines[2]];
    assert.notEqual(await ofText(moved.join("\n") + "\n"), "straight");
  });
});

Deno.test("many small contigs go straight, and more than a look finds", async () => {
  const rows = Array.from({ length: 100_000 }, (_, i) => `scaffold_${i}\t${i % 9 + 1}\tA\tA\tG`);
  const text = `CHROM\tPOS\tREF\t1a\t1b\n${rows.join("\n")}\n`;
  for (const threads of [0, 2]) assert.equal(await ofText(text, { threads }), "straight");
  // Looks at the first rows of a gzip file find few contigs, so that the header is written late.
  await withFolder(async (folder) => {
    await Deno.writeFile(`${folder}/m.tsv.gz`, gzipSync(text));
    for (const output of ["o.vcf", "o.vcf.gz"]) {
      const way = await bothWays({ input: `${folder}/m.tsv.gz`, output, threads: 2 });
      assert.equal(way, "straight");
    }
  });
});

Deno.test("a reference: its order and its header; REF that differs, and unknown contigs", async (t) => {
  const header = "CHROM\tPOS\tREF\t1a\t1b\n";
  const fasta = ">2\nACGTACGTAC\n>1\nGGGGGGGGGG\n>unused\nACGT\n";
  const cases = [
    { name: "in its order", rows: "2\t1\tA\tA\tC\n1\t3\tG\tG\tT\n", direct: true },
    { name: "in another order", rows: "1\t3\tG\tG\tT\n2\t1\tA\tA\tC\n", direct: false },
    { name: "a REF that differs", rows: "2\t1\tA\tA\tC\n1\t3\tT\tG\tT\n", direct: false },
    { name: "an unknown contig", rows: "2\t1\tA\tA\tC\n3\t3\tG\tG\tT\n", direct: false },
  ];
  for (const { name, rows, direct } of cases) {
    await t.step(name, () =>
      withFolder(async (folder) => {
        await Deno.writeTextFile(`${folder}/r.fa`, fasta);
        await Deno.writeTextFile(`${folder}/m.tsv`, header + rows);
        const files = { input: `${folder}/m.tsv`, reference: `${folder}/r.fa` };
        for (const threads of [0, 2]) {
          const way = await bothWays({ ...files, output: "o.vcf.gz", threads });
          assert.equal(way === "straight", direct);
        }
        const skip = { output: "o.vcf", refMismatch: "skip" as const };
        await bothWays({ ...files, ...skip });
      }));
  }
});

Deno.test("a bad row is located, whatever the cell; skipped rows have the same lines", async () => {
  const lines = TEXT.trimEnd().split("\n");
  for (const at of [3, 80_000, lines.length - 1]) lines[at] = `${lines[at]}\tA`;
  const text = lines.join("\n") + "\n";
  assert.notEqual(await ofText(text), "straight");
  for (const threads of [0, 2]) {
    assert.equal(await ofText(text, { threads, onBadRow: "skip" }), "straight");
  }
});

Deno.test("no rows at all, plain and gzip", async () => {
  await withFolder(async (folder) => {
    const header = "CHROM\tPOS\tREF\t1a\t1b\n";
    await Deno.writeTextFile(`${folder}/h.tsv`, header);
    for (const rows of ["", "\n\n", "##note\n"]) {
      await Deno.writeTextFile(`${folder}/m.tsv`, header + rows);
      await Deno.writeFile(`${folder}/m.tsv.gz`, gzipSync(rows));
      for (const threads of [0, 2]) {
        const plain = await bothWays({ input: `${folder}/m.tsv`, output: "o.vcf.gz", threads });
        assert.equal(plain, "straight");
        const apart = { header: `${folder}/h.tsv`, output: "o.vcf", threads };
        assert.equal(await bothWays({ ...apart, input: `${folder}/m.tsv.gz` }), "straight");
      }
    }
  });
});

Deno.test("more alleles than a byte holds, and ends past those of a .tbi", async () => {
  const alleles = (n: number) => n.toString(4).replace(/\d/g, (digit) => "ACGT"[Number(digit)]);
  const rows = Array.from(
    { length: 70_000 },
    (_, i) => `1\t${i + 1}\tA\t${alleles(i)}\t${alleles(i * 7)}`,
  );
  const header = "CHROM\tPOS\tREF\t1a\t1b\n";
  assert.equal(await ofText(`${header}${rows.join("\n")}\n`), "straight");
  assert.equal(await ofText(`${header}1\t7\tA\tA\tG\n1\t600000000\tA\tA\tG\n`), "straight");
});

Deno.test("streams in and out: the same bytes; a table as input is wrong use", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, TEXT.slice(0, TEXT.indexOf("\n", 400_000) + 1));
    const texts: string[] = [];
    for (const direct of [false, true]) {
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      const text = new Response(readable).text();
      const input = (await Deno.open(`${folder}/m.tsv`)).readable;
      const report = await convert({ input, output: writable, direct });
      assert.equal(report.direct, direct);
      texts.push(await text);
    }
    assert.equal(texts[0], texts[1]);
    const [input, output] = [`${folder}/m.tsv`, `${folder}/o.vcf`];
    await convert({ input, output, database: `${folder}/k.duckdb` });
    await assert.rejects(convert({ input: `${folder}/k.duckdb`, output, direct: true }), {
      code: "USAGE",
    });
  });
});

Deno.test("beside a kept table: the same output, table and rejects as through it", async (t) => {
  const lines = TEXT.trimEnd().split("\n").slice(0, 40_000);
  const bad = lines.with(30_000, `${lines[30_000]}\tA`);
  const late = [...lines.slice(0, 9), ...lines.slice(10), lines[9]];
  const cases: {
    name: string;
    lines: string[];
    more?: More;
    direct: boolean;
  }[] = [
    { name: "in order", lines, direct: true },
    { name: "on one thread", lines, more: { threads: 0 }, direct: true },
    { name: "out of order", lines: late, direct: false },
    { name: "a bad row", lines: bad, direct: false },
    { name: "a bad row, skipped", lines: bad, more: { onBadRow: "skip" }, direct: true },
  ];
  for (const { name, lines, more, direct } of cases) {
    await t.step(name, () =>
      withFolder(async (folder) => {
        await Deno.writeTextFile(`${folder}/m.tsv`, lines.join("\n") + "\n");
        const outcomes = [];
        for (const wanted of [false, true]) {
          const database = `${folder}/${wanted}.duckdb`;
          const request = { input: `${folder}/m.tsv`, output: "o.vcf.gz", threads: 2, ...more };
          const outcome = await outcomeOf({ ...request, direct: wanted, database });
          if (wanted) assert.equal(outcome.direct, direct);
          const { report, files, error } = outcome, table = report && await tableSum(database);
          outcomes.push({ files, error, table, report: { ...report, database: "" } });
        }
        assert.deepEqual(outcomes[1], outcomes[0]);
        assert.equal(outcomes[0].error === undefined, name !== "a bad row");
      }));
  }
});

/** Returns a number that changes with any cell of a kept table. */
async function tableSum(path: string): Promise<unknown> {
  await using table = await openMatrix(path);
  const rows = [];
  for await (
    const row of table.query("SELECT count(*) AS n, bit_xor(hash(r)) AS h FROM records r")
  ) {
    rows.push(String(Object.values(row)));
  }
  return rows;
}
