/**
 * The counts of a report: of random matrices, of dialects and of real data against a slow oracle that
 * reads the VCF, however the rows were read and written.
 *
 * The suite runs a slice. More: `deno test -A tests/convert/report_counts_test.ts -- 500 7` (random
 * matrices, seed).
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { ConvertRequest } from "../../mod.ts";
import type { CountRow } from "../../src/counts/count_table.ts";
import { withFolder } from "../helpers/cli.ts";
import { readOutput } from "../helpers/convert_text.ts";
import { examplePath, EXAMPLES } from "../helpers/dialects.ts";
import { matrixText } from "../helpers/generated.ts";
import { matrices } from "../helpers/matrices.ts";
import { noDataNote, REAL_SETS, writeHead, writeSheet } from "../helpers/real_data.ts";
import { countsOfInput, mapOf, reportOracle } from "../helpers/report_oracle.ts";

const [runs = 12, seed = 33] = Deno.args.map(Number).filter(Number.isInteger);

/** Ways to convert, all of which give the same counts. */
const WAYS: readonly Partial<ConvertRequest>[] = [
  { kernels: false },
  { direct: true },
  { direct: true, kernels: false },
];

function withoutIdentity(rows: readonly CountRow[]): CountRow[] {
  // What a reference says is no figure of the VCF.
  return rows.filter(({ figure }) => !/identity|ref_mismatches/.test(figure));
}

/** The counts of an input are the oracle's, whichever way they are taken. */
async function allAgree(request: ConvertRequest, ways = WAYS): Promise<CountRow[]> {
  const counts = await countsOfInput(request);
  const ploidies = counts.filter(({ figure }) => figure === "sample.ploidy");
  const vcf = await readOutput(String(request.output));
  const expected = reportOracle(vcf, ploidies.map(({ count }) => count));
  assert.deepEqual(
    new Map([...mapOf(withoutIdentity(counts))].sort()),
    new Map([...expected].sort()),
  );
  for (const way of ways) {
    assert.deepEqual(await countsOfInput({ ...request, ...way }), counts, JSON.stringify(way));
  }
  return counts;
}

Deno.test("report counts: random matrices have those of the oracle, whichever way they go", () =>
  withFolder(async (folder) => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(matrices(), async ({ text, options }) => {
        const { header, samples, info: _, ploidy, homozygous: _h, ...rest } = options;
        const write = async (name: string, text: string | undefined) => {
          if (text !== undefined) await Deno.writeTextFile(`${folder}/${name}`, text);
          return text === undefined ? undefined : `${folder}/${name}`;
        };
        const request = {
          ...rest,
          input: (await write("m.tsv", text))!,
          output: `${folder}/o.vcf`,
          header: await write("header.txt", header),
          samplesFile: await write("samples.tsv", samples),
          ploidy: ploidy === "1" ? 1 : "auto",
        } as const;
        try {
          await countsOfInput(request);
        } catch {
          return;
        }
        await allAgree(request);
        compared++;
      }),
      { seed, numRuns: runs },
    );
    assert.ok(compared > runs / 2, `only ${compared} of ${runs}`);
  }));

for (const { file, dialect, options = {} } of EXAMPLES) {
  Deno.test(`report counts: ${file} (${dialect})`, () =>
    withFolder(async (folder) => {
      const needsRef = /hapmap|tped/.test(dialect) && options.reference === undefined;
      await allAgree({
        input: examplePath(file),
        output: `${folder}/o.vcf`,
        onBadRow: "skip",
        ...options,
        refFrom: needsRef ? "first" : options.refFrom,
      } as ConvertRequest);
    }));
}

Deno.test("report counts: by workers, in many partitions, with filters and rows in any order", () =>
  withFolder(async (folder) => {
    for (const shuffle of [false, true]) {
      const text = matrixText({ rows: 2500, multiallelic: 0.3, indels: 0.2, shuffle });
      const input = `${folder}/m.tsv`, output = `${folder}/o.vcf`;
      await Deno.writeTextFile(input, text);
      await allAgree({ input, output }, [{ threads: 2 }, { threads: 3, direct: true }]);
      await allAgree(
        { input, output, minAlleles: 2, maxAlleles: 3, maxMissingRate: 0.05 },
        [...WAYS, { threads: 2 }],
      );
    }
  }));

Deno.test("report counts: whatever is written of the records, they are the same", () =>
  withFolder(async (folder) => {
    const input = `${folder}/m.tsv`;
    await Deno.writeTextFile(input, matrixText({ rows: 300, multiallelic: 0.3, indels: 0.2 }));
    const expected = await countsOfInput({ input, output: `${folder}/o.vcf` });
    for (const format of ["matrix", "sites", "genotypes", "haplotype", "tsv"] as const) {
      const counts = await countsOfInput({ input, output: `${folder}/o.tsv`, format });
      assert.deepEqual(counts, expected, format);
    }
    for (const output of ["o.parquet", "o.bcf", "o.vcf.gz"]) {
      const counts = await countsOfInput({ input, output: `${folder}/${output}` });
      assert.deepEqual(counts, expected, output);
    }
  }));

Deno.test("report counts: a gigabase of positions ends in few windows, each contig in one at least", () =>
  withFolder(async (folder) => {
    const input = `${folder}/m.tsv`, output = `${folder}/o.vcf`;
    const rows = Array.from(
      { length: 60_000 },
      (_, n) => `${n < 50_000 ? "1" : `c${n}`}\t${1 + n * 19_993}\tA\tG\n`,
    );
    await Deno.writeTextFile(input, `CHROM\tPOS\tREF\ts\n${rows.join("")}`);
    const counts = await allAgreeQuick({ input, output });
    assert.equal(counts.get("total.window_size||0"), 1_000_000);
    assert.equal(counts.get("total.other_contigs||0"), 9_951);
    assert.equal(counts.get("total.other_records||0"), 9_951);
  }));

async function allAgreeQuick(request: ConvertRequest): Promise<Map<string, number>> {
  const counts = await countsOfInput(request);
  for (const way of [{ threads: 2 }, { direct: true, threads: 2 }]) {
    assert.deepEqual(await countsOfInput({ ...request, ...way }), counts);
  }
  return mapOf(counts);
}

for (const { name, matrix, polyploid } of REAL_SETS) {
  Deno.test(`report counts: ${name}`, () =>
    withFolder(async (folder) => {
      const sheet = polyploid ? await writeSheet(matrix, `${folder}/s.tsv`) : undefined;
      const input = await writeHead(matrix, runs > 12 ? 1e6 : 400, `${folder}/m.tsv`);
      const request = { input, output: `${folder}/o.vcf`, samplesFile: sheet };
      await allAgree(request, WAYS.slice(0, 2));
    }));
}
if (noDataNote) Deno.test({ name: `report counts: real data${noDataNote}`, ignore: true, fn() {} });
