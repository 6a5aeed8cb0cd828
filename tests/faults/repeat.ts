/**
 * Converts again and again, and prints what its process has after a third of the rounds and at the
 * end, for `repeat_test.ts`.
 *
 * @module
 */
import assert from "node:assert/strict";
import { convert } from "../../mod.ts";
import { listing, withFolder } from "../helpers/cli.ts";
import { OUTPUTS } from "./outputs.ts";
import { Dice, many } from "./settings.ts";
import { layMatrix, pause } from "./victim.ts";

/** Number of conversions. */
export const ROUNDS = many(15, 100);

/** What a process has; bytes of memory, numbers of the others. */
export interface Use {
  memory: number;
  files: number;
  threads: number;
}

async function use(): Promise<Use> {
  // What is closed is let go of a little later.
  await pause(200);
  (globalThis as { gc?: () => void }).gc?.();
  const status = await Deno.readTextFile("/proc/self/status");
  const of = (name: string) => Number(new RegExp(`^${name}:\\s*(\\d+)`, "m").exec(status)![1]);
  const files = [...Deno.readDirSync("/proc/self/fd")].length;
  return { memory: of("VmRSS") * 1024, files, threads: of("Threads") };
}

/** Converts again and again; says what the process has after a third of the rounds, and at the end. */
async function repeat(aborted: boolean): Promise<Use[]> {
  return await withFolder(async (folder) => {
    const input = `${folder}/m.tsv`, uses: Use[] = [];
    layMatrix(input, { rows: 20_000 });
    for (let round = 0; round < ROUNDS; round++) {
      const dice = new Dice(`repeat ${aborted}`, round), { name, request } = dice.pick(OUTPUTS);
      const output = `${folder}/${name}`, abort = new AbortController();
      const signal = abort.signal, threads = 2;
      const database = dice.chance(0.3) ? `${folder}/k.duckdb` : undefined;
      const ended = convert({ ...request, input, output, threads, database, signal });
      if (aborted) {
        await pause(dice.below(150));
        abort.abort();
      }
      await ended.catch((error) => assert.ok(aborted && error.name === "AbortError", error));
      const left = (await listing(folder)).filter((file) => file !== "m.tsv");
      if (!aborted) assert.ok(left.includes(name));
      assert.ok(left.every((file) => !file.startsWith(".")), String(left));
      for (const file of left) await Deno.remove(`${folder}/${file}`);
      if (round + 1 === Math.ceil(ROUNDS / 3) || round + 1 === ROUNDS) uses.push(await use());
    }
    return uses;
  });
}

if (import.meta.main) console.log(JSON.stringify(await repeat(Deno.args[0] === "true")));
