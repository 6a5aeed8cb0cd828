/**
 * Declares the calls that workers answer once there is a table.
 *
 * @module
 */
import type { OutputBlock, PartitionCounts } from "./partition_formatter.ts";
import type { Partition } from "./partitions.ts";
import type { TableJob } from "./table_partitions.ts";
import type { Call } from "../threads/worker_calls.ts";

/** Opens the table, and makes the worker ready to format. */
export const OPEN_TABLE: Call<TableJob, void> = { name: "open table" };
/** Formats one partition; its blocks come as parts of the answer. */
export const FORMAT: Call<Partition, PartitionCounts, OutputBlock> = { name: "format" };
/** Says that a block has been written, and gives back its buffer where that may be used again. */
export const CREDIT: Call<ArrayBuffer | undefined, void> = { name: "credit" };
