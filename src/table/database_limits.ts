/**
 * Limits what an instance of DuckDB may use.
 *
 * @module
 */

/** Threads, memory and disk of an instance. */
export interface DatabaseLimits {
  threads: number;
  /** Bytes of DuckDB's buffer pool. */
  memory: number;
  /** Folder for spilling, of this instance alone: two instances that share one crash. */
  temporary: string;
}

/** Returns DuckDB's settings for limits; no extension is fetched from the network. */
export function databaseSettings(
  { threads, memory, temporary }: DatabaseLimits,
): Record<string, string> {
  return {
    threads: String(threads),
    memory_limit: `${Math.floor(memory / 1024)}KiB`,
    temp_directory: temporary,
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    preserve_insertion_order: "false",
  };
}

/**
 * Returns the limits of an instance that reads small tables; `temporary` must be its own folder.
 */
export function summaryLimits(temporary: string): DatabaseLimits {
  return { threads: 1, memory: SUMMARY_MEMORY, temporary };
}

const SUMMARY_MEMORY = 64 * 1024 ** 2;
