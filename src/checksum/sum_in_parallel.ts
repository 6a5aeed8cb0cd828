/**
 * Sums a VCF on all workers, each of which takes one range after another.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import { readAt } from "../base/files.ts";
import { isGzip } from "../base/file_format.ts";
import { blockLength } from "../bgzf/blocks.ts";
import type { WorkerPool } from "../threads/worker_pool.ts";
import { SUM_RANGE } from "./calls.ts";
import { HeaderPieces, type RecordsHeader } from "./records_header.ts";
import { piecesOf, type RecordsFile } from "./record_pieces.ts";
import type { RangeJob } from "./sum_range.ts";
import { addSums, namedSums, noSums, type Sums } from "./sums.ts";

/** Bytes of a range, plain and compressed. */
const PLAIN_BYTES = 1 << 23, COMPRESSED_BYTES = 1 << 20;
/** Bytes of the header of a block up to its length. */
const BLOCK_HEADER = 18;

/**
 * Returns the sums of a file; undefined where it has to be read from its beginning to its end, as
 * BCF, gzip without blocks, and whatever is bad and wants its line told.
 */
export async function sumInParallel(
  file: RecordsFile,
  pool: WorkerPool,
  signal: AbortSignal | undefined,
): Promise<Sums | undefined> {
  const header = await headerOf(file);
  // A header ends in the first range, as its lines are none of others.
  if (!header || header.bytes > COMPRESSED_BYTES) return undefined;
  using opened = Deno.openSync(file.path);
  const ranges = rangesOf(opened), total = noSums(header.samples.length);
  const work = async (worker: number) => {
    for (let next; !(next = ranges.next()).done;) {
      signal?.throwIfAborted();
      const { from } = next.value, own = from === 0 ? header.bytes : undefined;
      const { samples } = header, { path, shown } = file;
      const job = { path, shown, samples, ...next.value, header: own };
      addSums(total, await pool.call(worker, SUM_RANGE, job));
    }
  };
  try {
    await Promise.all(Array.from({ length: pool.size }, (_, worker) => work(worker)));
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
  return namedSums(header.samples, total);
}

/** Returns the header of a VCF; undefined where the file is something else. */
async function headerOf(file: RecordsFile): Promise<RecordsHeader | undefined> {
  const pieces = new HeaderPieces(file.shown);
  for await (const piece of piecesOf(file)) {
    const header = pieces.add(piece);
    if (header) return header.bcf ? undefined : header;
  }
  return undefined;
}

type Range = Pick<RangeJob, "from" | "to" | "compressed">;

/** Yields the ranges of a file; none after a part of a compressed one that has no blocks. */
function* rangesOf(file: Deno.FsFile): Generator<Range> {
  const { size } = file.statSync(), head = new Uint8Array(BLOCK_HEADER);
  readAt(file, 0, head);
  if (!isGzip(head)) {
    for (let from = 0; from < size; from += PLAIN_BYTES) {
      yield { from, to: Math.min(size, from + PLAIN_BYTES), compressed: false };
    }
    return;
  }
  for (let from = 0; from < size;) {
    let to = from;
    while (to < size && to - from < COMPRESSED_BYTES) {
      head.fill(0);
      readAt(file, to, head);
      const length = blockLength(head, 0);
      if (length === 0) throw new InputError("there is no block");
      to += length;
    }
    yield { from, to: Math.min(size, to), compressed: true };
    from = to;
  }
}
