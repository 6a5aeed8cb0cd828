/**
 * Formats partitions of a table, on a worker or on the calling thread.
 *
 * @module
 */
import { enumWidth } from "../base/codes.ts";
import { packsCodes } from "../base/packed_codes.ts";
import type { DatabaseLimits } from "../table/database_limits.ts";
import type { PinnedTable } from "../table/pinned_table.ts";
import {
  type BlockSink,
  type FormatJob,
  type PartitionCounts,
  PartitionFormatter,
} from "./partition_formatter.ts";
import { NO_EXTRAS } from "../matrix/dialects/dialect.ts";
import { PartitionReader } from "./partition_reader.ts";
import type { Partition } from "./partitions.ts";

/** The part of the job that all partitions of a table share; plain data, for `postMessage`. */
export interface TableJob extends FormatJob {
  database: PinnedTable;
  limits: DatabaseLimits;
  /** Bytes for rows that are to be sorted. */
  sortMemory: number;
  hasId: boolean;
  kept: boolean;
  /** Codes of a row of the table. */
  stride: number;
}

/** The open table of a job, whose partitions are formatted one by one. */
export class TablePartitions implements Disposable {
  private constructor(
    private readonly reader: PartitionReader,
    private readonly formatter: PartitionFormatter,
  ) {}

  /** Opens the table of a job, and its reference. */
  static async open(job: TableJob): Promise<TablePartitions> {
    const { database, limits, sortMemory, hasId, kept, stride, style } = job;
    const { length } = style.alleles, packed = !kept && packsCodes(length);
    const { extras, samples: { length: samples } } = style;
    const shape = {
      ...{ stride, width: enumWidth(length), packed, hasId, kept, samples },
      extras: extras ?? NO_EXTRAS,
      alleles: style.alleles,
    };
    const reader = await PartitionReader.open(database, limits, shape, sortMemory);
    try {
      return new TablePartitions(reader, await PartitionFormatter.open(job));
    } catch (error) {
      reader[Symbol.dispose]();
      throw error;
    }
  }

  /** Formats one partition into a sink. */
  format(partition: Partition, sink: BlockSink): Promise<PartitionCounts> {
    return this.formatter.format(partition.contigs, this.reader.read(partition), sink);
  }

  /** Stops the running query. */
  interrupt(): void {
    this.reader.interrupt();
  }

  [Symbol.dispose](): void {
    this.reader[Symbol.dispose]();
    this.formatter[Symbol.dispose]();
  }
}
