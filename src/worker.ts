/// <reference lib="deno.worker" />
/**
 * Starts a worker, which tokenizes or stores during ingest, and reads and formats the table after
 * it.
 *
 * @module
 */
import { IngestWork } from "./ingest/ingest_worker.ts";
import { BlockCredits } from "./output/block_credits.ts";
import { PartitionWork } from "./output/partition_worker.ts";
import { serve } from "./threads/worker_calls.ts";

const credits = new BlockCredits();
const ingest = new IngestWork(), partitions = new PartitionWork(credits);

serve([credits.handler, ...ingest.handlers, ...partitions.handlers], async () => {
  await ingest.close();
  await partitions.close();
});
