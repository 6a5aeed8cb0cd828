/**
 * Runs commands and measures them, by `measure.c` or, without a compiler, by `measure.py`.
 *
 * @module
 */

import { runCommand } from "./command.ts";
import { compileRecipe } from "./peers.ts";
import type { Setting } from "./plan.ts";
import { makeRecipe } from "./prepare.ts";
import type { Run } from "./statistics.ts";

/** Time and memory that a run took. */
export type Measured = Pick<Run, "wall" | "cpu" | "peak">;

/**
 * A function that runs a command to its end, in the repository's folder, and returns what it took.
 */
export type Measurer = (command: readonly string[]) => Promise<Measured>;

/** Finds out how to measure here. */
export async function openMeasurer(setting: Setting): Promise<Measurer> {
  const before = await measuringWords(setting);
  return async (command) => JSON.parse(await runCommand([...before, ...command], setting.root));
}

async function measuringWords(setting: Setting): Promise<string[]> {
  if (setting.tools.gcc !== undefined) {
    const recipe = compileRecipe(setting, "measure");
    await makeRecipe(recipe, setting.root);
    return [recipe.path];
  }
  return ["python3", `${setting.root}/tasks/bench/measure.py`];
}
