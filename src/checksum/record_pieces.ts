/**
 * Reads a file of VCF or BCF, plain or compressed, piece by piece.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import { fileError } from "../base/files.ts";
import { isGzip } from "../base/file_format.ts";
import { checkPathUnchanged, type InputState } from "../base/input_state.ts";
import { gunzipped } from "../matrix/gunzip.ts";

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
