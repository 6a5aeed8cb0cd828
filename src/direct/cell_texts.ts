/**
 * Reads a gzip file as the cells of the grid.
 *
 * @module
 */
import { gzipPieces, type RowSource } from "../matrix/line_segments.ts";
import type { TextAsk } from "./calls.ts";

/** Bytes of a new buffer beside those of a cell: one line of usual length. */
const SLACK = 1 << 16;

/**
 * Yields the lines of each cell that has some, and at least one cell; they are numbered 0, 1, 2 ...
 *
 * @param buffers Memory to use again; what is in it is taken out.
 */
export async function* cellTexts(
  source: RowSource,
  buffers: ArrayBuffer[],
): AsyncGenerator<TextAsk> {
  const room = () => buffers.pop() ?? new ArrayBuffer(source.cellBytes + SLACK);
  const empty = () => ({
    cell: cell++,
    text: room(),
    length: 0,
    bytes: 0,
    overlong: false,
    crc: 0,
  });
  let open: { place: number; ask: TextAsk } | undefined, cell = 0, bytes = 0, crc = 0;
  for await (const piece of gzipPieces(source)) {
    bytes += piece.bytes;
    crc = piece.crc;
    const lines = piece.raw.subarray(piece.from, piece.to);
    if (lines.length === 0 && !piece.overlong) continue;
    if (open && open.place !== piece.cell) {
      yield open.ask;
      open = undefined;
    }
    open ??= { place: piece.cell, ask: empty() };
    append(open.ask, lines);
    open.ask.overlong = piece.overlong;
    open.ask.bytes += bytes;
    bytes = 0;
  }
  const last = open?.ask ?? empty();
  yield { ...last, bytes: last.bytes + bytes, crc };
}

function append(ask: TextAsk, lines: Uint8Array): void {
  const length = ask.length + lines.length;
  if (length > ask.text.byteLength) {
    const grown = new Uint8Array(Math.max(length, 2 * ask.text.byteLength));
    grown.set(new Uint8Array(ask.text, 0, ask.length));
    ask.text = grown.buffer;
  }
  new Uint8Array(ask.text).set(lines, ask.length);
  ask.length = length;
}
