/**
 * Draws the bar chart for the README.
 *
 * @module
 */

import * as echarts from "echarts";
import type { BenchReport, CaseReport, EntryReport } from "./report.ts";

const WIDTH = 860;
/** Pixels of a bar with its gap, of a panel's title and of the axis below it all. */
const BAR = 26;
const TITLE = 40;
const AXIS = 56;
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
  const height = heights.reduce((sum, each) => sum + each + TITLE, AXIS);
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height });
  const tops = heights.map((_, at) =>
    heights.slice(0, at).reduce((sum, each) => sum + each + TITLE, TITLE)
  );
  const scale = scaleFor(panels.flatMap(({ entries }) => inOrder(entries).map(wallOf)));
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
    xAxis: panels.map((_, at) => xAxis(at, at === panels.length - 1, scale, machine.cores)),
    yAxis: panels.map((panel, at) => yAxis(panel, at)),
    series: panels.map((panel, at) => bars(panel, at, scale)),
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

/** A logarithmic scale from a power of ten to another, both in seconds' logarithms. */
interface Scale {
  from: number;
  to: number;
}

/**
 * Returns a scale from the power of ten below all to that above. The chart's own would start at 1.
 */
function scaleFor(walls: readonly number[]): Scale {
  const from = Math.ceil(Math.log10(Math.min(1, ...walls))) - 1;
  return { from, to: Math.max(from + 1, Math.ceil(Math.log10(Math.max(1, ...walls)))) };
}

/** Returns the axis of a panel. All panels have the same scale; only the last shows it. */
function xAxis(gridIndex: number, shown: boolean, { from, to }: Scale, cores: number) {
  return {
    type: "value",
    gridIndex,
    min: 0,
    max: to - from,
    interval: 1,
    axisLabel: {
      show: shown,
      color: INK,
      formatter: (power: number) => `${secondsAt(power + from)}`,
    },
    splitLine: { lineStyle: { color: "#e9ecef" } },
    name: shown ? `seconds on ${cores} cores, logarithmic scale; shorter is better` : "",
    nameLocation: "middle",
    nameGap: 28,
    nameTextStyle: { color: INK },
  };
}

/** Returns a power of ten without the noise of floating point. */
function secondsAt(power: number): number {
  return Number(`1e${Math.round(power)}`);
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

function bars({ entries }: CaseReport, at: number, { from }: Scale) {
  return {
    type: "bar",
    xAxisIndex: at,
    yAxisIndex: at,
    barWidth: BAR - 10,
    data: inOrder(entries).map((entry) => ({
      value: Math.log10(wallOf(entry)) - from,
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
