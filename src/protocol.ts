/**
 * What main and workers say to each other.
 *
 * @module
 */
import type { RingMemory } from "./batch_ring.ts";
import type { PlainError } from "./errors.ts";
import type { Partition } from "./plan.ts";
import type { FormatJob, OutputBlock, PartitionCounts } from "./partition_job.ts";
import type { Stored, StoreJob } from "./store_job.ts";
import type { Collected, TokenizeJob } from "./row_producer.ts";

/** From main to a worker. */
export type ToWorker =
  /** Tokenize segments `index`, `index + of`, ... into the ring. */
  | {
    type: "tokenize";
    job: TokenizeJob;
    ring: RingMemory;
    problemFile: string;
    index: number;
    of: number;
  }
  /** Make a table of what the producers tokenize. */
  | { type: "store"; job: StoreJob }
  /** Stop the statement that runs. */
  | { type: "interrupt" }
  /** Open the database and make ready to format. */
  | { type: "open"; job: FormatJob }
  /** Format one partition. */
  | { type: "partition"; partition: Partition }
  /** A block has been written; its buffer, where it may be used again, is the worker's. */
  | { type: "credit"; buffer: ArrayBuffer | undefined }
  /** Stop what is running, close the database. */
  | { type: "close" };

/** From a worker to main. */
export type FromWorker =
  /** The worker lives, and will be known to be gone. */
  | { type: "living" }
  | { type: "tokenized"; collected: Collected }
  | { type: "stored"; stored: Stored }
  | { type: "opened" }
  /** A part of the output of a partition. */
  | { type: "block"; partition: number; block: OutputBlock }
  | { type: "formatted"; partition: number; counts: PartitionCounts }
  | { type: "closed" }
  | { type: "failed"; error: PlainError };
