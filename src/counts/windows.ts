/**
 * Counts records by windows of contigs, whose size grows so that there are never many. Sizes are 1,
 * 2, 10, 20, 100 and so on: each divides the next, so that windows join without a rest. The size in
 * the end is the least that does for all records, in whatever order and parts they were counted.
 *
 * @module
 */

/** Most windows beside one for each contig. */
const MOST_WINDOWS = 2048;
/** Numbers of a window: records, missing haplotypes, absent ones. */
export const WINDOW = { Records: 0, Missing: 1, Absent: 2, Numbers: 3 } as const;
/** Least number above all numbers of windows. */
const INDEXES = 2 ** 32;

/** Counts by windows of one size; plain data. */
export interface WindowCounts {
  /** Step of the size: see {@linkcode windowSize}. */
  level: number;
  contigs: string[];
  /** `contig * 2^32 + window`, both 0-based. */
  keys: Float64Array<ArrayBuffer>;
  /** {@linkcode WINDOW}.Numbers numbers for each key. */
  counts: Float64Array<ArrayBuffer>;
}

/** Returns the bases of a window. */
export function windowSize(level: number): number {
  return 10 ** (level >> 1) * (1 + (level & 1));
}

/** The counts of records that come by position within each contig. */
export class WindowCounter {
  #level = 0;
  #size = 1;
  /** First position after the current window; 0 where the next record begins another one. */
  #end = 0;
  #contig: string | undefined;
  /** Contigs that have records. */
  #contigs: string[] = [];
  /** True until the first record of the contig. */
  #fresh = true;
  #keys: number[] = [];
  #counts: number[] = [];

  /** Goes on with another contig. */
  begin(contig: string): void {
    this.#contig = contig;
    this.#fresh = true;
    this.#end = 0;
  }

