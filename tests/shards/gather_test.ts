/**
 * Shards give the bytes of one run, however the matrix is cut: data, index, bad rows, counts.
 *
 * The suite runs a slice. More: `deno test -A tests/shards/gather_test.ts -- 1000 7` (random matrices
 * of each kind, seed).
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { compressBlocks, EOF_BLOCK } from "../../src/bgzf/blocks.ts";
import { withFolder } from "../helpers/cli.ts";
import { examplePath, EXAMPLES } from "../helpers/dialects.ts";
import { matrices, type Matrix } from "../helpers/matrices.ts";
import { oracle, withoutVersion } from "../helpers/oracle.ts";
import { REAL_SETS, writeSheet } from "../helpers/real_data.ts";
import { asOneRun, type Request, withCells } from "../helpers/shard_runs.ts";

const [runs = 40, seed = 31] = Deno.args.map(Number).filter(Number.isInteger);

const cut = fc.record({
  shards: fc.integer({ min: 1, max: 9 }),
  cells: fc.constantFrom(16, 64, 200, 256, 1000),
  outputType: fc.constantFrom("v" as const, "z" as const, "z" as const),
});

/** Writes what a random matrix has beside its rows; returns the request to convert it. */
async function requestOf(
  folder: string,
  input: string,
  { options: { header, samples, info, ploidy, ...rest } }: Matrix,
): Promise<Request> {
  const file = async (name: string, text: string | undefined) => {
    if (text === undefined) return undefined;
    await Deno.writeTextFile(`${folder}/${name}`, text);
    return `${folder}/${name}`;
  };
  return {
    ...rest,
    input: `${folder}/${input}`,
    header: await file("h.txt", header),
    samplesFile: await file("s.tsv", samples),
    ploidy: ploidy === "1" ? 1 : "auto",
    info: info ? ["AC", "AN", "AF", "NS"] : [],
  };
}

for (const badRows of [false, true]) {
  const kind = badRows ? "random matrices with bad rows" : "random matrices";
  Deno.test(`shards of ${kind} give the bytes of one run, and the oracle's text`, () =>
    withFolder(async (folder) => {
      let compared = 0;
      await fc.assert(
        fc.asyncProperty(
          matrices({ badRows }),
          cut,
          async (matrix, { shards, cells, outputType }) => {
            await Deno.writeTextFile(`${folder}/m.tsv`, matrix.text);
            const request = { ...await requestOf(folder, "m.tsv", matrix), outputType };
            const gathered = await withCells(cells, () => asOneRun(folder, request, shards));
            if (!gathered) return;
            compared++;
            const { vcf } = oracle(matrix.text, matrix.options);
            assert.equal(withoutVersion(gathered.text), vcf);
          },
        ),
        { numRuns: runs, seed },
      );
      assert(compared > runs / 3, `${compared} of ${runs} were good`);
    }));
}

/** A BGZF file of blocks of so many bytes, one of them empty. */
function bgzf(text: string, bytes: number): Uint8Array {
  const data = new TextEncoder().encode(text), blocks: Uint8Array[] = [];
  for (let at = 0; at < data.length; at += bytes) {
    blocks.push(compressBlocks(data.subarray(at, at + bytes), 5).bytes);
    if (at === 0) blocks.push(EOF_BLOCK);
  }
  return Buffer.concat([...blocks, EOF_BLOCK]);
}

Deno.test("shards of BGZF, whatever its blocks are", () =>
  withFolder(async (folder) => {
    let compared = 0;
    const kinds = fc.record({ badRows: fc.boolean(), block: fc.constantFrom(1, 7, 64, 300, 5000) });
    await fc.assert(
      fc.asyncProperty(
        kinds.chain((kind) => fc.tuple(fc.constant(kind), matrices(kind))),
        fc.record({
          shards: fc.integer({ min: 1, max: 4 }),
          cells: fc.constantFrom(64, 200, 1000),
        }),
        async ([{ block }, matrix], { shards, cells }) => {
          await Deno.writeFile(`${folder}/m.tsv.gz`, bgzf(matrix.text, block));
          const request = { ...await requestOf(folder, "m.tsv.gz", matrix), threads: 1 };
          const gathered = await withCells(cells, () => asOneRun(folder, request, shards));
          if (gathered) compared++;
        },
      ),
      { numRuns: Math.ceil(runs / 2), seed },
    );
    assert(compared > runs / 6, `${compared} were converted`);
  }));

