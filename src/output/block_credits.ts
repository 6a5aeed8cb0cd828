/**
 * Bounds the blocks of a worker that are on their way to the writer.
 *
 * @module
 */
import { InterruptedError } from "../base/errors.ts";
import { type Handler, on, type SendPart } from "../threads/worker_calls.ts";
import { CREDIT } from "./calls.ts";
import type { BlockSink, OutputBlock } from "./partition_formatter.ts";

type Buffer = Uint8Array<ArrayBuffer> | undefined;

/** Most blocks of a worker that may be on their way to the writer. */
const CREDITS = 4;

/** The credits of a worker, one for each block that it may send. */
export class BlockCredits {
  /** Credits, some with a buffer that may be used again. */
  readonly #credits: Buffer[] = Array(CREDITS).fill(undefined);
  /** Callers that wait for a credit. */
  readonly #waiting: PromiseWithResolvers<Buffer>[] = [];

  #interrupted = false;

  /** Takes a credit back from main. */
  readonly handler: Handler = on(
    CREDIT,
    (buffer) => this.#credit(buffer && new Uint8Array(buffer)),
  );

  /** Returns a sink that sends blocks to main, one for each credit. */
  sink(send: SendPart<OutputBlock>): BlockSink {
    return {
      ready: () => this.ready(),
      send: (block) => send(block, [block.bytes.buffer]),
    };
  }

  /** Fails all who wait for a credit, now or later. */
  interrupt(): void {
    this.#interrupted = true;
    for (const { reject } of this.#waiting.splice(0)) reject(new InterruptedError());
  }

  /** Begins anew, after blocks that nobody writes any more. */
  reset(): void {
    this.interrupt();
    this.#interrupted = false;
    this.#credits.splice(0, Infinity, ...Array(CREDITS).fill(undefined));
  }

  /** Takes a credit, and a buffer to use again, if there is one; waits where none is left. */
  ready(): Promise<Buffer> {
    if (this.#interrupted) return Promise.reject(new InterruptedError());
    if (this.#credits.length > 0) return Promise.resolve(this.#credits.pop());
    const wanted = Promise.withResolvers<Buffer>();
    this.#waiting.push(wanted);
    return wanted.promise;
  }

  #credit(buffer: Buffer): void {
    const next = this.#waiting.shift();
    if (next) next.resolve(buffer);
    else this.#credits.push(buffer);
  }
}
