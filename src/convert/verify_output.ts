/**
 * Reads a finished output back, before it gets its name, and compares its genotypes with those that
 * were to be written. The reader shares nothing with the writer but the definition of the sums.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import { resolved } from "../base/files.ts";
import { printable } from "../base/text.ts";
import { sumFile } from "../checksum/sum_file.ts";
import { allSamples, hex, type Sums } from "../checksum/sums.ts";
import type { FinishedFile } from "../output/output_file.ts";
import type { WorkerPool } from "../threads/worker_pool.ts";
import type { ConvertOptions } from "./request.ts";

/**
 * Verifies an output, and says so.
 *
 * @param meant Sums of what was to be written.
 * @param pool Workers that have nothing else to do.
 * @throws {InputError} It holds something else.
 */
export async function verifyOutput(
  files: readonly FinishedFile[],
  meant: Sums,
  { output, signal, onNote }: ConvertOptions,
  pool: WorkerPool | undefined,
): Promise<void> {
  const path = resolved(output);
  const file = files.find((file) => file.path === path && file.from !== undefined)!;
  const found = await sumFile({ path: file.from!, shown: output }, { signal, pool })
    .catch((error) => {
      if (!(error instanceof InputError)) throw error;
      throw different(output, error.message);
    });
  const difference = differenceOf(meant, found);
  if (difference !== undefined) throw different(output, difference);
  const { called, alleles } = allSamples(found);
  onNote(`verified: ${called} genotypes, checksum ${hex(alleles)}`);
}

/** Says where sums differ; undefined where they are the same. */
function differenceOf(meant: Sums, found: Sums): string | undefined {
  if (found.records !== meant.records) {
    return `it has ${found.records} records instead of ${meant.records}`;
  }
  if (found.sites !== meant.sites) return "contigs, positions or REFs differ";
  if (found.samples.length !== meant.samples.length) {
    return `it has ${found.samples.length} samples instead of ${meant.samples.length}`;
  }
  const differ = meant.samples.filter(({ name, called, alleles, phase }, n) => {
    const other = found.samples[n];
    return name !== other.name || called !== other.called || alleles !== other.alleles ||
      phase !== other.phase;
  });
  if (differ.length === 0) return undefined;
  const more = differ.length > 1 ? ` and ${differ.length - 1} more samples` : "";
  return `the genotypes of '${printable(differ[0].name)}'${more} differ`;
}

function different(file: string, what: string): InputError {
  return new InputError(
    `what was written is not what was to be written: ${what}. This is a bug of matrix2vcf, or of ` +
      "the disk; please report it. The output has not got its name",
    { file },
  );
}
