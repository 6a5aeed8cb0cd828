/**
 * Declares the calls that workers answer during ingest.
 *
 * @module
 */
import type { RingMemory } from "./batch_ring.ts";
import type { Collected, TokenizeJob } from "./row_producer.ts";
import type { Stored, StoreJob } from "./store_job.ts";
import type { SumArrays } from "../checksum/sums.ts";
import type { Call } from "../threads/worker_calls.ts";

/**
 * The question to tokenize segments `index`, `index + of`, ... (0-based) of the source into a ring.
 */
export interface TokenizeAsk {
  job: TokenizeJob;
  ring: RingMemory;
  problemFile: string;
  index: number;
  of: number;
}

/** Tokenizes segments; the answer has the alleles and contigs that nobody foresaw. */
export const TOKENIZE: Call<TokenizeAsk, Collected> = { name: "tokenize" };
/** Makes a table of the rows that the producers tokenize. */
export const STORE: Call<StoreJob, Stored> = { name: "store" };
/** Gives the store the sums of the genotypes, which it waits for; undefined where a producer failed. */
export const GIVE_SUMS: Call<SumArrays | undefined, void> = { name: "give sums" };
/** Stops the statement that the store runs. */
export const INTERRUPT_STORE: Call<undefined, void> = { name: "interrupt store" };
