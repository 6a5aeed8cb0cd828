/**
 * Refuses a temporary table that cannot fit, before anything is read in earnest.
 *
 * @module
 */
import { LF, TAB } from "../base/bytes.ts";
import { MachineError } from "../base/errors.ts";
import { readAt } from "../base/files.ts";
import { freeSpace } from "../base/free_space.ts";
import { PACKED_PER_WORD } from "../base/packed_codes.ts";
import { shownSize } from "../base/sizes.ts";
import type { MatrixLayout } from "../matrix/layout.ts";
import { type RowSource, sourceLength } from "../matrix/line_segments.ts";

/** Places of the matrix that are looked at, and the bytes of each for so many bytes of a segment. */
const LOOKS = 16, SEGMENT_SHARE = 8;
/** Bytes of a word of the table, and words that DuckDB packs together. */
const WORD = 8, PACKED = 2048;
/** What a run takes, its length included, as a share of a word. */
const RUN_SHARE = 1.25;
/** The rows that nobody has looked at may be this much smaller in the table. */
const DOUBT = 1.5;

/**
 * Refuses a temporary table that is larger than the room for it, as far as a look tells for sure. It
 * takes no look where there is room for the matrix itself, as its table is smaller.
 *
 * @param folder The folder for the table.
 * @param most Bytes that can be written there at most; undefined where nobody knows.
 * @throws {MachineError} It cannot fit.
 */
export function checkRoom(
  source: RowSource,
  layout: MatrixLayout,
  folder: string,
  most: number | undefined = freeSpace(folder)?.most,
): void {
  if (most === undefined || source.gzip || most >= sourceLength(source)) return;
  const least = leastTableBytes(source, layout);
  if (least <= most) return;
  throw new MachineError(
    `no space left for the temporary table: it takes more than ${shownSize(least)}, and ` +
      `${shownSize(most)} are free; name a folder on another disk with --temp-dir`,
    { file: folder },
  );
}

/**
 * Returns bytes that the table of a matrix has at least: each look stands for the rows around it, as
 * if they were all as long as its longest one.
 */
export function leastTableBytes(
  source: RowSource,
  { choice }: MatrixLayout,
): number {
  const columns = choice.samples.flatMap((sample) => sample.columns);
  const { path, start, segmentBytes } = source, step = sourceLength(source) / LOOKS;
  using file = Deno.openSync(path);
  const bytes = new Uint8Array(segmentBytes / SEGMENT_SHARE);
  let least = 0;
  for (let look = 0; look < LOOKS; look++) {
    const length = readAt(file, start + Math.floor(look * step), bytes);
    const rows = wholeLines(bytes.subarray(0, length));
    if (rows.length === 0) continue;
    const longest = Math.max(...rows.map((row) => row.length + 1));
    const codes = rows.map((row) => codesOf(row, columns));
    least += step / longest * codes[0].length * packedShare(codes);
  }
  return least / DOUBT;
}

/** Returns the lines between the first and the last line end. */
function wholeLines(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let from = bytes.indexOf(LF) + 1; from > 0;) {
    const end = bytes.indexOf(LF, from);
    if (end > from) lines.push(bytes.subarray(from, end));
    from = end + 1;
  }
  return lines;
}

/**
 * Returns four bits for each allele of a row, in words, as the table packs few alleles; of many it
 * takes more. Alleles that may be one in the table are one.
 */
function codesOf(row: Uint8Array, columns: readonly number[]): Uint8Array {
  const starts = [0];
  for (let tab = row.indexOf(TAB); tab >= 0; tab = row.indexOf(TAB, tab + 1)) starts.push(tab + 1);
  const codes = new Uint8Array(Math.ceil(columns.length / PACKED_PER_WORD) * WORD);
  for (const [at, column] of columns.entries()) {
    codes[at >> 1] |= "ACGT".indexOf(letterOf(row, starts[column])) + 1 << 4 * (at & 1);
  }
  return codes;
}

function letterOf(row: Uint8Array, at: number): string {
  return String.fromCharCode(row[at] & ~0x20);
}

/**
 * Returns the share of the words that DuckDB cannot pack away. It packs the differences of many
 * words, so all bytes below the highest one that differs are there; or it stores runs of equal ones.
 */
function packedShare(rows: readonly Uint8Array[]): number {
  const perPack = PACKED * WORD, all = new Uint8Array(rows.length * rows[0].length);
  for (const [at, row] of rows.entries()) all.set(row, at * row.length);
  let share = 0, packs = 0;
  for (let from = 0; from < all.length; from += perPack, packs++) {
    share += highestDifference(all.subarray(from, from + perPack)) / WORD;
  }
  return Math.min(share / packs, RUN_SHARE * runsOf(all) / (all.length / WORD));
}

/** Returns the number of runs of equal words. */
function runsOf(words: Uint8Array): number {
  let runs = 1;
  for (let word = WORD; word < words.length; word += WORD) {
    for (let at = word; at < word + WORD; at++) {
      if (words[at] === words[at - WORD]) continue;
      runs++;
      break;
    }
  }
  return runs;
}

/** Returns the place of the highest byte in which some of the words differ; 0 where they do not. */
function highestDifference(words: Uint8Array): number {
  for (let place = WORD - 1; place > 0; place--) {
    for (let at = place; at < words.length; at += WORD) {
      if (words[at] !== words[place]) return place;
    }
  }
  return 0;
}
