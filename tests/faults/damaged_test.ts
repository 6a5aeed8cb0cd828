/**
 * Files that were damaged after they were made: gzip inputs and kept tables with flipped bits, cut
 * or with something behind them. Each is refused with a code, or gives what the undamaged one gives.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { convert, Matrix2vcfError } from "../../mod.ts";
import { listing, withFolder } from "../helpers/cli.ts";
import { matrixText } from "../helpers/generated.ts";
import { run } from "../helpers/tools.ts";
import { oracle, withoutVersion } from "../helpers/oracle.ts";
import { DAMAGES } from "./damages.ts";
import { PACKINGS } from "./mutations.ts";
import { readOutput } from "../helpers/convert_text.ts";
import { COMMANDS, OUTPUTS } from "./outputs.ts";
import { Dice, FULL, many, SEED, Tally } from "./settings.ts";
import { Watchdog } from "./watchdog.ts";

const gzips = many(100, 2000);

Deno.test(`damaged: ${gzips} gzip inputs are refused, or read as what they were (seed ${SEED})`, async () => {
  const outcomes = new Tally();
  using watchdog = new Watchdog(`damaged gzip, seed ${SEED}`);
  for (let number = 0; number < gzips; number++) {
    watchdog.beat();
    const dice = new Dice("gzip", number), damage = dice.weighted(DAMAGES);
    const packing = dice.pick(PACKINGS.slice(1)), output = dice.pick(OUTPUTS);
    const text = matrixText({ rows: 4 + dice.below(1200), samples: 3, seed: number });
    const packed = packing.pack(new TextEncoder().encode(text), dice);
    const damaged = damage.apply(packed, dice), same = Buffer.compare(packed, damaged) === 0;
    await withFolder(async (folder) => {
      const input = `${folder}/m.tsv.gz`, target = `${folder}/${output.name}`;
      await Deno.writeFile(input, damaged);
      const what = `seed ${SEED}, case ${number}: ${packing.name}, ${damage.name}`;
      try {
        const threads = dice.chance(0.05) ? 2 : 0;
        await convert({ ...output.request, input, output: target, threads });
      } catch (error) {
        const known = error instanceof Matrix2vcfError && error.code === "BAD_INPUT";
        assert.ok(known && !same, `${what}: ${error}`);
        assert.deepEqual(await listing(folder), ["m.tsv.gz"], what);
        return outcomes.add(`${damage.name}: refused`);
      }
      const made = withoutVersion(await readOutput(target));
      // A file of several members that is cut between two of them is a whole one.
      const wholes = damage.name === "cut" ? await cutTexts(damaged) : [text];
      const right = wholes.some((whole) => output.expected(oracle(whole).vcf, made) === made);
      assert.ok(right, `${what}: accepted, and other records`);
      outcomes.add(`${damage.name}: right`);
    });
  }
  console.log(`${gzips} damaged gzips: ${outcomes}`);
  assert.ok(outcomes.of("a bit flipped: refused") > gzips / 5, String(outcomes));
});

/** What a cut file holds, where an independent reader finds it whole. */
async function cutTexts(bytes: Uint8Array): Promise<string[]> {
  const { code, stdout } = await run("gzip", ["-dc"], bytes);
  return code === 0 ? [stdout] : [];
}

const databases = many(30, 500), BATCH = 20;

Deno.test(`damaged: ${databases} kept tables are refused with a code, or answer as they did (seed ${SEED})`, async () => {
  const outcomes = new Tally();
  for (let from = 0; from < databases;) {
    const to = Math.min(databases, from + BATCH);
    const { code, signal, lines, stderr } = await batch(from, to);
    for (const line of lines) outcomes.add(line.replace(/^\d+ /, ""));
    const done = lines.length / ASKED;
    if (code === 0 && done === to - from) {
      from = to;
      continue;
    }
    // The process has died of one of them, or of the watchdog: the next batch begins behind it.
    outcomes.add(`process died (${signal ?? code})`);
    console.error(
      `case ${from + Math.floor(done)}, seed ${SEED}: died of ${signal ?? code}: ${stderr}`,
    );
    from += Math.floor(done) + 1;
  }
  console.log(`${databases} damaged tables, asked in ${ASKED} ways: ${outcomes}`);
  const bad = [...outcomes.names()].filter((name) => !/: (right|refused \w+)$/.test(name));
  assert.deepEqual(bad, [], String(outcomes));
  assert.ok(outcomes.sum(/refused/) > databases / 3 && outcomes.sum(/right/) > 0, String(outcomes));
});

/** Number of lines that a batch prints for a table: one for each command. */
const ASKED = COMMANDS.length;

/** Damages and asks some tables in a process of their own. */
async function batch(from: number, to: number) {
  const module = new URL("damaged_tables.ts", import.meta.url).pathname;
  const args = ["run", "-A", "--quiet", "--v8-flags=--expose-gc", module, `${from}`, `${to}`];
  const { code, signal, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args, "--seed", `${SEED}`, ...FULL ? ["--full"] : []],
  }).output();
  const decoder = new TextDecoder(), printed = decoder.decode(stdout);
  const lines = printed.split("\n").filter((line) => /^\d+ /.test(line));
  return { code, signal, lines, stderr: decoder.decode(stderr).slice(-600) };
}
