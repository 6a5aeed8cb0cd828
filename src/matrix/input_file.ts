/**
 * Makes the input a file that can be read from any offset, and finds out its kind.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import { firstLine, InputError, MachineError, Matrix2vcfError } from "../base/errors.ts";
import { EOF_BLOCK } from "../bgzf/blocks.ts";
import { foreignFormat, isGzip, lonelyCarriageReturn } from "../base/file_format.ts";
import { fileError, readAt, writeAll } from "../base/files.ts";
import { checkPathUnchanged, type InputState, inputState } from "../base/input_state.ts";
import { streamChunks } from "../base/stream_chunks.ts";
import { collectGarbage } from "../threads/collect_garbage.ts";
import { writeError, writing } from "../base/write_error.ts";
import { gunzipped } from "./gunzip.ts";
import type { SourcePart } from "./source_part.ts";
import { isZstd, unzstd } from "./zstd.ts";

/** The kind of an input, told by its first bytes. */
export type InputKind = "plain" | "gzip" | "duckdb";

/** An input as a regular file. */
export interface InputFile {
  /** Path of a regular file. */
  path: string;
  /** As the user gave it. */
  shown: string;
  kind: InputKind;
  /** Bytes. */
  size: number;
  /** State of the file when the run began; undefined for a copy of this run's own. */
  state: InputState | undefined;
  /** The part of it that is converted, and its first byte; undefined for all rows. */
  part?: SourcePart & { start: number };
}

/** The input that a user names, or hands over as a stream. */
export interface InputRequest {
  /** As the user gave it. */
  input: string;
  /** File with the header line; with one, an empty input is a matrix without rows. */
  header?: string;
  /** The stream to read in place of `input`. */
  inputStream?: ReadableStream<Uint8Array>;
  /** True where BCF is no foreign format, but a plain file. */
  takesBcf?: boolean;
  signal?: AbortSignal;
}

/**
 * Finds out what the input is. Standard input, pipes, devices and streams are copied into a file
 * first, since they can be read only once, and zstd is decompressed into one.
 *
 * @param spool Returns a path for this copy, in a folder that there need not be before.
 * @throws {InputError} No such file, a folder, empty, binary, or compressed in another way.
 */
export async function openInput(
  request: InputRequest,
  spool: () => string,
  onSpooled: (bytes: number) => void,
): Promise<InputFile> {
  const { input: shown, header } = request;
  try {
    const given = await givenFile(request, spool, onSpooled);
    const { path, state } = isZstd(await firstBytes(given.path, 4))
      ? await unpackedFile(given, request, spool, onSpooled)
      : given;
    const { size } = state ?? await Deno.stat(path);
    if (size === 0 && header === undefined) {
      throw new InputError("the file is empty", { file: shown });
    }
    const head = await firstBytes(path, Math.min(size, 65536));
    const isBcf = request.takesBcf === true && head[0] === 66 && head[1] === 67 && head[2] === 70;
    const kind = isBcf ? "plain" : inputKind(head, shown);
    if (kind === "gzip" && isBgzf(head)) {
      using file = await Deno.open(path);
      checkEnd(file, size, shown);
    }
    return { path, shown, kind, size, state };
  } catch (error) {
    throw fileError(error, shown);
  }
}

type PathAndState = Pick<InputFile, "path" | "state">;

/** Returns the file that was given, or a copy of a stream. */
async function givenFile(
  { input: shown, inputStream, signal }: InputRequest,
  spool: () => string,
  onSpooled: (bytes: number) => void,
): Promise<PathAndState> {
  const info = shown === "-" ? undefined : await Deno.stat(shown);
  if (info?.isDirectory) throw new InputError("this is a folder, not a file", { file: shown });
  if (info?.isFile) return { path: shown, state: inputState(info) };
  const stream = inputStream ?? (shown === "-" ? Deno.stdin : await Deno.open(shown)).readable;
  const path = spool();
  try {
    await writeChunks(streamChunks(stream, signal), path, onSpooled);
  } catch (error) {
    if (signal?.aborted || error instanceof Matrix2vcfError) throw error;
    throw new MachineError(`the stream ended early: ${firstLine(error)}`, { file: shown }, {
      cause: error,
    });
  }
  return { path, state: undefined };
}

