/**
 * Computes medians and ratios of the measured runs, and whether goals are met.
 *
 * @module
 */

import { type Case, cellsOf, type Entry, type Goal, type Measure } from "./plan.ts";

/** One measured run. */
export interface Run {
  /** 1-based; 0 for an entry that runs only once. */
  round: number;
  /** Seconds from start to end. */
  wall: number;
  /** Seconds of all processes on all cores. */
  cpu: number;
  /** Largest resident set of any one process, KiB. */
  peak: number;
  /** Size of the output; 0 if there is none. */
  bytes: number;
}

/** The end of an entry; `note` says why it is not `done`. */
export interface EntryResult {
  entry: Entry;
  status: "done" | "failed" | "skipped";
  note?: string;
  runs: Run[];
  /** Says whether the output holds the same records as the one it is compared with. */
  same: string;
}

/** A middle value and its range; ends included. */
export interface Spread {
  median: number;
  least: number;
  most: number;
}

/** A goal, and whether it is met. */
export interface GoalResult {
  goal: Goal;
  /** Undefined where an entry has no runs. */
  value?: Spread;
  verdict: "missed" | "reached" | "aim missed" | "aim reached" | "not measured";
}

/** Returns the middle and the range of at least one number. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return {
    median: (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2,
    least: sorted[0],
    most: sorted[sorted.length - 1],
  };
}

/**
 * Returns a run's measure: seconds, MiB, bytes or ns a cell; extrapolated where that is planned.
 */
export function valueOf(entry: Entry, run: Run, measure: Measure): number {
  const times = entry.extrapolate ?? 1;
  if (measure === "peak") return run.peak / 1024;
  if (measure === "bytes") return run.bytes * times;
  if (measure !== "cell") return run[measure] * times;
  return entry.matrix === undefined ? NaN : run.wall * 1e9 / cellsOf(entry.matrix);
}

/**
 * Returns a measure over all runs of an entry; undefined where there are none, or one has failed.
 */
export function measureOf(
  { entry, runs, status }: EntryResult,
  measure: Measure,
): Spread | undefined {
  if (runs.length === 0 || status !== "done") return undefined;
  return spreadOf(runs.map((run) => valueOf(entry, run, measure)));
}

/**
 * Returns one entry's measure over another's: each round gives a ratio, as both ran under the same
 * load then. Without a common round it is the ratio of the medians, and has no range.
 */
export function ratioOf(
  one: EntryResult,
  other: EntryResult,
  measure: Measure,
): Spread | undefined {
  if (one.status !== "done" || other.status !== "done") return undefined;
  const ratios: number[] = [];
  for (const run of one.runs) {
    const same = other.runs.find(({ round }) => round === run.round && round > 0);
    if (!same) continue;
    ratios.push(valueOf(one.entry, run, measure) / valueOf(other.entry, same, measure));
  }
  if (ratios.length > 0) return spreadOf(ratios);
  const over = measureOf(other, measure)?.median;
  const median = measureOf(one, measure)?.median;
  return over === undefined || median === undefined ? undefined : spreadOf([median / over]);
}

/** Returns the goals of a case, and whether they are met. */
export function judge(plan: Case, results: readonly EntryResult[]): GoalResult[] {
  const find = (id: string) => results.find(({ entry }) => entry.id === id);
  return plan.goals.map((goal) => {
    const { entry, over, measure } = goal;
    const one = find(entry);
    const other = over === undefined ? undefined : find(over);
    const value = over === undefined
      ? one && measureOf(one, measure)
      : one && other && ratioOf(one, other, measure);
    return { goal, value, verdict: verdictOf(goal, value) };
  });
}

function verdictOf(goal: Goal, value?: Spread): GoalResult["verdict"] {
  if (value === undefined) return "not measured";
  const reaches = (bound: number) =>
    goal.bound === "least" ? value.median >= bound : value.median <= bound;
  if (goal.must !== undefined && !reaches(goal.must)) return "missed";
  if (goal.aim === undefined) return "reached";
  if (reaches(goal.aim)) return "aim reached";
  return goal.must === undefined ? "aim missed" : "reached";
}
