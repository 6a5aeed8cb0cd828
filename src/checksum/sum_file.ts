/**
 * Sums the genotypes of a file of VCF or BCF, plain or compressed.
 *
 * @module
 */
import type { WorkerPool } from "../threads/worker_pool.ts";
import { piecesOf, type RecordsFile } from "./record_pieces.ts";
import { sumInParallel } from "./sum_in_parallel.ts";
import { type Grouping, RecordSums } from "./sum_records.ts";
import type { Sums } from "./sums.ts";

/** How a file is summed. */
export interface SumOptions {
  /** Groups of records that are wanted for themselves, too. */
  grouping?: Grouping;
  signal?: AbortSignal;
  /** Workers to sum a VCF, which have nothing else to do. */
  pool?: WorkerPool;
}

/**
 * Returns the sums of a file.
 *
 * @throws {InputError} No such file, no VCF or BCF, or a damaged one, located.
 * @throws The signal's reason.
 */
export async function sumFile(
  file: RecordsFile,
  { grouping, signal, pool }: SumOptions = {},
): Promise<Sums> {
  const parallel = pool && !grouping && await sumInParallel(file, pool, signal);
  if (parallel) return parallel;
  const sums = new RecordSums(file.shown, grouping);
  for await (const bytes of piecesOf(file)) {
    signal?.throwIfAborted();
    sums.add(bytes);
  }
  return sums.finish();
}
