/**
 * Finds out how the output of one conversion is put together from those of all shards, as plain data.
 *
 * @module
 */
import type { LineRange } from "../matrix/grid.ts";
import type { ContigGroup } from "../output/partitions.ts";
import type { PartitionPiece } from "../output/pieces.ts";
import type { ContigSummary } from "../table/contig_summary.ts";
import type { ShardSummary } from "./shard_manifest.ts";
import type { ShardPartition, SpanDirectory } from "./span_file.ts";

/** A shard that is done. */
export interface DoneShard {
  manifest: ShardSummary;
  directory: SpanDirectory;
}

/** What is known of the rows of all shards. */
export interface GatheredRows {
  /** In order of first appearance, by lines of the matrix from the first row on. */
  contigs: ContigSummary[];
  /** The ranges of all rows. */
  grid: LineRange[];
}

/** A partition, with its shard (0-based). */
export interface PlacedPartition {
  shard: number;
  partition: ShardPartition;
}

/** A run of records of one contig within a partition. */
export interface PlacedPiece extends PlacedPartition {
  piece: PartitionPiece;
  /** Uncompressed bytes of the partition before it. */
  from: number;
}

/** The records of a contig that are written anew: those of each shard in order, all to be merged. */
export interface ContigRecords {
  contig: string;
  /** Of each shard that has some, in the order of the shards. */
  shards: PlacedPiece[][];
}

/** A partition of the output: one that a shard has as it is, or one to write from records. */
export type GatherStep = { copy: PlacedPartition } | { write: ContigRecords[] };

/**
 * Joins what shards know of their rows.
 *
 * @param shards In order.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { gatheredRows } from "./gather_plan.ts";
 * const contig = { name: "1", code: 0, records: 2, firstLine: 1, lastLine: 2, sorted: true };
 * const shard = (minPos: number, maxPos: number) => ({
 *   manifest: { lines: 2, contigs: [{ ...contig, minPos, maxPos }] },
 *   directory: { partitions: [], grid: [{ first: 1, last: 2 }] },
 * });
 * // deno-lint-ignore no-explicit-any
 * const { contigs } = gatheredRows([shard(5, 9), shard(8, 12)] as any);
 * assert(contigs[0].records === 4 && contigs[0].lastLine === 4);
 * assert(!contigs[0].sorted); // 8 comes after 9
 * ```
 */
export function gatheredRows(shards: readonly DoneShard[]): GatheredRows {
  const contigs = new Map<string, ContigSummary>(), grid: LineRange[] = [];
  let lines = 0;
  for (const { manifest, directory } of shards) {
    for (const contig of manifest.contigs) {
      const part = {
        ...contig,
        firstLine: lines + contig.firstLine,
        lastLine: lines + contig.lastLine,
      };
      const open = contigs.get(contig.name);
      if (open) extend(open, part);
      else contigs.set(contig.name, { ...part, code: contigs.size });
    }
    for (const { first, last } of directory.grid) {
      grid.push({ first: lines + first, last: lines + last });
    }
    lines += manifest.lines;
  }
  return { contigs: [...contigs.values()], grid };
}

/** Adds the rows that a later shard has of a contig. */
function extend(open: ContigSummary, part: ContigSummary): void {
  // Of sorted rows the first position is the least, and the last the greatest.
  open.sorted &&= part.sorted && open.maxPos <= part.minPos;
  open.records += part.records;
  open.minPos = Math.min(open.minPos, part.minPos);
  open.maxPos = Math.max(open.maxPos, part.maxPos);
  open.lastLine = part.lastLine;
}

/**
 * Yields the partitions of the output, in order. A group that one conversion cuts at the grid is
 * taken piece by piece; any other is one partition.
 *
 * @param groups What one conversion reads together.
 * @param shards In order.
 */
export function* gatherSteps(
  groups: readonly ContigGroup[],
  shards: readonly DoneShard[],
): Generator<GatherStep> {
  const pieces = piecesOf(shards);
  for (const { contigs, lines } of groups) {
    const own = contigs.map(({ name }) => ({ contig: name, pieces: pieces.get(name) ?? [] }))
      .filter(({ pieces }) => pieces.length > 0);
    if (!lines) {
      if (own.length > 0) yield stepOf(own);
      continue;
    }
    for (const { contig, pieces } of own) {
      for (const piece of pieces) yield stepOf([{ contig, pieces: [piece] }]);
    }
  }
}

interface ContigPieces {
  contig: string;
  pieces: PlacedPiece[];
}

/** Returns the pieces of each contig, in the order of shards and of their partitions. */
function piecesOf(shards: readonly DoneShard[]): Map<string, PlacedPiece[]> {
  const pieces = new Map<string, PlacedPiece[]>();
  shards.forEach(({ directory }, shard) => {
    for (const partition of directory.partitions) {
      let from = 0;
      for (const piece of partition.pieces) {
        const placed = { shard, partition, piece, from };
        const known = pieces.get(piece.contig);
        if (known) known.push(placed);
        else pieces.set(piece.contig, [placed]);
        from += piece.bytes;
      }
    }
  });
  return pieces;
}

/** Returns how a partition is made: copied, where a shard has the same one. */
function stepOf(contigs: readonly ContigPieces[]): GatherStep {
  const all = contigs.flatMap(({ pieces }) => pieces), [{ shard, partition }] = all;
  const same = partition.pieces.length === all.length &&
    all.every((placed, n) =>
      placed.partition === partition && placed.piece === partition.pieces[n]
    );
  if (same) return { copy: { shard, partition } };
  return { write: contigs.map(({ contig, pieces }) => ({ contig, shards: byShard(pieces) })) };
}

function byShard(pieces: readonly PlacedPiece[]): PlacedPiece[][] {
  const shards: PlacedPiece[][] = [];
  for (const piece of pieces) {
    if (shards.at(-1)?.[0].shard === piece.shard) shards.at(-1)!.push(piece);
    else shards.push([piece]);
  }
  return shards;
}