/** Returns a decompressed copy of a zstd file. */
async function unpackedFile(
  { path: packed, state }: PathAndState,
  { input: shown, signal }: InputRequest,
  spool: () => string,
  onSpooled: (bytes: number) => void,
): Promise<PathAndState> {
  const path = `${spool()}.unpacked`;
  await writeChunks(unzstd(packed, shown), path, (bytes) => {
    signal?.throwIfAborted();
    onSpooled(bytes);
  });
  checkPathUnchanged(packed, state, shown);
  return { path, state: undefined };
}

async function writeChunks(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
  onWritten: (bytes: number) => void,
): Promise<void> {
  using out = writing(path, () => Deno.openSync(path, { write: true, createNew: true }));
  let bytes = 0;
  for await (const chunk of chunks) {
    await writeCopy(out, chunk, path);
    collectGarbage(chunk.length);
    onWritten(bytes += chunk.length);
  }
}

/** Writes to a copy of the input. */
async function writeCopy(out: Deno.FsFile, bytes: Uint8Array, path: string): Promise<void> {
  try {
    await writeAll(out, bytes);
  } catch (error) {
    throw writeError(error, path);
  }
}

async function firstBytes(path: string, length: number): Promise<Uint8Array> {
  using file = await Deno.open(path);
  const bytes = new Uint8Array(length);
  return bytes.subarray(0, await file.read(bytes) ?? 0);
}

function inputKind(head: Uint8Array, file: string): InputKind {
  if (isGzip(head)) return "gzip";
  if (head[8] === 68 && head[9] === 85 && head[10] === 67 && head[11] === 75) return "duckdb";
  refuseForeignText(head, file);
  return "plain";
}

/**
 * Refuses what is no text.
 *
 * @param head The first bytes; of a gzip file, the decompressed ones.
 * @throws {InputError} Binary, or compressed in another way, or twice.
 */
export function refuseForeignText(head: Uint8Array, file: string): void {
  const foreign = foreignFormat(head);
  if (foreign) throw new InputError(`the file is ${foreign}`, { file });
  // A NUL byte further down makes a bad row, whose message names the line.
  const line = head.indexOf(10);
  if (head.subarray(0, line < 0 ? head.length : line).includes(0)) {
    throw new InputError("the file is binary (it has NUL bytes); expected TAB-separated text", {
      file,
    });
  }
  const lonely = line < 0 ? lonelyCarriageReturn(head) : undefined;
  if (lonely) throw new InputError(lonely, { file });
}

/** Tells whether a gzip file begins with a block of BGZF. */
function isBgzf(head: Uint8Array): boolean {
  const [, , , flags] = head;
  return (flags & 4) !== 0 && head[12] === 66 && head[13] === 67;
}

/** Makes sure that BGZF ends with its marker: without its last blocks, it is still good gzip. */
function checkEnd(file: Deno.FsFile, size: number, shown: string): void {
  // The NULs at the marker's own end were taken off, too.
  const from = endOfBytes(file, size) - (EOF_BLOCK.findLastIndex((byte) => byte !== 0) + 1);
  const end = new Uint8Array(EOF_BLOCK.length);
  if (from >= 0) readAt(file, from, end);
  if (EOF_BLOCK.every((byte, index) => byte === end[index])) return;
  throw new InputError(
    "the BGZF file has no end marker: it is truncated; copy or make it again, or, if it is whole " +
      "all the same, bgzip -dc FILE | ... -",
    { file: shown },
  );
}

/** Returns the end (exclusive) of a file without NULs at its end, which a tape may have added. */
function endOfBytes(file: Deno.FsFile, size: number): number {
  const block = new Uint8Array(65536);
  for (let end = size; end > 0;) {
    const from = Math.max(0, end - block.length);
    const last = block.subarray(0, readAt(file, from, block.subarray(0, end - from)))
      .findLastIndex((byte) => byte !== 0);
    if (last >= 0) return from + last + 1;
    end = from;
  }
  return 0;
}

/**
 * Decompresses a gzip file into `path`.
 *
 * @returns The decompressed file, and the CRC-32 of the compressed one.
 */
export async function decompressTo(
  input: InputFile,
  path: string,
  signal: AbortSignal | undefined,
): Promise<{ file: InputFile; crc: number }> {
  using out = writing(path, () => Deno.openSync(path, { write: true, createNew: true }));
  let size = 0, crc = 0;
  for await (const { bytes } of gunzipped(input, (packed) => void (crc = crc32(packed, crc)))) {
    signal?.throwIfAborted();
    await writeCopy(out, bytes, path);
    collectGarbage(bytes.length);
    size += bytes.length;
  }
  return { file: { ...input, path, kind: "plain", size, state: undefined }, crc };
}
