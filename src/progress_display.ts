/**
 * Shows progress on standard error: a bar on a terminal, plain lines elsewhere, or nothing.
 *
 * @module
 */
import cliProgress from "cli-progress";
import { grouped, progressLine, type ProgressState, timeLeft } from "./progress.ts";

/** Shows states until it is stopped. */
export interface ProgressDisplay {
  show(state: ProgressState): void;
  stop(): void;
}

/** Milliseconds between two plain lines. */
const PLAIN_INTERVAL = 2000;

/** A display for what the user asked for. */
export function progressDisplay(how: "auto" | "plain" | "none"): ProgressDisplay {
  if (how === "plain") return new PlainLines();
  if (how === "auto" && Deno.stderr.isTerminal()) return new Bar();
  return { show() {}, stop() {} };
}

class PlainLines implements ProgressDisplay {
  #last = -Infinity;
  #phase = "";

  show(state: ProgressState): void {
    const now = performance.now();
    if (state.phase === this.#phase && now - this.#last < PLAIN_INTERVAL) return;
    this.#last = now;
    this.#phase = state.phase;
    console.error(progressLine(state));
  }

  stop(): void {}
}

class Bar implements ProgressDisplay {
  readonly #bar = new cliProgress.SingleBar({
    format: "{phase} {bar} {percentage}% {rows} rows, {rate} rows/s {left}",
    clearOnComplete: true,
    hideCursor: true,
    barsize: 28,
  }, cliProgress.Presets.shades_classic);
  #started = false;

  show(state: ProgressState): void {
    const rate = state.elapsed > 0 ? state.rows / state.elapsed * 1000 : 0;
    const payload = {
      phase: state.phase.padEnd(7),
      rows: grouped(state.rows),
      rate: grouped(rate),
      left: timeLeft(state),
    };
    if (!this.#started) this.#bar.start(100, 0, payload);
    this.#started = true;
    this.#bar.update(Math.floor(state.share * 100), payload);
  }

  stop(): void {
    if (this.#started) this.#bar.stop();
  }
}
