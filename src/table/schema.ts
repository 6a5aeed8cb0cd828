/**
 * Holds the statements that make, fill and read the tables of a database.
 *
 * @module
 */
import type { ContigSummary } from "./contig_summary.ts";
import type { MatrixLayout } from "../matrix/layout.ts";
import { SCHEMA_VERSION } from "./schema_version.ts";
import type { Sample } from "../matrix/samples.ts";
import { identifier, literal } from "./quote.ts";
import type { DialectSummary, RowExtras } from "../matrix/dialects/dialect.ts";
import { dialectSummary, extrasOf } from "../matrix/dialects/row_extras.ts";
import type { RowParts } from "../matrix/row_batch.ts";

export { createViews, selectGenotypes, selectSites } from "./views.ts";

/** Returns the statement that creates an ENUM type. */
export function createEnum(name: string, values: readonly string[]): string {
  return `CREATE TYPE ${identifier(name)} AS ENUM (${values.map(literal).join(", ")})`;
}

/**
 * Returns the statement that creates `records`. Where the matrix has no IDs, their column is
 * virtual and takes neither room nor time. What dialects have beside alleles are columns of their
 * own: `alt`, the declared ALTs; `freq`, their frequencies; `phased`, a bit for each sample, the
 * lowest of the first byte first; `phase_set`, a block for each sample, 0 for none.
 *
 * @param contig SQL type of a contig: its ENUM in a kept table, its code in a temporary one, as
 * whoever opens a table loads all values of its ENUMs.
 * @param alleles SQL type of the alleles of a row.
 */
export function createRecords(
  contig: string,
  alleles: string,
  { hasId, alt, freq, phase, sets, samples }: RowParts,
): string {
  const extras = [
    ...alt ? ["alt VARCHAR USING COMPRESSION dictionary"] : [],
    ...freq ? ["freq VARCHAR"] : [],
    ...phase ? [`phased UTINYINT[${Math.ceil(samples / 8)}]`] : [],
    ...sets ? [`phase_set UINTEGER[${samples}]`] : [],
  ].map((column) => `, ${column}`).join("");
  return `CREATE TABLE records (
  chrom ${contig}, pos INTEGER, ref allele, alleles ${alleles},
  id VARCHAR ${
    hasId ? "USING COMPRESSION dictionary" : "GENERATED ALWAYS AS (CAST(NULL AS VARCHAR)) VIRTUAL"
  },
  line UBIGINT USING COMPRESSION bitpacking${extras}
)`;
}

/** Returns the statement that fills `records` from a table function. */
export function insertRecords(parts: Pick<TableKind, "hasId" | "extras">): string {
  const columns = ["chrom", "pos", "ref", "alleles", "line", ...furtherColumns(parts)].join(", ");
  return `INSERT INTO records (${columns}) SELECT ${columns} FROM matrix_rows()`;
}

/** Returns the names of the columns that not all tables have, in the order in which they are read. */
export function furtherColumns(
  { hasId, extras: { alt, freq, phase, sets } }: Pick<TableKind, "hasId" | "extras">,
): string[] {
  return [
    ...hasId ? ["id"] : [],
    ...alt ? ["alt"] : [],
    ...freq ? ["freq"] : [],
    ...phase ? ["phased"] : [],
    ...sets ? ["phase_set"] : [],
  ];
}

/** Returns what a table has that not all tables have, under the names of schema_version.ts. */
export function featuresOf(
  { extras: { alt, freq, phase, sets, absent }, dialect }: Pick<
    ColumnSummary,
    "extras" | "dialect"
  >,
): string[] {
  return [
    "grid",
    ...dialect ? ["dialect"] : [],
    ...alt ? ["declared_alts"] : [],
    ...freq ? ["frequencies"] : [],
    ...phase ? ["cell_phase"] : [],
    ...sets ? ["phase_sets"] : [],
    ...absent ? ["absent_haplotypes"] : [],
  ];
}

/** Returns what rows hold beside codes, by the features of their table. */
export function extrasOfFeatures(features: readonly string[]): RowExtras {
  return {
    alt: features.includes("declared_alts"),
    freq: features.includes("frequencies"),
    phase: features.includes("cell_phase"),
    sets: features.includes("phase_sets"),
    absent: features.includes("absent_haplotypes"),
  };
}

/** Returns the statement that notes version and features of a table. */
export function insertVersion(features: readonly string[]): string {
  return `INSERT INTO metadata VALUES (${SCHEMA_VERSION}, [${features.map(literal).join(", ")}])`;
}

/** Creates the table that says what dialect the rows were of. */
export const CREATE_DIALECT =
  "CREATE TABLE dialect (name VARCHAR, ref VARCHAR, provisional BOOLEAN)";

