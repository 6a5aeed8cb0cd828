/**
 * Collects how far a conversion is. State is apart from rendering, so that it is tested as strings.
 *
 * @module
 */
import { ungrouped } from "./text.ts";

/**
 * The phases of a conversion, in order; `survey` collects alleles and contigs that nobody foresaw.
 */
export type Phase = "spool" | "survey" | "ingest" | "convert" | "finish" | "verify";

/** The phase of a conversion, and how far that is. */
export interface ProgressState {
  /** The phase that runs. */
  phase: Phase;
  /** Share of the phase that is done, 0 to 1. */
  share: number;
  /** Rows read or records written in this phase. */
  rows: number;
  /** Milliseconds since the phase began. */
  elapsed: number;
}

/** Collects the progress of one run and tells a listener, at most every `interval` ms. */
export class Progress {
  /** Undefined before the first phase, whose time belongs to none. */
  #phase: Phase | undefined;
  #begun = performance.now();
  #told = -Infinity;
  /** Milliseconds spent in each phase that has ended. */
  readonly milliseconds: Partial<Record<Phase, number>> = {};

  /**
   * @param listener Receives the state.
   * @param interval Least milliseconds between two calls in one phase.
   */
  constructor(
    private readonly listener: (state: ProgressState) => void,
    private readonly interval = 100,
  ) {}

  /** Begins a phase, and ends the one before. */
  begin(phase: Phase): void {
    this.end();
    this.#phase = phase;
    this.#begun = performance.now();
    this.#told = -Infinity;
    this.update(0, 0);
  }

  /** Ends the current phase. */
  end(): void {
    if (this.#phase === undefined) return;
    const spent = performance.now() - this.#begun;
    this.milliseconds[this.#phase] = (this.milliseconds[this.#phase] ?? 0) + spent;
    this.#begun = performance.now();
  }

  /** Notes that the current phase has come to a share (0 to 1) and a number of rows. */
  update(share: number, rows: number): void {
    const now = performance.now();
    if (this.#phase === undefined || now - this.#told < this.interval) return;
    this.#told = now;
    this.listener({
      phase: this.#phase,
      share: Math.min(1, Math.max(0, share)),
      rows,
      elapsed: now - this.#begun,
    });
  }
}

/** Returns the time left as a short text; an empty one while it is too early to say. */
export function timeLeft({ share, elapsed }: ProgressState): string {
  if (share <= 0.01 || elapsed < 500) return "";
  const seconds = Math.ceil(elapsed / share * (1 - share) / 1000);
  return seconds < 100 ? `${seconds} s left` : `${Math.ceil(seconds / 60)} min left`;
}

/**
 * Returns the progress as one line of plain text.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { progressLine } from "./progress.ts";
 * const line = progressLine({ phase: "ingest", share: 0.5, rows: 2_000_000, elapsed: 1000 });
 * assert(line === "ingest 50% 2000000 rows, 2000000 rows/s, 1 s left");
 * ```
 */
export function progressLine(state: ProgressState): string {
  const rate = state.elapsed > 0 ? state.rows / state.elapsed * 1000 : 0;
  const parts = [
    `${state.phase} ${Math.floor(state.share * 100)}% ${ungrouped(state.rows)} rows`,
    `${ungrouped(rate)} rows/s`,
    timeLeft(state),
  ];
  return parts.filter((part) => part !== "").join(", ");
}
