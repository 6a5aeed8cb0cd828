/**
 * Finds out what a kept table holds, and what each of its columns takes on disk.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import { SqlSession } from "../query/sql_session.ts";

/** The bytes that a column of the table takes. */
export interface ColumnCost {
  /** Name of the column; `alleles` stands for all haplotypes. */
  column: string;
  /** Names of DuckDB's compression methods. */
  compression: string;
  /** Bytes in the file. */
  disk: number;
  /** Bytes in the matrix, with TABs or line ends. */
  text: number;
  /** Bytes as Python objects in pandas: 8 a pointer and 58 a string, 8 a number. */
  python: number;
}

/** The description of a database. */
export interface DatabaseReport {
  kind: "database";
  path: string;
  /** Bytes of the file. */
  bytes: number;
  /** The input that it was made from, and the version of the program that made it. */
  source: {
    path: string;
    bytes: number;
    modified: string | null;
    version: string;
    skipped: number;
  };
  rows: number;
  haplotypes: number;
  samples: { name: string; ploidy: number }[];
  contigs: { name: string; records: number; minPos: number; maxPos: number }[];
  /**
   * Sums of the genotypes as `matrix2vcf checksum` has them for all samples; null where the table was
   * made without `--verify`.
   */
  checksum: { alleles: string; phase: string } | null;
  columns: ColumnCost[];
  /** Bytes of the file that no column of the matrix takes: small tables, views, free blocks. */
  rest: number;
}

/** Python's bytes for a pointer and for a string of a few characters. */
const POINTER = 8, PYTHON_STRING = 58;

/** The query for the bytes of columns. A block's last segment is given the block's empty end. */
const SELECT_SIZES = `
SELECT column_name AS column,
  string_agg(DISTINCT compression, ', ' ORDER BY compression) AS compression,
  CAST(sum(bytes) AS DOUBLE) AS disk
FROM (
  SELECT column_name, if(block_id < 0, NULL, compression) AS compression,
    if(block_id < 0, 0, coalesce(
      lead(block_offset) OVER (PARTITION BY block_id ORDER BY block_offset),
      (SELECT block_size FROM pragma_database_size())
    ) - block_offset) AS bytes
  FROM pragma_storage_info('records')
)
GROUP BY column_name`;

/** The query for mean lengths in characters; a few thousand rows suffice. */
const SELECT_LENGTHS = `
SELECT avg(length(CAST(ref AS VARCHAR))) AS ref, avg(coalesce(length(id), 1)) AS id,
  avg(length(array_to_string(alleles, ''))) AS alleles
FROM (SELECT * FROM records LIMIT 2048)`;

/** Bytes of DuckDB's pool; more would only keep blocks that are looked at once. */
const MEMORY = 256 * 1024 ** 2;

/**
 * Describes a database.
 *
 * @throws {InputError} Not a database of this program.
 */
export async function inspectDatabase(path: string): Promise<DatabaseReport> {
  await using session = await SqlSession.open(path, { memory: MEMORY });
  try {
    await session.checkSchema(path);
    return await describe(session, path);
  } catch (error) {
    if (error instanceof InputError) throw error;
    const [reason] = (error as Error).message.split("\n");
    throw new InputError(`not a readable database of matrix2vcf (${reason})`, { file: path });
  }
}

/** Returns the sums over all samples that the table keeps. */
async function storedChecksum(session: SqlSession): Promise<DatabaseReport["checksum"]> {
  const [{ tables }] = await session.rows<{ tables: number }>(
    "SELECT CAST(count(*) AS DOUBLE) AS tables FROM duckdb_tables() WHERE table_name = 'checksums'",
  );
  if (tables === 0) return null;
  const [sums] = await session.rows<{ alleles: string; phase: string }>(
    "SELECT alleles, phase FROM checksums WHERE kind = 'all'",
  );
  return sums;
}

async function describe(session: SqlSession, path: string): Promise<DatabaseReport> {
  const [source] = await session.rows<DatabaseReport["source"]>(`
SELECT path, CAST(bytes AS DOUBLE) AS bytes, CAST(modified AS VARCHAR) AS modified, version,
  CAST(skipped AS DOUBLE) AS skipped FROM source`);
  const samples = await session.rows<DatabaseReport["samples"][number]>(
    "SELECT sample AS name, ploidy FROM samples ORDER BY ordinal",
  );
  const contigs = await session.rows<DatabaseReport["contigs"][number]>(`
SELECT name, CAST(records AS DOUBLE) AS records, min_pos AS minPos, max_pos AS maxPos
FROM contigs ORDER BY ordinal`);
  const [{ haplotypes }] = await session.rows<{ haplotypes: number }>(
    "SELECT CAST(count(*) AS DOUBLE) AS haplotypes FROM haplotypes",
  );
  const checksum = await storedChecksum(session);
  const columns = await columnCosts(session, contigs, haplotypes);
  const { size } = await Deno.stat(path);
  return {
    kind: "database",
    path,
    bytes: size,
    source,
    rows: contigs.reduce((sum, { records }) => sum + records, 0),
    haplotypes,
    samples,
    contigs,
    checksum,
    columns,
    rest: size - columns.reduce((sum, { disk }) => sum + disk, 0),
  };
}

async function columnCosts(
  session: SqlSession,
  contigs: DatabaseReport["contigs"],
  haplotypes: number,
): Promise<ColumnCost[]> {
  const sizes = await session.rows<{ column: string; compression: string | null; disk: number }>(
    SELECT_SIZES,
  );
  const [mean] = await session.rows<{ ref: number; id: number; alleles: number }>(SELECT_LENGTHS);
  const [{ ids }] = await session.rows<{ ids: boolean }>(
    "SELECT EXISTS (SELECT 1 FROM records WHERE id IS NOT NULL) AS ids",
  );
  const over = (length: (contig: DatabaseReport["contigs"][number]) => number) =>
    contigs.reduce((sum, contig) => sum + contig.records * length(contig), 0);
  const rows = over(() => 1);
  const text: Record<string, number> = {
    chrom: over(({ name }) => new TextEncoder().encode(name).length + 1),
    pos: over(({ minPos, maxPos }) => meanDigits(minPos, maxPos) + 1),
    ref: rows * (mean.ref + 1),
    alleles: rows * (mean.alleles + haplotypes),
    id: ids ? rows * (mean.id + 1) : 0,
  };
  const strings = rows * (POINTER + PYTHON_STRING);
  // pandas reads a column of nothing but whole numbers as int64.
  const numeric = contigs.every(({ name }) => /^\d+$/.test(name));
  const python: Record<string, number> = {
    chrom: numeric ? rows * POINTER : strings,
    pos: rows * POINTER,
    ref: strings,
    alleles: strings * haplotypes,
    id: ids ? strings : 0,
  };
  return ["chrom", "pos", "ref", "id", "alleles", "line"].flatMap((column) => {
    const size = sizes.find((size) => size.column === column);
    if (!size || (column === "id" && !ids)) return [];
    const compression = size.compression ?? "Constant";
    return [{
      column,
      compression,
      disk: size.disk,
      text: text[column] ?? 0,
      python: python[column] ?? 0,
    }];
  });
}

/** Returns the mean number of digits of the numbers from `min` to `max`, both included. */
function meanDigits(min: number, max: number): number {
  let sum = 0;
  for (let digits = 1, from = 1; from <= max; digits++, from *= 10) {
    sum += digits * Math.max(0, Math.min(max, from * 10 - 1) - Math.max(min, from) + 1);
  }
  return sum / (max - min + 1);
}