/** Creates the small tables that describe `records`. */
export const CREATE_METADATA = `
CREATE TABLE metadata (schema_version UINTEGER, features VARCHAR[]);
CREATE TABLE samples (sample VARCHAR, ordinal UINTEGER, ploidy UINTEGER, phased BOOLEAN);
CREATE TABLE haplotypes (
  name VARCHAR, view_column VARCHAR, source_column UINTEGER, ordinal UINTEGER, sample VARCHAR,
  phase UINTEGER
);
CREATE TABLE contigs (
  name VARCHAR, ordinal UINTEGER, records UBIGINT, min_pos UINTEGER, max_pos UINTEGER,
  first_line UBIGINT, last_line UBIGINT, sorted BOOLEAN
);
CREATE TABLE source (
  path VARCHAR, bytes UBIGINT, modified TIMESTAMP_MS, changed TIMESTAMP_MS, fingerprint VARCHAR,
  options VARCHAR, version VARCHAR, skipped UBIGINT, has_id BOOLEAN
);
CREATE TABLE grid (ordinal UINTEGER, first_line UBIGINT, last_line UBIGINT);
CREATE TABLE segments (ordinal UINTEGER, start UBIGINT, bytes UBIGINT, crc32 UINTEGER);
CREATE TABLE rejects (line UBIGINT, reason VARCHAR, row VARCHAR);`;

/** The columns of a table. */
export interface ColumnSummary {
  /** In output order. */
  samples: { name: string; ploidy: number; phased: boolean }[];
  /** Names of the haplotype columns, in output order. */
  haplotypes: string[];
  /** The haplotypes as the view `matrix` has them. */
  viewColumns: ViewColumn[];
  hasId: boolean;
  /** What rows hold beside codes. */
  extras: RowExtras;
  /** Undefined for a matrix. */
  dialect: DialectSummary | undefined;
}

/** A haplotype in the view `matrix`, in the order of the input. */
export interface ViewColumn {
  name: string;
  /** Its place in the output, 0-based. */
  ordinal: number;
}

/** A row of `haplotypes`. All ordinals are 0-based; `phase` is 1-based. */
export interface HaplotypeRow {
  name: string;
  viewColumn: string;
  sourceColumn: number;
  ordinal: number;
  sample: string;
  phase: number;
}

/**
 * Returns the rows of `haplotypes`, in output order, and the names that had to change in the view.
 */
export function haplotypeRows(
  { columns, choice, hasId }: MatrixLayout,
): { rows: HaplotypeRow[]; renamed: [name: string, viewColumn: string][] } {
  const rows: HaplotypeRow[] = [];
  for (const { name: sample, columns: sources } of choice.samples) {
    sources.forEach((sourceColumn, index) => {
      // Two haplotypes of one column, or of two columns with one name, need names of their own.
      const alike = sources.length > 1 && columns[sources[0]] === columns[sources[1]];
      const name = alike ? `${sample}_${index + 1}` : columns[sourceColumn];
      const ordinal = rows.length;
      rows.push({ name, viewColumn: name, sourceColumn, ordinal, sample, phase: index + 1 });
    });
  }
  const renamed: [string, string][] = [];
  const fixed = ["chrom", "pos", "ref", ...hasId ? ["id"] : []];
  const uses = new Map(fixed.map((name) => [name, 1]));
  for (const { name } of rows) uses.set(folded(name), (uses.get(folded(name)) ?? 0) + 1);
  const taken = new Set(uses.keys());
  // DuckDB's names ignore case. All names of a collision change, so that none answers for another.
  for (const row of [...rows].sort((a, b) => a.sourceColumn - b.sourceColumn)) {
    if (uses.get(folded(row.name)) === 1) continue;
    let number = 1;
    while (taken.has(folded(`${row.name}_${number}`))) number++;
    row.viewColumn = `${row.name}_${number}`;
    taken.add(folded(row.viewColumn));
    renamed.push([row.name, row.viewColumn]);
  }
  return { rows, renamed };
}

function folded(name: string): string {
  return name.toLowerCase();
}

/** Returns what a table says of its columns. */
export function summaryOf(layout: MatrixLayout): ColumnSummary {
  const { rows } = haplotypeRows(layout);
  return {
    samples: layout.choice.samples.map(({ name, columns, phased }) => {
      return { name, ploidy: columns.length, phased };
    }),
    haplotypes: rows.map(({ name }) => name),
    viewColumns: [...rows].sort((a, b) => a.sourceColumn - b.sourceColumn)
      .map(({ viewColumn, ordinal }) => ({ name: viewColumn, ordinal })),
    hasId: layout.hasId,
    extras: extrasOf(layout),
    dialect: dialectSummary(layout),
  };
}

/**
 * Creates a stand-in for the view `matrix`, which replaces it later. A macro over the view is bound
 * when it is made, and binding thousands of columns takes long; see DECISIONS.md.
 */
export const CREATE_MATRIX_STAND_IN =
  `CREATE VIEW matrix AS SELECT chrom AS "CHROM", pos AS "POS" FROM records`;

/**
 * Returns the statement that creates the view `matrix`: an ENUM column a haplotype, in source
 * order.
 */
