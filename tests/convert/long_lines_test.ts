/**
 * Lines without end: `maxLine` bounds them, they take linear time, and signals are heard meanwhile.
 */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { convert, type ConvertRequest, InputError } from "../../mod.ts";
import { gzipPieces, plainPieces, type RowSource } from "../../src/matrix/line_segments.ts";
import { cli, listing, startCli, withFolder } from "../helpers/cli.ts";

const HEADER = "CHROM\tPOS\tREF\t1a\t1b\n";
const ROW = "1\t5\tA\tA\tG\n";
/** Most bytes of a line in these tests. */
const MOST = 50;
/** A row of `bytes` bytes without its LF. */
const rowOf = (bytes: number) => `1\t6\tA\tA\t${"G".repeat(bytes - 8)}\n`;
const PROBLEM =
  "the line has more than 50 bytes; is it a matrix, with line ends? --max-line allows " +
  "longer ones, and --memory, of which a tenth is the default";

interface Case {
  what: string;
  text: string;
  /** Line of the error, 1-based; undefined where there is none. */
  line: number | undefined;
  options?: Partial<ConvertRequest>;
  /** The error, unless it is about the length. */
  detail?: string;
}

const CASES: Case[] = [
  { what: "a row as long as is allowed", text: HEADER + rowOf(MOST), line: undefined },
  { what: "a row that is longer by a byte", text: HEADER + rowOf(MOST + 1) + ROW, line: 2 },
  {
    what: "the last row, without LF",
    text: HEADER + ROW + rowOf(MOST + 1).trimEnd(),
    line: 3,
  },
  {
    what: "the last row, without LF, as long as is allowed",
    text: HEADER + ROW + rowOf(MOST).trimEnd(),
    line: undefined,
  },
  {
    what: "a row past the first segment",
    text: HEADER + ROW.repeat(250_000) + rowOf(51),
    line: 250_002,
  },
  {
    what: "a row across segments",
    text: HEADER + ROW.repeat(1000) + rowOf(3 << 20) + ROW,
    line: 1002,
  },
  { what: "blanks", text: HEADER + ROW + " ".repeat(60) + "\n", line: 3 },
  { what: "a comment", text: HEADER + ROW + "##" + "x".repeat(60) + "\n" + ROW, line: 3 },
  { what: "the header", text: `CHROM\tPOS\tREF\t${"x".repeat(60)}\n${ROW}`, line: 1 },
  { what: "a comment before the header", text: `##${"x".repeat(60)}\n${HEADER}${ROW}`, line: 1 },
  {
    what: "bad rows are put aside, and it ends the run all the same",
    text: HEADER + "bad\n" + ROW + rowOf(MOST + 1),
    line: 4,
    options: { onBadRow: "skip", threads: 1 },
  },
  {
    what: "after a bad row, which is told",
    text: HEADER + ROW + "1\tx\tA\tA\tG\n" + rowOf(MOST + 1),
    line: 3,
    detail: "POS: POS is 'x', expected a whole number from 1 to 2147483647",
  },
  {
    what: "after an allele that nobody foresaw",
    text: HEADER + "1\t5\tA\tACGT\tTTT\n" + ROW + rowOf(MOST + 1),
    line: 4,
  },
];

for (const { what, text, line, options, detail } of CASES) {
  Deno.test(`a long line: ${what}`, () =>
    withFolder(async (folder) => {
      const inputs = { "m.tsv": new TextEncoder().encode(text), "m.tsv.gz": gzipSync(text) };
      for (const [name, bytes] of Object.entries(inputs)) {
        const input = `${folder}/${name}`;
        await Deno.writeFile(input, bytes);
        // Starting workers takes long; they matter where there are several segments.
        const output = `${folder}/o.vcf`, threads = text.length > 1e6 ? 2 : 0;
        const run = convert({ input, output, threads, maxLine: MOST, ...options });
        if (line === undefined) {
          await run;
          await Deno.remove(output);
          continue;
        }
        await assert.rejects(run, (error) => {
          assert(error instanceof InputError && error.code === "BAD_INPUT");
          const place = detail ?? PROBLEM;
          assert.equal(error.message.slice(folder.length + 1), `${name}:${line}: ${place}`);
          return true;
        });
      }
      assert.deepEqual(await listing(folder), Object.keys(inputs).sort());
    }));
}

Deno.test("a matrix of 100,000 columns passes by default", () =>
  withFolder(async (folder) => {
    const names = Array.from({ length: 99_997 }, (_, index) => `s${index}x`);
    const row = `1\t5\tA\t${names.map((_, index) => "AG"[index % 2]).join("\t")}\n`;
    const input = `${folder}/m.tsv`;
    await Deno.writeTextFile(input, `CHROM\tPOS\tREF\t${names.join("\t")}\n${row}`);
    const memory = 4 * 1024 ** 3;
    const { haplotypes } = await convert({ input, output: `${folder}/o.vcf`, threads: 0, memory });
    assert.equal(haplotypes, names.length);
  }));

Deno.test("--max-line: a size, and wrong ones", () =>
  withFolder(async (cwd) => {
    await Deno.writeTextFile(`${cwd}/m.tsv`, HEADER + rowOf(3000));
    const run = (size: string) =>
      cli(["convert", "m.tsv", "-o", "o.vcf", "--quiet", "--max-line", size], { cwd });
    const long = await run("2KiB");
    assert.match(long.stderr, /^error: m\.tsv:2: the line has more than 2048 bytes; .*\n$/);
    assert.deepEqual([long.code, (await run("3K")).code], [1, 0]);
    for (
      const [size, error] of [["x", /'x' is not a size/], ["0", /`?--max-line`? is at least 1/]]
    ) {
      const { code, stderr } = await run(size as string);
      assert.match(stderr, error as RegExp);
      assert.equal(code, 2);
    }
  }));

