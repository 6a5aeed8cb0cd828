/**
 * Sums the genotypes of a file of VCF or BCF, plain or compressed.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import { fileError } from "../base/files.ts";
import { isGzip } from "../base/file_format.ts";
import { checkPathUnchanged, type InputState } from "../base/input_state.ts";
import { gunzipped } from "../matrix/gunzip.ts";
import { type Grouping, RecordSums } from "./sum_records.ts";
import type { Sums } from "./sums.ts";

/** A file of records. */
export interface RecordsFile {
  path: string;
  /** Path to show in messages. */
  shown: string;
  /** The state that the file must keep while it is read. */
  state?: InputState;
}

/** Bytes of a plain file that are read at once. */
const PIECE = 1 << 18;

/**
 * Returns the sums of a file.
 *
 * @param grouping Groups of records that are wanted for themselves, too.
 * @throws {InputError} No such file, no VCF or BCF, or a damaged one, located.
 * @throws The signal's reason.
 */
export async function sumFile(
  file: RecordsFile,
  { grouping, signal }: { grouping?: Grouping; signal?: AbortSignal } = {},
): Promise<Sums> {
  const sums = new RecordSums(file.shown, grouping);
  for await (const bytes of piecesOf(file)) {
    signal?.throwIfAborted();
    sums.add(bytes);
  }
  return sums.finish();
}

/** Yields the bytes of a file, decompressed; each piece is valid until the next. */
export async function* piecesOf(file: RecordsFile): AsyncGenerator<Uint8Array> {
  const piece = new Uint8Array(PIECE);
  using plain = await Deno.open(file.path).catch((error) => {
    throw fileError(error, file.shown);
  });
  let read = await plain.read(piece);
  if (read === null) throw new InputError("the file is empty", { file: file.shown });
  if (isGzip(piece)) {
    for await (const { bytes } of gunzipped(file)) yield bytes;
    return;
  }
  for (; read !== null; read = await plain.read(piece)) yield piece.subarray(0, read);
  checkPathUnchanged(file.path, file.state, file.shown);
}
