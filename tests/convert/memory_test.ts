/**
 * Rows out of order come out as a sort of their lines has them, and whatever the rows are, the peak
 * stays within the budget, or the run is refused at once.
 */

import assert from "node:assert/strict";
import { convert } from "../../mod.ts";
import type { WorkFolder } from "../../src/base/work_folder.ts";
import { failureOf } from "../../src/convert/failure.ts";
import { convertOptions } from "../../src/convert/options.ts";
import { databaseError } from "../../src/table/database.ts";
import { cliInShell, type CliResult, withFolder } from "../helpers/cli.ts";
import { recordsOf } from "../helpers/convert_text.ts";

const MIB = 1024 ** 2;

/** Returns the numbers from 0 on in an order that only looks random. */
function mixed(length: number): number[] {
  return Array.from({ length }, (_, n) => n * 7919 % length);
}

const HEADER = "CHROM\tPOS\tREF\tID\t1a\t1b\t2a\t2b\n";

type Of<T> = (n: number, line: number) => T;

const ORDERS: [what: string, contig: Of<string>, pos: Of<number>][] = [
  ["all over", (n) => `c${n % 5}`, (n) => 1 + n * 31 % 9973],
  ["with many of one position", (n) => `c${n % 3}`, (n) => 1 + n % 7],
  ["of many small contigs", (n) => `c${n % 4001}`, (n) => 1 + n % 3],
  [
    "of a contig that comes back",
    (_, line) => line >> 6 === 70 ? "b" : "a",
    (_, line) => line + 1,
  ],
];
for (const [what, contigOf, posOf] of ORDERS) {
  Deno.test(`rows out of order, ${what}: as sorted lines, for any number of threads`, () =>
    withFolder(async (folder) => {
      const rows = mixed(9_000).map((n, line) => ({
        contig: contigOf(n, line),
        pos: posOf(n, line),
        cells: `A\tid${line}\tA\t${"ACGT"[n % 4]}\t.\t${"CG"[n % 2]}`,
      }));
      const places = new Map(
        [...new Set(rows.map(({ contig }) => contig))].map((c, at) => [c, at]),
      );
      const sorted = rows.toSorted((a, b) =>
        places.get(a.contig)! - places.get(b.contig)! || a.pos - b.pos
      );
      const write = async (name: string, lines: typeof rows) => {
        const text = lines.map(({ contig, pos, cells }) => `${contig}\t${pos}\t${cells}\n`).join(
          "",
        );
        await Deno.writeTextFile(`${folder}/${name}`, HEADER + text);
        return `${folder}/${name}`;
      };
      const output = `${folder}/o.vcf`;
      const recordsFor = async (options: { input: string; database?: string; threads: number }) => {
        await convert({ ...options, output });
        return recordsOf(await Deno.readTextFile(output));
      };
      const expected = await recordsFor({ input: await write("sorted.tsv", sorted), threads: 1 });
      assert.equal(expected.length, rows.length);
      const input = await write("mixed.tsv", rows), database = `${folder}/k.duckdb`;
      for (const threads of [0, 1, 2, 3, 4]) {
        assert.deepEqual(await recordsFor({ input, threads }), expected, `${threads} threads`);
      }
      // A kept table has its codes in another shape.
      assert.deepEqual(await recordsFor({ input, database, threads: 2 }), expected);
    }));
}

/** Writes lines into a file, piece by piece. */
async function writeLines(path: string, header: string, lines: Iterable<string>): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true });
  const writer = file.writable.getWriter(), encoder = new TextEncoder();
  let piece = [header];
  for (const line of lines) {
    piece.push(line);
    if (piece.length < 500) continue;
    await writer.write(encoder.encode(piece.join("\n") + "\n"));
    piece = [];
  }
  await writer.write(encoder.encode(piece.join("\n") + "\n"));
  await writer.close();
}

interface Heavy {
  what: string;
  header: string;
  rows: number;
  row: (n: number) => string;
  /** What the run says where the memory is too small for it. */
  refused?: RegExp;
}