/** A source of one line, that never ends, of so many MiB. */
async function longLine(folder: string, mib: number, gzip: boolean): Promise<RowSource> {
  const path = `${folder}/m.tsv${gzip ? ".gz" : ""}`, bytes = new Uint8Array(mib << 20);
  await Deno.writeFile(path, gzip ? gzipSync(bytes, { level: 1 }) : bytes);
  const { size } = await Deno.stat(path);
  return { path, shown: path, gzip, size, start: 0, segmentBytes: 1 << 20, cellBytes: 1 << 20 };
}

/** Returns the bytes that typed arrays search and copy while a function runs. */
async function bytesTouched(use: () => Promise<void>): Promise<number> {
  const typed = Object.getPrototypeOf(Uint8Array.prototype);
  const { indexOf, lastIndexOf, set } = typed;
  let bytes = 0;
  typed.indexOf = function (of: number, from = 0) {
    const found = indexOf.call(this, of, from);
    bytes += (found < 0 ? this.length : found) - from;
    return found;
  };
  typed.lastIndexOf = function (of: number) {
    const found = lastIndexOf.call(this, of);
    bytes += this.length - Math.max(0, found);
    return found;
  };
  typed.set = function (from: Uint8Array, at?: number) {
    bytes += from.length;
    set.call(this, from, at);
  };
  try {
    await use();
    return bytes;
  } finally {
    Object.assign(typed, { indexOf, lastIndexOf, set });
  }
}

Deno.test("a long line takes linear time", () =>
  withFolder(async (folder) => {
    for (const gzip of [false, true]) {
      const mib = 48, source = await longLine(folder, mib, gzip);
      const bytes = await bytesTouched(async () => {
        const pieces = gzip ? gzipPieces(source) : plainPieces(source, 0, 1);
        for await (const _ of pieces);
      });
      // It was 100 times as many, of gzip.
      assert.ok(bytes < 8 * mib << 20, `${bytes / mib / 2 ** 20} times the bytes of the line`);
    }
  }));

Deno.test("a long line is left when the run is over", () =>
  withFolder(async (folder) => {
    for (const gzip of [false, true]) {
      const source = await longLine(folder, 64, gzip);
      let looks = 0;
      const going = () => ++looks < 3;
      const pieces = [];
      if (gzip) { for await (const piece of gzipPieces(source, going)) pieces.push(piece); }
      else for (const piece of plainPieces(source, 0, 1, going)) pieces.push(piece);
      assert.deepEqual([pieces, looks <= 5], [[], true]);
    }
  }));

/** Inputs that give no batch for long, and the arguments that read them. */
const ENDLESS: { what: string; part: string; args: string[] }[] = [
  { what: "a cell", part: "A", args: ["convert", "m.tsv.gz", "-o", "o.vcf", "--max-line", "8G"] },
  { what: "blank lines", part: "\n", args: ["convert", "m.tsv.gz", "-o", "o.vcf"] },
  { what: "comments", part: "## x\n", args: ["convert", "m.tsv.gz", "-o", "o.vcf", "-@", "1"] },
  { what: "NULs", part: "\0", args: ["convert", "m.tsv.gz", "-o", "o.vcf", "--max-line", "8G"] },
];

for (const { what, part, args } of ENDLESS) {
  Deno.test(`signals are heard amid ${what} without end`, () =>
    withFolder(async (cwd) => {
      // Members of gzip, each of 64 MiB: no run gets to their end within this test.
      const member = gzipSync(part.repeat((64 << 20) / part.length), { level: 1 });
      const file = await Deno.open(`${cwd}/m.tsv.gz`, { write: true, create: true });
      await file.write(gzipSync(HEADER + ROW + (part.endsWith("\n") ? "" : "1\t6\tA\tA\t")));
      for (let n = 0; n < 60; n++) await file.write(member);
      file.close();
      const child = startCli(args, cwd), ended = child.output();
      await child.stdin.close();
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const begun = performance.now();
      child.kill("SIGTERM");
      const { code, stderr } = await ended, taken = performance.now() - begun;
      assert.match(new TextDecoder().decode(stderr), /error: interrupted\n$/);
      // It is to be heard within a second; a noisy machine gets three.
      assert.ok(taken < 3000, `${taken} ms`);
      assert.deepEqual([code, await listing(cwd)], [143, ["m.tsv.gz"]]);
    }));
}

Deno.test("signals are heard amid comments before the header, by inspect", () =>
  withFolder(async (cwd) => {
    const comments = "# a comment\twith\ttabs\n".repeat(3_000_000);
    await Deno.writeFile(`${cwd}/m.tsv.gz`, gzipSync(comments, { level: 1 }));
    const child = startCli(["inspect", "m.tsv.gz"], cwd), ended = child.output();
    await child.stdin.close();
    await new Promise((resolve) => setTimeout(resolve, 700));
    const begun = performance.now();
    child.kill("SIGINT");
    const { code } = await ended;
    assert.ok(performance.now() - begun < 3000);
    assert.equal(code, 130);
  }));
