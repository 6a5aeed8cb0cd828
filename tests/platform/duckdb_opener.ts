/**
 * Opens a database for a test that runs it in another thread or in another process.
 *
 * @module
 */
import { Duckdb } from "./duckdb_session.ts";

/** The address of this module. */
export const OPENER = import.meta.url;

/** Opens a database, and keeps it open; says how many rows its table has, or why not. */
export async function open(path: string, mode: "READ_ONLY" | "READ_WRITE"): Promise<string> {
  try {
    const database = await Duckdb.open(path, { access_mode: mode });
    return String(await database.value("SELECT count(*) FROM t"));
  } catch (error) {
    const { message } = error as Error;
    return /Could not set lock/.test(message) ? "locked" : message;
  }
}
