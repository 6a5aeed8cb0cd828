/**
 * Runs the fault tests: says beforehand how long they take, and by which seed they draw.
 * `deno task test:faults`, and `deno task test:faults --full --seed 7`.
 *
 * @module
 */
import { FULL, SEED } from "./settings.ts";

/** Minutes on two cores with nothing else to do. */
const MINUTES = { slice: 1, full: 45 };

if (import.meta.main) {
  const what = FULL ? "the full numbers" : "a slice", minutes = FULL ? MINUTES.full : MINUTES.slice;
  console.log(`fault tests, ${what}, seed ${SEED}: about ${minutes} min on two cores`);
  const folder = new URL(".", import.meta.url).pathname;
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["test", "-A", "--no-check", "--parallel", "--v8-flags=--expose-gc", folder, "--"],
      ...Deno.args,
    ],
    env: { DENO_JOBS: "2" },
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  Deno.exit(code);
}
