/**
 * Formats partitions, on a worker or on the calling thread: rows in, blocks of output out.
 *
 * @module
 */
import type { DatabaseLimits } from "./database.ts";
import { collectGarbage } from "./garbage.ts";
import { PartitionReader, ROW_BITS } from "./partition_reader.ts";
import type { Partition } from "./plan.ts";
import { noCounts, type RecordCounts, RecordFormatter, type RecordStyle } from "./vcf_record.ts";

/** What is the same for all partitions; plain data, for `postMessage`. */
export interface FormatJob {
  database: string;
  limits: DatabaseLimits;
  hasId: boolean;
  style: RecordStyle;
}

/** What became of a partition. */
export interface PartitionCounts extends RecordCounts {
  /** Rows that came out of the table. */
  rows: number;
  /** Positions of the first and last record, 0 without records. */
  firstPos: number;
  lastPos: number;
}

/** Takes blocks of output, and gives buffers for more. */
export interface BlockSink {
  /** An empty buffer; waits while too many blocks are on their way. */
  buffer(): Promise<Uint8Array<ArrayBuffer>>;
  /** Take the first `length` bytes. */
  send(bytes: Uint8Array<ArrayBuffer>, length: number): void;
}

/** Bytes after which a block is sent. */
export const BLOCK_BYTES = 1 << 20;
/** Bytes of a new buffer: a block, and one more record of usual length. */
export const BUFFER_BYTES = BLOCK_BYTES + (1 << 16);

/** Formats the partitions of one database. */
export class PartitionFormatter implements Disposable {
  readonly #formatter: RecordFormatter;

  private constructor(private readonly reader: PartitionReader, style: RecordStyle) {
    this.#formatter = new RecordFormatter(style);
  }

  /** Open the database of a job. */
  static async open({ database, limits, hasId, style }: FormatJob): Promise<PartitionFormatter> {
    return new PartitionFormatter(await PartitionReader.open(database, limits, hasId), style);
  }

  /** Format one partition into a sink. */
  async format(partition: Partition, sink: BlockSink): Promise<PartitionCounts> {
    const formatter = this.#formatter;
    formatter.counts = noCounts();
    formatter.begin(partition.contig, await sink.buffer());
    let rows = 0;
    for await (const { chunks, order } of this.reader.read(partition)) {
      rows += order.length;
      for (let n = 0; n < order.length;) {
        n = writeUntilFull(formatter, chunks, order, n);
        if (formatter.length < BLOCK_BYTES) break;
        sink.send(formatter.bytes, formatter.length);
        formatter.use(await sink.buffer());
      }
    }
    sink.send(formatter.bytes, formatter.length);
    collectGarbage();
    const { firstPos, lastPos } = formatter;
    return { ...formatter.counts, rows, firstPos, lastPos };
  }

  /** Stop the running query. */
  interrupt(): void {
    this.reader.interrupt();
  }

  [Symbol.dispose](): void {
    this.reader[Symbol.dispose]();
  }
}

/** Write records from place `from` on until a block is full; the place after the last. */
function writeUntilFull(
  formatter: RecordFormatter,
  chunks: Parameters<RecordFormatter["write"]>[0][],
  order: Uint32Array,
  from: number,
): number {
  let n = from;
  while (n < order.length && formatter.length < BLOCK_BYTES) {
    const place = order[n++];
    formatter.write(chunks[place >>> ROW_BITS], place & ((1 << ROW_BITS) - 1));
  }
  return n;
}
