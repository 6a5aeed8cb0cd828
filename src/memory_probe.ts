/**
 * What DuckDB itself says it uses, for a profile: the instance that ingests is watched while it does.
 *
 * @module
 */
import type { Database } from "./database.ts";

/** DuckDB's memory and spilled bytes. */
export interface DuckdbUse {
  /** Bytes of its buffer pool that are in use. */
  memory: number;
  /** Bytes in its temporary folder. */
  temporary: number;
}

let watched: Database | undefined;

/** Watch an instance of this thread until {@linkcode unwatch}. */
export function watch(database: Database): void {
  watched = database;
}

/** Watch no more. */
export function unwatch(database: Database): void {
  if (watched === database) watched = undefined;
}

/**
 * Ask the watched instance. It must go on living for a few milliseconds.
 *
 * @returns Undefined if there is none.
 */
export async function duckdbUse(): Promise<DuckdbUse | undefined> {
  const rows = await watched?.textsBeside(
    `SELECT CAST(sum(memory_usage_bytes) AS VARCHAR), CAST(sum(temporary_storage_bytes) AS VARCHAR)
FROM duckdb_memory()`,
  );
  if (!rows) return undefined;
  const [memory, temporary] = rows[0].map(Number);
  return { memory, temporary };
}
