/**
 * A producer on the calling thread.
 *
 * @module
 */
import type { Piece } from "../matrix/line_segments.ts";
import type { Collected, RowProducer } from "./row_producer.ts";

/** Tokenizes on the calling thread, a batch at a time. */
export class LocalProducer {
  #batches: Generator<void> | undefined;

  constructor(
    private readonly producer: RowProducer,
    private readonly pieces: Generator<Piece>,
  ) {}

  /** Publish a batch; false if there is none left. */
  pump(): boolean {
    while (true) {
      if (this.#batches && !this.#batches.next().done) return true;
      const piece = this.pieces.next();
      if (piece.done || !this.producer.wants(piece.value.segment)) return false;
      this.#batches = this.producer.produce(piece.value);
    }
  }

  /** Go through what is left, now that producers only collect. */
  collect(): Collected[] {
    // Segments amid a long line have no rows, and are published as such.
    while (this.pump());
    return [this.producer.collected()];
  }

  close(): void {
    this.pieces.return(undefined);
    this.producer.close();
  }
}
