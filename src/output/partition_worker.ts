/**
 * Does a worker's part in the output: it formats partitions, and sends blocks while it has credit.
 *
 * @module
 */
import { InterruptedError } from "../base/errors.ts";
import { CREDIT, FORMAT, OPEN_TABLE } from "./calls.ts";
import {
  type OutputBlock,
  type PartitionCounts,
  PartitionFormatter,
} from "./partition_formatter.ts";
import type { Partition } from "./partitions.ts";
import { type Handler, on, type SendPart } from "../threads/worker_calls.ts";

type Buffer = Uint8Array<ArrayBuffer> | undefined;

/** Most blocks of a worker that may be on their way to the writer. */
const CREDITS = 4;

/** A worker's calls of output, and the table that it has open. */
export class PartitionWork {
  #formatter: PartitionFormatter | undefined;
  /** The partition that is being formatted; the table is closed only after it. */
  #formatting: Promise<unknown> = Promise.resolve();
  /** Credits, some with a buffer that may be used again. */
  readonly #credits: Buffer[] = Array(CREDITS).fill(undefined);
  /** Callers that wait for a credit. */
  readonly #waiting: PromiseWithResolvers<Buffer>[] = [];

  readonly handlers: readonly Handler[] = [
    on(OPEN_TABLE, async (job) => {
      this.#formatter = await PartitionFormatter.open(job);
    }),
    on(FORMAT, (partition, send) => this.#format(partition, send)),
    on(CREDIT, (buffer) => this.#credit(buffer && new Uint8Array(buffer))),
  ];

  /** Stops the partition that is being formatted, and closes the table. */
  async close(): Promise<void> {
    this.#formatter?.interrupt();
    for (const { reject } of this.#waiting.splice(0)) reject(new InterruptedError());
    await this.#formatting;
    this.#formatter?.[Symbol.dispose]();
    this.#formatter = undefined;
  }

  async #format(partition: Partition, send: SendPart<OutputBlock>): Promise<PartitionCounts> {
    const work = this.#formatter!.format(partition, {
      ready: () => this.#ready(),
      send: (block) => send(block, [block.bytes.buffer]),
    });
    this.#formatting = work.catch(() => {});
    return await work;
  }

  #ready(): Promise<Buffer> {
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
