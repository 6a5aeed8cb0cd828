/**
 * Does a worker's part in ingest: it tokenizes, or stores.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import { RingProducer } from "./batch_ring.ts";
import type { SumArrays } from "../checksum/sums.ts";
import { GIVE_SUMS, INTERRUPT_STORE, STORE, TOKENIZE, type TokenizeAsk } from "./calls.ts";
import { gzipPieces, type Piece, plainPieces } from "../matrix/line_segments.ts";
import { Control } from "./control.ts";
import { type Collected, RowProducer } from "./row_producer.ts";
import type { Stored, StoreJob } from "./store_job.ts";
import type { TableStore } from "./table_store.ts";
import { type Handler, on } from "../threads/worker_calls.ts";

async function tokenize(ask: TokenizeAsk): Promise<Collected> {
  const { job, index, of, problemFile } = ask, ring = new RingProducer(ask.ring);
  const producer = new RowProducer(job, ring, problemFile);
  const control = new Control(job.control), ingesting = () => control.ingesting;
  const going = () => !control.stopped;
  const pieces: Iterable<Piece> | AsyncIterable<Piece> = job.source.gzip
    ? gzipPieces(job.source, going)
    : plainPieces(job.source, index, of, going);
  try {
    for await (const piece of pieces) {
      if (!producer.wants(piece.segment)) break;
      for (const _ of producer.produce(piece)) ring.waitForFree(ingesting);
      // A worker that never returns to its event loop could not be ended.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return producer.collected();
  } catch (error) {
    // The store may wait for a batch, and then hears no messages.
    control.stop();
    throw error;
  } finally {
    producer.close();
  }
}

/** A worker's calls of ingest, and the table that it makes, if it stores. */
export class IngestWork {
  #store: TableStore | undefined;
  #storing: Promise<unknown> = Promise.resolve();
  #sums = Promise.withResolvers<SumArrays | undefined>();

  readonly handlers: readonly Handler[] = [
    on(TOKENIZE, tokenize),
    on(STORE, (job) => this.#run(job)),
    on(GIVE_SUMS, (sums) => this.#sums.resolve(sums)),
    on(INTERRUPT_STORE, () => this.#store?.interrupt()),
  ];

  /** Stops the statement that runs, and waits until the database is closed. */
  async close(): Promise<void> {
    this.#store?.interrupt();
    this.#sums.resolve(undefined);
    await this.#storing;
  }

  async #run(job: StoreJob): Promise<Stored> {
    // Loaded only here, as tokenizers need no DuckDB.
    const { TableStore } = await import("./table_store.ts");
    const sums = this.#sums = Promise.withResolvers();
    this.#store = new TableStore(job, () => sums.promise);
    const work = this.#store.run();
    this.#storing = work.catch(() => {});
    return await work;
  }
}
