/**
 * Keeps the counts of a report in a kept table, and reads them.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import type { CountRow } from "../counts/count_table.ts";
import type { Database } from "./database.ts";

const CREATE =
  "CREATE TABLE report_counts (figure VARCHAR, name VARCHAR, place BIGINT, count DOUBLE)";
const EXISTS =
  "SELECT CAST(count(*) AS VARCHAR) FROM duckdb_tables() WHERE table_name = 'report_counts'";
const SELECT = `SELECT figure, name, CAST(place AS VARCHAR), CAST(count AS VARCHAR)
FROM report_counts ORDER BY rowid`;

/** The first row: which figures there are. A program that counts others counts again. */
const FIRST: CountRow = { figure: "version", name: null, place: 0, count: 1 };

/** Makes the table `report_counts`. */
export async function storeCounts(database: Database, counts: readonly CountRow[]): Promise<void> {
  await database.run(CREATE);
  database.append(
    "report_counts",
    [FIRST, ...counts].map((
      { figure, name, place, count },
    ) => [figure, name, String(place), String(count)]),
  );
}

/** Returns the counts that a table keeps; undefined where it has none, or others. */
export async function storedCounts(database: Database): Promise<CountRow[] | undefined> {
  const [[tables]] = await database.texts(EXISTS);
  if (tables === "0") return undefined;
  const [first, ...rows] = (await database.texts(SELECT)).map(([figure, name, place, count]) => ({
    figure: figure!,
    name,
    place: Number(place),
    count: Number(count),
  }));
  return isDeepStrictEqual(first, FIRST) ? rows : undefined;
}
