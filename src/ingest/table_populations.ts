/**
 * Reads the populations that a kept table gets.
 *
 * @module
 */
import { readText } from "../base/text_file.ts";
import { type Populations, readPopulations } from "../matrix/populations.ts";
import type { IngestOptions } from "./options.ts";

/**
 * Returns the populations of the file that is given; undefined where none is.
 *
 * @param samples Names of all samples.
 * @throws {InputError} The file is bad; see {@linkcode readPopulations}.
 */
export async function readPopulationsOf(
  { populations, signal }: Pick<IngestOptions, "populations" | "signal">,
  samples: readonly string[],
): Promise<Populations | undefined> {
  if (populations === undefined) return undefined;
  return readPopulations(await readText(populations, signal), populations, samples);
}
