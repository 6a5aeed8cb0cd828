/// <reference lib="deno.worker" />
/**
 * A worker: tokenizes or stores during ingest, queries and formats after it. Glue only.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import { BatchRing } from "./batch_ring.ts";
import { InterruptedError, toPlainError } from "./errors.ts";
import { gzipPieces, type Piece, plainPieces } from "./line_segments.ts";
import { type BlockSink, PartitionFormatter } from "./partition_job.ts";
import type { FromWorker, ToWorker } from "./protocol.ts";
import { Control, Mode, RowProducer } from "./row_producer.ts";
import type { StoreJob } from "./store_job.ts";
import type { TableStore } from "./table_store.ts";
import { WakeUps } from "./wake_ups.ts";
import { live } from "./worker_life.ts";

/** Blocks that may be on their way to the writer. */
const CREDITS = 4;

let store: TableStore | undefined;
/** The table that is made; its database is closed at its end. */
let storing: Promise<unknown> = Promise.resolve();
let formatter: PartitionFormatter | undefined;
/** The partition at work; the database is closed only after it. */
let formatting: Promise<unknown> = Promise.resolve();
/** Credits, some with a buffer that may be used again, and those who wait for one. */
const credits: (Uint8Array<ArrayBuffer> | undefined)[] = Array(CREDITS).fill(undefined);
const waiting: PromiseWithResolvers<Uint8Array<ArrayBuffer> | undefined>[] = [];

function send(message: FromWorker, transfer: Transferable[] = []): void {
  self.postMessage(message, transfer);
}

async function tokenize(message: Extract<ToWorker, { type: "tokenize" }>): Promise<void> {
  const { job, index, of, problemFile } = message;
  const ring = new BatchRing(message.ring);
  const producer = new RowProducer(job, ring, problemFile);
  const ingesting = () => producer.mode === Mode.Ingest;
  const pieces: Iterable<Piece> | AsyncIterable<Piece> = job.source.gzip
    ? gzipPieces(job.source)
    : plainPieces(job.source, index, of);
  try {
    for await (const piece of pieces) {
      if (!producer.wants(piece.segment)) break;
      for (const _ of producer.produce(piece)) ring.waitForFree(ingesting);
      // A worker that never returns to its event loop cannot be ended.
      await new Promise((resolve) => setImmediate(resolve));
    }
    send({ type: "tokenized", collected: producer.collected() });
  } catch (error) {
    // The store may be waiting for a batch, deaf to messages.
    Atomics.store(new Int32Array(job.control), Control.Mode, Mode.Stop);
    throw error;
  } finally {
    producer.close();
  }
}

async function storeTable(job: StoreJob): Promise<void> {
  const { TableStore } = await import("./table_store.ts");
  store = new TableStore(job);
  const work = store.run();
  storing = work.catch(() => {});
  send({ type: "stored", stored: await work });
}

function sinkFor(partition: number): BlockSink {
  return {
    ready() {
      if (credits.length > 0) return Promise.resolve(credits.pop());
      const wanted = Promise.withResolvers<Uint8Array<ArrayBuffer> | undefined>();
      waiting.push(wanted);
      return wanted.promise;
    },
    send(block) {
      send({ type: "block", partition, block }, [block.bytes.buffer]);
    },
  };
}

function credit(buffer: ArrayBuffer | undefined): void {
  const bytes = buffer && new Uint8Array(buffer);
  const next = waiting.shift();
  if (next) next.resolve(bytes);
  else credits.push(bytes);
}

async function handle(message: ToWorker): Promise<void> {
  switch (message.type) {
    case "tokenize":
      return await tokenize(message);
    case "store":
      return await storeTable(message.job);
    case "interrupt":
      return store?.interrupt();
    case "open":
      formatter = await PartitionFormatter.open(message.job);
      return send({ type: "opened" });
    case "partition": {
      const { partition } = message;
      const work = formatter!.format(partition, sinkFor(partition.ordinal));
      formatting = work.catch(() => {});
      const counts = await work;
      return send({ type: "formatted", partition: partition.ordinal, counts });
    }
    case "credit":
      return credit(message.buffer);
    case "close":
      store?.interrupt();
      formatter?.interrupt();
      for (const { reject } of waiting.splice(0)) reject(new InterruptedError());
      await storing;
      await formatting;
      formatter?.[Symbol.dispose]();
      formatter = undefined;
      return send({ type: "closed" });
  }
}

new WakeUps();
live(self.name).then(() => send({ type: "living" }));
self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  handle(data).catch((error) => send({ type: "failed", error: toPlainError(error) }));
};
