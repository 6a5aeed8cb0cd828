/**
 * Runs that are killed at moments spread over all their phases. Under the final names there is the
 * old output, byte for byte, or the new one, whole and with its own index; and the next run gives
 * the right bytes, and leaves the folder as a first run does.
 */
import assert from "node:assert/strict";
import { copy } from "./files.ts";
import { listing, withFolder } from "../helpers/cli.ts";
import { KILLED } from "./outputs.ts";
import { Dice, many, SEED, Tally } from "./settings.ts";
import { hash, hashes, layMatrix, pause, Victim } from "./victim.ts";

/** Exit codes by signal. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGKILL: 137 } as const;

/** Milliseconds after a signal that can be heard; other tests run beside those of the slice. */
const MOST = many(3000, 1000);

const kills = many(2, 30), rows = many(80_000, 700_000);

const PHASES = ["ingest", "convert", "finish"];

type KilledOutput = typeof KILLED[number];

/** Folders for the runs of one kind of output. */
interface Scene {
  output: KilledOutput;
  args: string[];
  /** What stands in the folder before: the input, and an older output with its index. */
  before: string;
  /** Hashes of what a whole run makes, and of what was there before it. */
  whole: Record<string, string>;
  old: Record<string, string>;
  /** Length of a whole run, and where each of its phases begins, in milliseconds. */
  milliseconds: number;
  phases: Record<string, number>;
  /** Phases that were killed, and what then stood under the final names. */
  seen: Tally;
  stood: Tally;
}

async function sceneOf(folder: string, output: KilledOutput, kept: boolean): Promise<Scene> {
  const before = `${folder}/before`, first = `${folder}/first`;
  await Deno.mkdir(before);
  const args = ["convert", "m.tsv", "-o", output.name, ...output.flags, "--threads", "2"];
  layMatrix(`${before}/m.tsv`, { rows: 100, seed: 9 });
  assert.equal((await new Victim(args, before).ended).code, 0);
  args.push("--memory", "256MiB", ...kept ? ["--database", "k.duckdb"] : []);
  layMatrix(`${before}/m.tsv`, { rows });
  await copy(before, first);
  const victim = new Victim(args, first), { code, stderr, milliseconds } = await victim.ended;
  assert.equal(code, 0, stderr);
  const [old, whole] = [await hashes(before), await hashes(first)];
  const names = ["m.tsv", output.name, ...output.beside.map((suffix) => output.name + suffix)];
  if (kept) names.push("k.duckdb");
  assert.deepEqual(Object.keys(whole).sort(), names.sort(), "a first run");
  await Deno.remove(first, { recursive: true });
  const { phases } = victim, seen = new Tally(), stood = new Tally();
  return { output, args, before, whole, old, milliseconds, phases, seen, stood };
}

/** Which files stand under the final names: all old, all new, or what else. */
async function standing(folder: string, { output, whole, old }: Scene): Promise<string> {
  const names = [output.name, ...output.beside.map((suffix) => output.name + suffix)];
  const states = await Promise.all(names.map(async (name) => {
    const found = await hash(`${folder}/${name}`);
    if (found === "") return "none";
    return found === old[name] ? "old" : found === whole[name] ? "new" : "half-made";
  }));
  return states.join(" with ");
}

/**
 * No file ever stands beside the index of another one. Files are renamed one after the other, and in
 * between there may be no index.
 */
const STANDING = ["old", "new", "old with old", "new with new", "old with none", "new with none"];

/**
 * Waits for the moment of a kill. Half of them are spread evenly over the length of a run, and half
 * over its phases, as those in which files get their names take a few milliseconds only.
 */
async function moment(victim: Victim, scene: Scene, dice: Dice): Promise<void> {
  const index = dice.number % kills, { milliseconds, phases } = scene;
  if (index % 2 === 0) return await pause((index + 2 * dice.share()) / kills * milliseconds);
  const names = PHASES.filter((name) => name in phases), phase = dice.pick(names);
  const next = names[names.indexOf(phase) + 1];
  await victim.reaches(phase);
  await pause(dice.share() * ((phases[next] ?? milliseconds) - phases[phase]));
}

/** Kills one run, looks at what is left, and runs it again; false where it ended before its kill. */
async function kill(
  scene: Scene,
  folder: string,
  signal: keyof typeof SIGNALS,
  dice: Dice,
): Promise<boolean> {
  await copy(scene.before, folder);
  const victim = new Victim(scene.args, folder);
  await moment(victim, scene, dice);
  const phase = victim.phase, sent = performance.now();
  if (phase === "end") return false;
  victim.signal(signal);
  const { code, stderr } = await victim.ended, took = performance.now() - sent;
  const stands = await standing(folder, scene), what = `${signal} in ${phase}: ${stderr}`;
  scene.seen.add(phase);
  scene.stood.add(stands);
  assert.ok(STANDING.includes(stands), `${stands} after ${what}`);
  // Before our first line Deno itself dies of the signal, and a run that is done is done.
  if (phase !== "start" && code !== 0) assert.equal(code, SIGNALS[signal], what);
  assert.ok(signal === "SIGKILL" || took < MOST, `${took} ms after ${what}`);
  if (signal !== "SIGKILL" && phase !== "start") {
    const left = (await listing(folder)).filter((name) => !(name in scene.whole));
    assert.deepEqual(left, [], `left after ${what}`);
  }
  await runAgain(scene, folder, what);
  return true;
}

/** Runs what was killed once more, and compares the folder with that of a first run. */
async function runAgain({ args, whole }: Scene, folder: string, what: string): Promise<void> {
  const { code, stderr } = await new Victim(args, folder).ended;
  assert.equal(code, 0, `the next run after ${what}: ${stderr}`);
  const after = await hashes(folder);
  // A table's bytes are not promised; it is compared by what is made of it.
  if ("k.duckdb" in after) after["k.duckdb"] = whole["k.duckdb"];
  assert.deepEqual(after, whole, `the next run after ${what}`);
  assert.deepEqual(await listing(folder), Object.keys(whole).sort(), `left after ${what}`);
}

for (const output of KILLED) {
  for (const kept of [false, true]) {
    Deno.test(`kill: ${output.name}${kept ? " with a kept table" : ""} (seed ${SEED})`, async (t) => {
      await withFolder(async (folder) => {
        const scene = await sceneOf(folder, output, kept), { seen, stood } = scene;
        for (const signal of Object.keys(SIGNALS) as (keyof typeof SIGNALS)[]) {
          await t.step(`${kills} times ${signal}`, async () => {
            const failed: string[] = [];
            for (let index = 0; index < kills; index++) {
              // A run that was faster than the first one is not killed, but another one.
              for (let killed = false, number = index; !killed; number += kills) {
                const dice = new Dice(`kill ${output.name} ${kept} ${signal}`, number);
                const place = `${folder}/${signal}${number}`;
                try {
                  killed = await kill(scene, place, signal, dice);
                } catch (error) {
                  failed.push(String(error));
                  killed = true;
                } finally {
                  await Deno.remove(place, { recursive: true });
                }
              }
            }
            assert.equal(failed.length, 0, `${failed.length} of ${kills}: ${failed[0]}`);
          });
        }
        // Each was seen running, before its first phase or in one of them.
        assert.equal(seen.sum(/^(start|ingest|convert|finish)$/), 4 * kills, String(seen));
        console.log(`killed in: ${seen}; then stood: ${stood}`);
      });
    });
  }
}
