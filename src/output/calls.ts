/**
 * What workers can be asked once there is a table.
 *
 * @module
 */
import type { FormatJob, OutputBlock, PartitionCounts } from "./partition_formatter.ts";
import type { Partition } from "./partitions.ts";
import type { Call } from "../threads/worker_calls.ts";

/** Open the table and make ready to format. */
export const OPEN_TABLE: Call<FormatJob, void> = { name: "open table" };
/** Format one partition; its blocks come as parts. */
export const FORMAT: Call<Partition, PartitionCounts, OutputBlock> = { name: "format" };
/** A block has been written; its buffer, where it may be used again, is the worker's. */
export const CREDIT: Call<ArrayBuffer | undefined, void> = { name: "credit" };
