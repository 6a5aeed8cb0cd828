/**
 * Computes what a kept table remembers of its input: a hash of both ends, and a CRC-32 of every
 * segment. With size and times, they tell another input, or the same one after an edit.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import { readAt } from "../base/files.ts";

/** A run of bytes of a file, and their CRC-32. */
export interface FileSegment {
  /** Offset of the first byte. */
  start: number;
  bytes: number;
  crc32: number;
}

const MIB = 1024 ** 2;

/**
 * Returns what tells two files apart without reading them whole: a hash of the first and last MiB.
 */
export async function fingerprint({ path, size }: { path: string; size: number }): Promise<string> {
  using file = Deno.openSync(path);
  const ends = new Uint8Array(Math.min(size, 2 * MIB));
  const half = Math.min(size, MIB);
  readAt(file, 0, ends.subarray(0, half));
  readAt(file, size - (ends.length - half), ends.subarray(half));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", ends)).toHex();
}

/**
 * Yields the segments of a plain file: the bytes before its first row, then each tokenized segment.
 *
 * @param head CRC-32 of the bytes before `start`.
 * @param checksums CRC-32 of each segment from `start` on.
 */
export function* plainSegments(
  { size, start, segmentBytes }: { size: number; start: number; segmentBytes: number },
  head: number,
  checksums: Uint32Array,
): Generator<FileSegment> {
  if (start > 0) yield { start: 0, bytes: start, crc32: head };
  for (const [index, crc32] of checksums.entries()) {
    const at = start + index * segmentBytes;
    yield { start: at, bytes: Math.min(segmentBytes, size - at), crc32 };
  }
}

/** Returns the CRC-32 of the bytes before the first row of a plain file. */
export async function headChecksum(
  { path, start }: { path: string; start: number },
): Promise<number> {
  using file = await Deno.open(path);
  return await nextChecksum(file, start);
}

/** Returns the CRC-32 of the next bytes of a file; of fewer where it ends. */
async function nextChecksum(
  file: Deno.FsFile,
  bytes: number,
  signal?: AbortSignal,
): Promise<number> {
  const block = new Uint8Array(Math.min(bytes, MIB));
  let crc = 0;
  for (let left = bytes; left > 0;) {
    signal?.throwIfAborted();
    const read = await file.read(block.subarray(0, left));
    if (read === null) break;
    crc = crc32(block.subarray(0, read), crc);
    left -= read;
  }
  return crc;
}

/**
 * Reads a file whole and compares it with the segments that it had before.
 *
 * @param segments In the order of the file, without gaps.
 * @returns The first segment that differs; undefined if none does.
 */
export async function differingSegment(
  path: string,
  segments: AsyncIterable<FileSegment>,
  signal?: AbortSignal,
): Promise<FileSegment | undefined> {
  using file = await Deno.open(path);
  for await (const segment of segments) {
    if (await nextChecksum(file, segment.bytes, signal) !== segment.crc32) return segment;
  }
}
