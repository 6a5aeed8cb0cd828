/**
 * Runs a case: each entry once to warm up, then all in turn, round by round.
 *
 * @module
 */

import { dirname } from "node:path";
import type { Measurer } from "./measure.ts";
import type { Case, Entry, Lens } from "./plan.ts";
import { prepare, removeIfThere, sizeOf } from "./prepare.ts";
import { difference, type Extract, extract, stepFor } from "./same.ts";
import type { EntryResult, Run } from "./statistics.ts";

/** Seconds above which an entry skips rounds: the medians of the fast ones need them more. */
const SLOW_SECONDS = 10;
const SLOW_ROUNDS = 3;

/** Settings of a race. */
export interface RaceSettings {
  rounds: number;
  /** Folder in which commands run. */
  root: string;
  measure: Measurer;
  /** Receives what is going on, a line at a time. */
  say: (line: string) => void;
}

/** Runs a case. A command that fails is noted, and the others go on without it. */
export async function race(plan: Case, settings: RaceSettings): Promise<EntryResult[]> {
  const results = plan.entries.map(newResult);
  const running = () => results.filter(({ status }) => status === "done");
  for (const result of running()) await warmUp(result, settings);
  await compareAll(running());
  for (const { entry } of results) clean(entry);
  const rounds = Math.min(settings.rounds, plan.mostRounds ?? Infinity);
  for (let round = 1; round <= rounds; round++) {
    for (const result of running()) {
      if (round > roundsOf(result)) continue;
      settings.say(`${plan.id}: round ${round} of ${rounds}, ${result.entry.label}`);
      await attempt(result, async () => {
        result.runs.push(await runOnce(result.entry, round, settings));
        clean(result.entry);
      });
    }
  }
  for (const { entry } of results) discard(entry);
  return results;
}

/** Returns an entry's result as the race begins. */
function newResult(entry: Entry): RaceResult {
  const status = entry.missing === undefined ? "done" : "skipped";
  return { entry, status, note: entry.missing, runs: [], same: "not checked", warm: 0 };
}

/** A result with the seconds of the run that did not count. */
interface RaceResult extends EntryResult {
  warm: number;
}

function roundsOf({ entry, warm }: RaceResult): number {
  if (entry.extrapolate !== undefined) return 0;
  return warm > SLOW_SECONDS ? SLOW_ROUNDS : Infinity;
}

/** Makes the data, and runs the command once; that counts only for entries that run no more. */
async function warmUp(result: RaceResult, settings: RaceSettings): Promise<void> {
  settings.say(`warm-up: ${result.entry.label}`);
  await attempt(result, async () => {
    await prepare(result.entry, settings.root);
    const run = await runOnce(result.entry, 0, settings);
    result.warm = run.wall;
    if (result.entry.extrapolate !== undefined) result.runs.push(run);
  });
}

async function attempt(result: EntryResult, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    result.status = "failed";
    result.note = error instanceof Error ? error.message : String(error);
    clean(result.entry);
  }
}

/** Runs a command, after the files of its last run were removed. */
async function runOnce(entry: Entry, round: number, { measure }: RaceSettings): Promise<Run> {
  clean(entry);
  if (entry.output) Deno.mkdirSync(dirname(entry.output), { recursive: true });
  const measured = await measure(entry.command);
  for (const path of filesOf(entry)) {
    if (sizeOf(path) === undefined) throw new Error(`no ${path.replace(/.*\//, "")} after the run`);
  }
  return { round, ...measured, bytes: entry.output ? sizeOf(entry.output) ?? 0 : 0 };
}

/** Removes what a run left. A removed file is not written back to the disk in another's time. */
function clean(entry: Entry): void {
  for (const path of filesOf(entry)) removeIfThere(path);
}

/** Removes what the entry needed and no other benchmark does. */
function discard({ recipes }: Entry): void {
  for (const { path, kept } of recipes) if (!kept) removeIfThere(path);
}

function filesOf({ output, leaves }: Entry): string[] {
  return [...(output ? [output] : []), ...leaves];
}

/** Compares the outputs that the warm-up left. */
async function compareAll(results: readonly EntryResult[]): Promise<void> {
  const extracts = new Map<string, Promise<Extract>>();
  const extractOnce = (path: string, step: number, lens: Lens) => {
    const key = `${path} ${step} ${lens}`;
    if (!extracts.has(key)) extracts.set(key, extract(path, step, lens));
    return extracts.get(key) as Promise<Extract>;
  };
  for (const result of results) {
    const against = result.entry.check?.against;
    try {
      if (against !== undefined && sizeOf(against) === undefined) throw new Error("no reference");
      result.same = await compare(result.entry, extractOnce);
    } catch (error) {
      result.same = `not checked: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
}

async function compare(
  { check, matrix, output }: Entry,
  extractOnce: (path: string, step: number, lens: Lens) => Promise<Extract>,
): Promise<string> {
  if (!matrix || !output) return "no matrix";
  const step = stepFor(matrix.rows, (matrix.columns - 3) / 2);
  const own = await extractOnce(output, step, check?.lens ?? "exact");
  if (own.records !== matrix.rows) return `DIFFERS: ${own.records} records`;
  if (check === undefined) return "reference";
  const found = difference(await extractOnce(check.against, step, check.lens), own);
  return found === undefined ? `yes, ${check.lens}` : `DIFFERS: ${found}`;
}
