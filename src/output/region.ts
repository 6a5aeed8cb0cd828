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
 * name that is a contig is never split. Numbers may have commas between their digits, as in
 * samtools.
 *
 * @param text Regions, comma-separated.
 * @param contigs Names that exist.
 * @throws {UsageError} Not a region.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseRegions } from "./region.ts";
 * assert(JSON.stringify(parseRegions("1:1,005-1,009,2", ["1", "2"])) ===
 *   '[{"contig":"1","first":1005,"last":1009},{"contig":"2","first":1,"last":2147483647}]');
 * ```
 */
export function parseRegions(text: string, contigs: readonly string[]): Region[] {
  const known = new Set(contigs);
  return splitRegions(text, known).map((part) => {
    if (known.has(part)) return { contig: part, first: 1, last: MAX_POS };
    const match = /^(?:\{(.+)\}|(.+?)):(\d[\d,]*)(?:(-)(\d[\d,]*)?)?$/.exec(part) ??
      /^(?:\{(.+)\}|([^:]+))$/.exec(part);
    if (!match) {
      throw new UsageError(
        `'${printable(part)}' is not a region; write CONTIG or CONTIG:FIRST-LAST`,
      );
    }
    const [, braced, plain, from, dash, to] = match;
    const first = from === undefined ? 1 : numberOf(from);
    const open = from === undefined || (dash && to === undefined);
    const last = open ? MAX_POS : dash ? numberOf(to) : first;
    if (first < 1 || last < first) {
      throw new UsageError(`'${printable(part)}' is an empty region; positions start at 1`);
    }
    return { contig: braced ?? plain, first, last };
  });
}

function numberOf(digits: string): number {
  return Number(digits.replaceAll(",", ""));
}

/** Splits a list at its commas, but not at those between three digits and three digits. */
function splitRegions(text: string, known: ReadonlySet<string>): string[] {
  const regions: string[] = [];
  for (const part of text.split(",")) {
    const before = regions.at(-1);
    const goesOn = before !== undefined && !known.has(before) && !known.has(part) &&
      /^\d{3}(?:-\d{0,3})?$/.test(part) && /:(?:[\d,]+-)?\d{1,3}(?:,\d{3})*$/.test(before);
    if (goesOn) regions[regions.length - 1] += `,${part}`;
    else regions.push(part);
  }
  return regions;
}

/** Tells whether a file of regions is a BED: by its name, as bcftools does. */
export function isBed(file: string): boolean {
  return /\.bed(?:\.gz)?$/i.test(file);
}

/**
 * Reads a file of regions, TAB-separated. In a BED that is contig, start (0-based) and end
 * (exclusive); `track` and `browser` lines are skipped. Otherwise it is contig, position and
 * perhaps an end (1-based, included), as bcftools has it. `#` lines are skipped.
 *
 * @throws {InputError} Located: a line that is none of this.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readRegions } from "./region.ts";
 * const [{ first, last }] = readRegions("1\t10\t20\n", "regions.txt");
 * assert.deepEqual([first, last], [10, 20]);
 * assert.equal(readRegions("1\t10\t20\n", "regions.bed")[0].first, 11);
 * ```
 */
export function readRegions(text: string, file: string): Region[] {
  const bed = isBed(file), skipped = bed ? /^(#|track\b|browser\b)/ : /^#/;
  const regions: Region[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "" || skipped.test(line)) continue;
    const region = bed ? bedRegion(line) : positionRegion(line);
    if (!region) {
      throw new InputError(
        bed
          ? "expected CONTIG<TAB>START<TAB>END with START (0-based) not after END (exclusive)"
          : "expected CONTIG<TAB>POSITION, or CONTIG<TAB>FIRST<TAB>LAST, with numbers from 1 on, " +
            "both included; a BED, which counts from 0, has a name that ends in .bed",
        { file, line: index + 1 },
      );
    }
    if (region.last >= region.first) regions.push(region);
  }
  return regions;
}

function bedRegion(line: string): Region | undefined {
  const [contig, start, end] = line.split("\t");
  if (!isNumber(start) || !isNumber(end) || Number(end) < Number(start)) return undefined;
  return { contig, first: Number(start) + 1, last: Number(end) };
}

/** Reads a region of a file that is no BED; a third column that is no number is not its end. */
function positionRegion(line: string): Region | undefined {
  const [contig, from, to] = line.trimEnd().split("\t");
  const end = to !== undefined && /^\d/.test(to) ? to : from;
  if (!isNumber(from) || !isNumber(end)) return undefined;
  const first = Number(from), last = Number(end);
  return first < 1 || last < first ? undefined : { contig, first, last };
}

function isNumber(text = ""): boolean {
  return /^\d+$/.test(text);
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
