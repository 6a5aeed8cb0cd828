/**
 * Many conversions, and many that are aborted, in one process: memory, open files and threads of the
 * process do not grow.
 */
import assert from "node:assert/strict";
import { filePath } from "../helpers/cli.ts";
import { ROUNDS, type Use } from "./repeat.ts";
import { FULL, SEED } from "./settings.ts";

/** Bytes that the memory may grow by, whatever the number of rounds. */
const MOST_GROWTH = 48 * 2 ** 20;

for (const aborted of [false, true]) {
  const what = aborted ? "aborts" : "conversions";
  Deno.test({
    name: `repeat: ${ROUNDS} ${what} in one process (seed ${SEED})`,
    ignore: Deno.build.os !== "linux",
    fn: async () => {
      const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "-A", "--quiet", "--v8-flags=--expose-gc", filePath("tests/faults/repeat.ts")],
          ...[String(aborted), "--seed", String(SEED), ...FULL ? ["--full"] : []],
        ],
      }).output();
      assert.ok(success, new TextDecoder().decode(stderr));
      const [early, late]: Use[] = JSON.parse(new TextDecoder().decode(stdout));
      console.log(JSON.stringify({ early, late }));
      assert.ok(late.memory < early.memory + MOST_GROWTH, "memory");
      assert.equal(late.files, early.files, "open files");
      assert.equal(late.threads, early.threads, "threads");
    },
  });
}
