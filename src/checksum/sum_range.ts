/**
 * Sums the lines of a range of a VCF, on a worker. A line belongs to the range in which it begins;
 * one that begins with its range belongs to the one before, as a range cannot tell where the line
 * before it ends. So a range goes on to the end of a line after it, and begins after the first end.
 *
 * @module
 */
import { LF } from "../base/bytes.ts";
import { gunzipSync } from "node:zlib";
import { InputError } from "../base/errors.ts";
import { readAt } from "../base/files.ts";
import { blockLength } from "../bgzf/blocks.ts";
import { collectGarbage } from "../threads/collect_garbage.ts";
import { RecordSums } from "./sum_records.ts";
import type { SumArrays } from "./sums.ts";

/** A range of a file; plain data, for `postMessage`. */
export interface RangeJob {
  path: string;
  shown: string;
  /** True where the file is BGZF; then `from` and `to` are edges of blocks. */
  compressed: boolean;
  /** Bytes of the file, `to` excluded. */
  from: number;
  to: number;
  /** Decompressed bytes of the header in the first range; undefined in others. */
  header: number | undefined;
  samples: string[];
}

/** Bytes that are read at once, plain and compressed. */
const PLAIN = 1 << 20, COMPRESSED = 1 << 17;
/** Bytes by which decompressed pieces grow; the default takes a fifth longer. */
const GROWTH = 1 << 20;

/** Returns the sums of a range. */
export function sumRange({ header, ...job }: RangeJob): SumArrays {
  const { path, shown, samples, to } = job;
  using file = Deno.openSync(path);
  const sums = RecordSums.ofLines(shown, samples), read = job.compressed ? readBlocks : readPlain;
  let skip = header ?? 0, isInside = header !== undefined;
  for (let at = job.from;;) {
    const piece = read(file, at, at < to ? to : Infinity);
    if (piece.length === 0) break;
    collectGarbage(piece.bytes.length);
    const isAfter = at >= to;
    at += piece.length;
    let bytes = piece.bytes.subarray(Math.min(skip, piece.bytes.length));
    skip -= piece.bytes.length - bytes.length;
    const end = bytes.indexOf(LF) + 1;
    if (isAfter) {
      if (!isInside) break;
      sums.add(end > 0 ? bytes.subarray(0, end) : bytes);
      if (end > 0) break;
      continue;
    }
    if (!isInside) {
      if (end === 0) continue;
      bytes = bytes.subarray(end);
      isInside = true;
    }
    sums.add(bytes);
  }
  return sums.finishArrays();
}

/** Bytes of a file, decompressed, and the length that they have there; 0 at its end. */
interface Piece {
  bytes: Uint8Array;
  length: number;
}

function readPlain(file: Deno.FsFile, at: number, to: number): Piece {
  const buffer = new Uint8Array(Math.min(PLAIN, to - at)), length = readAt(file, at, buffer);
  return { bytes: buffer.subarray(0, length), length };
}

/** Reads whole blocks, up to one that ends at `to` or earlier. */
function readBlocks(file: Deno.FsFile, at: number, to: number): Piece {
  const buffer = new Uint8Array(Math.min(COMPRESSED, to - at));
  const found = buffer.subarray(0, readAt(file, at, buffer));
  let length = 0;
  for (let next; (next = blockLength(found, length)) > 0 && length + next <= found.length;) {
    length += next;
  }
  if (length === 0 && found.length > 0) throw new InputError("the BGZF file is damaged");
  if (length === 0) return { bytes: found, length };
  return { bytes: gunzipSync(found.subarray(0, length), { chunkSize: GROWTH }), length };
}
