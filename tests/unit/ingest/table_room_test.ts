import assert from "node:assert/strict";
import { convert } from "../../../mod.ts";
import { generateMatrix } from "../../../src/generate/generate.ts";
import { checkRoom, leastTableBytes } from "../../../src/ingest/table_room.ts";
import { openInput } from "../../../src/matrix/input_file.ts";
import { readLayout, rowSource } from "../../../src/matrix/read_layout.ts";
import { withFolder } from "../../helpers/cli.ts";

/** Returns a matrix of one contig. */
function matrix(rows: number, haplotypes: number, cell: (row: number, at: number) => string) {
  const names = Array.from({ length: haplotypes }, (_, at) => `s_${at}x`);
  const lines = Array.from(
    { length: rows },
    (_, row) => `1\t${row + 1}\tA\t${names.map((_, at) => cell(row, at)).join("\t")}`,
  );
  return `CHROM\tPOS\tREF\t${names.join("\t")}\n${lines.join("\n")}\n`;
}

const random = (row: number, at: number) => "ACGT"[Math.imul(row * 131 + at, 2654435761) >>> 30];
const generated = (options: Parameters<typeof generateMatrix>[0]) => {
  const decoder = new TextDecoder();
  let text = "";
  for (const block of generateMatrix(options)) text += decoder.decode(block);
  return text;
};

/** Matrices, and the least share of their table that a look must know of. */
const CASES: Record<string, { text: () => string; share: number }> = {
  "tall": { text: () => generated({ rows: 60_000, samples: 16 }), share: 0.25 },
  "shuffled": { text: () => generated({ rows: 60_000, samples: 16, shuffle: true }), share: 0.25 },
  "wide": { text: () => matrix(1500, 2000, random), share: 0.35 },
  "indels": { text: () => generated({ rows: 60_000, samples: 16, indels: 0.5 }), share: 0 },
  "one allele": { text: () => matrix(30_000, 100, () => "A"), share: 0 },
  "a sample that varies": {
    text: () => matrix(30_000, 100, (row, at) => at === 50 ? random(row, at) : "A"),
    share: 0,
  },
  "half of it one allele": {
    text: () => matrix(30_000, 100, (row, at) => row < 15_000 ? "A" : random(row, at)),
    share: 0.3,
  },
  "one haplotype": { text: () => matrix(100_000, 1, random), share: 0 },
  "small and large letters, missing as . or N": {
    text: () => matrix(30_000, 100, (row, at) => row % 2 ? "Aa"[at % 2] : ".N"[row >> 1 & 1]),
    share: 0,
  },
};

for (const [name, { text, share }] of Object.entries(CASES)) {
  Deno.test(`room for the table: what is surely needed is no more than the table: ${name}`, () =>
    withFolder(async (folder) => {
      const input = `${folder}/m.tsv`, tempDir = `${folder}/temp`;
      await Deno.writeTextFile(input, text());
      await Deno.mkdir(tempDir);
      let bytes = 0;
      const look = () => {
        for (const { name } of Deno.readDirSync(tempDir)) {
          try {
            bytes = Math.max(bytes, Deno.statSync(`${tempDir}/${name}/table`).size);
          } catch { /* It is not there yet, or no more. */ }
        }
      };
      const timer = setInterval(look, 2);
      const output = new WritableStream<Uint8Array>({ write: look });
      try {
        await convert({ input, output, tempDir, threads: 1 });
      } finally {
        clearInterval(timer);
      }
      const opened = await openInput({ input }, () => "", () => {});
      const { head, header, layout, rows } = await readLayout(opened, {});
      const segmentBytes = Math.max(1 << 20, head.line.length * 16);
      const { start } = rows, { style } = header, { size } = opened;
      const source = { path: input, shown: input, gzip: false, size, start, style };
      const least = leastTableBytes({ ...source, segmentBytes, cellBytes: 0 }, layout);
      assert.ok(least <= bytes, `${least} of ${bytes}`);
      assert.ok(least >= share * bytes, `${least} of ${bytes}`);
      const check = (most: number | undefined) =>
        checkRoom({ ...source, segmentBytes, cellBytes: 0 }, layout, tempDir, most);
      for (const most of [undefined, bytes, size, Infinity]) check(most);
      if (share === 0) return;
      assert.throws(() => check(least - 1), {
        name: "MachineError",
        message:
          /temp: no space left for the temporary table: it takes more than \d.*, and \d.* are free; name/,
      });
    }));
}

Deno.test("room for the table: a part of a matrix needs that of its own rows", () =>
  withFolder(async (folder) => {
    const input = `${folder}/m.tsv`;
    await Deno.writeTextFile(input, matrix(40_000, 100, random));
    const opened = await openInput({ input }, () => "", () => {});
    const columns = await readLayout(opened, {}), { start } = columns.rows;
    const whole = rowSource(opened, columns, undefined),
      least = leastTableBytes(whole, columns.layout);
    const end = start + Math.floor((opened.size - start) / 8), part = { start, end, midway: false };
    const eighth = rowSource({ ...opened, part }, columns, undefined);
    const own = leastTableBytes(eighth, columns.layout);
    assert(own > 0 && own < least / 6, `${own} of ${least}`);
    assert.throws(() => checkRoom(whole, columns.layout, folder, least / 2));
    checkRoom(eighth, columns.layout, folder, least / 2);
  }));
