/**
 * Makes sure that the files of a plan are those that it was made of.
 *
 * @module
 */
import { resolve } from "node:path";
import { InputError } from "../base/errors.ts";
import { fileError } from "../base/files.ts";
import { inputState } from "../base/input_state.ts";
import { fingerprint } from "../matrix/fingerprint.ts";
import type { PlannedFile, ShardPlan } from "./shard_plan.ts";

/** Returns what a plan remembers of a file. */
export async function plannedFile(path: string): Promise<PlannedFile> {
  const { size, modified } = inputState(await Deno.stat(path));
  return {
    path: resolve(path),
    size,
    modified,
    fingerprint: await fingerprint({ path, size }),
  };
}

/**
 * Compares size, time and ends of the input and of the reference with the plan's.
 *
 * @throws {InputError} One of them differs, or is not there.
 */
export async function checkPlanned({ input, reference = [] }: ShardPlan): Promise<void> {
  for (const file of [input, ...reference]) await checkFile(file);
}

async function checkFile(planned: PlannedFile): Promise<void> {
  const { path } = planned;
  let now: PlannedFile;
  try {
    now = await plannedFile(path);
  } catch (error) {
    throw fileError(error, path);
  }
  const how = difference(planned, now);
  if (how === undefined) return;
  throw new InputError(
    `the file is not the one that was scattered: ${how}; scatter again, and convert all shards anew`,
    { file: path },
  );
}

function difference(planned: PlannedFile, now: PlannedFile): string | undefined {
  if (planned.size !== now.size) return `it has ${now.size} bytes, and had ${planned.size}`;
  if (planned.modified !== now.modified) {
    const time = (milliseconds: number) => new Date(milliseconds).toISOString();
    return `it was written ${time(now.modified)}, and before ${time(planned.modified)}`;
  }
  if (planned.fingerprint !== now.fingerprint) return "its first or last MiB differs";
  return undefined;
}
