/**
 * Draws a report of a table of counts.
 *
 * @module
 */
import type { DrawnReport, ReportInput } from "../counts/report_input.ts";
import { chartLibrary } from "./chart_library.ts";
import { Counts } from "./counts_reader.ts";
import { multiqcText } from "./multiqc.ts";
import { pageText } from "./page.ts";
import { profileChart } from "./profile_chart.ts";
import { identityChart, samplesChart } from "./sample_charts.ts";
import { siteCharts } from "./site_charts.ts";

/**
 * Draws a report.
 *
 * @param input The counts, and what is known of the run.
 * @returns The page, and the file for MultiQC.
 */
export async function drawReport(input: ReportInput): Promise<DrawnReport> {
  const counts = new Counts(input.counts), { version, title, run } = input;
  const sections = [
    samplesChart(counts),
    ...siteCharts(counts),
    identityChart(counts),
    ...profileChart(input.profile),
  ];
  const page = await pageText({ version, title, ...run, sections }, await chartLibrary());
  return { page, multiqc: () => multiqcText(counts, title, version) };
}
