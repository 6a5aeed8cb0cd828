/**
 * What a view of a kept table has, in the order of the VCF, and what a file of a view has.
 *
 * @module
 */
import { DuckDBInstance } from "@duckdb/node-api";
import { literal } from "../../src/table/quote.ts";
import type { ViewFormat } from "../../src/vcf/row_formatter.ts";

/** Rows of texts, the names of their columns first. */
export type Texts = (string | null)[][];

/** The views with what puts them in order, the line among it. */
const SOURCES: Readonly<Record<ViewFormat, string>> = {
  // Both sides are scans of one table, on one thread. A haplotype may be called `line`.
  matrix: "matrix POSITIONAL JOIN (SELECT CAST(line AS BIGINT) AS own_line FROM records)",
  sites: "sites",
  genotypes: "genotypes",
};

async function ask<T>(
  use: (rows: (sql: string) => Promise<Texts>) => Promise<T>,
): Promise<T> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  try {
    return await use(async (sql) => {
      const reader = await connection.runAndReadAll(sql);
      return [reader.columnNames(), ...reader.getRowsJS() as Texts];
    });
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Reads a view of a kept table in the order of the VCF. */
export function viewOf(database: string, view: ViewFormat): Promise<Texts> {
  const samples = view === "genotypes"
    ? "JOIN (SELECT sample, ordinal AS place FROM samples) USING (sample)"
    : "";
  return ask(async (rows) => {
    await rows(`ATTACH ${literal(database)} AS kept (READ_ONLY)`);
    await rows("USE kept");
    const columns = (await rows(`DESCRIBE SELECT * FROM ${SOURCES[view]}`)).slice(1)
      .map(([name]) =>
        `v."${name!.replaceAll('"', '""')}"::VARCHAR AS "${name!.replaceAll('"', '""')}"`
      );
    return await rows(
      `SELECT ${columns.join(", ")} FROM (SELECT * FROM ${SOURCES[view]}) v ${samples}
JOIN (SELECT name, ordinal AS contig_ordinal FROM contigs) ON name = CAST(v."CHROM" AS VARCHAR)
ORDER BY contig_ordinal, v."POS", v.${view === "matrix" ? "own_line" : "line"}${
        samples && ", place"
      }`,
    );
  });
}

/** Reads a Parquet file in its order. */
export function parquetOf(path: string): Promise<Texts> {
  return ask((rows) => rows(`SELECT COLUMNS(*)::VARCHAR FROM read_parquet(${literal(path)})`));
}

/** Returns the types of the columns of a Parquet file, by name. */
export function typesOf(path: string): Promise<Record<string, string>> {
  return ask(async (rows) => {
    const [, ...columns] = await rows(`DESCRIBE SELECT * FROM read_parquet(${literal(path)})`);
    return Object.fromEntries(columns.map(([name, type]) => [name, type]));
  });
}
