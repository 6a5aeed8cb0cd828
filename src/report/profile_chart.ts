/**
 * Makes the chart of memory over time from the profile of a run.
 *
 * @module
 */
import type { Chart } from "./chart.ts";

/** Most rows of the chart. */
const MOST_ROWS = 600;
const MIB = 1024 ** 2;
/** Columns of a profile that are shown, and their names. */
const COLUMNS = [
  ["rss", "RSS (MiB)"],
  ["peak_rss", "Peak RSS (MiB)"],
  ["v8_heap", "V8 heap (MiB)"],
  ["duckdb_memory", "DuckDB (MiB)"],
  ["budget", "--memory (MiB)"],
] as const;

/** Returns the chart of a profile, a CSV; undefined without one. */
export function profileChart(text: string | undefined): Chart[] {
  const [header, ...lines] = (text ?? "").trim().split("\n");
  if (lines.length === 0) return [];
  const names = header.split(","), at = (name: string) => names.indexOf(name);
  const shown = COLUMNS.filter(([name]) => at(name) >= 0);
  const each = Math.ceil(lines.length / MOST_ROWS);
  const rows = Array.from({ length: Math.ceil(lines.length / each) }, (_, n) => {
    const some = lines.slice(n * each, (n + 1) * each).map((line) => line.split(","));
    const most = (name: string) =>
      Math.round(Math.max(...some.map((cells) => Number(cells[at(name)]))) / MIB * 10) / 10;
    const [first] = some;
    return [
      `${first[at("seconds")]} ${first[at("phase")]}`,
      ...shown.map(([name]) => most(name)),
    ];
  });
  return [{
    id: "memory",
    title: "Memory over time",
    text: [
      "Memory of the process by the seconds since the run began, with the phase of the run.",
      ...each > 1 ? [`A row has the most of ${each} lines of the profile.`] : [],
    ],
    kind: "line",
    columns: ["Seconds and phase", ...shown.map(([, name]) => name)],
    rows,
    drawn: shown.map((_, n) => n + 1),
    shares: [],
    marked: [],
  }];
}
