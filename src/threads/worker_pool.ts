/**
 * Keeps Web Workers that fail loudly: a worker that throws, does not start or is gone fails all
 * calls that wait for it.
 *
 * @module
 */
import { fromPlainError, InternalError, MachineError } from "../base/errors.ts";
import { machineReason } from "../base/machine_reason.ts";
import { WakeUps } from "./wake_ups.ts";
import type { Call, FromWorker, ToWorker } from "./worker_calls.ts";
import { watchLife } from "./worker_life.ts";

/** Options of a call. */
export interface CallOptions<Part> {
  /** Objects to hand over; they are no longer the caller's. */
  transfer?: Transferable[];
  /** Receives the parts of the answer. */
  onPart?: (part: Part) => void;
}

/** A call that has no answer yet. */
interface OpenCall {
  resolve: (answer: unknown) => void;
  reject: (error: Error) => void;
  onPart?: (part: unknown) => void;
}

/** Milliseconds that workers get to close what they have open. */
const CLOSING = 1000;

/** A pool of workers that all run one module, which calls `serve()`. */
export class WorkerPool {
  readonly #workers: PoolWorker[];
  readonly #wakeUps = new WakeUps();

  /**
   * @param size Number of workers.
   * @param module Address of their module.
   */
  constructor(size: number, private readonly module: URL | string) {
    this.#workers = Array.from({ length: size }, (_, index) => new PoolWorker(index, module));
  }

  /** Starts another pool of the same kind, to be closed on its own. */
  another(size: number): WorkerPool {
    return new WorkerPool(size, this.module);
  }

  get size(): number {
    return this.#workers.length;
  }

  /** Number of workers at work. */
  get busy(): number {
    return this.#workers.filter(({ busy }) => busy).length;
  }

  /** Keeps so many workers at most, and ends the others, which must have nothing to do. */
  keep(most: number): void {
    for (const worker of this.#workers.splice(most)) worker.end();
  }

  /** Ends the workers that are at work, wherever they are in it; their calls fail. */
  endBusy(): void {
    for (const worker of this.#workers) if (worker.busy) worker.kill();
  }

  /**
   * Calls one worker.
   *
   * @throws What the worker threw, or an {@linkcode InternalError} where it is gone.
   */
  call<Ask, Answer, Part>(
    worker: number,
    call: Call<Ask, Answer, Part>,
    ask: Ask,
    { transfer, onPart }: CallOptions<Part> = {},
  ): Promise<Answer> {
    const parts = onPart as OpenCall["onPart"];
    return this.#workers[worker].call(call.name, ask, transfer, parts) as Promise<Answer>;
  }

  /**
   * Calls several workers at once.
   *
   * @param ask Returns the question for each worker.
   * @returns The answers, by worker.
   * @throws What the first to fail threw.
   */
  callAll<Ask, Answer, Part>(
    call: Call<Ask, Answer, Part>,
    ask: (worker: number) => Ask,
    workers = this.size,
  ): Promise<Answer[]> {
    const calls = Array.from(
      { length: workers },
      (_, worker) => this.call(worker, call, ask(worker)),
    );
    return Promise.all(calls);
  }

  /** Ends all workers. They close what they have open first, for a second at most. */
  async close(): Promise<void> {
    // After a failure, too: the workers that have not failed still answer.
    const closed = Promise.all(this.#workers.map((worker) => worker.close()));
    let timer: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise<void>((resolve) => timer = setTimeout(resolve, CLOSING));
    await Promise.race([closed, patience]);
    clearTimeout(timer);
    for (const worker of this.#workers) worker.end();
    this.#wakeUps[Symbol.dispose]();
  }
}

/** One worker, and the calls that wait for it. */
class PoolWorker {
  readonly #worker: Worker;
  readonly #open = new Map<number, OpenCall>();
  readonly #ended = new AbortController();
  readonly #closed = Promise.withResolvers<void>();
  #last = 0;
  /** Why it answers no more calls. */
  #death: Error | undefined;

  constructor(private readonly index: number, module: URL | string) {
    const name = `matrix2vcf ${crypto.randomUUID()} ${index}`;
    this.#worker = new Worker(module, { type: "module", name });
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if ("living" in data) this.#watch(name);
      else if ("closed" in data) this.#closed.resolve();
      else this.#take(data);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#die(`died: ${event.message}`);
    };
    this.#worker.onmessageerror = () => this.#die("sent garbage");
  }

  get busy(): boolean {
    return this.#open.size > 0;
  }

  call(
    name: string,
    ask: unknown,
    transfer: Transferable[] | undefined,
    onPart: OpenCall["onPart"],
  ): Promise<unknown> {
    if (this.#death) return Promise.reject(this.#death);
    const id = ++this.#last;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#open.set(id, { resolve, reject, onPart });
    this.#post({ id, name, ask }, transfer);
    return promise;
  }

  /** Waits until the worker has closed what it has open; a dead one has nothing. */
  async close(): Promise<void> {
    if (this.#death) return;
    this.#post({ close: true });
    await this.#closed.promise;
  }

  end(): void {
    this.#ended.abort();
    this.#worker.terminate();
  }

  /** Ends it amid its work. */
  kill(): void {
    this.#die("was ended");
    this.end();
  }

  #post(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #take(data: Extract<FromWorker, { id: number }>): void {
    const open = this.#open.get(data.id);
    if (!open) return;
    if ("part" in data) return open.onPart?.(data.part);
    this.#open.delete(data.id);
    if ("failed" in data) open.reject(fromPlainError(data.failed));
    else open.resolve(data.answer);
  }

  #watch(name: string): void {
    watchLife(name, () => this.#die("is gone without a word"), this.#ended.signal);
  }

  #die(how: string): void {
    const death = `worker ${this.index} ${how}`, found = machineReason(new Error(how), true);
    this.#death ??= found
      ? new MachineError(`${found.reason} (${death}); ${found.advice}`)
      : new InternalError(death);
    for (const { reject } of this.#open.values()) reject(this.#death);
    this.#open.clear();
    this.#closed.resolve();
  }
}
