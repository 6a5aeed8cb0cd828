/**
 * Draws the bar chart for the README.
 *
 * @module
 */

import * as echarts from "echarts";
import type { BenchReport, CaseReport, EntryReport } from "./report.ts";

const WIDTH = 860;
/** Pixels of a bar with its gap, of a panel's title, of the axis below it, and of the axis' name. */
const BAR = 26;
const TITLE = 40;
const AXIS = 24;
const AXIS_NAME = 32;
const LABELS = 330;
const OURS = "#0b7285";
const OTHERS = "#adb5bd";
const INK = "#343a40";

/**
 * Draws the measured entries of the cases that compare programs as one SVG, a panel a case. Returns
 * undefined if there is no such case.
 */
export function chartSvg({ cases, machine }: BenchReport): string | undefined {
  const panels = cases.filter(comparesPrograms);
  if (panels.length === 0) return undefined;
  const heights = panels.map(({ entries }) => BAR * entries.filter(isMeasured).length);
  const height = heights.reduce((sum, each) => sum + each + TITLE + AXIS, AXIS_NAME);
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height });
  const tops = heights.map((_, at) =>
    heights.slice(0, at).reduce((sum, each) => sum + each + TITLE + AXIS, TITLE)
  );
  chart.setOption({
    animation: false,
    backgroundColor: "#ffffff",
    textStyle: { color: INK, fontFamily: "sans-serif" },
    title: panels.map(({ id, title }, at) => ({
      text: `${id}: ${title}`,
      left: 12,
      top: tops[at] - TITLE + 12,
      textStyle: { fontSize: 14, color: INK },
    })),
    grid: panels.map((_, at) => ({
      left: LABELS,
      right: 90,
      top: tops[at],
      height: heights[at],
    })),
    xAxis: panels.map((_, at) => xAxis(at, at === panels.length - 1, machine.cores)),
    yAxis: panels.map((panel, at) => yAxis(panel, at)),
    series: panels.map((panel, at) => bars(panel, at)),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

function comparesPrograms({ entries }: CaseReport): boolean {
  return new Set(entries.filter(isMeasured).map(({ peer }) => peer)).size > 1;
}

function isMeasured({ measures }: EntryReport): boolean {
  return measures.wall !== undefined;
}

function wallOf({ measures }: EntryReport): number {
  return measures.wall?.median ?? 0;
}

/**
 * Returns the axis of a panel, from 0. Each panel has its own scale, as the cases are of different
 * sizes; only the last shows what it counts.
 */
function xAxis(gridIndex: number, named: boolean, cores: number) {
  return {
    type: "value",
    gridIndex,
    min: 0,
    axisLabel: { color: INK },
    splitLine: { lineStyle: { color: "#e9ecef" } },
    name: named ? `seconds on ${cores} cores; shorter is better` : "",
    nameLocation: "middle",
    nameGap: 28,
    nameTextStyle: { color: INK },
  };
}

function yAxis({ entries }: CaseReport, gridIndex: number) {
  return {
    type: "category",
    gridIndex,
    inverse: true,
    data: inOrder(entries).map(({ label, extrapolated }) =>
      extrapolated ? `${label} (extrapolated)` : label
    ),
    axisTick: { show: false },
    axisLabel: { color: INK, fontSize: 12 },
  };
}

function bars({ entries }: CaseReport, at: number) {
  return {
    type: "bar",
    xAxisIndex: at,
    yAxisIndex: at,
    barWidth: BAR - 10,
    data: inOrder(entries).map((entry) => ({
      value: wallOf(entry),
      itemStyle: { color: entry.peer === "matrix2vcf" ? OURS : OTHERS },
      label: { formatter: `${Number(wallOf(entry).toPrecision(2))} s` },
    })),
    label: { show: true, position: "right", color: INK },
  };
}

/** Returns entries in order, the fastest first. */
function inOrder(entries: readonly EntryReport[]): EntryReport[] {
  return entries.filter(isMeasured).toSorted((a, b) => wallOf(a) - wallOf(b));
}
