/**
 * Finds the contigs of a matrix by looks at a few places of it.
 *
 * @module
 */
import { cellAt, namesContig } from "./cell_bytes.ts";
import { readAt } from "../base/files.ts";
import { Turns } from "../base/turns.ts";
import { gunzipped } from "./gunzip.ts";
import type { RowSource } from "./line_segments.ts";
import { toTabs } from "./separators.ts";
import { LF } from "../base/bytes.ts";

/** Places of a file that are looked at, and the most looks in all. */
const LOOKS = 64, MOST_LOOKS = 2048;
/**
 * Looks that finding a contig's first line may take. Without it shuffled rows would be read whole.
 */
const LOOKS_PER_CONTIG = 24;
/** Bytes between two places below which all that lies between them is read. */
const NEAR = 1 << 16;

/**
 * Finds the contigs of a matrix without reading it whole. Between two places with the same contig
 * there is mostly no other one; between two with different ones, it looks again. Ingest collects
 * what this misses.
 *
 * @param source A plain file; of a gzip file, only the first rows are looked at.
 * @param column The column of the contig, 0-based.
 * @returns Names in order of first appearance, as far as known.
 */
export async function lookForContigs(source: RowSource, column: number): Promise<string[]> {
  if (column < 0) return [];
  if (!source.gzip) return await plainContigs(source, column);
  for await (const { bytes } of gunzipped(source)) {
    if (source.start >= bytes.length) return [];
    const first = bytes.slice(source.start);
    const skip = source.part?.midway ? first.indexOf(LF) + 1 : 0;
    return contigsOf(first.subarray(skip), column, source);
  }
  return [];
}

async function plainContigs(
  source: RowSource,
  column: number,
): Promise<string[]> {
  const { path, start, segmentBytes, part } = source, size = part?.end ?? source.size;
  // A header is mostly longer than a row, and a segment holds sixteen of them.
  const near = Math.max(NEAR, segmentBytes >> 4);
  const names = new Set<string>();
  using file = Deno.openSync(path);
  const window = new Uint8Array(3 * near);
  if (size - start <= near && !part?.midway) {
    const length = readAt(file, start, window.subarray(0, near));
    // The last line may have no LF; one more blank line does no harm.
    window[length] = LF;
    return contigsOfLines(tabbed(window.subarray(0, length + 1), source), column);
  }
  const turns = new Turns();
  let looks = 0;
  const look = async (from: number, bytes: number): Promise<string[]> => {
    looks++;
    await turns.take();
    const length = Math.min(bytes, size - from), isFirst = from === start && !part?.midway;
    const seen = window.subarray(0, readAt(file, from, window.subarray(0, length)));
    const skip = isFirst ? 0 : seen.indexOf(LF) + 1;
    return isFirst || skip > 0 ? contigsOf(seen.subarray(skip), column, source) : [];
  };
  const step = Math.max(near, Math.ceil((size - start) / LOOKS));
  /** Looks between two places; `last` and `first` are the contigs next to the gap. */
  const between = async (
    from: number,
    to: number,
    last?: string,
    first?: string,
  ): Promise<void> => {
    if (last === first && last !== undefined) return;
    if (looks >= Math.min(MOST_LOOKS, 2 * LOOKS + LOOKS_PER_CONTIG * names.size)) return;
    if (to - from <= 2 * near) {
      for (const name of await look(from, to - from + near)) names.add(name);
      return;
    }
    const middle = Math.floor((from + to) / 2);
    const seen = await look(middle, near);
    // A window amid one long line tells no contig.
    if (seen.length === 0) return;
    await between(from, middle, last, seen[0]);
    for (const name of seen) names.add(name);
    await between(middle, to, seen.at(-1), first);
  };
  let from = start, last: string | undefined;
  for (let place = start; place < size; place += step) {
    const seen = await look(place, near);
    if (seen.length === 0) continue;
    if (place > start) await between(from, place, last, seen[0]);
    for (const name of seen) names.add(name);
    from = place;
    last = seen.at(-1);
  }
  const end = await look(Math.max(start, size - near), near);
  if (end.length > 0) await between(from, Math.max(start, size - near), last, end[0]);
  for (const name of end) names.add(name);
  return [...names];
}

/** Returns whole lines with TABs between their fields, in the same memory. */
function tabbed(lines: Uint8Array, { style = "tabs" }: RowSource): Uint8Array {
  return lines.subarray(0, toTabs(lines, 0, lines.length, style));
}

function sameBytes(bytes: Uint8Array, a: number, aTo: number, b: number, bTo: number): boolean {
  if (aTo - a !== bTo - b) return false;
  while (a < aTo && bytes[a] === bytes[b]) a++, b++;
  return a === aTo;
}

/**
 * Returns the contigs of the whole lines, in order; only the first where the last line has it, too.
 */
function contigsOf(raw: Uint8Array, column: number, source: RowSource): string[] {
  const bytes = tabbed(raw.subarray(0, raw.lastIndexOf(LF) + 1), source);
  const end = bytes.length - 1;
  if (end <= 0) return [];
  const [at, to] = cellAt(bytes, 0, column);
  const [lastAt, lastTo] = cellAt(bytes, bytes.lastIndexOf(LF, end - 1) + 1, column);
  const lines = sameBytes(bytes, at, to, lastAt, lastTo) ? bytes.indexOf(LF) : end;
  return contigsOfLines(bytes.subarray(0, lines + 1), column);
}

function contigsOfLines(bytes: Uint8Array, column: number): string[] {
  const decoder = new TextDecoder(), names = new Set<string>();
  let lastAt = 0, lastTo = 0;
  for (let from = 0; from < bytes.length; from = bytes.indexOf(LF, from) + 1) {
    const [at, to] = cellAt(bytes, from, column);
    if (sameBytes(bytes, lastAt, lastTo, at, to) || !namesContig(bytes, at, to)) continue;
    names.add(decoder.decode(bytes.subarray(at, to)));
    lastAt = at;
    lastTo = to;
  }
  return [...names];
}