export function createMatrixView(layout: MatrixLayout): string {
  const { viewColumns, hasId } = summaryOf(layout);
  return `CREATE OR REPLACE VIEW matrix AS SELECT ${
    matrixColumns(viewColumns, hasId).join(", ")
  } FROM records`;
}

/** Returns the columns of the view `matrix`, as SQL over `records`. */
export function matrixColumns(haplotypes: readonly ViewColumn[], hasId: boolean): string[] {
  return [
    `chrom AS "CHROM"`,
    `pos AS "POS"`,
    `ref AS "REF"`,
    ...hasId ? [`id AS "ID"`] : [],
    ...haplotypes.map(({ name, ordinal }) => `alleles[${ordinal + 1}] AS ${identifier(name)}`),
  ];
}

/** Returns the rows of `samples`. */
export function sampleRows(samples: readonly Sample[]): (string | number | boolean)[][] {
  return samples.map((
    { name, columns, phased },
    ordinal,
  ) => [name, ordinal, columns.length, phased]);
}

/** The kind of a table: what its queries depend on. */
export interface TableKind {
  hasId: boolean;
  extras: RowExtras;
  /** True where contigs are an ENUM, as in a kept table; else they are codes. */
  kept: boolean;
}

/** Returns the SQL of a contig's code. */
function contigCode(kept: boolean): string {
  return kept ? "enum_code(chrom)" : "chrom";
}

function readColumns(kind: TableKind): string {
  return ["line", "pos", "ref", "alleles", ...furtherColumns(kind)].join(", ");
}

/** Returns the query for the rows of a contig between two lines (both included), in any order. */
export function selectLines(kind: TableKind): string {
  return `SELECT ${readColumns(kind)} FROM records
WHERE ${contigCode(kind.kept)} = $1::UINTEGER AND line BETWEEN $2::UBIGINT AND $3::UBIGINT`;
}

/**
 * Returns the query for the rows of the contigs that a table function `chosen_contigs(code, place)`
 * names, between two lines, in any order; the last column is the place.
 */
export function selectTogether(kind: TableKind): string {
  return `SELECT ${readColumns(kind)}, place
FROM records JOIN chosen_contigs() ON ${contigCode(kind.kept)} = code
WHERE line BETWEEN $1::UBIGINT AND $2::UBIGINT`;
}

/**
 * Returns the query for first and last line, and number, of a sorted contig's rows between two
 * positions (both included).
 */
export function selectRegionLines(
  { code, firstLine, lastLine }: ContigSummary,
  [firstPos, lastPos]: readonly [first: number, last: number],
  kept: boolean,
): string {
  return `SELECT min(line)::VARCHAR, max(line)::VARCHAR, count(*)::VARCHAR FROM records
WHERE ${contigCode(kept)} = ${code}::UINTEGER
  AND pos BETWEEN ${firstPos} AND ${lastPos}
  AND line BETWEEN ${firstLine}::UBIGINT AND ${lastLine}::UBIGINT`;
}

/**
 * Returns the query for bad rows after a line, in the order of the lines. Their place in the table
 * is not always that order.
 */
export function selectRejects(after: number, rows: number): string {
  return `SELECT line::VARCHAR, reason, row FROM rejects
WHERE line > ${after} ORDER BY line LIMIT ${rows}`;
}

/** Queries for the metadata of a table, as texts. */
export const SELECT_CONTIGS = `
SELECT name, enum_code(name::contig)::VARCHAR, records::VARCHAR, min_pos::VARCHAR, max_pos::VARCHAR, first_line::VARCHAR,
  last_line::VARCHAR, sorted::VARCHAR FROM contigs ORDER BY ordinal`;
export const SELECT_FEATURES = "SELECT unnest(features) AS feature FROM metadata";
export const SELECT_DIALECT = "SELECT name, ref, provisional::VARCHAR FROM dialect";
export const SELECT_GRID =
  "SELECT first_line::VARCHAR, last_line::VARCHAR FROM grid ORDER BY ordinal";
export const SELECT_SAMPLES =
  "SELECT sample, ploidy::VARCHAR, phased::VARCHAR FROM samples ORDER BY ordinal";
export const SELECT_HAPLOTYPES = "SELECT name FROM haplotypes ORDER BY ordinal";
export const SELECT_VIEW_COLUMNS =
  "SELECT view_column, ordinal::VARCHAR FROM haplotypes ORDER BY source_column, ordinal";
export const SELECT_ALLELES = "SELECT unnest(enum_range(NULL::allele))::VARCHAR AS allele";
export const SELECT_SOURCE = `
SELECT path, bytes::VARCHAR, epoch_ms(modified)::VARCHAR, epoch_ms(changed)::VARCHAR, fingerprint,
  options, version, skipped::VARCHAR, has_id::VARCHAR FROM source`;

/** Returns the query for segments of the input by ordinal, from `first` on (0-based). */
export function selectSegments(first: number, segments: number): string {
  return `SELECT start::VARCHAR, bytes::VARCHAR, crc32::VARCHAR FROM segments
WHERE ordinal BETWEEN ${first} AND ${first + segments - 1} ORDER BY ordinal`;
}
