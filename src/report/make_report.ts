/**
 * Joins the drawing of a report to what makes one; what it takes is loaded only then.
 *
 * @module
 */
import type { ReportMaker } from "../counts/report_input.ts";

/** Draws a report. */
export const makeReport: ReportMaker = async (input) =>
  (await import("./draw_report.ts")).drawReport(input);
