/**
 * Web Workers that fail loudly: a worker that throws, does not start, or is gone, ends the run with
 * its message.
 *
 * @module
 */
import { fromPlainError } from "./errors.ts";
import type { FromWorker, ToWorker } from "./protocol.ts";
import { WakeUps } from "./wake_ups.ts";
import { watchLife } from "./worker_life.ts";

/** A message that a pool hands on; life and failures are the pool's own business. */
export type WorkerMessage = Exclude<FromWorker, { type: "failed" | "living" }>;

/** Messages that give a worker work, and those that say it is done. */
const WORK: ReadonlySet<ToWorker["type"]> = new Set(["tokenize", "store", "partition"]);
const DONE: ReadonlySet<FromWorker["type"]> = new Set(["tokenized", "stored", "formatted"]);

/** Workers that all run `worker.ts`. */
export class WorkerPool {
  /** Takes the messages of all workers. */
  onMessage: (worker: number, message: WorkerMessage) => void = () => {};
  /** Rejects when a worker fails; never resolves. */
  readonly failure: Promise<never>;
  readonly #workers: Worker[] = [];
  /** Workers that have been given work and have not done it. */
  readonly #busy = new Set<number>();
  readonly #wakeUps = new WakeUps();
  readonly #ended = new AbortController();
  #fail: (error: Error) => void;

  /**
   * @param size Number of workers.
   * @param module Address of their module.
   */
  constructor(
    size: number,
    module: URL | string = new URL("./worker.ts", import.meta.url),
  ) {
    const { promise, reject } = Promise.withResolvers<never>();
    this.failure = promise;
    this.failure.catch(() => {});
    this.#fail = reject;
    for (let index = 0; index < size; index++) {
      const name = `matrix2vcf ${crypto.randomUUID()} ${index}`;
      const worker = new Worker(module, { type: "module", name });
      worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
        if (DONE.has(data.type)) this.#busy.delete(index);
        if (data.type === "failed") this.#fail(fromPlainError(data.error));
        else if (data.type === "living") this.#watch(name, index);
        else this.onMessage(index, data);
      };
      worker.onerror = (event) => {
        event.preventDefault();
        this.#fail(new Error(`worker ${index} died: ${event.message}`));
      };
      worker.onmessageerror = () => this.#fail(new Error(`worker ${index} sent garbage`));
      this.#workers.push(worker);
    }
  }

  /** Number of workers. */
  get size(): number {
    return this.#workers.length;
  }

  /** Keep so many workers at most, and end the others, which must have nothing to do. */
  keep(most: number): void {
    for (const worker of this.#workers.splice(most)) worker.terminate();
  }

  #watch(name: string, index: number): void {
    const gone = () => {
      if (index < this.size) this.#fail(new Error(`worker ${index} is gone without a word`));
    };
    watchLife(name, gone, this.#ended.signal);
  }

  /** Number of workers at work. */
  get busy(): number {
    return this.#busy.size;
  }

  /** Send a message to a worker; `transfer` is no longer the sender's. */
  post(worker: number, message: ToWorker, transfer: Transferable[] = []): void {
    if (WORK.has(message.type)) this.#busy.add(worker);
    this.#workers[worker].postMessage(message, transfer);
  }

  /**
   * Send each worker a message, and wait until each has answered with one of a type.
   *
   * @returns The answers, by worker.
   */
  async ask<Type extends WorkerMessage["type"]>(
    message: (worker: number) => ToWorker,
    answer: Type,
    workers = this.size,
  ): Promise<Extract<WorkerMessage, { type: Type }>[]> {
    return await Promise.race([this.#allAnswer(message, answer, workers), this.failure]);
  }

  async #allAnswer<Type extends WorkerMessage["type"]>(
    message: (worker: number) => ToWorker,
    answer: Type,
    workers: number,
  ): Promise<Extract<WorkerMessage, { type: Type }>[]> {
    const answers: Extract<WorkerMessage, { type: Type }>[] = [];
    let missing = workers;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.onMessage = (worker, data) => {
      if (data.type !== answer) return;
      answers[worker] = data as Extract<WorkerMessage, { type: Type }>;
      if (--missing === 0) resolve();
    };
    for (let worker = 0; worker < workers; worker++) this.post(worker, message(worker));
    await promise;
    return answers;
  }

  /** End all workers. What they had open they close first, for a second at most. */
  async close(): Promise<void> {
    // Those who have not failed answer after a failure, too.
    const closing = this.#allAnswer(() => ({ type: "close" }), "closed", this.size);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise<void>((resolve) => timer = setTimeout(resolve, 1000));
    await Promise.race([closing, patience]);
    clearTimeout(timer);
    this.#ended.abort();
    for (const worker of this.#workers) worker.terminate();
    this.#wakeUps[Symbol.dispose]();
  }
}
