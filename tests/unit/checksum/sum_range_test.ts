/** Sums of ranges add up to those of the file, wherever it is cut. */
import assert from "node:assert/strict";
import { compressBlocks, EOF_BLOCK } from "../../../src/bgzf/blocks.ts";
import { readVcfHeader } from "../../../src/checksum/records_header.ts";
import { sumRange } from "../../../src/checksum/sum_range.ts";
import { addSums, namedSums, noSums, sumLines } from "../../../src/checksum/sums.ts";
import { checksumOracle } from "../../helpers/checksum_oracle.ts";
import { withFolder } from "../../helpers/cli.ts";

const HEADER =
  "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb\n";

/** Lines of lengths from 30 to some thousand bytes. */
function vcfOf(records: number, end: string): string {
  const lines = Array.from({ length: records }, (_, n) => {
    const info = n % 7 === 3 ? `X=${"x".repeat(n * 37 % 3000)}` : ".";
    return `1\t${n + 1}\t.\tA\tC,G\t.\t.\t${info}\tGT\t${n % 3}|${n % 2}\t.|${(n >> 1) % 3}`;
  });
  return HEADER + lines.join(end) + (end === "\r\n" ? "" : end);
}

/** The sums of a file that is cut at edges, the first of which is 0 and the last its end. */
function sumsOf(path: string, edges: readonly number[], compressed: boolean): string[] {
  const { samples, bytes } = readVcfHeader(new TextEncoder().encode(HEADER), path)!;
  const total = noSums(samples.length);
  for (let n = 0; n + 1 < edges.length; n++) {
    const [from, to] = [edges[n], edges[n + 1]], header = n === 0 ? bytes : undefined;
    addSums(total, sumRange({ path, shown: path, samples, compressed, from, to, header }));
  }
  return sumLines(namedSums(samples, total));
}

for (const [what, end] of [["LF", "\n"], ["CRLF, and none at the end", "\r\n"]]) {
  Deno.test(`sumRange(): a plain file, cut anywhere (${what})`, () =>
    withFolder(async (folder) => {
      const path = `${folder}/x.vcf`, text = vcfOf(60, end), size = text.length;
      const expected = checksumOracle(text.replaceAll("\r", ""));
      await Deno.writeTextFile(path, text);
      for (let cut = HEADER.length; cut < size; cut += 13) {
        assert.deepEqual(sumsOf(path, [0, cut, size], false), expected, `cut at ${cut}`);
      }
      for (const step of [HEADER.length, 150, 1000]) {
        const edges = [0];
        for (let at = HEADER.length; at < size; at += step) edges.push(at);
        assert.deepEqual(sumsOf(path, [...edges, size], false), expected, `steps of ${step}`);
      }
    }));
}

Deno.test("sumRange(): a compressed file, cut at its blocks, whose edges may be those of lines", () =>
  withFolder(async (folder) => {
    const path = `${folder}/x.vcf.gz`, text = new TextEncoder().encode(vcfOf(60, "\n"));
    const ends = [...text.keys()].filter((at) => text[at] === 10).map((at) => at + 1);
    for (const payload of [40, 333, 5000]) {
      // Edges of blocks behind the header.
      const parts: Uint8Array[] = [], edges: number[] = [];
      let size = 0;
      // Every third block ends with a line.
      for (let at = 0, n = 0; at < text.length; n++) {
        const line = ends.find((end) => end > at)!;
        const to = n % 3 === 0 ? line : Math.min(text.length, at + payload);
        parts.push(compressBlocks(text.subarray(at, to), 5).bytes);
        size += parts.at(-1)!.length;
        if (to > HEADER.length) edges.push(size);
        at = to;
      }
      parts.push(EOF_BLOCK);
      await Deno.writeFile(path, new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer()));
      size += EOF_BLOCK.length;
      assert.ok(edges.length > 2);
      for (const every of [1, 2, 5]) {
        const own = edges.filter((_, n) => n % every === 0);
        const actual = sumsOf(path, [0, ...own, size], true);
        assert.deepEqual(
          actual,
          checksumOracle(new TextDecoder().decode(text)),
          `${payload}/${every}`,
        );
      }
    }
  }));
