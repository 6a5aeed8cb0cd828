/**
 * The same bytes whatever the number of threads, and whatever the order of the rows of a contig.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { convert } from "../../mod.ts";
import { generateMatrix, type GenerateOptions } from "../../src/generate/generate.ts";
import { withFolder } from "../helpers/cli.ts";
import { bytesOf } from "../helpers/convert_text.ts";

/** Several segments of the input and several partitions of each contig. */
const SHAPE = { rows: 140_000, samples: 3, chromosomes: 2 };

async function generate(path: string, options: Partial<GenerateOptions>): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true });
  const writer = file.writable.getWriter();
  // A block is the generator's again after the next one.
  for (const block of generateMatrix(options)) await writer.write(block.slice());
  writer.releaseLock();
}

for (const { indels, ...shape } of [{ indels: 0 }, { indels: 0.2, rows: 70_000, chromosomes: 1 }]) {
  Deno.test(`0, 1, 2 and 5 threads write the same bytes, indel share ${indels}`, async () => {
    await withFolder(async (folder) => {
      const input = `${folder}/m.tsv`;
      await generate(input, { ...SHAPE, ...shape, indels });
      const outputs: Record<string, Buffer[]> = { vcf: [], "vcf.gz": [], "vcf.gz.tbi": [] };
      for (const threads of [0, 1, 2, 5]) {
        for (const name of ["vcf", "vcf.gz"]) {
          await convert({ input, output: `${folder}/o.${name}`, threads, info: ["AC", "AN"] });
        }
        for (const name in outputs) outputs[name].push(await bytesOf(`${folder}/o.${name}`));
      }
      for (const [first, ...others] of Object.values(outputs)) {
        for (const other of others) assert.ok(Buffer.compare(first, other) === 0);
      }
    });
  });
}

Deno.test("shuffled rows give the same records within each contig", async () => {
  await withFolder(async (folder) => {
    await generate(`${folder}/a.tsv`, { ...SHAPE });
    await generate(`${folder}/b.tsv`, { ...SHAPE, shuffle: true });
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
