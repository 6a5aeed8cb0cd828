/**
 * Finds the first record of a window in which two files differ.
 *
 * @module
 */
import { printable } from "../base/text.ts";
import { type RecordText, recordTexts } from "../checksum/record_texts.ts";
import type { SumRequest } from "./sum_input.ts";
import { recordPieces } from "./sum_input.ts";

/** A window of so many positions from `from` (1-based) on. */
interface Place {
  contig: string;
  from: number;
  bases: number;
}

type Records = AsyncGenerator<RecordText & { samples: string[] }>;

/**
 * Returns a line that says what the first difference is; undefined where none is found, as in files
 * that are not sorted.
 *
 * @param samples Names that both files have.
 */
export async function firstDifference(
  a: string,
  b: string,
  place: Place,
  samples: ReadonlySet<string>,
  options: Omit<SumRequest, "input" | "grouping">,
): Promise<string | undefined> {
  const isInside = (contig: string, pos: number) =>
    // The telomere at 0 belongs to the first window.
    contig === place.contig && Math.max(1, pos) >= place.from && pos < place.from + place.bases;
  const records = (input: string, takes: typeof isInside) =>
    recordTexts(recordPieces({ ...options, input }), input, takes);
  for (const input of [a, b]) {
    if (!await isSorted((takes) => records(input, takes), isInside)) return NOT_SORTED;
  }
  const [one, other] = [a, b].map((input) => new Positions(records(input, isInside)));
  try {
    return await firstOf(one, other, samples);
  } finally {
    await Promise.all([one.close(), other.close()]);
  }
}

const NOT_SORTED = "first difference: unknown, as a file is not sorted (bcftools sort)";

type Takes = (contig: string, pos: number) => boolean;

/** Tells whether the positions of a window ascend. */
async function isSorted(records: (takes: Takes) => Records, isInside: Takes): Promise<boolean> {
  let before = -1, ascends = true;
  const look = (contig: string, pos: number) => {
    if (!isInside(contig, pos)) return false;
    ascends &&= pos >= before;
    before = pos;
    return false;
  };
  for await (const _ of records(look)) break;
  return ascends;
}

async function firstOf(
  one: Positions,
  other: Positions,
  samples: ReadonlySet<string>,
): Promise<string | undefined> {
  let before = -1;
  for (let [left, right] = [await one.next(), await other.next()]; left[0] || right[0];) {
    const [pos, second] = [left[0]?.pos ?? Infinity, right[0]?.pos ?? Infinity];
    if (Math.min(pos, second) <= before) return undefined;
    before = Math.min(pos, second);
    if (pos !== second) return onlyIn(pos < second ? "A" : "B", pos < second ? left[0] : right[0]);
    const line = differenceAt(left, right, samples);
    if (line !== undefined) return line;
    [left, right] = [await one.next(), await other.next()];
  }
  return undefined;
}

function onlyIn(side: "A" | "B", { contig, pos, ref }: RecordText): string {
  return `first difference: the record at ${printable(contig)}:${pos} ${printable(ref)} is in ` +
    `${side} only`;
}

/** Compares the records of one position, which may be in any order. */
function differenceAt(
  left: (RecordText & { samples: string[] })[],
  right: (RecordText & { samples: string[] })[],
  samples: ReadonlySet<string>,
): string | undefined {
  const rest = [...right];
  let first: string | undefined;
  for (const record of left) {
    const same = rest.findIndex((other) =>
      genotypeDifference(record, other, samples) === undefined
    );
    if (same >= 0) rest.splice(same, 1);
    else {
      const like = rest.find(({ ref }) => ref === record.ref);
      first ??= like ? genotypeDifference(record, like, samples) : onlyIn("A", record);
    }
  }
  return first ?? (rest.length > 0 ? onlyIn("B", rest[0]) : undefined);
}

function genotypeDifference(
  record: RecordText & { samples: string[] },
  other: RecordText & { samples: string[] },
  samples: ReadonlySet<string>,
): string | undefined {
  if (record.ref !== other.ref) return onlyIn("A", record);
  const places = new Map(other.samples.map((name, n) => [name, n]));
  for (const [n, name] of record.samples.entries()) {
    if (!samples.has(name)) continue;
    const [mine, theirs] = [record.genotypes[n], other.genotypes[places.get(name)!]];
    if (mine === theirs) continue;
    const { contig, pos, ref } = record;
    return `first difference: ${printable(contig)}:${pos} ${printable(ref)}, sample ` +
      `${printable(name)}: ${printable(mine)} in A, ${printable(theirs)} in B`;
  }
  return undefined;
}

/** The records of one position after another. */
class Positions {
  #next: (RecordText & { samples: string[] }) | undefined;

  constructor(private readonly records: Records) {}

  /** Ends the reading. */
  async close(): Promise<void> {
    await this.records.return(undefined);
  }

  /** Returns the records of the next position; none at the end. */
  async next(): Promise<(RecordText & { samples: string[] })[]> {
    this.#next ??= (await this.records.next()).value;
    const found = this.#next ? [this.#next] : [];
    this.#next = undefined;
    while (found.length > 0) {
      const { value } = await this.records.next();
      this.#next = value;
      if (!value || value.pos !== found[0].pos) break;
      found.push(value);
    }
    return found;
  }
}
