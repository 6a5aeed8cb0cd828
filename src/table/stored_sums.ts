/**
 * Keeps the sums of genotypes in a kept table, and reads them.
 *
 * @module
 */
import { namedSums, type SumArrays, sumLines, type Sums } from "../checksum/sums.ts";
import type { Database } from "./database.ts";

const CREATE = `CREATE TABLE checksums (
  kind VARCHAR, sample VARCHAR, records BIGINT, called BIGINT, alleles VARCHAR, phase VARCHAR)`;
const EXISTS =
  "SELECT CAST(count(*) AS VARCHAR) FROM duckdb_tables() WHERE table_name = 'checksums'";
const SELECT =
  `SELECT kind, sample, CAST(records AS VARCHAR), CAST(called AS VARCHAR), alleles, phase
FROM checksums ORDER BY rowid`;

/** Makes the table `checksums`. */
export async function storeSums(
  database: Database,
  names: readonly string[],
  arrays: SumArrays,
): Promise<void> {
  const sums = namedSums(names, arrays), lines = sumLines(sums).slice(1);
  await database.run(CREATE);
  database.append(
    "checksums",
    lines.map((line, n) => {
      const [name, records, called, alleles, phase] = line.split("\t");
      const kind = ["sample", "all", "sites"][Math.max(0, n - names.length + 1)];
      const value = (text: string) => text === "." ? null : text;
      return [kind, kind === "sample" ? name : null, records, value(called), alleles, value(phase)];
    }),
  );
}

/** Returns the sums that a table keeps; undefined where it has none. */
export async function storedSums(database: Database): Promise<Sums | undefined> {
  const [[tables]] = await database.texts(EXISTS);
  if (tables === "0") return undefined;
  const rows = await database.texts(SELECT), number = (text: string | null) => BigInt(`0x${text}`);
  const sites = rows.find(([kind]) => kind === "sites")!;
  return {
    records: Number(sites[2]),
    sites: number(sites[4]),
    samples: rows.filter(([kind]) => kind === "sample").map((
      [, name, , called, alleles, phase],
    ) => ({
      name: name!,
      called: Number(called),
      alleles: number(alleles),
      phase: number(phase),
    })),
  };
}