  /**
   * Counts records from place `from` on, until one that lies in another window or is not to be counted
   * here; returns its place.
   *
   * @param pos 1-based.
   * @param missing Missing haplotypes of each, or `never` for one that is not to be counted.
   */
  addRun(pos: Uint32Array, missing: Uint32Array, from: number, to: number, never: number): number {
    if (missing[from] === never) return from;
    if (pos[from] >= this.#end) this.#next(pos[from]);
    const end = this.#end;
    let row = from, sum = 0;
    for (; row < to && pos[row] < end && missing[row] !== never; row++) sum += missing[row];
    const counts = this.#counts, at = counts.length - WINDOW.Numbers;
    counts[at] += row - from;
    counts[at + WINDOW.Missing] += sum;
    return row;
  }

  /** Counts a record at a position (1-based). */
  add(pos: number, missing: number, absent: number): void {
    if (pos >= this.#end) this.#next(pos);
    const counts = this.#counts, at = counts.length - WINDOW.Numbers;
    counts[at]++;
    counts[at + WINDOW.Missing] += missing;
    counts[at + WINDOW.Absent] += absent;
  }

  #next(pos: number): void {
    if (this.#fresh) this.#contigs.push(this.#contig!);
    this.#fresh = false;
    const index = Math.floor((pos - 1) / this.#size);
    this.#end = (index + 1) * this.#size + 1;
    this.#keys.push((this.#contigs.length - 1) * INDEXES + index);
    this.#counts.push(0, 0, 0);
    if (this.#keys.length - this.#contigs.length <= MOST_WINDOWS) return;
    const { level, keys, counts } = coarser(this.#counted());
    this.#level = level;
    this.#size = windowSize(level);
    this.#keys = [...keys];
    this.#counts = [...counts];
    this.#end = (keys.at(-1)! % INDEXES + 1) * this.#size + 1;
  }

  #counted(): WindowCounts {
    const keys = Float64Array.from(this.#keys), counts = Float64Array.from(this.#counts);
    return { level: this.#level, contigs: this.#contigs, keys, counts };
  }

  /**
   * Returns the counts since the last call, and begins anew, in the same contig. The size stays: what
   * it had to be for a part, it has to be for all.
   */
  take(): WindowCounts {
    const taken = this.#counted();
    this.#contigs = [];
    this.#fresh = true;
    this.#keys = [];
    this.#counts = [];
    this.#end = 0;
    return taken;
  }
}

/** Returns the same counts by windows of the next size. */
function coarser({ level, contigs, keys, counts }: WindowCounts): WindowCounts {
  const ratio = windowSize(level + 1) / windowSize(level);
  const next = keys.map((key) => {
    const index = key % INDEXES;
    return key - index + Math.floor(index / ratio);
  });
  return joined(level + 1, contigs, next, counts);
}

/** Returns counts in which each key comes once. */
function joined(
  level: number,
  contigs: string[],
  keys: Float64Array,
  counts: Float64Array,
): WindowCounts {
  const places = new Map<number, number>(), sums = new Float64Array(counts.length);
  for (let n = 0; n < keys.length; n++) {
    let place = places.get(keys[n]);
    if (place === undefined) places.set(keys[n], place = places.size);
    for (let number = 0; number < WINDOW.Numbers; number++) {
      sums[WINDOW.Numbers * place + number] += counts[WINDOW.Numbers * n + number];
    }
  }
  const found = Float64Array.from(places.keys());
  return { level, contigs, keys: found, counts: sums.slice(0, WINDOW.Numbers * places.size) };
}

/** Returns the sum of counts, by the windows that do for all. */
export function sumOfWindows(parts: readonly WindowCounts[]): WindowCounts {
  const level = Math.max(0, ...parts.map(({ level }) => level));
  const alike = parts.map((part) => {
    let same = part;
    while (same.level < level) same = coarser(same);
    return same;
  });
  const used = [...new Set(alike.flatMap(({ contigs }) => contigs))];
  const places = new Map(used.map((name, n) => [name, n]));
  const length = alike.reduce((sum, { keys }) => sum + keys.length, 0);
  const keys = new Float64Array(length), counts = new Float64Array(WINDOW.Numbers * length);
  let at = 0;
  for (const part of alike) {
    const moved = part.contigs.map((name) => places.get(name)! * INDEXES);
    for (let n = 0; n < part.keys.length; n++) {
      const key = part.keys[n], contig = Math.floor(key / INDEXES);
      keys[at + n] = moved[contig] + key - contig * INDEXES;
    }
    counts.set(part.counts, WINDOW.Numbers * at);
    at += part.keys.length;
  }
  return fewerWindows(joined(level, used, keys, counts), MOST_WINDOWS);
}

/** Windows of parts that are not added up yet, at most. */
const MOST_APART = 1 << 15;

/** Returns parts, or their sum where they are many. */
export function gathered(parts: WindowCounts[]): WindowCounts[] {
  const windows = parts.reduce((sum, { keys }) => sum + keys.length, 0);
  // With as many contigs, the sum has as many windows again.
  const [first] = parts, most = Math.max(MOST_APART, 2 * first.keys.length);
  return windows > most || parts.length > MOST_PARTS ? [sumOfWindows(parts)] : parts;
}

/** Parts that are not added up yet, at most. */
const MOST_PARTS = 256;

/** Returns counts by windows of which there are no more than so many beside one for each contig. */
export function fewerWindows(counts: WindowCounts, most: number): WindowCounts {
  let fewer = counts;
  while (fewer.keys.length - fewer.contigs.length > most) fewer = coarser(fewer);
  return fewer;
}

/** Returns contig, window (0-based) and the numbers of each key. */
export function* windowsOf(
  { contigs, keys, counts }: WindowCounts,
): Generator<{ contig: string; window: number; numbers: Float64Array }> {
  for (let n = 0; n < keys.length; n++) {
    const contig = contigs[Math.floor(keys[n] / INDEXES)];
    const numbers = counts.subarray(WINDOW.Numbers * n, WINDOW.Numbers * (n + 1));
    yield { contig, window: keys[n] % INDEXES, numbers };
  }
}
