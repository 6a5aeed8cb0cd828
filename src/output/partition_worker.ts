/**
 * Does a worker's part in the output of a table: it formats partitions, and sends blocks while it
 * has credit.
 *
 * @module
 */
import type { BlockCredits } from "./block_credits.ts";
import { FORMAT, OPEN_TABLE } from "./calls.ts";
import type { OutputBlock, PartitionCounts } from "./partition_formatter.ts";
import type { Partition } from "./partitions.ts";
import type { TablePartitions } from "./table_partitions.ts";
import { type Handler, on, type SendPart } from "../threads/worker_calls.ts";

/** A worker's calls of output, and the table that it has open. */
export class PartitionWork {
  #table: TablePartitions | undefined;
  /** The partition that is being formatted; the table is closed only after it. */
  #formatting: Promise<unknown> = Promise.resolve();

  readonly handlers: readonly Handler[] = [
    on(OPEN_TABLE, async (job) => {
      // Loaded only here, as tokenizers need no DuckDB.
      const { TablePartitions } = await import("./table_partitions.ts");
      this.#table = await TablePartitions.open(job);
    }),
    on(FORMAT, (partition, send) => this.#format(partition, send)),
  ];

  constructor(private readonly credits: BlockCredits) {}

  /** Stops the partition that is being formatted, and closes the table. */
  async close(): Promise<void> {
    this.#table?.interrupt();
    this.credits.interrupt();
    await this.#formatting;
    this.#table?.[Symbol.dispose]();
    this.#table = undefined;
  }

  async #format(partition: Partition, send: SendPart<OutputBlock>): Promise<PartitionCounts> {
    const work = this.#table!.format(partition, this.credits.sink(send));
    this.#formatting = work.catch(() => {});
    return await work;
  }
}
