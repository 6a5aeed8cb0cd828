/**
 * Reads the first rows of a matrix, for a look at what its cells are.
 *
 * @module
 */
import { LF, TAB } from "../base/bytes.ts";
import { InputError } from "../base/errors.ts";
import { readAt } from "../base/files.ts";
import { gunzipped } from "./gunzip.ts";
import type { InputFile } from "./input_file.ts";
import { type FieldStyle, toTabs } from "./separators.ts";

/** Most whole rows of the look, and the bytes after which fewer will do. */
const ROWS = 1000, BYTES = 1 << 20;

/** Where the rows of a matrix begin: its file, as shown to users, and the lines before them. */
export interface RowsStart {
  file: string;
  lines: number;
}

/**
 * Returns the first bytes of the rows of a matrix, as whole lines that each end in LF: as far as
 * they lie in the first MiB.
 *
 * @param start Offset of the first row in the (uncompressed) bytes.
 */
export async function firstLines(input: InputFile, start: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(BYTES + 1), length = await readFirst(input, start, bytes);
  // The last line of the file may have no LF; one more blank line does no harm.
  if (length < BYTES) bytes[length] = LF;
  return bytes.subarray(0, bytes.subarray(0, length + 1).lastIndexOf(LF) + 1);
}

/**
 * Returns the first 1,000 rows of some lines, with TABs between their fields. Lines with too few
 * fields lie among them, and do not count.
 *
 * @param lines Whole lines, which are no longer what they were.
 * @param width Number of columns.
 * @param style How the fields are set apart.
 */
export function firstRows(
  lines: Uint8Array,
  width: number,
  style: FieldStyle = "tabs",
): Uint8Array {
  const length = toTabs(lines, 0, lines.length, style);
  let end = 0;
  for (let at = 0, rows = 0, fields = 1; at < length && rows < ROWS; at++) {
    if (lines[at] === TAB) fields++;
    else if (lines[at] === LF) {
      if (fields >= width) rows++;
      fields = 1;
      end = at + 1;
    }
  }
  return lines.subarray(0, end);
}

/** Reads into `bytes`, but for its last one; returns the number of bytes read. */
async function readFirst(input: InputFile, start: number, bytes: Uint8Array): Promise<number> {
  if (input.kind !== "gzip") {
    using file = Deno.openSync(input.path);
    return readAt(file, start, bytes.subarray(0, BYTES));
  }
  let length = 0, skip = start;
  try {
    for await (const { bytes: chunk } of gunzipped(input)) {
      const part = chunk.subarray(skip, skip + BYTES - length);
      skip = Math.max(0, skip - chunk.length);
      bytes.set(part, length);
      length += part.length;
      if (length === BYTES) break;
    }
  } catch (error) {
    // What is wrong with the file is said where it is read in earnest.
    if (!(error instanceof InputError)) throw error;
  }
  return length;
}
