/**
 * Merges the records that several shards have of one contig.
 *
 * @module
 */
import type { RecordStream } from "./record_stream.ts";

/**
 * Yields streams so that their current records have the order of the output: by position, and those
 * of one position in the order of the shards, which is that of the input.
 *
 * @param streams In the order of the shards, none of them begun.
 */
export function* mergeRecords(streams: readonly RecordStream[]): Generator<RecordStream> {
  const heap = streams.filter((stream) => stream.next());
  for (let at = (heap.length >> 1) - 1; at >= 0; at--) sink(heap, at);
  while (heap.length > 0) {
    const [stream] = heap;
    yield stream;
    if (!stream.next()) {
      const last = heap.pop()!;
      if (heap.length === 0) return;
      heap[0] = last;
    }
    sink(heap, 0);
  }
}

/** Moves a stream of a heap down to where it belongs. */
function sink(heap: RecordStream[], from: number): void {
  const stream = heap[from];
  for (let at = from;;) {
    let child = 2 * at + 1;
    if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
    if (child >= heap.length || !isBefore(heap[child], stream)) {
      heap[at] = stream;
      return;
    }
    heap[at] = heap[child];
    at = child;
  }
}

function isBefore(a: RecordStream, b: RecordStream): boolean {
  return a.pos < b.pos || (a.pos === b.pos && a.shard < b.shard);
}
