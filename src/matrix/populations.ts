/**
 * Reads which sample is of which population.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import { printable, steers } from "../base/text.ts";
import { sheetLines } from "./samples.ts";

/** Samples with their populations, in the order of the file. A sample that is not there has none. */
export type Populations = readonly (readonly [sample: string, population: string])[];

/**
 * Reads a file of populations: sample TAB population, no header, `#` comments.
 *
 * @param text The file.
 * @param file Its path, for messages.
 * @param samples Names of all samples.
 * @throws {InputError} Located: a sample that is not there, or stands twice; not two columns; a file
 * without samples.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readPopulations } from "./populations.ts";
 * const populations = readPopulations("Anna\tnorth\nBo\tsouth\n", "p.tsv", ["Bo", "Cem", "Anna"]);
 * assert(populations.join(" ") === "Anna,north Bo,south");
 * ```
 */
export function readPopulations(
  text: string,
  file: string,
  samples: readonly string[],
): Populations {
  const known = new Set(samples), found = new Map<string, string>();
  for (const { fields, at } of sheetLines(text, file)) {
    const [sample, population] = fields, shown = printable(sample);
    if (fields.length !== 2 || population.trim() === "") {
      const columns = fields.length === 1 ? "one column" : `${fields.length} columns`;
      const what = fields.length === 2 ? `'${shown}' has no population` : `the line has ${columns}`;
      throw new InputError(`${what}; write SAMPLE<TAB>POPULATION`, at);
    }
    if (steers(population)) {
      const detail = `the population '${printable(population)}' has a control character, or one ` +
        "that turns text; rename it";
      throw new InputError(detail, at);
    }
    if (found.has(sample)) throw new InputError(`the sample '${shown}' stands here twice`, at);
    if (!known.has(sample)) {
      const first = printable(samples[0] ?? "");
      throw new InputError(
        `there is no sample '${shown}'; the first one is '${first}', and the file has no header`,
        at,
      );
    }
    found.set(sample, population);
  }
  return [...found];
}
