/**
 * Contigs found by looks at a few places, against reading every line.
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { lookForContigs } from "../../../src/matrix/find_contigs.ts";

const HEADER = "POS\tCHROM\tREF\t1a\n";

/** Rows of contigs, `rows` of each, one after the other. */
function matrix(contigs: readonly { name: string; rows: number }[], end = "\n"): string {
  const lines = contigs.flatMap(({ name, rows }) =>
    Array.from({ length: rows }, (_, row) => `${row + 1}\t${name}\tA\tG`)
  );
  return HEADER + lines.join("\n") + end;
}

async function found(text: string): Promise<string[]> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, text);
    const size = new TextEncoder().encode(text).length, start = HEADER.length;
    const source = {
      path,
      shown: path,
      gzip: false,
      size,
      start,
      segmentBytes: 1 << 20,
      cellBytes: 1 << 22,
    };
    return await lookForContigs(source, 1);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("lookForContigs() reads a small file whole, sorted or not", async () => {
  const one = { name: "1", rows: 2 }, two = { name: "2", rows: 1 };
  assert.deepEqual(await found(matrix([one, two, one])), ["1", "2"]);
  assert.deepEqual(await found(matrix([one, two], "")), ["1", "2"]);
  assert.deepEqual(await found(`${HEADER}\n\n5\t7\tA\tG\n\n`), ["7"]);
  assert.deepEqual(await found(HEADER), []);
});

Deno.test("lookForContigs() finds contigs of any length that follow each other", async () => {
  const ROWS = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 60_000 }));
  await fc.assert(
    fc.asyncProperty(fc.array(ROWS, { minLength: 1, maxLength: 12 }), async (sizes) => {
      const contigs = sizes.map((rows, index) => ({ name: `chr${index}`, rows }));
      assert.deepEqual(await found(matrix(contigs)), contigs.map(({ name }) => name));
    }),
    { seed: 5, numRuns: 25 },
  );
});

Deno.test("lookForContigs() names each contig of a large shuffled file once", async () => {
  const names = Array.from({ length: 200_000 }, (_, row) => `${(row * 7919) % 3}`);
  const contigs = await found(matrix(names.map((name) => ({ name, rows: 1 }))));
  assert.deepEqual(contigs.toSorted(), ["0", "1", "2"]);
});
