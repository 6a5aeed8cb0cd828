/**
 * Has all partitions formatted, by workers or on this thread, and their blocks written in order.
 *
 * @module
 */
import { InterruptedError } from "../base/errors.ts";
import type { OrderedWriter } from "./ordered_writer.ts";
import type { BlockIndex, FormatJob, PartitionCounts } from "./partition_formatter.ts";
import { CREDIT, FORMAT, OPEN_TABLE } from "./calls.ts";
import type { Partition } from "./partitions.ts";
import type { WorkerPool } from "../threads/worker_pool.ts";

/** What to run. */
export interface PartitionRun {
  partitions: readonly Partition[];
  /** The job of each worker, 0-based. */
  job: (worker: number) => FormatJob;
  writer: OrderedWriter;
  /** Is told where the records of each block are, in order of the offsets. */
  onIndex: (partition: Partition, index: BlockIndex, offset: number) => void;
  /** Is told what became of each partition, in any order. */
  onCounts: (partition: Partition, counts: PartitionCounts) => void;
  signal: AbortSignal | undefined;
}

/**
 * Format all partitions.
 *
 * @param run What to run.
 * @param pool Workers; without, this thread does it.
 * @throws Whatever a worker or the writer threw first; {@linkcode InterruptedError} on the signal.
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
  try {
    const work = pool ? runInPool(run, pool) : runHere(run);
    work.catch(() => {});
    await Promise.race([work, aborted.promise, run.writer.failure]);
    await run.writer.idle();
  } finally {
    run.signal?.removeEventListener("abort", abort);
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
  { writer, onCounts, onIndex }: PartitionRun,
): Promise<void> {
  const giveCredit = (buffer: ArrayBuffer | undefined) =>
    pool.call(worker, CREDIT, buffer, { transfer: buffer && [buffer] }).catch(() => {});
  const counts = await pool.call(worker, FORMAT, partition, {
    onPart({ bytes, index, reusable }) {
      writer.add(partition.ordinal, {
        bytes,
        placed: (offset) => index && onIndex(partition, index, offset),
        written: () => giveCredit(reusable ? bytes.buffer : undefined),
      });
    },
  });
  onCounts(partition, counts);
  writer.end(partition.ordinal);
}

async function runHere(run: PartitionRun): Promise<void> {
  const { partitions, job, writer, onCounts, onIndex, signal } = run;
  const { PartitionFormatter } = await import("./partition_formatter.ts");
  using formatter = await PartitionFormatter.open(job(0));
  for (const partition of partitions) {
    if (signal?.aborted) return;
    const counts = await formatter.format(partition, {
      async ready() {
        await writer.idle();
        return undefined;
      },
      send({ bytes, index }) {
        writer.add(partition.ordinal, {
          bytes,
          placed: (offset) => index && onIndex(partition, index, offset),
          written: () => {},
        });
      },
    });
    onCounts(partition, counts);
    writer.end(partition.ordinal);
  }
}