/** Runs of rows of one contig, as they follow each other in a file. */
const contigRuns = fc.array(
  fc.record({
    contig: fc.integer({ min: 0, max: 11 }),
    rows: fc.integer({ min: 1, max: 14 }),
    /** Whether the run goes on where the contig was, begins at its last position, or before. */
    goesOn: fc.constantFrom("on", "on", "on", "same", "back"),
    step: fc.constantFrom(0, 1, 1, 7, 20_000),
    /** Bases of a long allele in its first row. */
    long: fc.constantFrom(0, 0, 0, 0, 5, 700),
  }),
  { minLength: 1, maxLength: 30 },
);
const arrangements = fc.record({
  runs: contigRuns,
  /** Contigs in order, or as they come. */
  sorted: fc.boolean(),
  reference: fc.option(
    fc.uniqueArray(fc.integer({ min: 0, max: 11 }), { minLength: 12, maxLength: 12 }),
    { freq: 3 },
  ),
  regions: fc.option(fc.constantFrom("c1,c5:1-40", "c2,c3,c4,c7", "c0:5-", "none:1-5"), {
    freq: 3,
  }),
  variantsOnly: fc.boolean(),
});

Deno.test("shards of contigs in runs, back again, tied, in the order of a FASTA", () =>
  withFolder(async (folder) => {
    let compared = 0, straight = 0;
    await fc.assert(
      fc.asyncProperty(
        arrangements,
        cut,
        async ({ runs, sorted, ...options }, { shards, cells, outputType }) => {
          const rows = rowsOf(sorted ? runs.toSorted((a, b) => a.contig - b.contig) : runs);
          await Deno.writeTextFile(`${folder}/m.tsv`, `CHROM\tPOS\tREF\t1a\t1b\t2\n${rows}`);
          const { reference, regions, variantsOnly } = options;
          if (reference) await layReference(`${folder}/r.fa`, reference);
          const request: Request = {
            input: `${folder}/m.tsv`,
            outputType,
            variantsOnly,
            regions: regions ?? undefined,
            reference: reference ? `${folder}/r.fa` : undefined,
          };
          const gathered = await withCells(cells, () => asOneRun(folder, request, shards));
          if (!gathered) return;
          compared++;
          if (gathered.direct) straight++;
        },
      ),
      { numRuns: 2 * runs, seed },
    );
    assert(compared > runs / 2, `${compared} were converted`);
    assert(straight > 0 && straight < compared, `${straight} of ${compared} went straight`);
  }));

/** Bases of each contig of the reference. */
const LENGTH = 400_000;

function rowsOf(
  runs: readonly { contig: number; rows: number; goesOn: string; step: number; long: number }[],
) {
  const last = new Map<number, number>();
  const lines: string[] = [];
  for (const { contig, rows, goesOn, step, long } of runs) {
    const before = last.get(contig) ?? 1;
    let pos = goesOn === "on" ? before + step : goesOn === "same" ? before : 1 + before % 7;
    for (let row = 0; row < rows; row++, pos = Math.min(LENGTH, pos + step)) {
      const alt = row === 0 && long > 0 ? "C".repeat(long) : "ACGT"[(row + contig) % 4];
      lines.push(`c${contig}\t${pos}\tA\tA\t${alt}\t${row % 5 === 0 ? "." : "G"}\n`);
      last.set(contig, pos);
    }
  }
  return lines.join("");
}

async function layReference(path: string, order: readonly number[]): Promise<void> {
  let offset = 0;
  const index = order.map((contig) => {
    const name = `>c${contig}\n`, start = offset += name.length;
    offset += LENGTH + 1;
    return `c${contig}\t${LENGTH}\t${start}\t${LENGTH}\t${LENGTH + 1}\n`;
  });
  const bases = `${"A".repeat(LENGTH)}\n`;
  await Deno.writeTextFile(path, order.map((contig) => `>c${contig}\n${bases}`).join(""));
  await Deno.writeTextFile(`${path}.fai`, index.join(""));
}

for (const { file, dialect, options } of EXAMPLES) {
  if (dialect === "hap-legend") continue;
  Deno.test(`shards of ${file} (${dialect}) give the bytes of one run`, () =>
    withFolder(async (folder) => {
      const request = { ...options, input: examplePath(file), onBadRow: "skip" } as Request;
      for (const cells of [40, 200]) {
        const gathered = await withCells(cells, () => asOneRun(folder, request, 3));
        assert(gathered);
      }
    }));
}

for (const { name, matrix, polyploid } of REAL_SETS) {
  Deno.test(`shards of ${name} give the bytes of one run`, () =>
    withFolder(async (folder) => {
      const samplesFile = polyploid ? await writeSheet(matrix, `${folder}/sheet.tsv`) : undefined;
      const request = { input: matrix, samplesFile, onBadRow: "skip" } as Request;
      assert(await withCells(10_000, () => asOneRun(folder, request, 5)));
    }));
}
