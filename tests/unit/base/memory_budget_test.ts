/**
 * `--memory` holds for any number of threads: fewer work where it is too small for all.
 */

import assert from "node:assert/strict";
import { directBudget, memoryBudget, mostTextBytes } from "../../../src/base/memory_budget.ts";
import { convert, type ProgressState } from "../../../mod.ts";
import { cli, withFolder } from "../../helpers/cli.ts";

const MIB = 1024 ** 2;

Deno.test("memory budget: fewer threads in less memory, and all parts fit", () => {
  for (const rowBytes of [1, 31, 5008, 20_016]) {
    let before = 0;
    for (const memory of [512, 1024, 2048, 4096, 16_384]) {
      const { threads, ingest, reader, sorter } = memoryBudget(memory * MIB, 64, rowBytes);
      assert.ok(threads >= before && threads <= 64);
      // What DuckDB has in each phase leaves the runtime, and each worker, their own.
      const others = (160 + 48 * threads) * MIB;
      assert.ok(ingest + others <= memory * MIB, `${rowBytes} bytes, ${memory} MiB`);
      assert.ok(reader * threads + others <= memory * MIB, `${rowBytes} bytes, ${memory} MiB`);
      const sorting = (160 + 32 * threads) * MIB + (reader + sorter) * threads;
      assert.ok(sorting <= memory * MIB, `${rowBytes} bytes, ${memory} MiB, sorting`);
      before = threads;
    }
  }
});

Deno.test("alleles are part of the budget: fewer threads, or the size that would do", () => {
  const of = (mib: number) => memoryBudget(1024 * MIB, 8, 2, mib * MIB).threads;
  assert.deepEqual([0, 1, 10, 20].map(of), [8, 8, 3, 1]);
  assert.throws(
    () => of(60),
    /alleles and contigs of 62914560 bytes in all; at least 2048MiB will do$/,
  );
  assert.equal(memoryBudget(2048 * MIB, 8, 2, 60 * MIB).threads, 1);
});

Deno.test("names up to mostTextBytes() are enough for one thread, and no more", () => {
  for (const [memory, rowBytes] of [[256 * MIB, 31], [1024 * MIB, 5008]]) {
    const most = mostTextBytes(memory, rowBytes);
    assert.equal(memoryBudget(memory, 8, rowBytes, Math.floor(most)).threads, 1);
    assert.throws(() => memoryBudget(memory, 8, rowBytes, most + 1), /will do$/);
  }
});

Deno.test("without a table, names of contigs are part of the budget, too", () => {
  const of = (mib: number) => directBudget(256 * MIB, 8, 4 * MIB, mib * MIB).threads;
  assert.deepEqual([of(0), of(1), of(3)], [3, 2, 1]);
  assert.throws(() => of(8), /contigs of 8388608 bytes in all; at least 480MiB will do$/);
});

Deno.test("a thread has the same pool among many as among few", () => {
  const few = memoryBudget(512 * MIB, 4, 31), many = memoryBudget(16_384 * MIB, 64, 31);
  assert.equal(few.reader, many.reader);
  assert.ok(many.ingest / 64 >= 24 * MIB && few.ingest / 4 >= 24 * MIB);
});

Deno.test("many threads in the default memory: as many as fit, the same bytes, a note", async () => {
  await withFolder(async (folder) => {
    await cli(["generate", "--rows", "30000", "-o", "m.tsv"], { cwd: folder });
    for (const args of [["--threads", "2"], ["--threads", "64", "--database", "m.duckdb"]]) {
      const output = `${args[1]}.vcf`;
      const { code, stderr } = await cli(["convert", "m.tsv", "-o", output, ...args], {
        cwd: folder,
      });
      assert.equal(code, 0, stderr);
      const lines = stderr.split("\n");
      const note = lines.findIndex((line) =>
        /^the memory is enough for 11 of 64 threads; --memory/.test(line)
      );
      assert.equal(note >= 0, args[1] === "64", stderr);
      if (note < 0) continue;
      // Before the work, and with the size that is enough.
      assert.ok(note < lines.findIndex((line) => / records, /.test(line)), stderr);
      const [, mib] = /--memory (\d+)MiB would be for all/.exec(lines[note])!;
      const threads = (mib: number) => memoryBudget(mib * MIB, 64, 31).threads;
      assert.deepEqual([threads(Number(mib)), threads(Number(mib) - 16)], [64, 63]);
    }
    const [few, many] = [
      await Deno.readFile(`${folder}/2.vcf`),
      await Deno.readFile(`${folder}/64.vcf`),
    ];
    assert.deepEqual(many, few);
  });
});

Deno.test("a note on threads is the same for a kept table, and before its work, too", () =>
  withFolder(async (folder) => {
    const input = `${folder}/m.tsv`, database = `${folder}/k.duckdb`, output = `${folder}/o.vcf`;
    await Deno.writeTextFile(input, "CHROM\tPOS\tREF\t1a\t1b\n1\t5\tA\tA\tG\n");
    const seen: string[] = [];
    const onNote = (line: string) => void (/enough for/.test(line) && seen.push(line));
    const onProgress = ({ phase }: ProgressState) =>
      void (phase === "convert" && seen.at(-1) !== phase && seen.push(phase));
    for (const from of [{ input, database }, { input, database }, { input: database }]) {
      await convert({ ...from, output, threads: 4, memory: 400 * MIB, onNote, onProgress });
    }
    const note =
      "the memory is enough for 3 of 4 threads; --memory 464MiB would be for all of them";
    assert.deepEqual(seen, [note, "convert", note, "convert", note, "convert"]);
  }));
