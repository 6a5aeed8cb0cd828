/**
 * Reads gzip files to their very end.
 *
 * @module
 */
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { InputError } from "../base/errors.ts";
import { readError } from "../base/files.ts";
import { checkPathUnchanged, type InputState } from "../base/input_state.ts";
import type { SourcePart } from "./source_part.ts";

/** A gzip file to be read from its first byte, or that of a part, to its last. */
interface GzipFile {
  path: string;
  /** Path to show in messages. */
  shown: string;
  /** The state that the file must keep while it is read. */
  state?: InputState;
  /** The part that is read; it begins at a member. */
  part?: SourcePart;
}

/**
 * Yields the decompressed bytes of all members of a file, and the compressed bytes read so far. Of a
 * part, whoever has all of it reads no further.
 *
 * @param source The file.
 * @param onRead Receives all compressed bytes of the file, run by run.
 * @throws {InputError} The file is damaged, ends early, or changed.
 */
export async function* gunzipped(
  source: GzipFile,
  onRead?: (bytes: Uint8Array) => void,
): AsyncGenerator<{ bytes: Uint8Array; consumed: number }> {
  const { path, shown, state, part } = source, from = part?.blocks?.from, start = from ?? 0;
  checkPathUnchanged(path, state, shown);
  const file = createReadStream(path, { highWaterMark: 1 << 18, start: from });
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  if (onRead) file.on("data", onRead as (bytes: string | Uint8Array) => void);
  // An error of the file ends the decompression, too; a bare pipe would wait for ever.
  pipeline(file, gunzip, () => {});
  try {
    for await (const bytes of gunzip) yield { bytes, consumed: gunzip.bytesWritten };
  } catch (error) {
    checkPathUnchanged(path, state, shown);
    throw gzipError(error as NodeJS.ErrnoException, shown);
  } finally {
    file.destroy();
    gunzip.destroy();
  }
  await checkTail(source, start + gunzip.bytesWritten, start + file.bytesRead, onRead);
  checkPathUnchanged(path, state, shown);
}

function gzipError(error: NodeJS.ErrnoException, shown: string): Error {
  if (!error.code?.startsWith("Z_")) return readError(error, shown);
  const reason = error.code === "Z_BUF_ERROR"
    ? "the gzip file ends early: it is truncated"
    : `the gzip file is damaged: ${error.message}`;
  return new InputError(`${reason}; copy or make it again`, { file: shown });
}

/**
 * Makes sure that only NULs follow the last member that was read. Gunzip takes a NUL after a member
 * for the padding of a tape and looks no further, so that later members would be lost.
 *
 * @param end Offset of the end of the last member that was read.
 * @param told Offset up to which `onRead` has received the bytes.
 */
async function checkTail(
  { path, shown }: GzipFile,
  end: number,
  told: number,
  onRead?: (bytes: Uint8Array) => void,
): Promise<void> {
  using file = await Deno.open(path);
  await file.seek(end, Deno.SeekMode.Start);
  const block = new Uint8Array(1 << 18);
  for (let at = end;;) {
    const read = await file.read(block);
    if (read === null) return;
    const found = block.subarray(0, read).findIndex((byte) => byte !== 0);
    if (found >= 0) {
      throw new InputError(
        `the gzip file is damaged: NUL bytes from byte ${end + 1} on, and data again at byte ` +
          `${at + found + 1}; copy or make it again`,
        { file: shown },
      );
    }
    onRead?.(block.subarray(Math.min(read, Math.max(0, told - at)), read));
    at += read;
  }
}
