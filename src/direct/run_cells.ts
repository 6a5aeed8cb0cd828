/**
 * Has all cells of a matrix formatted, by workers or on this thread.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import { InterruptedError } from "../base/errors.ts";
import { plainPieces, type RowSource } from "../matrix/line_segments.ts";
import { CREDIT } from "../output/calls.ts";
import type { WorkerPool } from "../threads/worker_pool.ts";
import {
  type CellPart,
  CLOSE_CELLS,
  FORMAT_CELLS,
  FORMAT_TEXT,
  OPEN_CELLS,
  STOP_CELLS,
} from "./calls.ts";
import type { CellBlock, CellEnd, CellFacts, CellJob, CellText } from "./cell_formatter.ts";
import { NotDirect } from "./cell_order.ts";
import { cellTexts } from "./cell_texts.ts";

/** Milliseconds that workers get to stop by themselves. */
const STOPPING = 300;

/** The cells to format, and who receives what comes of them. */
export interface CellRun {
  job: CellJob;
  /** A segment of a plain file is a cell. */
  source: RowSource;
  begin(facts: CellFacts): void;
  /** Takes a block; `written` is called when its buffer is free again. */
  block(block: CellBlock, written: () => void): void;
  end(end: CellEnd): void;
  /** Waits until all blocks are written whose turn has come. */
  idle(): Promise<void>;
  /** Rejects when a write fails. */
  failure: Promise<never>;
  signal: AbortSignal | undefined;
}

/**
 * Formats all cells.
 *
 * @returns Haplotypes (0-based) that are missing in all rows.
 * @throws What a worker, the writer or a receiver threw first; {@linkcode InterruptedError} on the
 * signal.
 */
export async function runCells(run: CellRun, pool: WorkerPool | undefined): Promise<number[]> {
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  const abort = () => failed.reject(new InterruptedError());
  run.signal?.addEventListener("abort", abort);
  if (run.signal?.aborted) abort();
  const work = pool ? new CellPool(run, pool, failed.reject) : new LocalCells(run);
  try {
    const running = work.run();
    running.catch(() => {});
    const missing = await Promise.race([running, failed.promise, run.failure]);
    await run.idle();
    return [...missing];
  } catch (error) {
    await work.stop(error instanceof NotDirect);
    throw error;
  } finally {
    run.signal?.removeEventListener("abort", abort);
  }
}

/** The workers that format cells. */
class CellPool {
  #stopped = false;

  constructor(
    private readonly request: CellRun,
    private readonly pool: WorkerPool,
    private readonly fail: (error: unknown) => void,
  ) {}

  async run(): Promise<readonly number[]> {
    const { job, source } = this.request, { pool } = this;
    await pool.callAll(OPEN_CELLS, () => job);
    if (source.gzip) await this.#dealTexts();
    else {
      const of = pool.size;
      await Promise.all(
        Array.from(
          { length: of },
          (_, index) =>
            pool.call(index, FORMAT_CELLS, { source, index, of }, {
              onPart: (part) => this.#take(index, part),
            }),
        ),
      );
    }
    const missing = await pool.callAll(CLOSE_CELLS, () => undefined);
    const rest = missing.slice(1).map((part) => new Set(part));
    return missing[0].filter((ordinal) => rest.every((part) => part.has(ordinal)));
  }

  /** Ends the work, so that the workers can do another, or for good. */
  async stop(reuse: boolean): Promise<void> {
    this.#stopped = true;
    const stopped = this.pool.callAll(STOP_CELLS, () => undefined).catch(() => {});
    if (reuse) await stopped;
    else await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, STOPPING))]);
    // A long line would be tokenized to its end; whoever does that holds nothing open but files.
    if (!reuse) this.pool.keep(0);
  }

  /** Deals the cells of a gzip file to workers that have nothing to do. */
  async #dealTexts(): Promise<void> {
    const { source } = this.request, { pool } = this;
    const buffers: ArrayBuffer[] = [];
    const free = Array.from({ length: pool.size }, (_, worker) => Promise.resolve(worker));
    for await (const ask of cellTexts(source, buffers)) {
      if (this.#stopped) return;
      const worker = await Promise.race(free);
      free[worker] = pool.call(worker, FORMAT_TEXT, ask, {
        transfer: [ask.text],
        onPart: (part) => this.#take(worker, part),
      }).then((text) => {
        buffers.push(text);
        return worker;
      });
      free[worker].catch(this.fail);
    }
    await Promise.all(free);
  }

  #take(worker: number, part: CellPart): void {
    if (this.#stopped) return;
    try {
      if ("begin" in part) this.request.begin(part.begin);
      else if ("end" in part) this.request.end(part.end);
      else this.request.block(part.block, () => this.#giveCredit(worker, part.block));
    } catch (error) {
      this.fail(error);
    }
  }

  #giveCredit(worker: number, { block: { bytes, reusable } }: CellBlock): void {
    if (this.#stopped) return;
    const buffer = reusable ? bytes.buffer : undefined;
    this.pool.call(worker, CREDIT, buffer, { transfer: buffer && [buffer] }).catch(() => {});
  }
}

/** The calling thread, which formats cells itself. */
class LocalCells {
  #stopped = false;

  constructor(private readonly request: CellRun) {}

  async run(): Promise<readonly number[]> {
    const { CellFormatter } = await import("./cell_formatter.ts");
    using formatter = await CellFormatter.open(this.request.job);
    const sink = {
      ready: async () => {
        await this.request.idle();
        return undefined;
      },
      begin: (facts: CellFacts) => this.request.begin(facts),
      block: (block: CellBlock) => this.request.block(block, () => {}),
      end: (end: CellEnd) => this.request.end(end),
    };
    for await (const text of this.#texts()) {
      if (this.#stopped) break;
      await formatter.format(text, sink);
      // Signals are heard only when this thread has nothing to do.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return formatter.missing;
  }

  stop(): Promise<void> {
    this.#stopped = true;
    return Promise.resolve();
  }

  async *#texts(): AsyncGenerator<CellText> {
    const { source } = this.request;
    if (!source.gzip) {
      yield* plainPieces(source, 0, 1);
      return;
    }
    const buffers: ArrayBuffer[] = [];
    for await (const { text, length, ...ask } of cellTexts(source, buffers)) {
      yield { ...ask, raw: new Uint8Array(text), from: 0, to: length };
      buffers.push(text);
    }
  }
}
