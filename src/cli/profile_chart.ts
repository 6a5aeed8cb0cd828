/**
 * Draws a profile: memory over time, the phases shaded, the budget as a line.
 *
 * @module
 */
import * as echarts from "echarts";
import { InputError } from "../base/errors.ts";

/** The rows of a profile, as in its CSV; cells by column. */
export type ProfileRows = Record<string, string>[];

const WIDTH = 960, HEIGHT = 480;
const INK = "#343a40", BUDGET = "#c92a2a";
const MIB = 1024 ** 2;
const SHADES: Record<string, string> = {
  spool: "#f1f3f5",
  survey: "#fff3bf",
  ingest: "#d0ebff",
  convert: "#d3f9d8",
  finish: "#f3d9fa",
};
/** Lines of the picture; those whose columns the profile lacks are left out. */
const LINES: readonly { column: string; name: string; color: string; width: number }[] = [
  { column: "peak_rss", name: "peak RSS", color: "#868e96", width: 1 },
  { column: "rss", name: "RSS", color: "#0b7285", width: 2.5 },
  { column: "pss", name: "PSS", color: "#e8590c", width: 1.5 },
  { column: "uss", name: "USS", color: "#f08c00", width: 1.5 },
  { column: "duckdb_memory", name: "DuckDB (ingest)", color: "#5f3dc4", width: 1.5 },
  { column: "duckdb_temporary", name: "DuckDB's temporary files", color: "#9c36b5", width: 1 },
  { column: "v8_heap", name: "V8 heap (main)", color: "#2b8a3e", width: 1.5 },
];

/**
 * Reads the CSV of a profile.
 *
 * @throws {InputError} Not a profile.
 */
export function readProfile(text: string, file: string): ProfileRows {
  const [header = "", ...lines] = text.trim().split("\n");
  const columns = header.split(",");
  if (!columns.includes("seconds") || !columns.includes("rss") || lines.length === 0) {
    throw new InputError("not a profile of convert --profile", { file });
  }
  return lines.map((line) => {
    const cells = line.split(",");
    return Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? ""]));
  });
}

/** Returns the picture of a profile, as SVG. */
export function profileSvg(rows: ProfileRows): string {
  const chart = echarts.init(null, null, {
    renderer: "svg",
    ssr: true,
    width: WIDTH,
    height: HEIGHT,
  });
  const lines = LINES.filter(({ column }) => rows.some((row) => Number(row[column]) > 0));
  const budget = Number(rows[0].budget) / MIB, end = Math.max(0.1, Number(rows.at(-1)!.seconds));
  const peak = Math.max(...rows.map(({ peak_rss }) => Number(peak_rss))) / MIB;
  const workers = Math.max(1, ...rows.map(({ busy_workers }) => Number(busy_workers) || 0));
  chart.setOption({
    animation: false,
    backgroundColor: "#ffffff",
    textStyle: { color: INK, fontFamily: "sans-serif" },
    title: {
      text: `Memory of a conversion: peak ${peak.toFixed(0)} MiB of ${budget.toFixed(0)} MiB`,
      left: 16,
      top: 12,
      textStyle: { fontSize: 16, color: INK },
    },
    legend: {
      top: 42,
      left: 12,
      itemWidth: 18,
      itemHeight: 4,
      icon: "rect",
      itemGap: 18,
      data: lines.map(({ name }) => name),
    },
    grid: [
      { left: 72, right: 110, top: 84, height: 276 },
      { left: 72, right: 110, top: 384, height: 44 },
    ],
    xAxis: [
      { type: "value", min: 0, max: end, axisLabel: { show: false }, splitLine: { show: false } },
      {
        type: "value",
        gridIndex: 1,
        min: 0,
        max: end,
        name: "seconds",
        nameLocation: "middle",
        nameGap: 26,
        splitLine: { show: false },
        axisLabel: { hideOverlap: true, showMaxLabel: false },
      },
    ],
    yAxis: [
      {
        ...sideways("MiB", 48),
        min: 0,
        max: Math.ceil(Math.max(budget, peak) * 1.05 / 100) * 100,
      },
      { ...sideways("workers", 48), gridIndex: 1, min: 0, max: workers, interval: workers },
    ],
    series: [
      ...lines.map(({ column, name, color, width }, index) => ({
        type: "line" as const,
        name,
        color,
        showSymbol: false,
        lineStyle: { width },
        data: rows.filter((row) => row[column] !== "").map((row) => [
          Number(row.seconds),
          Number(row[column]) / MIB,
        ]),
        ...index > 0 ? {} : { markArea: phases(rows), markLine: budgetLine(budget) },
      })),
      {
        type: "line" as const,
        name: "busy",
        color: INK,
        step: "end" as const,
        showSymbol: false,
        xAxisIndex: 1,
        yAxisIndex: 1,
        lineStyle: { width: 1 },
        areaStyle: { opacity: 0.15 },
        data: rows.map((row) => [Number(row.seconds), Number(row.busy_workers)]),
      },
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

/** Returns an axis whose name stands beside its numbers. */
function sideways(name: string, nameGap: number) {
  return { type: "value" as const, name, nameGap, nameLocation: "middle" as const };
}

/** Returns each phase as a shade, from its first row to that of the next phase. */
function phases(rows: ProfileRows) {
  const starts = rows.filter(({ phase }, index) => index === 0 || rows[index - 1].phase !== phase);
  const end = Number(rows.at(-1)!.seconds);
  const shade = ({ phase, seconds }: ProfileRows[number], index: number) => {
    const to = Number(starts[index + 1]?.seconds ?? end);
    const label = { show: (to - Number(seconds)) / end > 0.05 };
    return [
      {
        name: phase,
        xAxis: Number(seconds),
        itemStyle: { color: SHADES[phase] ?? "#f8f9fa", opacity: 0.55 },
        label,
      },
      { xAxis: to },
    ];
  };
  return {
    silent: true,
    label: { position: "insideTop" as const, color: INK, fontSize: 13 },
    data: starts.map(shade) as [{ xAxis: number }, { xAxis: number }][],
  };
}

function budgetLine(budget: number) {
  return {
    silent: true,
    symbol: "none",
    lineStyle: { color: BUDGET, width: 2, type: "dashed" as const },
    label: { formatter: "--memory", color: BUDGET, fontSize: 13, position: "end" as const },
    data: [{ yAxis: budget }],
  };
}
