/**
 * One budget, split over DuckDB, the threads and their buffers.
 *
 * @module
 */

/** Bytes for each part of the process. */
export interface MemoryBudget {
  /** DuckDB's buffer pool during ingest. */
  ingest: number;
  /** DuckDB's buffer pool of each worker during convert. */
  reader: number;
}

const MIB = 1024 ** 2;
/** The runtime, its code and DuckDB's, before any work: about 130 MiB were measured. */
const RUNTIME = 160 * MIB;
/** A worker's heap and buffers. */
const WORKER = 24 * MIB;
/** DuckDB keeps row groups and vectors beside its pool. */
const POOL_SHARE = 0.6;

/** A reader needs each block of the file but once, so that caching them is of no use. */
const READER = 24 * MIB;

/**
 * Split a budget. What is left after the runtime and the workers is DuckDB's; a share of that is
 * its pool, because it allocates beside the pool too.
 *
 * @param memory The whole process, in bytes.
 * @param threads Worker threads.
 */
export function memoryBudget(memory: number, threads: number): MemoryBudget {
  const workers = Math.max(1, threads);
  const pool = Math.max(48 * MIB, (memory - RUNTIME - workers * WORKER) * POOL_SHARE);
  return { ingest: pool, reader: READER };
}
