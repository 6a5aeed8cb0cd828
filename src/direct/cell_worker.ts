/**
 * Does a worker's part where rows go straight to the output: it formats cells.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import { plainPieces } from "../matrix/line_segments.ts";
import type { BlockCredits } from "../output/block_credits.ts";
import { type Handler, on, type SendPart } from "../threads/worker_calls.ts";
import {
  type CellPart,
  type CellsAsk,
  CLOSE_CELLS,
  FORMAT_CELLS,
  FORMAT_TEXT,
  OPEN_CELLS,
  STOP_CELLS,
  type TextAsk,
} from "./calls.ts";
import { CellFormatter, type CellSink } from "./cell_formatter.ts";

/** A worker's calls of the direct way, and the formatter that it has open. */
export class CellWork {
  #formatter: CellFormatter | undefined;
  #working: Promise<unknown> = Promise.resolve();
  #stopped = false;

  readonly handlers: readonly Handler[] = [
    on(OPEN_CELLS, async (job) => {
      this.#stopped = false;
      this.#formatter = await CellFormatter.open(job);
    }),
    on(FORMAT_CELLS, (ask, send) => this.#work(this.#formatCells(ask, send))),
    on(FORMAT_TEXT, (ask, send) => this.#work(this.#formatText(ask, send))),
    on(STOP_CELLS, async () => {
      this.#stop();
      await this.#working;
      this.credits.reset();
      this.#dispose();
    }),
    on(CLOSE_CELLS, () => {
      const missing = this.#formatter!.missing;
      this.#dispose();
      return missing;
    }),
  ];

  constructor(private readonly credits: BlockCredits) {}

  /** Stops after the current block, and closes what is open. */
  async close(): Promise<void> {
    this.#stop();
    await this.#working;
    this.#dispose();
  }

  #dispose(): void {
    this.#formatter?.[Symbol.dispose]();
    this.#formatter = undefined;
  }

  #stop(): void {
    this.#stopped = true;
    this.credits.interrupt();
  }

  async #work<Answer>(work: Promise<Answer>): Promise<Answer> {
    this.#working = work.catch(() => {});
    return await work;
  }

  async #formatCells({ source, index, of }: CellsAsk, send: SendPart<CellPart>): Promise<void> {
    const formatter = this.#formatter!, sink = this.#sink(send);
    for (const piece of plainPieces(source, index, of)) {
      if (this.#stopped) return;
      await formatter.format(piece, sink);
      // Messages are heard only when this thread has nothing to do.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #formatText(
    { text, length, ...ask }: TextAsk,
    send: SendPart<CellPart>,
  ): Promise<ArrayBuffer> {
    const lines = { ...ask, raw: new Uint8Array(text), from: 0, to: length };
    await this.#formatter!.format(lines, this.#sink(send));
    return text;
  }

  #sink(send: SendPart<CellPart>): CellSink {
    return {
      ready: () => this.credits.ready(),
      begin: (begin) => send({ begin }),
      block: (block) => send({ block }, [block.block.bytes.buffer]),
      end: (end) => send({ end }),
    };
  }
}
