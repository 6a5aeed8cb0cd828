/**
 * What workers can be asked during ingest.
 *
 * @module
 */
import type { RingMemory } from "./batch_ring.ts";
import type { Collected, TokenizeJob } from "./row_producer.ts";
import type { Stored, StoreJob } from "./store_job.ts";
import type { Call } from "../threads/worker_calls.ts";

/** Segments `index`, `index + of`, ... of the source, to be tokenized into a ring. */
export interface TokenizeAsk {
  job: TokenizeJob;
  ring: RingMemory;
  problemFile: string;
  index: number;
  of: number;
}

/** Tokenize; the answer is what was met that nobody foresaw. */
export const TOKENIZE: Call<TokenizeAsk, Collected> = { name: "tokenize" };
/** Make a table of what the producers tokenize. */
export const STORE: Call<StoreJob, Stored> = { name: "store" };
/** Stop the statement that the store runs. */
export const INTERRUPT_STORE: Call<undefined, void> = { name: "interrupt store" };
