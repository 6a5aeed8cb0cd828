/**
 * Turns results into Markdown and plain data.
 *
 * @module
 */

import type { Case, Measure } from "./plan.ts";
import {
  type EntryResult,
  type GoalResult,
  judge,
  measureOf,
  ratioOf,
  type Spread,
} from "./statistics.ts";
import type { Machine } from "./tools.ts";

/** The results of a whole benchmark. */
export interface BenchReport {
  /** Version of matrix2vcf. */
  version: string;
  machine: Machine;
  rounds: number;
  scale: number;
  cases: CaseReport[];
}

/** The results of a case, as in `results.json`. */
export interface CaseReport {
  id: string;
  title: string;
  baseline: string;
  entries: EntryReport[];
  goals: GoalReport[];
}

/** The results of an entry: medians and ranges of each measure, and every run. */
export interface EntryReport {
  id: string;
  label: string;
  peer: string;
  status: EntryResult["status"];
  note?: string;
  /** The words of the command. */
  command: readonly string[];
  rows?: number;
  columns?: number;
  /** Set where it ran once, on so many times fewer rows; wall, cpu and bytes are multiplied. */
  extrapolated?: number;
  /** Says whether the output is the same as that it is compared with. */
  same: string;
  /** Seconds, MiB, bytes; `cell` is ns of wall time. */
  measures: Partial<Record<Measure, Spread>>;
  /** Ratio to the baseline, round by round. */
  ratio?: Spread;
  runs: EntryResult["runs"];
}

/** A goal, and the value that it is compared with. */
export interface GoalReport {
  text: string;
  bound: "least" | "most";
  must?: number;
  aim?: number;
  value?: Spread;
  verdict: GoalResult["verdict"];
}

const MEASURES: readonly Measure[] = ["wall", "cpu", "peak", "bytes", "cell"];

/** Returns the results of a case as plain data. */
export function reportCase(plan: Case, results: readonly EntryResult[]): CaseReport {
  const baseline = results.find(({ entry }) => entry.id === plan.baseline);
  return {
    id: plan.id,
    title: plan.title,
    baseline: plan.baseline,
    entries: results.map((result) => reportEntry(result, plan, baseline)),
    goals: judge(plan, results).map(({ goal, value, verdict }) => {
      const { text, bound, must, aim } = goal;
      return { text, bound, must, aim, value, verdict };
    }),
  };
}

function reportEntry(result: EntryResult, plan: Case, baseline?: EntryResult): EntryReport {
  const { entry, status, note, runs, same } = result;
  const { id, label, peer, command, matrix, extrapolate } = entry;
  const measures: EntryReport["measures"] = {};
  for (const name of MEASURES) {
    const spread = measureOf(result, name);
    if (spread && !Number.isNaN(spread.median)) measures[name] = spread;
  }
  return {
    ...{ id, label, peer, status, note, command, rows: matrix?.rows, columns: matrix?.columns },
    ...{ extrapolated: extrapolate, same, measures, runs },
    ratio: baseline && ratioOf(result, baseline, plan.compare),
  };
}

/** Returns the lines above the first case. */
export function renderHead({ version, machine, rounds, scale }: BenchReport): string {
  const { cpu, cores, memory, load, versions } = machine;
  return [
    `# matrix2vcf ${version}, benchmark`,
    `${cores} cores (${cpu}), ${Math.round(memory / 1024)} GiB; ` +
    `load as it began ${load.toFixed(2)}; ${Object.values(versions).join("; ")}.`,
    `Medians of ${rounds} rounds in which everyone runs in turn, after a warm-up that does not ` +
    "count; in brackets the range. Ratios are taken within a round. Peak is the largest resident " +
    "set of any one process; CPU is the sum over all. Pre-cut: the columns were joined, and a FASTA " +
    "was made, before; that does not count." +
    (scale === 1 ? "" : ` **Scaled to ${scale} of the rows: goals are for full size.**`),
  ].join("\n\n") + "\n";
}

/** Returns a case as Markdown: its table, the failures and the goals. */
export function renderCase(report: CaseReport): string {
  const perCell =
    new Set(report.entries.map(({ rows, columns }) => `${rows}x${columns}`)).size > 1 &&
    !report.entries.some(({ extrapolated }) => extrapolated);
  const head = ["", "wall, s", "ratio", "CPU, s", "peak, MiB", "output, MB", "runs", "same output"];
  if (perCell) head.splice(2, 0, "ns a cell");
  const rows = report.entries.map((entry) => entryRow(entry, perCell));
  const notes = report.entries.filter(({ note }) => note !== undefined)
    .map(({ label, status, note }) => `- ${label}: ${status}: ${note}`);
  const goals = report.goals.map(goalRow);
  return [
    `## ${report.id}: ${report.title}`,
    table(head, rows),
    ...(notes.length > 0 ? [notes.join("\n")] : []),
    ...(goals.length > 0 ? [table(["goal", "to reach", "measured", ""], goals)] : []),
  ].join("\n\n") + "\n";
}

function entryRow(entry: EntryReport, perCell: boolean): string[] {
  const { measures, ratio, extrapolated, runs, same, status } = entry;
  if (status !== "done") return [entry.label, status, ...Array(perCell ? 7 : 6).fill("")];
  const about = extrapolated ? "about " : "";
  const cells = [
    extrapolated ? `${entry.label} (extrapolated from 1/${round(extrapolated)})` : entry.label,
    about + spread(measures.wall),
    about + spread(ratio),
    about + middle(measures.cpu),
    (extrapolated ? "over " : "") + middle(measures.peak),
    about + middle(measures.bytes, 1e6),
    String(runs.length),
    same,
  ];
  if (perCell) cells.splice(2, 0, spread(measures.cell));
  return cells;
}

function goalRow({ text, bound, must, aim, value, verdict }: GoalReport): string[] {
  const wanted = [
    must === undefined ? "" : `at ${bound} ${must}`,
    aim === undefined ? "" : `go for ${aim}`,
  ].filter((part) => part !== "").join(", ");
  return [text, wanted, value ? spread(value) : "", verdict];
}

/** Returns `2.91 (2.85-3.10)`; the range only where there is one. */
function spread(value?: Spread): string {
  if (value === undefined) return "";
  const { median, least, most } = value;
  return least === most ? round(median) : `${round(median)} (${round(least)}-${round(most)})`;
}

function middle(value?: Spread, unit = 1): string {
  return value === undefined ? "" : round(value.median / unit);
}

/** Returns a number with three significant digits. */
function round(value: number): string {
  if (value === 0) return "0";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 4));
}

/** Returns a Markdown table. */
function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((c) => c.replaceAll("|", "\\|")).join(" | ")} |`;
  const rule = head.map((_, at) => at === 0 ? "---" : "---:");
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}
