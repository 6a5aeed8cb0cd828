/**
 * BCF as an output among others: names and types, pipes and streams, the index that goes with it.
 */

import assert from "node:assert/strict";
import { gunzipSync, gzipSync } from "node:zlib";
import { convert, type ConvertRequest } from "../../mod.ts";
import { bcfText } from "../helpers/bcf_text.ts";
import { bothWays } from "../helpers/both_ways.ts";
import { cli, cliInShell, listing, withFolder } from "../helpers/cli.ts";
import { convertText, matrixOf, readOutput } from "../helpers/convert_text.ts";
import { matrixText } from "../helpers/generated.ts";

const MATRIX = matrixOf("CHROM POS REF 1a 1b h", "1 7 A A G .", "2 9 C <DEL> C CT");

Deno.test("BCF: the name of the output decides, and --output-type beats it", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, MATRIX);
    const kindOf = async (args: string[], name: string) => {
      const { code, stderr } = await cli(["convert", "m.tsv", "-o", name, ...args], {
        cwd: folder,
      });
      assert.equal(code, 0, stderr);
      const bytes = await Deno.readFile(`${folder}/${name}`), isGzip = bytes[0] === 31;
      const start = new TextDecoder().decode((isGzip ? gunzipSync(bytes) : bytes).subarray(0, 3));
      const made = (await listing(folder)).filter((file) => file !== "m.tsv");
      for (const file of made) await Deno.remove(`${folder}/${file}`);
      const warning = stderr.split("\n").find((line) => line.startsWith("warning")) ?? "";
      return `${isGzip ? "BGZF" : "plain"} ${start} ${made} ${warning}`.trim();
    };
    assert.equal(await kindOf([], "o.bcf"), "BGZF BCF o.bcf,o.bcf.csi");
    assert.equal(await kindOf([], "O.BCF"), "BGZF BCF O.BCF,O.BCF.csi");
    assert.equal(await kindOf(["-W"], "o.bcf"), "BGZF BCF o.bcf,o.bcf.csi");
    assert.equal(await kindOf(["--index", "none"], "o.bcf"), "BGZF BCF o.bcf");
    assert.equal(await kindOf(["-O", "u"], "o.bcf"), "plain BCF o.bcf");
    assert.match(await kindOf(["-O", "b"], "o.vcf"), /^BGZF BCF o.vcf,o.vcf.csi warning: .* BCF, /);
    assert.match(await kindOf(["-O", "u"], "o"), /^plain BCF o warning: o is written as plain BCF/);
    assert.match(await kindOf(["-O", "z"], "o.bcf"), /^BGZF ##f o.bcf,o.bcf.tbi warning: /);
    assert.match(await kindOf(["-O", "v"], "o.bcf"), /^plain ##f o.bcf warning: /);
  }));

Deno.test("BCF: an index of an earlier output goes where the next one has none", () =>
  withFolder(async (folder) => {
    const run = (more: Partial<ConvertRequest>) =>
      convert({ input: `${folder}/m.tsv`, output: `${folder}/o.bcf`, threads: 0, ...more });
    await Deno.writeTextFile(`${folder}/m.tsv`, MATRIX);
    await run({});
    await run({ outputType: "u" });
    assert.deepEqual(await listing(folder), ["m.tsv", "o.bcf"]);
    await run({ outputType: "z" });
    await run({});
    assert.deepEqual(await listing(folder), ["m.tsv", "o.bcf", "o.bcf.csi"]);
  }));

for (const type of ["b", "u"] as const) {
  Deno.test(`BCF: standard output, -O ${type}, and a reader that goes away`, () =>
    withFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/m.tsv`, matrixText({ rows: 60_000 }));
      const args = ["convert", "m.tsv", "-O", type, "-o", "-", "--quiet"];
      const whole = await cliInShell('"$@" > plain.bcf', args, folder);
      assert.deepEqual(whole, { code: 0, stdout: "", stderr: "" });
      const bytes = await Deno.readFile(`${folder}/plain.bcf`);
      const text = bcfText(type === "b" ? gunzipSync(bytes) : bytes);
      await convert({ input: `${folder}/m.tsv`, output: `${folder}/o.vcf`, threads: 0 });
      assert.ok(text === await readOutput(`${folder}/o.vcf`));
      await Deno.remove(`${folder}/o.vcf`);
      const { stderr } = await cliInShell('"$@" | head -c 1000 > start', args, folder);
      assert.equal(stderr, "");
      assert.deepEqual(await listing(folder), ["m.tsv", "plain.bcf", "start"]);
    }));
}

Deno.test("BCF: a stream of the library", async () => {
  const kept: Uint8Array<ArrayBuffer>[] = [];
  const output = new WritableStream<Uint8Array<ArrayBuffer>>({ write: (of) => void kept.push(of) });
  const input = ReadableStream.from([new TextEncoder().encode(MATRIX)]);
  await convert({ input, output, outputType: "b", threads: 0 });
  const bytes = gunzipSync(new Uint8Array(await new Blob(kept).arrayBuffer()));
  const { text } = await convertText(MATRIX);
  assert.equal(bcfText(bytes), text);
});

/** Rows of so many contigs, of which a look at a file without places to jump to meets the first. */
function contigs(count: number): string {
  const row = (n: number) => `c${Math.floor(n / 100_000)}\t${n + 1}\tA\tA\t${"CGT"[n % 3]}\n`;
  const rows = Array.from({ length: count * 100_000 }, (_, n) => row(n));
  return matrixOf("CHROM POS REF 1a 1b") + rows.join("");
}

for (const output of ["o.bcf", "plain.bcf"]) {
  Deno.test(`BCF: ${output} straight has the bytes of the table's`, () =>
    withFolder(async (folder) => {
      const text = contigs(3), plain = output === "plain.bcf";
      const more = { output, threads: 2, ...plain ? { outputType: "u" as const } : {} };
      await Deno.writeTextFile(`${folder}/m.tsv`, text);
      await Deno.writeFile(`${folder}/m.tsv.gz`, gzipSync(text, { level: 1 }));
      assert.equal(await bothWays({ ...more, input: `${folder}/m.tsv` }), "straight");
      // The header numbers the contigs before the last of them has been seen.
      assert.equal(await bothWays({ ...more, input: `${folder}/m.tsv.gz` }), "other");
    }));
}

Deno.test("BCF: as an input it is told what makes a table of it", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, MATRIX);
    for (const outputType of ["b", "u"] as const) {
      const output = `${folder}/o.bcf`;
      await convert({ input: `${folder}/m.tsv`, output, outputType, threads: 0 });
      await assert.rejects(convert({ input: output, output: `${folder}/x.vcf`, threads: 0 }), {
        name: "InputError",
        message: /is a BCF; as a table that is read, bcftools query -H -f '%CHROM\\t%POS/,
      });
    }
  }));
