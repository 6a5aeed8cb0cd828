/**
 * Reads the small text files of a user: a header, a sample sheet, regions, a FASTA index.
 *
 * @module
 */
import { promisify } from "node:util";
import { gunzip, type ZlibOptions } from "node:zlib";
import { CR, LF } from "./bytes.ts";
import { InputError } from "./errors.ts";
import { fileError } from "./files.ts";
import { interruptible } from "./interruptible.ts";
import { streamChunks } from "./stream_chunks.ts";
import { foreignFormat, isGzip, lonelyCarriageReturn } from "./file_format.ts";
import { decodeUtf8, invalidUtf8, utf8Problem } from "./utf8.ts";

/** Most bytes of such a file, decompressed; V8 makes no text of twice as many. */
const MOST_BYTES = 256 * 1024 ** 2;

/**
 * Reads a text in UTF-8, plain or gzip, without its byte order mark.
 *
 * @param path `-` stands for standard input.
 * @param signal Ends the wait for the file.
 * @throws {InputError} No such file, not text, not UTF-8, or far too long.
 * @throws The signal's reason.
 */
export async function readText(path: string, signal?: AbortSignal): Promise<string> {
  try {
    const bytes = await readBytes(path, signal);
    return textOf(isGzip(bytes) ? await unpacked(bytes, path, signal) : bytes, path);
  } catch (error) {
    throw fileError(error, path);
  }
}

async function readBytes(path: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const stream = path === "-" ? Deno.stdin.readable : (await Deno.open(path)).readable;
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const chunk of streamChunks(stream, signal)) {
    if ((length += chunk.length) > MOST_BYTES) throw tooLong(path);
    chunks.push(new Uint8Array(chunk));
  }
  return await new Blob(chunks).bytes();
}

function tooLong(file: string): InputError {
  const most = `${MOST_BYTES / 1024 ** 2} MiB`;
  return new InputError(`the file has more than ${most} of text; is it the right one?`, { file });
}

async function unpacked(
  bytes: Uint8Array,
  file: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  try {
    const work: Promise<Uint8Array> = promisify<Uint8Array, ZlibOptions, Uint8Array>(gunzip)(
      bytes,
      { maxOutputLength: MOST_BYTES },
    );
    return await (signal ? interruptible(work, signal) : work);
  } catch (error) {
    signal?.throwIfAborted();
    if ((error as { code?: string }).code === "ERR_BUFFER_TOO_LARGE") throw tooLong(file);
    throw new InputError(
      `the gzip file is damaged or cut off: ${(error as Error).message}; copy or make it again`,
      { file },
    );
  }
}

function textOf(bytes: Uint8Array, file: string): string {
  const foreign = foreignFormat(bytes);
  if (foreign) throw new InputError(`the file is ${foreign}`, { file });
  if (bytes.includes(0)) {
    throw new InputError("the file is binary (it has NUL bytes); expected text", { file });
  }
  const lonely = bytes.includes(CR) && !bytes.includes(LF) && lonelyCarriageReturn(bytes);
  if (lonely) throw new InputError(lonely, { file });
  const text = decodeUtf8(bytes);
  if (text !== undefined) return text;
  const invalid = invalidUtf8(bytes), start = bytes.lastIndexOf(LF, invalid) + 1;
  let line = 1;
  for (let at = 0; at < start; at++) if (bytes[at] === LF) line++;
  const detail = utf8Problem(bytes.subarray(start), invalid - start, "line");
  throw new InputError(detail, { file, line });
}
