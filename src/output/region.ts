/**
 * Reads and merges regions of contigs. Everywhere in this program a region is 1-based, both ends
 * included.
 *
 * @module
 */
import { InputError, UsageError } from "../base/errors.ts";
import { printable } from "../base/text.ts";

/** A part of a contig, 1-based, both ends included. */
export interface Region {
  contig: string;
  first: number;
  last: number;
}

/** Disjoint regions by contig: first, last, first, last, ... ascending. */
export type RegionSet = Record<string, Uint32Array>;

/** Largest position. Regions may end past it, as in bcftools. */
const MAX_POS = 0x7fffffff;

/**
 * Parses `1:100-200,2,3:5-` as bcftools does, and `{NAME}:1-2` where a name has a colon. A bare
 * name that is a contig is never split.
 *
 * @param text Regions, comma-separated.
 * @param contigs Names that exist.
 * @throws {UsageError} Not a region.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseRegions } from "./region.ts";
 * assert(JSON.stringify(parseRegions("1:5-9,2", ["1", "2"])) ===
 *   '[{"contig":"1","first":5,"last":9},{"contig":"2","first":1,"last":2147483647}]');
 * ```
 */
export function parseRegions(text: string, contigs: readonly string[]): Region[] {
  const known = new Set(contigs);
  return text.split(",").map((part) => {
    if (known.has(part)) return { contig: part, first: 1, last: MAX_POS };
    const match = /^(?:\{(.+)\}|(.+?)):(\d+)(?:(-)(\d*))?$/.exec(part) ??
      /^(?:\{(.+)\}|([^:]+))$/.exec(part);
    if (!match) {
      throw new UsageError(
        `'${printable(part)}' is not a region; write CONTIG or CONTIG:FIRST-LAST`,
      );
    }
    const contig = match[1] ?? match[2];
    const first = Number(match[3] ?? 1);
    const last = match[3] === undefined || (match[4] && !match[5])
      ? MAX_POS
      : match[4]
      ? Number(match[5])
      : first;
    if (first < 1 || last < first) {
      throw new UsageError(`'${printable(part)}' is an empty region; positions start at 1`);
    }
    return { contig, first, last };
  });
}

/**
 * Reads a BED file: contig, start (0-based), end (exclusive), TAB-separated; `#`, `track` and
 * `browser` lines are skipped.
 *
 * @throws {InputError} Located: a line that is not BED.
 */
export function parseBed(text: string, file: string): Region[] {
  const regions: Region[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "" || /^(#|track\b|browser\b)/.test(line)) continue;
    const [contig, start, end] = line.split("\t");
    if (!/^\d+$/.test(start ?? "") || !/^\d+$/.test(end ?? "") || Number(end) < Number(start)) {
      throw new InputError(
        "expected CONTIG<TAB>START<TAB>END with START (0-based) not after END (exclusive)",
        { file, line: index + 1 },
      );
    }
    if (Number(end) > Number(start)) {
      regions.push({ contig, first: Number(start) + 1, last: Number(end) });
    }
  }
  return regions;
}

/**
 * Sorts and merges regions; what is past the largest position is cut off.
 *
 * @param regions In any order, overlapping or not.
 * @param contigs Names that exist.
 * @returns The set, and names of regions that no contig has.
 */
export function regionSet(
  regions: readonly Region[],
  contigs: readonly string[],
): { set: RegionSet; unknown: string[] } {
  const known = new Set(contigs), unknown = new Set<string>();
  const byContig = new Map<string, Region[]>();
  for (const region of regions) {
    if (!known.has(region.contig)) unknown.add(region.contig);
    else if (byContig.has(region.contig)) byContig.get(region.contig)!.push(region);
    else byContig.set(region.contig, [region]);
  }
  const set: RegionSet = Object.create(null);
  for (const [contig, list] of byContig) set[contig] = merged(list);
  return { set, unknown: [...unknown] };
}

function merged(regions: Region[]): Uint32Array {
  const ends: number[] = [];
  for (const { first, last: end } of regions.sort((a, b) => a.first - b.first)) {
    const last = Math.min(end, MAX_POS);
    if (first > last) break;
    if (ends.length > 0 && first <= ends[ends.length - 1] + 1) {
      ends[ends.length - 1] = Math.max(ends[ends.length - 1], last);
    } else ends.push(first, last);
  }
  return Uint32Array.from(ends);
}

/**
 * A cursor over the regions of a contig. Begins of records must ascend, so that it passes each
 * region only once.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { RegionCursor } from "./region.ts";
 * const cursor = new RegionCursor(Uint32Array.of(5, 9, 20, 20));
 * assert(cursor.overlaps(3, 5) && !cursor.overlaps(10, 19) && cursor.overlaps(20, 20));
 * ```
 */
export class RegionCursor {
  #at = 0;

  /** @param ends First, last, first, last, ... ascending. */
  constructor(private readonly ends: Uint32Array) {}

  /** Tells whether a record from `first` to `last` (1-based, both included) overlaps a region. */
  overlaps(first: number, last: number): boolean {
    const { ends } = this;
    while (this.#at < ends.length && ends[this.#at + 1] < first) this.#at += 2;
    return this.#at < ends.length && ends[this.#at] <= last;
  }
}