const LETTERS = "ACGT".repeat(1000);
/** Returns bases that no other number gives. */
function bases(n: number, length: number): string {
  return n.toString(4).replace(/\d/g, (digit) => "ACGT"[Number(digit)]) + LETTERS.slice(0, length);
}

const HEAVY: Heavy[] = [
  {
    what: "long IDs out of order",
    header: HEADER.trim(),
    rows: 30_000,
    row: (n) => `1\t${1 + n}\tA\t${n}${LETTERS.slice(0, 3900)}\tA\tC\tA\tC`,
  },
  {
    what: "alleles that all differ",
    header: "CHROM\tPOS\tREF\t1a",
    rows: 60_000,
    row: (n) => `1\t${1 + n}\tA\t${bases(n, 1000)}`,
    refused: /names of alleles and contigs of \d+ bytes in all; at least \d+MiB will do$/m,
  },
  {
    what: "names of 60,000 contigs",
    header: "CHROM\tPOS\tREF\t1a",
    rows: 60_000,
    row: (n) => `scaffold_${n}\t1\tA\tC`,
    refused: /names of (?:alleles and )?contigs of \d+ bytes in all; at least \d+MiB will do$/m,
  },
];
/** Most bytes that a run with `--memory 256MiB` may take. */
const LIMIT = (1.1 * 256 + 48) * MIB;

/**
 * Runs a conversion in a process that a shell starts: one that this large process starts would count
 * its peak as its own.
 */
async function watched(args: string[], cwd: string): Promise<CliResult & { peak: number }> {
  const options = ["-o", "o.vcf", "--memory", "256MiB", "--json", "--profile", "p.csv"];
  const script = '"$@" < m.tsv; exit $?';
  const result = await cliInShell(script, ["convert", ...args, ...options], cwd);
  const lines = (await Deno.readTextFile(`${cwd}/p.csv`)).trim().split("\n").slice(1);
  return { ...result, peak: Math.max(...lines.map((line) => Number(line.split(",")[5]))) };
}

for (const { what, header, rows, row, refused } of HEAVY) {
  Deno.test(`the peak stays within 1.1 times the memory and 48 MiB: ${what}`, () =>
    withFolder(async (cwd) => {
      await writeLines(`${cwd}/m.tsv`, header, mixed(rows).map(row));
      const run = async (...args: string[]) => {
        const { code, stdout, stderr, peak } = await watched(args, cwd);
        if (refused) {
          assert.equal(code, 2, stderr);
          assert.match(stderr, refused);
        } else {
          assert.equal(code, 0, stderr);
          assert.equal(JSON.parse(stdout).records, rows);
        }
        assert.ok(peak <= LIMIT, `${args}: ${peak}`);
      };
      await run("m.tsv");
      await run("m.tsv", "--direct", "--database", "k.duckdb");
    }));
}

Deno.test("the peak stays within the memory where rows come from standard input", () =>
  withFolder(async (cwd) => {
    const { rows, row, header } = HEAVY[0];
    await writeLines(`${cwd}/m.tsv`, header, mixed(rows).map(row));
    const { code, stderr, peak } = await watched(["-"], cwd);
    assert.equal(code, 0, stderr);
    assert.ok(peak <= LIMIT, String(peak));
  }));

Deno.test("memory that ran out in DuckDB is one line with a size to try", () => {
  const cause = new Error("Out of Memory Error: failed to pin block of size 256.0 KiB");
  const options = convertOptions({ input: "m.tsv", output: "o.vcf", memory: 300 * MIB });
  const work = { folders: [], becomes: () => undefined } as unknown as WorkFolder;
  const error = failureOf(databaseError(cause, "m.duckdb"), options, work) as Error;
  assert.equal(error.name, "MachineError");
  assert.equal(
    error.message,
    "m.duckdb: memory ran out; --memory 600MiB may do, or run elsewhere",
  );
});
