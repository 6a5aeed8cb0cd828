/**
 * Lets the threads of an ingest tell each other, in shared memory, to go on, to only collect what
 * nobody foresaw, or to stop; and after which segment rows are of no use.
 *
 * @module
 */

/** Words of the shared memory, and values of the first word. */
const MODE = 0, BAD_SEGMENT = 1, WORDS = 16;
const INGEST = 0, COLLECT = 1, STOP = 2;
/** Stands for no bad segment so far. */
const NO_SEGMENT = 0x7fffffff;

/** The state that the threads of a run share. */
export class Control {
  readonly #words: Int32Array;

  /** @param memory The memory of the run, from {@linkcode Control.memory}. */
  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
  }

  /** Makes the memory of a new run; segments after a bad one are of no use. */
  static memory(badSegment = NO_SEGMENT): SharedArrayBuffer {
    const memory = new SharedArrayBuffer(WORDS * 4);
    new Int32Array(memory)[BAD_SEGMENT] = badSegment;
    return memory;
  }

  /** True while rows are wanted. */
  get ingesting(): boolean {
    return Atomics.load(this.#words, MODE) === INGEST;
  }

  /** True once something turned up that nobody foresaw. */
  get collecting(): boolean {
    return Atomics.load(this.#words, MODE) === COLLECT;
  }

  /** True once the run is over before its end. */
  get stopped(): boolean {
    return Atomics.load(this.#words, MODE) === STOP;
  }

  /** Turns the run into a survey: rows are of no more use, but their alleles and contigs are. */
  collect(): void {
    Atomics.compareExchange(this.#words, MODE, INGEST, COLLECT);
  }

  /** Ends the run; producers stop at the next batch. */
  stop(): void {
    Atomics.store(this.#words, MODE, STOP);
  }

  /** The first segment (0-based) with a row that ends the run. */
  get badSegment(): number {
    return Atomics.load(this.#words, BAD_SEGMENT);
  }

  /** Marks a segment in which the run ends, so that later ones need not be read. */
  markBad(segment: number): void {
    let seen = this.badSegment;
    while (segment < seen) {
      const before = Atomics.compareExchange(this.#words, BAD_SEGMENT, seen, segment);
      if (before === seen) return;
      seen = before;
    }
  }
}
