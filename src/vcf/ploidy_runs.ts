/**
 * Joins samples of one ploidy and one kind of phase, for the loops of formatters.
 *
 * @module
 */
import type { SampleStyle } from "./row_formatter.ts";

/** A run of samples. */
export interface PloidyRun extends SampleStyle {
  samples: number;
}

/** Returns the runs of samples. */
export function ploidyRuns(samples: readonly SampleStyle[]): PloidyRun[] {
  const runs: PloidyRun[] = [];
  for (const { ploidy, phased } of samples) {
    const last = runs.at(-1);
    if (last?.ploidy === ploidy && last.phased === phased) last.samples++;
    else runs.push({ samples: 1, ploidy, phased });
  }
  return runs;
}
