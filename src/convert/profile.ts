/**
 * Writes what a conversion uses while it runs, as CSV: a line about every 100 ms.
 *
 * @module
 */
import process from "node:process";
import type { DuckdbUse } from "../table/database.ts";
import { fileError } from "../base/files.ts";
import type { ProgressState } from "../base/progress.ts";

/** The columns of a profile. Sizes are in bytes; what is not known is empty. */
export const PROFILE_COLUMNS = [
  /** Milliseconds since 1970. */
  "unix_ms",
  /** Seconds since the conversion began. */
  "seconds",
  "phase",
  /** Number of rows done in the phase. */
  "rows",
  "rss",
  "peak_rss",
  /** Used part of V8's heap of the main thread. */
  "v8_heap",
  /** Buffer pool and temporary folder of the DuckDB instance that ingests. */
  "duckdb_memory",
  "duckdb_temporary",
  "busy_workers",
  /** Budget of the whole process. */
  "budget",
] as const;

const INTERVAL = 100;

/** The writer of the profile of one conversion. */
export class Profile implements Disposable {
  readonly #file: Deno.FsFile;
  readonly #begun = performance.now();
  readonly #timer: ReturnType<typeof setInterval>;
  #state: Pick<ProgressState, "phase" | "rows"> = { phase: "ingest", rows: 0 };
  #last = -Infinity;
  #broken = false;
  #duckdb: DuckdbUse | undefined;

  /**
   * @param path File to write.
   * @param shown Its name in messages, which it gets when it is whole.
   * @param budget Budget of the whole process, in bytes.
   * @param busyWorkers Returns the number of workers that are busy.
   * @param onNote Receives a warning where the profile breaks off.
   * @throws {InputError} The file cannot be written.
   */
  constructor(
    path: string,
    shown: string,
    private readonly budget: number,
    private readonly busyWorkers: () => number,
    private readonly onNote: (note: string) => void,
  ) {
    try {
      this.#file = Deno.openSync(path, { write: true, create: true, truncate: true });
    } catch (error) {
      throw fileError(error, shown);
    }
    this.#write(PROFILE_COLUMNS);
    // On one thread timers come late, so that progress makes the profile tick, too.
    this.#timer = setInterval(() => this.#tick(), INTERVAL);
    this.#tick();
  }

  /** Notes the state that the conversion has come to. */
  update(state: ProgressState): void {
    const changed = state.phase !== this.#state.phase;
    this.#state = state;
    if (changed) this.#duckdb = undefined;
    this.#tick(changed);
  }

  /** Notes what DuckDB uses now. */
  duckdb(use: DuckdbUse): void {
    this.#duckdb = use;
  }

  #tick(now = false): void {
    const seconds = (performance.now() - this.#begun) / 1000;
    if (!now && seconds * 1000 - this.#last < INTERVAL * 0.9) return;
    this.#last = seconds * 1000;
    const { rss, heapUsed } = Deno.memoryUsage();
    this.#write([
      Date.now(),
      seconds.toFixed(3),
      this.#state.phase,
      this.#state.rows,
      rss,
      process.resourceUsage().maxRSS * 1024,
      heapUsed,
      this.#duckdb?.memory ?? "",
      this.#duckdb?.temporary ?? "",
      this.busyWorkers(),
      this.budget,
    ]);
  }

  /**
   * Writes a line. Where that fails, on a full disk say, only the profile ends, not the conversion.
   */
  #write(cells: readonly (string | number)[]): void {
    if (this.#broken) return;
    try {
      this.#file.writeSync(new TextEncoder().encode(`${cells.join(",")}\n`));
    } catch (error) {
      this.#broken = true;
      this.onNote(`warning: the profile breaks off: ${(error as Error).message}`);
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#tick(true);
    this.#file.close();
  }
}
