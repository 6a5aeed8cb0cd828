/// <reference lib="deno.worker" />
/**
 * Starts a worker, which tokenizes or stores during ingest, and reads and formats the table after
 * it, or formats rows as they are read, and sums
 * what has been written.
 *
 * @module
 */
import { CellWork } from "./direct/cell_worker.ts";
import { IngestWork } from "./ingest/ingest_worker.ts";
import { BlockCredits } from "./output/block_credits.ts";
import { PartitionWork } from "./output/partition_worker.ts";
import { SUM_RANGE } from "./checksum/calls.ts";
import { sumRange } from "./checksum/sum_range.ts";
import { on, serve } from "./threads/worker_calls.ts";

const credits = new BlockCredits();
const ingest = new IngestWork(), partitions = new PartitionWork(credits);
const cells = new CellWork(credits);

serve(
  [
    credits.handler,
    ...ingest.handlers,
    ...partitions.handlers,
    ...cells.handlers,
    on(SUM_RANGE, sumRange),
  ],
  async () => {
    await ingest.close();
    await partitions.close();
    await cells.close();
  },
);
