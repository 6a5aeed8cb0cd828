/**
 * Finds the blocks of a BGZF file by hopping over it, from the header of one to that of the next.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import { readAt } from "../base/files.ts";

/** A block, by the bytes that lie before it. */
export interface BlockPlace {
  compressed: number;
  uncompressed: number;
}

/** Bytes of a header without its extra field, and of the end of a block that tells its length. */
const FIXED = 12, LENGTH = 4;
/** Bytes that are read at once: a header with a few extra fields. */
const HEAD = 64;

/**
 * Yields the place of each block of a BGZF file that holds bytes, and at last that of its end.
 *
 * @throws {InputError} The file is no BGZF from its begin to its end.
 */
export function* bgzfBlocks(path: string, shown: string): Generator<BlockPlace> {
  using file = Deno.openSync(path);
  const { size } = file.statSync();
  const bytes = new Uint8Array(LENGTH + HEAD), view = new DataView(bytes.buffer);
  let compressed = 0, uncompressed = 0;
  let length = blockBytes(bytes.subarray(0, readAt(file, 0, bytes)), shown);
  while (compressed + length <= size) {
    const next = compressed + length;
    const read = readAt(file, next - LENGTH, bytes);
    if (read < LENGTH) break;
    const held = view.getUint32(0, true);
    if (held > 0) yield { compressed, uncompressed };
    compressed = next;
    uncompressed += held;
    if (compressed === size) return yield { compressed, uncompressed };
    length = blockBytes(bytes.subarray(LENGTH, read), shown);
  }
  throw new InputError("the BGZF file ends within a block: it is truncated", { file: shown });
}

/** Returns the bytes of the block whose header begins here. */
function blockBytes(head: Uint8Array, shown: string): number {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length >= FIXED && head[0] === 31 && head[1] === 139 && (head[3] & 4) !== 0) {
    const end = FIXED + view.getUint16(10, true);
    for (let at = FIXED; at + 6 <= Math.min(end, head.length);) {
      if (head[at] === 66 && head[at + 1] === 67) return view.getUint16(at + 4, true) + 1;
      at += 4 + view.getUint16(at + 2, true);
    }
  }
  throw new InputError(
    "a .gz file cannot be cut into shards unless it is BGZF throughout; make it so: " +
      "zcat FILE | bgzip -@4 > FILE.bgz",
    { file: shown },
  );
}
