/**
 * Finds the lines of a table that have to be read for a set of regions.
 *
 * @module
 */
import { Database } from "../table/database.ts";
import type { DatabaseLimits } from "../table/database_limits.ts";
import { collectGarbage } from "../threads/collect_garbage.ts";
import type { PinnedTable } from "../table/pinned_table.ts";
import type { ContigSpan } from "./partitions.ts";
import type { RegionSet } from "./region.ts";
import { selectRegionLines } from "../table/schema.ts";

/** Regions of a contig that are looked up one by one; of more, only their hull is. */
const MOST_LOOKUPS = 256;

/** Bytes that DuckDB allocates for a result of one row: room for a chunk of rows. */
const RESULT_BYTES = 3 * 8 * 2048;

/**
 * Returns the parts of sorted contigs that may hold records of the regions; contigs that are not
 * sorted are read whole.
 *
 * @param table The database.
 * @param spans All contigs.
 * @param regions The regions.
 * @param longest At least the bases of the longest REF: records that begin before a region reach
 * in.
 */
export async function regionSpans(
  table: PinnedTable,
  spans: readonly ContigSpan[],
  regions: RegionSet,
  longest: number,
  limits: DatabaseLimits,
): Promise<ContigSpan[]> {
  using database = await Database.openPinned(table, limits);
  const chosen: ContigSpan[] = [];
  for (const span of spans) {
    const ends = regions[span.name];
    if (!ends) continue;
    if (!span.sorted) {
      chosen.push(span);
      continue;
    }
    for (const range of widened(ends, longest)) {
      const [lines] = await database.texts(selectRegionLines(span.name, range, span));
      collectGarbage(RESULT_BYTES);
      if (lines[0] === null) continue;
      const [firstLine, lastLine, records] = lines.map(Number);
      chosen.push({ ...span, firstLine, lastLine, records });
    }
  }
  return chosen;
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
