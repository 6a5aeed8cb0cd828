/**
 * Formats all partitions, by workers or on this thread, and has their blocks written in order.
 *
 * @module
 */
import { InterruptedError } from "../base/errors.ts";
import type { OrderedWriter } from "./ordered_writer.ts";
import type { OutputBlock, PartitionCounts } from "./partition_formatter.ts";
import { CREDIT, FORMAT, OPEN_TABLE } from "./calls.ts";
import type { Partition } from "./partitions.ts";
import type { TableJob } from "./table_partitions.ts";
import type { WorkerPool } from "../threads/worker_pool.ts";

/** The partitions to format, and who receives what comes of them. */
export interface PartitionRun {
  partitions: readonly Partition[];
  /** The job of each worker, 0-based. */
  job: (worker: number) => TableJob;
  writer: OrderedWriter;
  /** Receives each block and its offset in the file in bytes, in ascending order. */
  onBlock: (block: OutputBlock, offset: number) => void;
  /** Receives the counts of each partition, in any order. */
  onCounts: (partition: Partition, counts: PartitionCounts) => void;
  signal: AbortSignal | undefined;
}

/**
 * Formats all partitions.
 *
 * @param run The partitions, and who receives what comes of them.
 * @param pool Workers; undefined where this thread does the work.
 * @throws What a worker or the writer threw first; {@linkcode InterruptedError} on the signal.
 */
export async function runPartitions(
  run: PartitionRun,
  pool: WorkerPool | undefined,
): Promise<void> {
  const aborted = Promise.withResolvers<never>();
  aborted.promise.catch(() => {});
  const abort = () => aborted.reject(new InterruptedError());
  run.signal?.addEventListener("abort", abort);
  if (run.signal?.aborted) abort();
  const work = pool ? runInPool(run, pool) : runHere(run, aborted.promise);
  work.catch(() => {});
  try {
    await Promise.race([work, aborted.promise, run.writer.failure]);
    await run.writer.idle();
  } finally {
    run.signal?.removeEventListener("abort", abort);
    // Workers are ended by whoever has the pool; this thread must not go on to read a table that is
    // being removed.
    if (!pool) await work.catch(() => {});
  }
}

async function runInPool(run: PartitionRun, pool: WorkerPool): Promise<void> {
  const { partitions, job } = run;
  if (partitions.length === 0) return;
  await pool.callAll(OPEN_TABLE, job);
  let next = 0;
  const work = async (worker: number) => {
    while (next < partitions.length) await formatIn(pool, worker, partitions[next++], run);
  };
  await Promise.all(Array.from({ length: pool.size }, (_, worker) => work(worker)));
}

async function formatIn(
  pool: WorkerPool,
  worker: number,
  partition: Partition,
  { writer, onCounts, onBlock }: PartitionRun,
): Promise<void> {
  const giveCredit = (buffer: ArrayBuffer | undefined) =>
    pool.call(worker, CREDIT, buffer, { transfer: buffer && [buffer] }).catch(() => {});
  const counts = await pool.call(worker, FORMAT, partition, {
    onPart(block) {
      const { bytes, reusable } = block;
      writer.add(partition.ordinal, {
        bytes,
        placed: (offset) => onBlock(block, offset),
        written: () => giveCredit(reusable ? bytes.buffer : undefined),
      });
    },
  });
  onCounts(partition, counts);
  writer.end(partition.ordinal);
}

async function runHere(run: PartitionRun, aborted: Promise<never>): Promise<void> {
  const { partitions, job, writer, onCounts, onBlock, signal } = run;
  const { TablePartitions } = await import("./table_partitions.ts");
  using table = await TablePartitions.open(job(0));
  using _interrupting = onAbort(signal, () => table.interrupt());
  for (const partition of partitions) {
    if (signal?.aborted) return;
    const counts = await table.format(partition, {
      async ready() {
        // A reader of the output that has stopped reading must not keep a run that was ended.
        await Promise.race([writer.idle(), aborted]);
        return undefined;
      },
      send(block) {
        writer.add(partition.ordinal, {
          bytes: block.bytes,
          placed: (offset) => onBlock(block, offset),
          written: () => {},
        });
      },
    });
    onCounts(partition, counts);
    writer.end(partition.ordinal);
  }
}

/** Calls back on a signal, until it is disposed of. */
function onAbort(signal: AbortSignal | undefined, interrupt: () => void): Disposable {
  signal?.addEventListener("abort", interrupt);
  return { [Symbol.dispose]: () => signal?.removeEventListener("abort", interrupt) };
}
