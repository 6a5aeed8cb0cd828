import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { BLOCK_PAYLOAD, compressBlocks, EOF_BLOCK } from "../../../src/bgzf/blocks.ts";
import { withFolder } from "../../helpers/cli.ts";
import { hasTool, missingNote, run } from "../../helpers/tools.ts";

/** Bytes that no level can make smaller. */
function noise(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

function text(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => "\t0|1\t1|1\t.|.\n".charCodeAt((i * i) % 13));
}

function joined(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** Start of each block, found as a reader does: by the BSIZE field. The last entry is the end. */
function walkBlocks(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const starts = [0];
  while (starts.at(-1)! < bytes.length) {
    const at = starts.at(-1)!;
    assert.equal(view.getUint32(at), 0x1f8b0804, `no block at ${at}`);
    assert.equal(view.getUint32(at + 10), 0x06004243);
    starts.push(at + view.getUint16(at + 16, true) + 1);
  }
  return starts;
}

const LENGTHS = [
  1,
  100,
  BLOCK_PAYLOAD - 1,
  BLOCK_PAYLOAD,
  BLOCK_PAYLOAD + 1,
  3 * BLOCK_PAYLOAD,
  200_001,
];

for (const [kind, make] of Object.entries({ text, noise })) {
  Deno.test(`bgzf: ${kind} comes back, in blocks that begin where they are said to`, () => {
    for (const length of LENGTHS) {
      const data = make(length);
      for (const level of [0, 1, 4, 6, 9]) {
        const { bytes, blocks } = compressBlocks(data, level);
        assert.deepEqual(new Uint8Array(gunzipSync(bytes)), data);
        assert.deepEqual([...blocks.compressed], walkBlocks(bytes));
        blocks.uncompressed.forEach((start, i) =>
          assert.equal(start, Math.min(i * BLOCK_PAYLOAD, length))
        );
      }
    }
  });
}

Deno.test("bgzf: level 1 keeps noise within a block, where deflate alone lets it grow", () => {
  const { bytes } = compressBlocks(noise(BLOCK_PAYLOAD), 1);
  assert.ok(bytes.length <= BLOCK_PAYLOAD + 31, `${bytes.length} bytes`);
});

Deno.test("bgzf: each block is a gzip member of its own", () => {
  const data = text(150_000);
  const { bytes, blocks } = compressBlocks(data, 4);
  for (let i = 0; i + 1 < blocks.compressed.length; i++) {
    const member = gunzipSync(bytes.subarray(blocks.compressed[i], blocks.compressed[i + 1]));
    const expected = data.subarray(blocks.uncompressed[i], blocks.uncompressed[i + 1]);
    assert.deepEqual(new Uint8Array(member), expected);
  }
});

Deno.test("bgzf: an empty chunk gives no block", () => {
  const { bytes, blocks } = compressBlocks(new Uint8Array(0), 4);
  assert.equal(bytes.length, 0);
  assert.deepEqual([...blocks.compressed, ...blocks.uncompressed], [0, 0]);
});

Deno.test("bgzf: a chunk owns its buffer and leaves its input alone", () => {
  const data = text(70_000);
  const before = data.slice();
  const { bytes } = compressBlocks(data.subarray(10, 69_000), 4);
  assert.equal(bytes.byteLength, bytes.buffer.byteLength);
  assert.deepEqual(data, before);
});

Deno.test("bgzf: chunks compressed apart read as one file", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 }),
      fc.integer({ min: 0, max: 9 }),
      (chunks, level) => {
        const file = joined(
          ...chunks.map((chunk) => compressBlocks(chunk, level).bytes),
          EOF_BLOCK,
        );
        assert.deepEqual(new Uint8Array(gunzipSync(file)), joined(...chunks));
      },
    ),
  );
});

for (const tool of ["bgzip", "gzip"]) {
  Deno.test({
    name: `bgzf: ${tool} -t accepts the file${missingNote(tool)}`,
    ignore: !hasTool(tool),
    fn: () =>
      withFolder(async (folder) => {
        const chunks = [text(100_000), noise(BLOCK_PAYLOAD), text(5)];
        const blocks = chunks.map((chunk) => compressBlocks(chunk, 1).bytes);
        await Deno.writeFile(`${folder}/x.gz`, joined(...blocks, EOF_BLOCK));
        const result = await run(tool, ["-t", `${folder}/x.gz`]);
        assert.deepEqual(result, { code: 0, stdout: "", stderr: "" });
      }),
  });
}

Deno.test({
  name: `bgzf: the EOF block is the one bgzip writes${missingNote("bgzip")}`,
  ignore: !hasTool("bgzip"),
  fn: () =>
    withFolder(async (folder) => {
      await Deno.writeFile(`${folder}/x`, new Uint8Array(0));
      await run("bgzip", [`${folder}/x`]);
      assert.deepEqual(await Deno.readFile(`${folder}/x.gz`), EOF_BLOCK);
    }),
});
