/**
 * Reads the small text files of a user: a header, a sample sheet, regions, a FASTA index.
 *
 * @module
 */
import { gunzipSync } from "node:zlib";
import { CR, LF } from "./bytes.ts";
import { InputError } from "./errors.ts";
import { fileError } from "./files.ts";
import { streamChunks } from "./stream_chunks.ts";
import { foreignFormat, isGzip, lonelyCarriageReturn } from "./file_format.ts";
import { decodeUtf8, invalidUtf8, utf8Problem } from "./utf8.ts";

/**
 * Reads a text in UTF-8, plain or gzip, without its byte order mark.
 *
 * @param path `-` stands for standard input.
 * @param signal Ends the wait for standard input.
 * @throws {InputError} No such file, not text, not UTF-8.
 */
export async function readText(path: string, signal?: AbortSignal): Promise<string> {
  try {
    const bytes = path === "-" ? await readStandardInput(signal) : await Deno.readFile(path);
    return textOf(isGzip(bytes) ? unpacked(bytes, path) : bytes, path);
  } catch (error) {
    throw fileError(error, path);
  }
}

async function readStandardInput(signal: AbortSignal | undefined): Promise<Uint8Array> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of streamChunks(Deno.stdin.readable, signal)) {
    chunks.push(new Uint8Array(chunk));
  }
  return await new Blob(chunks).bytes();
}

function unpacked(bytes: Uint8Array, file: string): Uint8Array {
  try {
    return gunzipSync(bytes);
  } catch (error) {
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
