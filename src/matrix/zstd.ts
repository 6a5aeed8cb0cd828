/**
 * Decompresses zstd files. The stream of `node:zlib` ends without a word where a file is cut, and at
 * the end of its first frame; so the frames are walked here, and each is decompressed by itself.
 *
 * @module
 */
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { createZstdDecompress } from "node:zlib";
import { InputError } from "../base/errors.ts";
import { readAt } from "../base/files.ts";

/** A frame of a zstd file. */
interface Frame {
  /** Offset of its first byte. */
  start: number;
  /** Offset after its last byte. */
  end: number;
  /** Bytes of its content, where the frame says so. */
  content: number | undefined;
}

/** Largest window, as in the zstd program; decompression holds it in memory. */
const MOST_WINDOW = 128 * 1024 ** 2;
const MAGIC = 0xfd2fb528, SKIPPABLE = 0x184d2a50;

/** Tells whether bytes begin as zstd does; its first frame may be one to skip. */
export function isZstd(head: Uint8Array): boolean {
  if (head.length < 4) return false;
  const magic = new DataView(head.buffer, head.byteOffset).getUint32(0, true);
  return magic === MAGIC || isSkippable(magic);
}

function isSkippable(magic: number): boolean {
  return (magic & 0xfffffff0) === SKIPPABLE;
}

/**
 * Yields the decompressed bytes of all frames of a file.
 *
 * @param shown Path to show in messages.
 * @throws {InputError} The file is damaged, ends early, or needs too much memory.
 */
export async function* unzstd(path: string, shown: string): AsyncGenerator<Uint8Array> {
  using file = await Deno.open(path);
  const { size } = await file.stat();
  for await (const frame of frames(file, size, shown)) {
    let content = 0;
    for await (const bytes of frameContent(path, frame, shown)) {
      content += bytes.length;
      yield bytes;
    }
    if (frame.content !== undefined && frame.content !== content) {
      throw damaged(shown, `a frame has ${content} bytes, and says ${frame.content}`);
    }
  }
}

async function* frameContent(
  path: string,
  { start, end }: Frame,
  shown: string,
): AsyncGenerator<Uint8Array> {
  const packed = createReadStream(path, { start, end: end - 1, highWaterMark: 1 << 18 });
  const unpack = createZstdDecompress({ chunkSize: 1 << 18 });
  pipeline(packed, unpack, () => {});
  // Deno throws what zstd finds wrong where nobody can catch it, and would end the process.
  const onUncaught = (event: ErrorEvent) => {
    if (!/Zstd decompress error/.test(event.message)) return;
    event.preventDefault();
    unpack.destroy(event.error);
  };
  globalThis.addEventListener("error", onUncaught);
  try {
    for await (const bytes of unpack) yield bytes;
  } catch (error) {
    throw damaged(shown, (error as Error).message);
  } finally {
    globalThis.removeEventListener("error", onUncaught);
    packed.destroy();
    unpack.destroy();
  }
}

/** Yields the frames of a file, and makes sure that the last one ends with it. */
async function* frames(file: Deno.FsFile, size: number, shown: string): AsyncGenerator<Frame> {
  const read = (at: number, length: number) => {
    const bytes = new Uint8Array(length);
    if (at + length <= size && readAt(file, at, bytes) === length) {
      return new DataView(bytes.buffer);
    }
    throw new InputError("the zstd file ends early: it is truncated; copy or make it again", {
      file: shown,
    });
  };
  for (let start = 0; start < size;) {
    const magic = read(start, 4).getUint32(0, true);
    if (isSkippable(magic)) {
      const end = start + 8 + read(start, 8).getUint32(4, true);
      read(end - 1, 1);
      start = end;
      continue;
    }
    if (magic !== MAGIC) throw damaged(shown, `no frame at byte ${start + 1}`);
    const header = 5 + headerBytes(read(start, 5).getUint8(4));
    const { content, checksum, window } = headerOf(read(start, header));
    if (window > MOST_WINDOW) {
      throw new InputError(
        "the zstd file needs more than 128 MiB to be read; decompress it " +
          "(zstd -dc --long=31 FILE | ... -)",
        { file: shown },
      );
    }
    const end = await blocksEnd(start + header, read) + (checksum ? 4 : 0);
    read(end - 1, 1);
    yield { start, end, content };
    start = end;
  }
}

/** Returns the offset after the last block of a frame. */
async function blocksEnd(
  start: number,
  read: (at: number, length: number) => DataView,
): Promise<number> {
  let at = start;
  for (let blocks = 1;; blocks++) {
    const header = read(at, 3), first = header.getUint8(0), isRun = ((first >> 1) & 3) === 1;
    const length = (first | header.getUint16(1, true) << 8) >> 3;
    at += 3 + (isRun ? 1 : length);
    if ((first & 1) === 1) return at;
    // A large file has many blocks, and signals want to be heard.
    if (blocks % 4096 === 0) await setImmediate();
  }
}

/** Returns the bytes of a header after its descriptor. */
function headerBytes(descriptor: number): number {
  const single = (descriptor >> 5) & 1;
  return 1 - single + [0, 1, 2, 4][descriptor & 3] + contentBytes(descriptor);
}

function contentBytes(descriptor: number): number {
  const single = (descriptor >> 5) & 1;
  return [single, 2, 4, 8][descriptor >> 6];
}

/** Reads a header: bytes of the content and of the window, and whether a checksum follows. */
function headerOf(view: DataView) {
  const descriptor = view.getUint8(4), field = contentBytes(descriptor);
  const at = view.byteLength - field;
  const content = [
    () => undefined,
    () => view.getUint8(at),
    () => view.getUint16(at, true) + 256,
    () => view.getUint32(at, true),
    () => Number(view.getBigUint64(at, true)),
  ][[0, 1, 2, 4, 8].indexOf(field)]();
  const isSingle = ((descriptor >> 5) & 1) === 1, code = view.getUint8(5);
  const base = 2 ** (10 + (code >> 3));
  const window = isSingle ? content ?? 0 : base + base / 8 * (code & 7);
  return { content, window, checksum: (descriptor & 4) !== 0 };
}

function damaged(file: string, detail: string): InputError {
  return new InputError(`the zstd file is damaged: ${detail}; copy or make it again`, { file });
}
