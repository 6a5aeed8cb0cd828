/**
 * Does a worker's part in the output of a table: it formats partitions, and sends blocks while it
 * has credit.
 *
 * @module
 */
import type { BlockCredits } from "./block_credits.ts";
import { FORMAT, OPEN_TABLE } from "./calls.ts";
import type { TableJob, TablePartitions } from "./table_partitions.ts";
import { type Handler, on } from "../threads/worker_calls.ts";

/** A worker's calls of output, and the table that it has open. */
export class PartitionWork {
  #table: TablePartitions | undefined;
  /** What is being done with the table, which is closed only after it. */
  #working: Promise<unknown> = Promise.resolve();

  readonly handlers: readonly Handler[] = [
    on(OPEN_TABLE, (job) => this.#work(this.#open(job))),
    on(
      FORMAT,
      (partition, send) => this.#work(this.#table!.format(partition, this.credits.sink(send))),
    ),
  ];

  constructor(private readonly credits: BlockCredits) {}

  /** Stops the partition that is being formatted, and closes the table. */
  async close(): Promise<void> {
    this.#table?.interrupt();
    this.credits.interrupt();
    await this.#working;
    this.#table?.[Symbol.dispose]();
    this.#table = undefined;
  }

  async #open(job: TableJob): Promise<void> {
    // Loaded only here, as tokenizers need no DuckDB.
    const { TablePartitions } = await import("./table_partitions.ts");
    this.#table = await TablePartitions.open(job);
  }

  async #work<Answer>(work: Promise<Answer>): Promise<Answer> {
    this.#working = work.catch(() => {});
    return await work;
  }
}
