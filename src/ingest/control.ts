/**
 * What the threads of an ingest tell each other beside their batches, in shared memory: go on, only
 * collect what nobody foresaw, or stop; and from which segment on rows are of no use.
 *
 * @module
 */

/** Words of the shared memory, and values of the first. */
const MODE = 0, BAD_SEGMENT = 1, WORDS = 16;
const INGEST = 0, COLLECT = 1, STOP = 2;
/** No segment is bad, as far as known. */
const NO_SEGMENT = 0x7fffffff;

/** The state that the threads of a run share. */
export class Control {
  readonly #words: Int32Array;

  /** @param memory That of the run, from {@linkcode Control.memory}. */
  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
  }

  /** Makes the memory of a new run; segments after a bad one are of no use. */
  static memory(badSegment = NO_SEGMENT): SharedArrayBuffer {
    const memory = new SharedArrayBuffer(WORDS * 4);
    new Int32Array(memory)[BAD_SEGMENT] = badSegment;
    return memory;
  }

  /** Are rows wanted? */
  get ingesting(): boolean {
    return Atomics.load(this.#words, MODE) === INGEST;
  }

  /** Has something turned up that nobody foresaw? */
  get collecting(): boolean {
    return Atomics.load(this.#words, MODE) === COLLECT;
  }

  /** Is the run over before its end? */
  get stopped(): boolean {
    return Atomics.load(this.#words, MODE) === STOP;
  }

  /** Rows are of no use any more, but what they hold has to be known. */
  collect(): void {
    Atomics.compareExchange(this.#words, MODE, INGEST, COLLECT);
  }

  /** Ends the run; producers stop at the next batch. */
  stop(): void {
    Atomics.store(this.#words, MODE, STOP);
  }

  /** First segment with a row that ends the run. */
  get badSegment(): number {
    return Atomics.load(this.#words, BAD_SEGMENT);
  }

  /** Later segments need not be read: the run ends in this one, or before. */
  markBad(segment: number): void {
    let seen = this.badSegment;
    while (segment < seen) {
      const before = Atomics.compareExchange(this.#words, BAD_SEGMENT, seen, segment);
      if (before === seen) return;
      seen = before;
    }
  }
}
