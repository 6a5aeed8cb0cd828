/**
 * Defines what a report is drawn from: the table of counts, and what is known of the run.
 *
 * @module
 */
import type { CountRow } from "./count_table.ts";

/** A row that was refused. */
export interface RefusedRow {
  /** 1-based. */
  line: string;
  reason: string;
}

/** What is known of the run that counted, as texts for people. */
export interface RunFacts {
  /** Names and values, such as input and checksum. */
  facts: readonly (readonly [name: string, value: string])[];
  warnings: readonly string[];
  /** The first refused rows, and the number of all. */
  refused: readonly RefusedRow[];
  refusedRows: number;
}

/** Everything that a report shows; plain data. */
export interface ReportInput {
  /** The program that made the report, and its version. */
  version: string;
  /** What the records come from. */
  title: string;
  run: RunFacts;
  counts: readonly CountRow[];
  /** Text of the profile of the run, as CSV, where there is one. */
  profile: string | undefined;
}

/** A report as texts: the page, and the file for MultiQC, which few want. */
export interface DrawnReport {
  page: string;
  multiqc: () => string;
}

/** A maker of reports. */
export type ReportMaker = (input: ReportInput) => Promise<DrawnReport>;
