/**
 * Damages kept tables and asks each in all ways, for `damaged_test.ts`: DuckDB may end the process.
 * It prints a line for each answer: the case, the command, and what came of it.
 *
 * @module
 */
import { convert, Matrix2vcfError } from "../../mod.ts";
import { listing, withFolder } from "../helpers/cli.ts";
import { matrixText } from "../helpers/generated.ts";
import { DAMAGES } from "./damages.ts";
import { COMMANDS } from "./outputs.ts";
import { Dice, SEED } from "./settings.ts";
import { Watchdog } from "./watchdog.ts";

if (import.meta.main) {
  const [from, to] = Deno.args.map(Number);
  using watchdog = new Watchdog(`damaged tables, seed ${SEED}`);
  await withFolder(async (folder) => {
    const whole = `${folder}/whole.duckdb`, answers = new Map<string, string>();
    await Deno.writeTextFile(`${folder}/m.tsv`, matrixText({ rows: 3000, samples: 4 }));
    await convert({
      input: `${folder}/m.tsv`,
      output: `${folder}/m.vcf`,
      database: whole,
      threads: 0,
    });
    for (const { name, run } of COMMANDS) answers.set(name, await asked(run, whole));
    const bytes = await Deno.readFile(whole);
    for (let number = from; number < to; number++) {
      watchdog.beat();
      const dice = new Dice("table", number), damaged = dice.weighted(DAMAGES).apply(bytes, dice);
      for (const { name, run } of COMMANDS) {
        console.log(`${number} ${name}: ${await outcome(damaged, run, answers.get(name)!)}`);
      }
    }
  });
}

type Run = typeof COMMANDS[number]["run"];

/** Asks a copy that has the same path each time, as an answer may name it. */
async function asked(run: Run, database: string): Promise<string> {
  return await outcomeOf(await Deno.readFile(database), run, (text) => text);
}

async function outcome(bytes: Uint8Array, run: Run, answer: string): Promise<string> {
  return await outcomeOf(bytes, run, (text) => text === answer ? "right" : "FALSE ANSWER");
}

async function outcomeOf(bytes: Uint8Array, run: Run, use: (text: string) => string) {
  return await withFolder(async (folder) => {
    const database = `${folder}/t.duckdb`;
    await Deno.writeFile(database, bytes);
    try {
      return use((await run(database, folder)).replaceAll(folder, "."));
    } catch (error) {
      const left = (await listing(folder)).filter((name) => name !== "t.duckdb");
      if (left.length > 0) return `LEFT ${left}`;
      if (!(error instanceof Matrix2vcfError)) return `NO CODE: ${String(error).split("\n")[0]}`;
      if (error.code === "INTERNAL") return `INTERNAL: ${error.message}`;
      return error.message.includes("t.duckdb")
        ? `refused ${error.code}`
        : `NO NAME: ${error.message}`;
    }
  });
}
