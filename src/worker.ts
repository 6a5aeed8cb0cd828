/// <reference lib="deno.worker" />
/**
 * A worker: tokenizes during ingest, queries and formats after it. Glue only.
 *
 * @module
 */
import { BatchRing } from "./batch_ring.ts";
import { InterruptedError, toPlainError } from "./errors.ts";
import { gzipPieces, type Piece, plainPieces } from "./line_segments.ts";
import { type BlockSink, BUFFER_BYTES, PartitionFormatter } from "./partition_job.ts";
import type { FromWorker, ToWorker } from "./protocol.ts";
import { Control, Mode, RowProducer } from "./row_producer.ts";

/** Blocks that may be on their way to the writer. */
const CREDITS = 4;

let formatter: PartitionFormatter | undefined;
/** The partition at work; the database is closed only after it. */
let formatting: Promise<unknown> = Promise.resolve();
/** Buffers that are the worker's, and those who wait for one. */
const free: Uint8Array<ArrayBuffer>[] = Array.from({ length: CREDITS }, () => new Uint8Array(0));
const waiting: PromiseWithResolvers<Uint8Array<ArrayBuffer>>[] = [];

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
    }
    send({ type: "tokenized", collected: producer.collected() });
  } catch (error) {
    // Main may be waiting for a batch, deaf to messages.
    Atomics.store(new Int32Array(job.control), Control.Mode, Mode.Stop);
    throw error;
  } finally {
    producer.close();
  }
}

function sinkFor(partition: number): BlockSink {
  return {
    buffer() {
      const next = free.pop();
      if (next) return Promise.resolve(take(next));
      const wanted = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
      waiting.push(wanted);
      return wanted.promise;
    },
    send(bytes, length) {
      send({ type: "block", partition, buffer: bytes.buffer, length }, [bytes.buffer]);
    },
  };
}

/** Buffers are made when they are first needed. */
function take(buffer: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return buffer.length === 0 ? new Uint8Array(BUFFER_BYTES) : buffer;
}

function credit(buffer: ArrayBuffer): void {
  const bytes = new Uint8Array(buffer);
  const next = waiting.shift();
  if (next) next.resolve(bytes);
  else free.push(bytes);
}

async function handle(message: ToWorker): Promise<void> {
  switch (message.type) {
    case "tokenize":
      return await tokenize(message);
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
      formatter?.interrupt();
      for (const { reject } of waiting.splice(0)) reject(new InterruptedError());
      await formatting;
      formatter?.[Symbol.dispose]();
      formatter = undefined;
      return send({ type: "closed" });
  }
}

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  handle(data).catch((error) => send({ type: "failed", error: toPlainError(error) }));
};
