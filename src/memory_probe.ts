/**
 * What DuckDB itself says it uses, for a profile: the instance that ingests is watched while it does.
 *
 * @module
 */
import type { DuckDBInstance } from "@duckdb/node-api";

/** DuckDB's memory and spilled bytes. */
export interface DuckdbUse {
  /** Bytes of its buffer pool that are in use. */
  memory: number;
  /** Bytes in its temporary folder. */
  temporary: number;
}

let watched: DuckDBInstance | undefined;

/** Watch an instance of this thread until {@linkcode unwatch}. */
export function watch(instance: DuckDBInstance): void {
  watched = instance;
}

/** Watch no more. */
export function unwatch(instance: DuckDBInstance): void {
  if (watched === instance) watched = undefined;
}

/**
 * Ask the watched instance. It must go on living for a few milliseconds.
 *
 * @returns Undefined if there is none.
 */
export async function duckdbUse(): Promise<DuckdbUse | undefined> {
  const connection = await watched?.connect();
  if (!connection) return undefined;
  try {
    const reader = await connection.runAndReadAll(
      `SELECT CAST(sum(memory_usage_bytes) AS DOUBLE), CAST(sum(temporary_storage_bytes) AS DOUBLE)
FROM duckdb_memory()`,
    );
    const [memory, temporary] = reader.getRows()[0] as number[];
    return { memory, temporary };
  } finally {
    connection.closeSync();
  }
}
