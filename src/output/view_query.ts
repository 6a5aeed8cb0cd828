/**
 * Makes the SQL that writes a view of the rows in output order.
 *
 * @module
 */
import { furtherColumns, matrixColumns, selectGenotypes, selectSites } from "../table/schema.ts";
import { literal } from "../table/quote.ts";
import type { TableSummary } from "../table/read_metadata.ts";
import type { ViewFormat } from "../vcf/row_formatter.ts";

/** Cells of a row group of Parquet, at least, and its rows, at most. */
const GROUP_CELLS = 1 << 22, MOST_GROUP_ROWS = 122_880;
/** Rows that row groups have a whole number of times: those of a chunk of DuckDB. */
const CHUNK_ROWS = 2048;

/** Creates the table of the samples, which `selectGenotypes` takes. */
export const CREATE_COHORT =
  "CREATE TABLE cohort (sample VARCHAR, phased BOOLEAN, ordinal INTEGER, ploidy INTEGER, first INTEGER)";

/** Returns the rows of the table of the samples. */
export function cohortRows(
  samples: TableSummary["samples"],
): [sample: string, phased: boolean, ordinal: number, ploidy: number, first: number][] {
  let next = 1;
  return samples.map(({ name, phased, ploidy }, ordinal) => {
    const first = next;
    next += ploidy;
    return [name, phased, ordinal, ploidy, first];
  });
}

/** Returns the statement that creates `records`, as the views have it, from a table function. */
export function createRows(kind: Pick<TableSummary, "hasId" | "extras">): string {
  const columns = ["chrom", "pos", "ref", "alleles", "line", ...furtherColumns(kind)];
  if (!kind.hasId) columns.push("CAST(NULL AS VARCHAR) AS id");
  return `CREATE VIEW records AS SELECT ${columns.join(", ")} FROM code_rows()`;
}

/** Returns the query of a view, rows and columns in their order. */
export function selectView(
  format: ViewFormat,
  { viewColumns, hasId, extras }: TableSummary,
): string {
  if (format === "sites") return selectSites(extras);
  if (format === "genotypes") return selectGenotypes(extras, "cohort");
  const columns = matrixColumns(viewColumns, hasId);
  return `SELECT ${columns.join(", ")}, CAST(line AS BIGINT) AS ${lineColumn(viewColumns)}
FROM records`;
}

/** Returns a name for the column of the lines that no haplotype has. */
function lineColumn(columns: TableSummary["viewColumns"]): string {
  const taken = new Set(columns.map(({ name }) => name.toLowerCase()));
  let name = "line";
  for (let number = 1; taken.has(name); number++) name = `line_${number}`;
  return name;
}

/**
 * Returns a query of a view with all values as texts: lists between commas, and NULL where there is
 * nothing.
 */
export function asTexts(query: string, format: ViewFormat): string {
  if (format === "matrix") return query;
  const text = (list: string, element: string) =>
    `nullif(array_to_string(list_transform(${list}, lambda a: ${element}), ','), '') AS ${list}`;
  if (format === "genotypes") {
    return `SELECT * REPLACE (${text("alleles", "CAST(a AS VARCHAR)")}) FROM (${query})`;
  }
  // A site at which nothing is called has no frequencies.
  const share = "if(isfinite(a), CAST(a AS VARCHAR), '.')";
  return `SELECT * REPLACE (${text('"ALT"', "CAST(a AS VARCHAR)")},
  ${text('"AC"', "CAST(a AS VARCHAR)")}, ${text('"AF"', `coalesce(${share}, '.')`)})
FROM (${query})`;
}

/**
 * Returns the statement that writes a query as Parquet. DuckDB holds a row group in memory, so that
 * wide rows have small ones.
 *
 * @param columns Number of columns.
 */
export function copyParquet(query: string, path: string, columns: number): string {
  const chunks = Math.ceil(GROUP_CELLS / columns / CHUNK_ROWS);
  const rows = Math.min(MOST_GROUP_ROWS, chunks * CHUNK_ROWS);
  return `COPY (${query}) TO ${literal(path)}
(FORMAT parquet, ROW_GROUP_SIZE ${rows}, USE_TMP_FILE false)`;
}

/** Returns the statement that writes a query as text: a header line, TABs, no quotes. */
export function copyText(query: string, path: string): string {
  return `COPY (${query}) TO ${literal(path)}
(FORMAT csv, DELIMITER '\\t', QUOTE '', ESCAPE '', NULLSTR '.', HEADER true, USE_TMP_FILE false)`;
}
