/**
 * Runs a producer on the calling thread.
 *
 * @module
 */
import type { Piece } from "../matrix/line_segments.ts";
import type { Collected, RowProducer } from "./row_producer.ts";

/** A producer that tokenizes on the calling thread, a batch at a time. */
export class LocalProducer {
  #batches: Generator<void> | undefined;

  constructor(
    private readonly producer: RowProducer,
    private readonly pieces: Generator<Piece>,
  ) {}

  /** Publishes a batch; returns false if none is left. */
  pump(): boolean {
    while (true) {
      if (this.#batches && !this.#batches.next().done) return true;
      const piece = this.pieces.next();
      if (piece.done || !this.producer.wants(piece.value.segment)) return false;
      this.#batches = this.producer.produce(piece.value);
    }
  }

  /** Goes through the rest of the source, now that producers only collect. */
  collect(): Collected[] {
    // A segment amid a long line has no rows, but still publishes an empty batch.
    while (this.pump());
    return [this.producer.collected()];
  }

  close(): void {
    this.pieces.return(undefined);
    this.producer.close();
  }
}
