/**
 * Tells which columns of cells can be read in one go, and whose haplotypes they hold.
 *
 * @module
 */
import type { TokenizerPlan } from "../tokenizer_plan.ts";
import type { CellReader } from "./cell_reader.ts";
import type { DialectPlan } from "./dialect.ts";

/** Returns, for each column, the place of its first haplotype among those of its sample. */
export function phasesOf(roles: Int32Array, samples: Int32Array): Int32Array {
  const firsts = new Map<number, number>();
  roles.forEach((role, column) => {
    if (role < 0) return;
    firsts.set(samples[column], Math.min(role, firsts.get(samples[column]) ?? role));
  });
  return roles.map((role, column) => role < 0 ? 0 : role - firsts.get(samples[column])!);
}

/** Returns the samples whose haplotypes are columns of their own, so that their order has a meaning. */
export function pairedSamples({ copies }: TokenizerPlan, { samples }: DialectPlan): number[] {
  const columns = new Map<number, number>();
  samples.forEach((sample, column) => {
    if (sample >= 0 && copies[column] === 1) columns.set(sample, (columns.get(sample) ?? 0) + 1);
  });
  return [...columns].flatMap(([sample, count]) => count > 1 ? [sample] : []);
}

/**
 * Returns, for each column, the end (exclusive) of the run of columns that it is part of: their
 * cells are usual ones for the reader, and their haplotypes and samples follow each other.
 */
export function runEnds(
  { roles, copies }: TokenizerPlan,
  { samples }: DialectPlan,
  reader: CellReader,
): Int32Array {
  const ends = new Int32Array(roles.length);
  for (let column = roles.length - 1; column >= 0; column--) {
    const next = column + 1, fits = roles[column] >= 0 && copies[column] === reader.copies;
    const goesOn = roles[next] === roles[column] + reader.copies &&
      (reader.copies === 1 || samples[next] === samples[column] + 1) && ends[next] > next;
    ends[column] = !fits ? column : goesOn ? ends[next] : next;
  }
  return ends;
}
