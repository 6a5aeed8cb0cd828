/**
 * Finds the lines of a table that have to be read for a set of regions.
 *
 * @module
 */
import type { LineRange } from "../matrix/grid.ts";
import { Database } from "../table/database.ts";
import type { DatabaseLimits } from "../table/database_limits.ts";
import { collectGarbage } from "../threads/collect_garbage.ts";
import type { PinnedTable } from "../table/pinned_table.ts";
import { type ContigGroup, FEW_ROWS } from "./partitions.ts";
import type { RegionSet } from "./region.ts";
import { selectRegionLines } from "../table/schema.ts";

/** Regions of a contig that are looked up one by one; of more, only their hull is. */
const MOST_LOOKUPS = 256;

/** Bytes that DuckDB allocates for a result of one row: room for a chunk of rows. */
const RESULT_BYTES = 3 * 8 * 2048;

/** The regions to look up, and in what kind of table. */
export interface Wanted {
  regions: RegionSet;
  /** At least the bases of the longest REF: records that begin before a region reach in. */
  longest: number;
  /** True for a kept table. */
  kept: boolean;
}

/**
 * Narrows what is read of each contig to the lines that may hold records of the regions. Contigs
 * of few rows, and those that DuckDB sorts, are read whole.
 *
 * @param table The database.
 * @param groups Groups of contigs that have regions.
 * @param wanted The regions, and the kind of the table.
 */
export async function narrowGroups(
  table: PinnedTable,
  groups: readonly ContigGroup[],
  wanted: Wanted,
  limits: DatabaseLimits,
): Promise<ContigGroup[]> {
  if (!groups.some(isNarrowed)) return [...groups];
  using database = await Database.openPinned(table, limits);
  const narrowed: ContigGroup[] = [];
  for (const group of groups) {
    narrowed.push(isNarrowed(group) ? await narrow(database, group, wanted) : group);
  }
  return narrowed;
}

function isNarrowed({ lines, rows }: ContigGroup): boolean {
  return lines !== undefined && rows > FEW_ROWS;
}

async function narrow(
  database: Database,
  { contigs }: ContigGroup,
  { regions, longest, kept }: Wanted,
): Promise<ContigGroup> {
  const [contig] = contigs, chosen: LineRange[] = [];
  let rows = 0;
  for (const range of widened(regions[contig.name], longest)) {
    const [lines] = await database.texts(selectRegionLines(contig, range, kept));
    collectGarbage(RESULT_BYTES);
    if (lines[0] === null) continue;
    const [first, last, records] = lines.map(Number);
    chosen.push({ first, last });
    rows += records;
  }
  return { contigs, rows, lines: chosen };
}

/**
 * Returns the positions where records of the regions may begin, as disjoint ranges, ends included.
 */
function widened(ends: Uint32Array, longest: number): [first: number, last: number][] {
  const ranges: [number, number][] = [];
  for (let at = 0; at < ends.length; at += 2) {
    const first = Math.max(1, ends[at] - longest + 1), before = ranges.at(-1);
    if (before && first <= before[1] + 1) before[1] = ends[at + 1];
    else ranges.push([first, ends[at + 1]]);
  }
  return ranges.length <= MOST_LOOKUPS ? ranges : [[ranges[0][0], ranges.at(-1)![1]]];
}
