/**
 * Runs side by side in one folder. Each with an output of its own makes the right bytes; of those
 * that want one name, one has it whole, with its own index, and the others say so in one line.
 * `tests/convert/concurrent_test.ts` has the races for a kept table.
 */
import assert from "node:assert/strict";
import { listing, withFolder } from "../helpers/cli.ts";
import { OUTPUTS, VIEWS } from "./outputs.ts";
import { Dice, many, SEED, Tally } from "./settings.ts";
import { hash, layMatrix, pause, Victim } from "./victim.ts";

const rounds = many(1, 10), RUNS = many(2, 3), ROWS = many(10_000, 40_000);

/** Hashes of the output of each matrix and of the files beside it, made alone. */
type Alone = Record<string, string>[];

for (const { name, flags, beside } of [...OUTPUTS, ...VIEWS]) {
  const files = [name, ...beside.map((suffix) => name + suffix)];
  const args = (
    run: number,
    output: string,
  ) => ["convert", `m${run}.tsv`, "-o", output, ...flags, "--threads", "1"];

  Deno.test(`parallel: ${rounds} times ${RUNS} runs of ${name} (seed ${SEED})`, () =>
    withFolder(async (folder) => {
      const outcomes = new Tally(), alone: Alone = [];
      for (let run = 0; run < RUNS; run++) {
        layMatrix(`${folder}/m${run}.tsv`, { rows: ROWS, seed: run });
        assert.equal((await new Victim(args(run, name), folder).ended).code, 0);
        alone.push(await hashesOf(folder, files));
      }
      assert.equal(new Set(alone.map((made) => made[name])).size, RUNS);
      for (const file of files) await Deno.remove(`${folder}/${file}`);
      for (let round = 0; round < rounds; round++) {
        const dice = new Dice(`parallel ${name}`, round);
        // Each has a folder, in one way, and all one name, in the other.
        for (const own of [true, false]) {
          const runs: Victim[] = [];
          for (let run = 0; run < RUNS; run++) {
            runs.push(new Victim(args(run, own ? `${run}.${name}` : name), folder));
            await pause(dice.below(60));
          }
          const ends = await Promise.all(runs.map(({ ended }) => ended));
          if (own) {
            for (const [run, { code, stderr }] of ends.entries()) {
              assert.equal(code, 0, stderr);
              const made = await hashesOf(folder, files.map((file) => `${run}.${file}`));
              assert.deepEqual(Object.values(made), Object.values(alone[run]));
              outcomes.add("own output");
            }
          } else {
            const made = await hashesOf(folder, files);
            const winner = alone.findIndex((whole) => whole[name] === made[name]);
            assert.ok(winner >= 0, "the output is nobody's");
            assert.deepEqual(made, alone[winner]);
            assert.equal(ends[winner].code, 0, ends[winner].stderr);
            for (const { code, stderr } of ends) {
              if (code !== 0) {
                assert.match(stderr, /^error: [^\n]*another run wrote this file[^\n]*$/m);
              }
              outcomes.add(code === 0 ? "had the name" : "came too late");
            }
          }
          const left = (await listing(folder)).filter((file) => !/^m\d\.tsv$/.test(file));
          const all = own
            ? alone.flatMap((_, run) => files.map((file) => `${run}.${file}`))
            : files;
          assert.deepEqual(left, all.sort(), "something is left");
          for (const file of left) await Deno.remove(`${folder}/${file}`);
        }
      }
      console.log(`${rounds} rounds: ${outcomes}`);
      assert.equal(outcomes.sum(/./), 2 * RUNS * rounds);
    }));
}

async function hashesOf(folder: string, files: string[]): Promise<Record<string, string>> {
  const found = files.map(async (file) => [file, await hash(`${folder}/${file}`)]);
  return Object.fromEntries(await Promise.all(found));
}
