/**
 * The same bytes whatever the number of threads and the memory, and the same text whatever the order
 * of the rows: each output, its index, and what is in a kept table have one hash over all runs.
 */
import assert from "node:assert/strict";
import { convert, openMatrix } from "../../mod.ts";
import type { GenerateOptions } from "../../src/generate/generate.ts";
import { withFolder } from "../helpers/cli.ts";
import { bytesOf, readOutput } from "../helpers/convert_text.ts";
import { OUTPUTS } from "./outputs.ts";
import { Dice, many, SEED } from "./settings.ts";
import { hash, layMatrix } from "./victim.ts";

/** Several segments of the input and several partitions of each contig. */
const SHAPE = { rows: 140_000, samples: 3, chromosomes: 2 };

const runs = many(3, 20);

/** One contig, so that shuffled rows give the same bytes, too, and 0 to 8 threads. */
const ONE = { ...SHAPE, rows: many(30_000, 140_000), chromosomes: 1, multiallelic: 0.1 };
const THREADS = [0, 1, 2, 3, 4, 5, 6, 7, 8], MEMORY = [256, 400, 1024, 4096];

Deno.test(`determinism: ${runs} runs of every output have one hash (seed ${SEED})`, async () => {
  await withFolder(async (folder) => {
    layMatrix(`${folder}/sorted.tsv`, ONE);
    layMatrix(`${folder}/shuffled.tsv`, { ...ONE, shuffle: true });
    const found = new Map<string, Set<string>>();
    const add = (what: string, hash: string) => {
      assert.notEqual(hash, "", what);
      found.set(what, (found.get(what) ?? new Set()).add(hash));
    };
    for (let run = 0; run < runs; run++) {
      const dice = new Dice("determinism", run), order = ["sorted", "shuffled"][run % 2];
      const threads = THREADS[run % THREADS.length], memory = dice.pick(MEMORY) * 2 ** 20;
      const database = `${folder}/k.duckdb`;
      for (const [index, { name, request, beside }] of OUTPUTS.entries()) {
        const output = `${folder}/${name}`, input = `${folder}/${order}.tsv`;
        const kept = index === 0 ? database : undefined;
        await convert({ ...request, input, output, threads, memory, database: kept });
        // Blocks of BGZF end on a grid of the input's bytes, and so do those of shuffled rows.
        const ends = ["", ...beside];
        for (const end of ends) add(`${name}${end}, ${order}`, await hash(output + end));
        add(`text of ${name}`, await hashOf(await readOutput(output)));
      }
      add("the kept table", await contentOf(database));
      await Deno.remove(database);
    }
    const files = OUTPUTS.reduce((sum, { beside }) => sum + 3 + 2 * beside.length, 0);
    assert.equal(found.size, files + 1, "all outputs in two orders, their texts, and the table");
    console.log(`${runs} runs: ${found.size} things, each with one hash`);
    for (const [what, hashes] of found) assert.equal(hashes.size, 1, what);
  });
});

async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex();
}

/** The hash of the rows of a table, whose order and lines depend on the matrix. */
async function contentOf(database: string): Promise<string> {
  await using matrix = await openMatrix(database);
  let all = "";
  const query = `SELECT count(*) AS rows, bit_xor(hash(columns)) AS hash
FROM (SELECT columns FROM matrix AS columns)`;
  for await (const rows of matrix.query(query)) {
    for (const { rows: count, hash } of rows) all += `${count} ${hash}`;
  }
  return all;
}

for (const { indels, ...shape } of [{ indels: 0 }, { indels: 0.2, rows: 70_000, chromosomes: 1 }]) {
  Deno.test(`0, 1, 2 and 5 threads write the same bytes, indel share ${indels}`, async () => {
    await withFolder(async (folder) => {
      const input = `${folder}/m.tsv`, options: Partial<GenerateOptions> = { ...SHAPE, ...shape };
      layMatrix(input, { ...options, indels });
      for (const name of ["o.vcf", "o.vcf.gz"]) {
        const found: Uint8Array[] = [];
        for (const threads of [0, 1, 2, 5]) {
          await convert({ input, output: `${folder}/${name}`, threads, info: ["AC", "AN"] });
          found.push(await bytesOf(`${folder}/${name}`));
        }
        for (const other of found) assert.ok(found[0].length > 0 && equal(found[0], other));
      }
    });
  });
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

Deno.test("shuffled rows give the same records within each contig", async () => {
  await withFolder(async (folder) => {
    layMatrix(`${folder}/a.tsv`, { ...SHAPE });
    layMatrix(`${folder}/b.tsv`, { ...SHAPE, shuffle: true });
    const records = async (name: string) => {
      await convert({ input: `${folder}/${name}.tsv`, output: `${folder}/${name}.vcf` });
      const text = await Deno.readTextFile(`${folder}/${name}.vcf`);
      const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
      return Map.groupBy(lines, (line) => line.slice(0, line.indexOf("\t")));
    };
    const sorted = await records("a"), shuffled = await records("b");
    assert.deepEqual([...shuffled.keys()].sort(), [...sorted.keys()].sort());
    for (const [contig, lines] of sorted) assert.deepEqual(shuffled.get(contig), lines);
  });
});
