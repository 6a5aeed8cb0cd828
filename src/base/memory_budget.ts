/**
 * Splits one budget over DuckDB, the threads and their buffers, by the width of the matrix.
 *
 * @module
 */
import { UsageError } from "./errors.ts";

/** Bytes for each part of the process, and the number of threads that fit. */
export interface MemoryBudget {
  /** Threads that work at a time. */
  threads: number;
  /** DuckDB's buffer pool during ingest. */
  ingest: number;
  /** DuckDB's buffer pool of each worker during convert. */
  reader: number;
  /** Bytes of each worker during convert for rows that are out of order. */
  sorter: number;
}

const MIB = 1024 ** 2;
/** Bytes of the runtime, its code and DuckDB's, before any work. */
const RUNTIME = 160 * MIB;
/** Bytes of a worker: its heap, its buffers, and DuckDB's pool for one thread. */
const WORKER = 72 * MIB;
/** Those of DuckDB's pool among them: a row group on its way to the disk, or the blocks read. */
const POOL = 24 * MIB;
/** Those of rows that are sorted, while little is on its way to the output. */
const SORT = 16 * MIB;
/** Chunks of DuckDB that a thread holds at a time: the current one, row groups, copies. */
const CHUNKS = 6;
/** Rows of a chunk. */
export const CHUNK_ROWS = 2048;
/** Share of the spare memory that goes to DuckDB's pool. DuckDB allocates beside its pool, too. */
const POOL_SHARE = 0.6;
/**
 * Copies of the names of all alleles and contigs: as types and statements of DuckDB, in plans and
 * headers, and once more for each thread.
 */
const TEXT_COPIES = 20, THREAD_TEXT_COPIES = 10;
/** The most spare bytes that are of use to ingest; more would only cache what is on disk. */
const SPARE = 80 * MIB;

/**
 * Splits a budget. The process needs 160 MiB, and each thread 72 MiB and six chunks of 2,048 rows;
 * a part of what is left is DuckDB's. Where the budget is too small for all threads, fewer work.
 *
 * @param memory The whole process, in bytes.
 * @param threads Threads that were asked for; 0 counts as one.
 * @param rowBytes Bytes of the codes of a row: haplotypes times the width of a code.
 * @param textBytes Bytes of the names of all alleles and contigs, of which DuckDB and each thread
 * have copies.
 * @throws {UsageError} Too little for one thread, with the size that would do.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { memoryBudget } from "./memory_budget.ts";
 * assert(memoryBudget(1024 ** 3, 2, 31).threads === 2);
 * assert(memoryBudget(1024 ** 3, 64, 31).threads === 11);
 * assert(memoryBudget(1024 ** 3, 64, 20_016).threads === 2);
 * ```
 */
export function memoryBudget(
  memory: number,
  threads: number,
  rowBytes: number,
  textBytes = 0,
): MemoryBudget {
  const chunk = rowBytes * CHUNK_ROWS;
  const { shared, perThread } = needs(rowBytes, textBytes);
  const fitting = Math.floor((memory - shared) / perThread);
  if (fitting < 1) throw memoryTooSmall(rowBytes, textBytes);
  const workers = Math.max(1, Math.min(threads, fitting));
  const spare = (memory - shared - workers * perThread) * POOL_SHARE;
  return {
    threads: workers,
    ingest: workers * (POOL + 4 * chunk) + Math.min(spare, SPARE),
    // A reader needs each block of the file only once, so that caching them is of no use.
    reader: POOL + 2 * chunk,
    // A chunk on its way from DuckDB is there twice.
    sorter: SORT + 2 * chunk + spare / workers,
  };
}

/**
 * Returns the error of a budget that is too small for one thread, with the size that would do. The
 * parameters are those of {@linkcode memoryBudget}.
 */
export function memoryTooSmall(rowBytes: number, textBytes: number): UsageError {
  const { shared, perThread } = needs(rowBytes, textBytes);
  return new UsageError(
    `\`memory\` is too small for rows of ${rowBytes} bytes and names of alleles and contigs of ` +
      `${textBytes} bytes in all; at least ${shownNeed(shared + perThread)} will do`,
  );
}

/**
 * Returns the most bytes of names for which a budget is enough with one thread. The parameters are
 * those of {@linkcode memoryBudget}.
 */
export function mostTextBytes(memory: number, rowBytes: number): number {
  const { shared, perThread } = needs(rowBytes, 0);
  return (memory - shared - perThread) / (TEXT_COPIES + THREAD_TEXT_COPIES);
}

/** Bytes of a worker that reads no table: its heap, and blocks on their way to the writer. */
const DIRECT_WORKER = 32 * MIB;
/** Bytes of the runtime where no table is made. */
const DIRECT_RUNTIME = 112 * MIB;
/** Copies of the names of all contigs where no table is made. */
const DIRECT_TEXT_COPIES = 40;

/**
 * Returns the threads that a budget is enough for where rows go straight to the output.
 *
 * @param memory The whole process, in bytes.
 * @param threads Threads that were asked for.
 * @param cellBytes Bytes of a cell of the grid, of which a thread has the text, the codes and the
 * output.
 * @param textBytes Bytes of the names of the contigs.
 * @throws {UsageError} Too little for the names, with the size that would do.
 */
export function directBudget(
  memory: number,
  threads: number,
  cellBytes: number,
  textBytes: number,
): { threads: number } {
  const shared = DIRECT_RUNTIME + DIRECT_TEXT_COPIES * textBytes;
  const perThread = DIRECT_WORKER + 4 * cellBytes;
  if (shared > memory) {
    throw new UsageError(
      `\`memory\` is too small for names of contigs of ${textBytes} bytes in all; at least ` +
        `${shownNeed(shared + perThread)} will do`,
    );
  }
  const fitting = Math.floor((memory - shared) / perThread);
  return { threads: Math.max(1, Math.min(threads, fitting)) };
}

/** Returns the bytes that all threads need together, and each beside them. */
function needs(rowBytes: number, textBytes: number): { shared: number; perThread: number } {
  return {
    shared: RUNTIME + TEXT_COPIES * textBytes,
    perThread: WORKER + CHUNKS * rowBytes * CHUNK_ROWS + THREAD_TEXT_COPIES * textBytes,
  };
}

function shownNeed(bytes: number): string {
  return `${Math.ceil(bytes / MIB / 16) * 16}MiB`;
}

/**
 * Returns a note on how many threads a budget is enough for, and the one that all would need;
 * undefined where it is enough for all. The parameters are those of {@linkcode memoryBudget}.
 */
export function threadsNote(
  memory: number,
  threads: number,
  rowBytes: number,
  textBytes = 0,
): string | undefined {
  const { threads: fitting } = memoryBudget(memory, threads, rowBytes, textBytes);
  if (fitting >= threads) return undefined;
  const { shared, perThread } = needs(rowBytes, textBytes);
  return `the memory is enough for ${fitting} of ${threads} threads; ` +
    `--memory ${shownNeed(shared + threads * perThread)} would be for all of them`;
}
