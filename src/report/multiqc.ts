/**
 * Writes the figures of a report as custom content for MultiQC.
 *
 * @module
 */
import type { Counts } from "./counts_reader.ts";
import { samplesChart } from "./sample_charts.ts";

/** Returns the JSON of a file `NAME_mqc.json`. */
export function multiqcText(counts: Counts, title: string): string {
  const { columns, rows } = samplesChart(counts);
  return JSON.stringify({ title, columns, rows });
}
