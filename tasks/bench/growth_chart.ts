/**
 * Draws how time grows with rows and with columns.
 *
 * @module
 */

import * as echarts from "echarts";
import type { BenchReport, EntryReport } from "./report.ts";

const WIDTH = 860, HEIGHT = 320;
const INK = "#343a40";
/** The ways by the flag in their labels, and the colour of each. */
const WAYS = [
  { name: "through the table", color: "#0b7285", isOf: (label: string) => !isDirect(label) },
  { name: "--direct", color: "#e8590c", isOf: isDirect },
];

function isDirect(label: string): boolean {
  return label.includes("--direct");
}

/** The growing measure of a panel, and which entries it has: those of 34 columns, or of few rows. */
const PANELS = [
  {
    name: "million rows of 34 columns",
    size: ({ rows = 0 }: EntryReport) => rows / 1e6,
    has: ({ columns = 0 }: EntryReport) => columns < 100,
  },
  {
    name: "thousand columns of 10,000 rows",
    size: ({ columns = 0 }: EntryReport) => columns / 1000,
    has: ({ rows = 0 }: EntryReport) => rows < 100_000,
  },
];

/** Draws the case `growth` as one SVG; undefined where it is not there. */
export function growthSvg({ cases }: BenchReport): string | undefined {
  const entries = cases.find(({ id }) => id === "growth")?.entries
    .filter(({ measures }) => measures.wall !== undefined);
  if (!entries || entries.length === 0) return undefined;
  const options = { renderer: "svg", ssr: true, width: WIDTH, height: HEIGHT } as const;
  const chart = echarts.init(null, null, options), half = WIDTH / PANELS.length;
  const axis = { axisLabel: { color: INK }, splitLine: { lineStyle: { color: "#e9ecef" } } };
  const nameTextStyle = { color: INK };
  chart.setOption({
    animation: false,
    backgroundColor: "#ffffff",
    textStyle: { color: INK, fontFamily: "sans-serif" },
    legend: { data: WAYS.map(({ name }) => name), top: 4 },
    grid: PANELS.map((_, at) => ({ left: at * half + 60, width: half - 90, top: 50, bottom: 50 })),
    xAxis: PANELS.map(({ name }, gridIndex) => ({
      ...{ ...axis, type: "value", gridIndex, name, nameTextStyle },
      ...{ nameLocation: "middle", nameGap: 28 },
    })),
    yAxis: PANELS.map((_, gridIndex) => {
      return { ...axis, type: "value", gridIndex, name: "seconds", nameTextStyle };
    }),
    series: PANELS.flatMap(({ size, has }, at) =>
      WAYS.map(({ name, color, isOf }) => ({
        ...{ type: "line", name, xAxisIndex: at, yAxisIndex: at, symbolSize: 7 },
        ...{ itemStyle: { color }, lineStyle: { color } },
        data: entries.filter((entry) => has(entry) && isOf(entry.label))
          .map((entry) => [size(entry), entry.measures.wall!.median])
          .toSorted(([a], [b]) => a - b),
      }))
    ),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
