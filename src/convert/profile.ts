/**
 * What a conversion uses while it runs, as CSV: a line about every 100 ms.
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
  /** Since the conversion began. */
  "seconds",
  "phase",
  /** Rows done in the phase. */
  "rows",
  "rss",
  "peak_rss",
  /** V8's heap of the main thread. */
  "v8_heap",
  /** Of the instance that ingests. */
  "duckdb_memory",
  "duckdb_temporary",
  "busy_workers",
  /** What the process may use. */
  "budget",
] as const;

const INTERVAL = 100;

/** Writes the profile of one conversion. */
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
   * @param shown Its name in messages: what it will be called when it is whole.
   * @param budget Bytes that the process may use.
   * @param busyWorkers Says how many workers are at work.
   * @param onNote Is told where the profile breaks off.
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
    // On one thread the progress ticks too: timers then wait for their turn.
    this.#timer = setInterval(() => this.#tick(), INTERVAL);
    this.#tick();
  }

  /** The conversion has come to a state. */
  update(state: ProgressState): void {
    const changed = state.phase !== this.#state.phase;
    this.#state = state;
    if (changed) this.#duckdb = undefined;
    this.#tick(changed);
  }

  /** What DuckDB uses now. */
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

  /** A profile that cannot be written, on a full disk say, is not worth a conversion. */
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
