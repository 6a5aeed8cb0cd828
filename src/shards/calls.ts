/**
 * Declares the calls that workers answer while shards are gathered.
 *
 * @module
 */
import type { BgzfChunk } from "../bgzf/blocks.ts";
import type { Call } from "../threads/worker_calls.ts";

/** Text to compress, and the BGZF level. */
export interface CompressAsk {
  text: Uint8Array<ArrayBuffer>;
  level: number;
}

/** Compresses a chunk of records, which comes as a part of the answer. */
export const COMPRESS: Call<CompressAsk, void, BgzfChunk> = { name: "compress" };
