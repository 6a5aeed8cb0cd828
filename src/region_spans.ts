/**
 * Which lines of a table have to be read for a set of regions.
 *
 * @module
 */
import { Database } from "./database.ts";
import type { DatabaseLimits } from "./database_limits.ts";
import { collectGarbage } from "./garbage.ts";
import type { ContigSpan } from "./plan.ts";
import type { RegionSet } from "./region.ts";
import { SELECT_REGION_LINES } from "./sql.ts";

/** Regions of a contig that are looked up one by one; of more, only the hull is. */
const MOST_LOOKUPS = 256;

/** What DuckDB allocates for a result of one row: room for a chunk of rows. */
const RESULT_BYTES = 3 * 8 * 2048;

/**
 * The parts of sorted contigs that may hold records of the regions; contigs that are not sorted are
 * read whole.
 *
 * @param path The database.
 * @param spans All contigs.
 * @param regions The regions.
 * @param longest Bases of the longest REF, at least: records that begin before a region reach in.
 */
export async function regionSpans(
  path: string,
  spans: readonly ContigSpan[],
  regions: RegionSet,
  longest: number,
  limits: DatabaseLimits,
): Promise<ContigSpan[]> {
  using database = await Database.openReadOnly(path, limits);
  const statement = await database.connection.prepare(SELECT_REGION_LINES);
  const chosen: ContigSpan[] = [];
  for (const span of spans) {
    const ends = regions[span.name];
    if (!ends) continue;
    if (!span.sorted) {
      chosen.push(span);
      continue;
    }
    for (const [first, last] of widened(ends, longest)) {
      statement.bindVarchar(1, span.name);
      statement.bindUInteger(2, first);
      statement.bindUInteger(3, last);
      statement.bindBigInt(4, BigInt(span.firstLine));
      statement.bindBigInt(5, BigInt(span.lastLine));
      const reader = await statement.runAndReadAll();
      const [[firstLine, lastLine, records]] = reader.getRowsJS() as (bigint | null)[][];
      collectGarbage(RESULT_BYTES);
      if (firstLine === null) continue;
      chosen.push({
        ...span,
        firstLine: Number(firstLine),
        lastLine: Number(lastLine),
        records: Number(records),
      });
    }
  }
  return chosen;
}

/** Positions where records of the regions may begin, as disjoint ranges. */
function widened(ends: Uint32Array, longest: number): [first: number, last: number][] {
  const ranges: [number, number][] = [];
  for (let at = 0; at < ends.length; at += 2) {
    const first = Math.max(1, ends[at] - longest + 1), before = ranges.at(-1);
    if (before && first <= before[1] + 1) before[1] = ends[at + 1];
    else ranges.push([first, ends[at + 1]]);
  }
  return ranges.length <= MOST_LOOKUPS ? ranges : [[ranges[0][0], ranges.at(-1)![1]]];
}
