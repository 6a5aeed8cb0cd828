/**
 * An input that is changed while the run that reads it is stopped, at moments spread over its
 * length: the run is refused and leaves nothing, or it was done with the input and its output is
 * that of what it read. `tests/convert/changed_input_test.ts` has each change at its worst moment.
 */
import assert from "node:assert/strict";
import { listing, withFolder } from "../helpers/cli.ts";
import { OUTPUTS } from "./outputs.ts";
import { Dice, many, SEED, Tally } from "./settings.ts";
import { hashes, layMatrix, pause, Victim } from "./victim.ts";

const CHANGES: readonly { name: string; apply: (path: string, dice: Dice) => void }[] = [
  {
    name: "cut",
    apply: (path, dice) => Deno.truncateSync(path, dice.below(Deno.statSync(path).size)),
  },
  { name: "grown", apply: (path) => Deno.writeTextFileSync(path, "1\t1\tA\n", { append: true }) },
  { name: "deleted", apply: (path) => Deno.removeSync(path) },
  {
    name: "replaced",
    apply(path) {
      layMatrix(`${path}.new`, { rows: 500, seed: 4 });
      Deno.renameSync(`${path}.new`, path);
    },
  },
  {
    name: "edited",
    apply(path, dice) {
      using file = Deno.openSync(path, { write: true });
      file.seekSync(dice.below(file.statSync().size), Deno.SeekMode.Start);
      file.writeSync(new Uint8Array([65]));
    },
  },
];

const changes = many(2, 30), ROWS = many(80_000, 400_000);

for (const { name, flags } of OUTPUTS) {
  Deno.test(`changing: ${changes} inputs of ${name} (seed ${SEED})`, () =>
    withFolder(async (folder) => {
      const outcomes = new Tally();
      const args = ["convert", "m.tsv", "-o", name, ...flags, "--threads", "2"];
      layMatrix(`${folder}/whole.tsv`, { rows: ROWS });
      const place = async (run: string) => {
        await Deno.mkdir(`${folder}/${run}`);
        await Deno.copyFile(`${folder}/whole.tsv`, `${folder}/${run}/m.tsv`);
        return `${folder}/${run}`;
      };
      const alone = await place("alone"), first = new Victim(args, alone);
      const { code, milliseconds } = await first.ended, { phases } = first;
      assert.equal(code, 0);
      // Rows that go straight to the output are read while it is made.
      const reading = "ingest" in phases ? "ingest" : "convert";
      const { "m.tsv": _, ...whole } = await hashes(alone);
      for (let index = 0; index < changes; index++) {
        const dice = new Dice(`changing ${name}`, index), change = dice.pick(CHANGES);
        const run = await place(String(index)), victim = new Victim(args, run);
        // Before that it has not opened the input, and any change is as good as none.
        await victim.reaches(reading);
        if (index % 2 === 1) await pause(dice.share() * (milliseconds - phases[reading]));
        const { phase } = victim;
        victim.signal("SIGSTOP");
        if (phase !== "end") change.apply(`${run}/m.tsv`, dice);
        victim.signal("SIGCONT");
        const { code, stderr } = await victim.ended, what = `${change.name} in ${phase}: ${stderr}`;
        const left = (await listing(run)).filter((file) => file !== "m.tsv");
        if (code === 0) {
          const { "m.tsv": _, ...made } = await hashes(run);
          assert.deepEqual(made, whole, what);
        } else {
          assert.equal(code, 1, what);
          assert.match(stderr, /^error: \S*m\.tsv[^\n]*$/m, what);
          assert.deepEqual(left, [], what);
        }
        outcomes.add(`${code === 0 ? "done" : "refused"} in ${phase}`);
        await Deno.remove(run, { recursive: true });
      }
      console.log(`${changes} changes: ${outcomes}`);
      assert.ok(outcomes.sum(/^refused/) > 0, String(outcomes));
    }));
}
