/**
 * Bases of a FASTA at any positions, plain and BGZF.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type BlockStarts, compressBlocks } from "../../../src/bgzf/blocks.ts";
import { BasesReader } from "../../../src/reference/bases_reader.ts";
import { openReference } from "../../../src/reference/fasta_index.ts";
import { withFolder } from "../../helpers/cli.ts";

/** Returns bases that look like no pattern. */
function bases(length: number, seed: number): string {
  let state = seed;
  return Array.from({ length }, () => {
    state = Math.imul(state, 1103515245) + 12345 & 0x7fffffff;
    return "ACGTacgtN"[(state >> 16) % 9];
  }).join("");
}

function wrapped(sequence: string, width: number): string {
  return sequence.replaceAll(new RegExp(`.{1,${width}}`, "g"), "$&\n");
}

/** Returns the index of a BGZF file, as samtools makes it: of all blocks but the first. */
function gzi({ compressed, uncompressed }: BlockStarts): Uint8Array {
  const view = new DataView(new ArrayBuffer(8 + 16 * (compressed.length - 1)));
  view.setBigUint64(0, BigInt(compressed.length - 1), true);
  for (let block = 1; block < compressed.length; block++) {
    view.setBigUint64(16 * block - 8, BigInt(compressed[block]), true);
    view.setBigUint64(16 * block, BigInt(uncompressed[block]), true);
  }
  return new Uint8Array(view.buffer);
}

for (const packed of [false, true]) {
  Deno.test(`bases of a FASTA, ${packed ? "BGZF" : "plain"}`, async () => {
    await withFolder(async (folder) => {
      const one = bases(300_001, 7), two = bases(61, 8), path = `${folder}/r.fa`;
      const text = `>1 first\n${wrapped(one, 60)}>2\n${wrapped(two, 60)}`;
      await Deno.writeTextFile(path, text);
      const plain = await openReference(path);
      if (packed) {
        const { bytes, blocks } = compressBlocks(new TextEncoder().encode(text), 5);
        await Deno.writeFile(`${path}.gz`, bytes);
        await Deno.writeFile(`${path}.gz.gzi`, gzi(blocks));
      }
      using reader = new BasesReader(packed ? { ...plain, path: `${path}.gz` } : plain);
      assert(reader.has("2") && !reader.has("3"));
      for (const [name, sequence] of [["1", one], ["2", two]] as const) {
        for (const pos of [1, 60, 61, 65_000, 65_537, 131_072, 3, sequence.length]) {
          for (const length of [1, 59, 200, 70_000]) {
            const expected = sequence.slice(pos - 1, pos - 1 + length).toUpperCase();
            assert.equal(reader.at(name, pos, length), expected, `${name}:${pos}+${length}`);
          }
        }
      }
      assert.equal(reader.at("2", 1000, 5), "");
    });
  });
}
