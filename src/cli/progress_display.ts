/**
 * Shows progress on standard error: a bar on a terminal, plain lines elsewhere, or nothing.
 *
 * @module
 */
import process from "node:process";
import type { SingleBar } from "cli-progress";
import { say } from "../base/say.ts";
import { progressLine, type ProgressState, timeLeft } from "../base/progress.ts";
import { grouped } from "../base/text.ts";

/** A display of states, until it is stopped. */
export interface ProgressDisplay {
  show(state: ProgressState): void;
  stop(): void;
}

/** Milliseconds between two plain lines. */
const PLAIN_INTERVAL = 2000;

/** Returns the display that the user asked for; the bar is loaded only for a terminal. */
async function progressDisplay(how: "auto" | "plain" | "none"): Promise<ProgressDisplay> {
  if (how === "plain") return new PlainLines();
  if (how === "auto" && Deno.stderr.isTerminal()) {
    const { default: cliProgress } = await import("cli-progress");
    // A terminal that has gone away must not keep the run from clearing away its files.
    process.stderr.on("error", () => {});
    return new Bar(new cliProgress.SingleBar(BAR, cliProgress.Presets.shades_classic));
  }
  return { show() {}, stop() {} };
}

/**
 * Does some work while its progress is shown.
 *
 * @param how `none` shows nothing.
 * @param work Is given the receiver of the progress.
 */
export async function withProgress<T>(
  how: "auto" | "plain" | "none",
  work: (onProgress: (state: ProgressState) => void) => Promise<T>,
): Promise<T> {
  const display = await progressDisplay(how);
  try {
    return await work((state) => display.show(state));
  } finally {
    display.stop();
  }
}

class PlainLines implements ProgressDisplay {
  #last = -Infinity;
  #phase = "";

  show(state: ProgressState): void {
    const now = performance.now();
    if (state.phase === this.#phase && now - this.#last < PLAIN_INTERVAL) return;
    this.#last = now;
    this.#phase = state.phase;
    say(progressLine(state));
  }

  stop(): void {}
}

const BAR = {
  format: "{phase} {bar} {percentage}% {rows} rows, {rate} rows/s {left}",
  clearOnComplete: true,
  hideCursor: true,
  // 7 of the phase, 4 of the share, 20 and 17 of the numbers, 11 of the time left: 80 at most.
  barsize: 16,
};

class Bar implements ProgressDisplay {
  #started = false;

  constructor(private readonly bar: SingleBar) {}

  show(state: ProgressState): void {
    const rate = state.elapsed > 0 ? state.rows / state.elapsed * 1000 : 0;
    const payload = {
      phase: state.phase.padEnd(7),
      rows: grouped(state.rows),
      rate: grouped(rate),
      left: timeLeft(state),
    };
    if (!this.#started) this.bar.start(100, 0, payload);
    this.#started = true;
    this.bar.update(Math.floor(state.share * 100), payload);
  }

  stop(): void {
    if (this.#started) this.bar.stop();
  }
}
