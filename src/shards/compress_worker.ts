/// <reference lib="deno.worker" />
/**
 * Starts a worker that compresses records. It loads nothing else, so that it takes a third of the
 * memory of one that converts.
 *
 * @module
 */
import { compressBlocks } from "../bgzf/blocks.ts";
import { collectGarbage } from "../threads/collect_garbage.ts";
import { on, serve } from "../threads/worker_calls.ts";
import { COMPRESS } from "./calls.ts";

serve([
  on(COMPRESS, ({ text, level }, send) => {
    collectGarbage(2 * text.length);
    const chunk = compressBlocks(text, level);
    // Handed over rather than copied, as an answer would be.
    send(chunk, [chunk.bytes.buffer]);
  }),
], () => Promise.resolve());
