/**
 * Compresses whole chunks to BGZF, synchronously, as a worker needs it: bytes in, whole blocks out,
 * with the block boundaries that the index is built from.
 *
 * @module
 */

import { constants, crc32, deflateRawSync } from "node:zlib";

/** Uncompressed bytes in every block of a chunk but the last; the payload htslib uses, too. */
export const BLOCK_PAYLOAD = 65_280;

const HEADER_SIZE = 18;
const FOOTER_SIZE = 8; // CRC32 and ISIZE
const BLOCK_SIZE_LIMIT = 65_536; // BSIZE, a uint16, holds the size of the whole block minus one
const DEFLATED_LIMIT = BLOCK_SIZE_LIMIT - HEADER_SIZE - FOOTER_SIZE;

// gzip member with FEXTRA, no time, unknown system, and an empty BSIZE in the BC field.
const HEADER = Uint8Array.of(31, 139, 8, 4, 0, 0, 0, 0, 0, 255, 6, 0, 66, 67, 2, 0, 0, 0);

const EOF_BYTES = [...HEADER.subarray(0, 16), 27, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/**
 * The empty block (28 bytes) that ends every BGZF file. Readers take a file without it for a
 * truncated one.
 */
export const EOF_BLOCK: Uint8Array<ArrayBuffer> = Uint8Array.from(EOF_BYTES);

/**
 * The places where blocks of a chunk begin, in bytes from its start. Both arrays have one
 * more entry than there are blocks: the last holds the chunk's whole size, so block `i` is the
 * half-open range `[starts[i], starts[i + 1])`.
 */
export interface BlockStarts {
  /** Starts in the uncompressed bytes; ascending. */
  uncompressed: Uint32Array<ArrayBuffer>;
  /** Starts in the compressed bytes; ascending. */
  compressed: Uint32Array<ArrayBuffer>;
}

/** A chunk as whole BGZF blocks, without the EOF block. */
export interface BgzfChunk {
  /** The blocks, one after the other, in a buffer of their own, so that it can be transferred. */
  bytes: Uint8Array<ArrayBuffer>;
  blocks: BlockStarts;
}

/**
 * Compresses a chunk into whole BGZF blocks. Every block but the last holds {@linkcode
 * BLOCK_PAYLOAD} bytes; an empty chunk gives no block. Chunks compressed apart and written one
 * after the other, {@linkcode EOF_BLOCK} last, are a BGZF file.
 *
 * @param data The uncompressed bytes, under 2 GiB.
 * @param level The deflate level, 0 (stored) to 9 (smallest).
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { gunzipSync } from "node:zlib";
 * import { compressBlocks } from "./blocks.ts";
 * const { bytes, blocks } = compressBlocks(new Uint8Array(70_000), 4);
 * assert.equal(gunzipSync(bytes).length, 70_000);
 * assert.deepEqual([...blocks.uncompressed], [0, 65_280, 70_000]);
 * ```
 */
export function compressBlocks(data: Uint8Array, level: number): BgzfChunk {
  const count = Math.ceil(data.length / BLOCK_PAYLOAD);
  const blocks = {
    uncompressed: new Uint32Array(count + 1),
    compressed: new Uint32Array(count + 1),
  };
  const deflated: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const end = Math.min(data.length, (i + 1) * BLOCK_PAYLOAD);
    deflated.push(deflateBlock(data.subarray(i * BLOCK_PAYLOAD, end), level));
    blocks.uncompressed[i + 1] = end;
    blocks.compressed[i + 1] = blocks.compressed[i] + HEADER_SIZE + deflated[i].length +
      FOOTER_SIZE;
  }
  const bytes = new Uint8Array(blocks.compressed[count]);
  for (let i = 0; i < count; i++) {
    const payload = data.subarray(blocks.uncompressed[i], blocks.uncompressed[i + 1]);
    const block = bytes.subarray(blocks.compressed[i], blocks.compressed[i + 1]);
    fillBlock(block, deflated[i], payload);
  }
  return { bytes, blocks };
}

/**
 * Returns the bytes of the whole block that begins at a place; 0 where none does, as in gzip without
 * blocks, or where fewer bytes are there than tell it.
 */
export function blockLength(bytes: Uint8Array, at: number): number {
  if (bytes.length < at + HEADER_SIZE) return 0;
  // Flags and XLEN beside those of the bytes that gzip always has; the field of the block comes first.
  const isBlock = [0, 1, 2, 3, 10, 11, 12, 13].every((n) => bytes[at + n] === HEADER[n]);
  return isBlock ? (bytes[at + 16] | bytes[at + 17] << 8) + 1 : 0;
}

/** Deflates one payload; the result fits into a block whatever the payload is. */
function deflateBlock(payload: Uint8Array, level: number): Uint8Array {
  // The defaults were the fastest: a set-up costs 6-15 us of 100-700 us a block, a larger
  // `chunkSize` only has more memory cleared, `memLevel` 9 and other strategies are not faster.
  const deflated = deflateRawSync(payload, { level });
  if (deflated.length <= DEFLATED_LIMIT) return deflated;
  // Level 1 may let incompressible bytes grow by an eighth; stored, they grow by five bytes.
  return deflateRawSync(payload, { level: constants.Z_NO_COMPRESSION });
}

/**
 * Writes header, deflate stream and footer of one block into `block`, which has just their size.
 */
function fillBlock(block: Uint8Array, deflated: Uint8Array, payload: Uint8Array): void {
  block.set(HEADER);
  block.set(deflated, HEADER_SIZE);
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  view.setUint16(HEADER_SIZE - 2, block.length - 1, true);
  view.setUint32(block.length - 8, crc32(payload), true);
  view.setUint32(block.length - 4, payload.length, true);
}
