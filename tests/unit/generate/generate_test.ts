import assert from "node:assert/strict";
import fc from "fast-check";
import { UsageError } from "../../../src/base/errors.ts";
import {
  generatedHeader,
  generateMatrix,
  type GenerateOptions,
} from "../../../src/generate/generate.ts";
import { matrixText } from "../../helpers/generated.ts";

/** The rows below the header, split into fields. */
function matrixRows(options: Partial<GenerateOptions>): string[][] {
  const text = matrixText({ ...options, headerApart: true });
  assert.ok(text.endsWith("\n"));
  return text.slice(0, -1).split("\n").map((line) => line.split("\t"));
}

/** Share of the rows for which `test` holds. */
function share(rows: string[][], test: (row: string[]) => boolean): number {
  return rows.filter(test).length / rows.length;
}

/** The alleles of a row that are neither REF nor missing. */
function alts([, , ref, ...cells]: string[]): Set<string> {
  return new Set(cells.filter((cell) => cell !== ref && cell !== "."));
}

function assertNear(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not near ${expected}`);
}

Deno.test("generate: the same options give the same bytes", () => {
  const options = { rows: 3000, indels: 0.1, seed: 7 };
  assert.equal(matrixText(options), matrixText(options));
});

Deno.test("generate: another seed gives other rows and another column order", () => {
  assert.notEqual(
    matrixText({ seed: 1, headerApart: true }),
    matrixText({ seed: 2, headerApart: true }),
  );
  assert.notEqual(generatedHeader({ seed: 1 }), generatedHeader({ seed: 2 }));
  assert.equal(
    generatedHeader({ seed: 1, scatter: false }),
    generatedHeader({ seed: 2, scatter: false }),
  );
});

Deno.test("generate: --shuffle permutes the rows and changes none", () => {
  for (const rows of [4, 5, 97, 4096]) {
    const sorted = matrixRows({ rows }).map(String);
    const shuffled = matrixRows({ rows, shuffle: true }).map(String);
    assert.deepEqual(shuffled.toSorted(), sorted.toSorted(), `${rows} rows`);
    if (rows > 90) assert.notDeepEqual(shuffled, sorted);
  }
});

Deno.test("generate: shuffled rows mix the chromosomes from the start", () => {
  const first = matrixRows({ rows: 10_000, shuffle: true }).slice(0, 200);
  for (const name of ["1", "2", "3", "4"]) {
    assertNear(share(first, ([chromosome]) => chromosome === name), 0.25, 0.12);
  }
});

Deno.test("generate: blocks hold whole lines, also where a row is longer than a block", () => {
  for (const options of [{ rows: 40_000 }, { rows: 4, samples: 100_000, indels: 1 }]) {
    let [blocks, lines] = [0, 0];
    for (const block of generateMatrix({ ...options, headerApart: true })) {
      blocks++;
      assert.equal(block.at(-1), 10);
      for (const byte of block) if (byte === 10) lines++;
    }
    assert.ok(blocks > 1);
    assert.equal(lines, options.rows);
  }
});

Deno.test("generate: the header names pairs and haploid samples", () => {
  const cases: { options: Partial<GenerateOptions>; columns: string }[] = [
    { options: { samples: 2, haploid: 0 }, columns: "1a 1b 2a 2b" },
    { options: { samples: 2, haploid: 1 }, columns: "1a 1b Vida" },
    { options: { samples: 2, haploid: 2 }, columns: "Vida Vida2" },
  ];
  for (const { options, columns } of cases) {
    const header = generatedHeader({ ...options, scatter: false });
    assert.equal(header, `CHROM POS REF ${columns}`.replaceAll(" ", "\t"));
  }
});

Deno.test("generate: scattered columns are the same names in another order", () => {
  const together = generatedHeader({ scatter: false }).split("\t");
  const scattered = generatedHeader({}).split("\t");
  assert.equal(scattered.length, 3 + 31);
  assert.notDeepEqual(scattered, together);
  assert.deepEqual(scattered.toSorted(), together.toSorted());
});

Deno.test("generate: the header is the first line unless it is apart", () => {
  const apart = matrixText({ rows: 10, headerApart: true });
  assert.equal(matrixText({ rows: 10 }), `${generatedHeader({})}\n${apart}`);
});

Deno.test("generate: the shares come out as asked for", () => {
  const options = { rows: 4000, missing: 0.1, indels: 0.25, multiallelic: 0.2 };
  const rows = matrixRows(options);
  const cells = rows.flatMap((row) => row.slice(3));
  assertNear(cells.filter((cell) => cell === ".").length / cells.length, 0.1, 0.01);
  assertNear(share(rows, (row) => row.slice(2).some((allele) => allele.length > 1)), 0.25, 0.03);
  assertNear(share(rows, (row) => alts(row).size > 1), 0.2, 0.04);
});

Deno.test("generate: shares of 0 and 1 are exact", () => {
  const none = matrixRows({ missing: 0, indels: 0, multiallelic: 0 });
  assert.ok(none.every((row) => alts(row).size <= 1 && row.slice(2).every((a) => a.length === 1)));
  assert.ok(none.every((row) => !row.includes(".")));
  const indels = matrixRows({ indels: 1, missing: 0, multiallelic: 1 });
  assert.ok(indels.every((row) => alts(row).size >= 2 && [...alts(row), row[2]].some((a) => a[1])));
  const missing = matrixRows({ missing: 1 });
  assert.ok(missing.every((row) => row.slice(3).every((cell) => cell === ".")));
});

Deno.test("generate: most sites are biallelic, many ALTs rare, some sites monomorphic", () => {
  const rows = matrixRows({ rows: 4000, missing: 0 });
  assertNear(share(rows, (row) => alts(row).size === 0), 0.05, 0.02);
  assert.ok(share(rows, (row) => alts(row).size === 1) > 0.85);
  const carriers = ([, , ref, ...cells]: string[]) => cells.filter((cell) => cell !== ref).length;
  assert.ok(share(rows, (row) => carriers(row) === 1) > 0.3);
  assert.ok(share(rows, (row) => carriers(row) > 15) > 0.1);
  for (const base of "ACGT") assertNear(share(rows, ([, , ref]) => ref === base), 0.25, 0.04);
});

Deno.test("generate: overlapping sites agree on the bases of the genome", () => {
  const genome = new Map<string, string>();
  for (const [chromosome, position, ref] of matrixRows({ rows: 4000, indels: 0.9 })) {
    for (let at = 0; at < ref.length; at++) {
      const place = `${chromosome}:${Number(position) + at}`;
      assert.equal(genome.get(place) ?? ref[at], ref[at], place);
      genome.set(place, ref[at]);
    }
  }
});

Deno.test("generate: any matrix is sorted, of full width, and of legal alleles", () => {
  const anyOptions = fc.record({
    rows: fc.integer({ min: 1, max: 60 }),
    samples: fc.integer({ min: 1, max: 9 }),
    haploid: fc.integer({ min: 0, max: 1 }),
    chromosomes: fc.integer({ min: 1, max: 12 }),
    seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    missing: fc.double({ min: 0, max: 1, noNaN: true }),
    indels: fc.double({ min: 0, max: 1, noNaN: true }),
    multiallelic: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(fc.property(anyOptions, (options) => {
    fc.pre(options.chromosomes <= options.rows);
    const rows = matrixRows(options);
    const width = generatedHeader(options).split("\t").length;
    assert.equal(rows.length, options.rows);
    assert.equal(new Set(rows.map(([chromosome]) => chromosome)).size, options.chromosomes);
    let [lastChromosome, lastPosition] = [1, 0];
    for (const [chromosome, position, ref, ...cells] of rows) {
      assert.equal(cells.length, width - 3);
      assert.match(ref, /^[ACGT]+$/);
      for (const cell of cells) assert.match(cell, /^([ACGT]+|\.)$/);
      if (Number(chromosome) !== lastChromosome) lastPosition = 0;
      assert.ok(Number(chromosome) >= lastChromosome);
      assert.ok(Number(position) > lastPosition);
      [lastChromosome, lastPosition] = [Number(chromosome), Number(position)];
    }
  }));
});

Deno.test("generate: options out of range are refused before anything is made", () => {
  const cases: { options: Partial<GenerateOptions>; error: string }[] = [
    { options: { rows: 0 }, error: "rows must be a whole number from 1 to 4294967295: 0" },
    { options: { rows: 1.5 }, error: "rows must be a whole number from 1 to 4294967295: 1.5" },
    { options: { samples: NaN }, error: "samples must be a whole number from 1 to 1000000: NaN" },
    { options: { haploid: 17 }, error: "haploid must be a whole number from 0 to 16: 17" },
    { options: { rows: 3 }, error: "chromosomes must be a whole number from 1 to 3: 4" },
    { options: { seed: -1 }, error: "seed must be a whole number from 0 to 4294967295: -1" },
    { options: { missing: 1.1 }, error: "missing must be a number from 0 to 1: 1.1" },
    { options: { indels: NaN }, error: "indels must be a number from 0 to 1: NaN" },
    {
      options: { rows: 1e9 },
      error: "cannot place 1000000000 rows on 4 chromosomes: " +
        "positions end at 2147483647; take more chromosomes",
    },
  ];
  for (const { options, error } of cases) {
    assert.throws(() => generateMatrix(options), new UsageError(error));
    assert.throws(() => generatedHeader(options), new UsageError(error));
  }
});

Deno.test("generate: data/ is what the defaults make", () => {
  const data = (name: string) =>
    Deno.readTextFileSync(new URL(`../../../data/${name}`, import.meta.url));
  assert.equal(data("genome_matrix_header.txt"), generatedHeader() + "\n");
  assert.equal(data("genome_matrix.tsv"), matrixText({ headerApart: true }));
});
