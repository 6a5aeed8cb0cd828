/**
 * Reads the metadata of a database, which is enough to plan an output and to write its header.
 *
 * @module
 */
import { Database, tableError } from "./database.ts";
import type { Sums } from "../checksum/sums.ts";
import { storedSums } from "./stored_sums.ts";
import type { DatabaseLimits } from "./database_limits.ts";
import { InputError, Matrix2vcfError } from "../base/errors.ts";
import { printable, steers } from "../base/text.ts";
import { askSchema, checkSchema } from "./schema_version.ts";
import { type LineRange, RANGE_LINES } from "../matrix/grid.ts";
import type { FileSegment } from "../matrix/fingerprint.ts";
import type { DialectName, DialectSummary } from "../matrix/dialects/dialect.ts";
import type { Populations } from "../matrix/populations.ts";
import { HAS_POPULATIONS, SELECT_POPULATIONS } from "./population_views.ts";
import type { PinnedTable } from "./pinned_table.ts";
import type { ContigSummary } from "./contig_summary.ts";
import {
  type ColumnSummary,
  extrasOfFeatures,
  SELECT_ALLELES,
  SELECT_CONTIGS,
  SELECT_DIALECT,
  SELECT_FEATURES,
  SELECT_GRID,
  SELECT_HAPLOTYPES,
  SELECT_SAMPLES,
  SELECT_SOURCE,
  SELECT_VIEW_COLUMNS,
  selectSegments,
} from "./schema.ts";

/** The input and the options that a table was made from. */
export interface TableSource {
  path: string;
  /** Size in bytes, and times in milliseconds since 1970, 0 where they are not known. */
  bytes: number;
  modified: number;
  changed: number;
  /** Hash of the input's first and last MiB. */
  fingerprint: string;
  /** Ingest options, as JSON. */
  options: string;
  version: string;
}

/** The metadata of a database. */
export interface TableSummary extends ColumnSummary {
  /** In output order. */
  contigs: ContigSummary[];
  /** The ranges of the rows, in file order. */
  grid: LineRange[];
  /** By code. */
  alleles: string[];
  /**
   * Codes of a row in `records`: one a haplotype, in a temporary table rounded up to whole words.
   */
  stride: number;
  /** The options that it was made with, as JSON. */
  options: string;
  /** True where `records` has ENUMs, as a kept table does; else codes. */
  kept: boolean;
  /** Number of bad rows that were put aside. */
  skipped: number;
}

/** The metadata of a kept table. */
export interface KeptSummary extends TableSummary {
  source: TableSource;
  /** False where a program without a grid made it, which read some cells otherwise. */
  hasGrid: boolean;
  /** Sums of the genotypes, where they were wanted when it was made. */
  sums: Sums | undefined;
}

/**
 * Reads the summary of a database.
 *
 * @throws {InputError} Not a database of this program, or one of another schema version.
 */
export async function tableSummary(path: string, limits: DatabaseLimits): Promise<KeptSummary> {
  let database: Database;
  try {
    database = await Database.openReadOnly(path, limits);
  } catch (error) {
    throw notOurs(path, error);
  }
  using opened = database;
  try {
    checkSchema(await askSchema(async (sql) => (await opened.texts(sql))[0]), path);
    const haplotypes = await opened.texts(SELECT_HAPLOTYPES);
    const contigs = (await opened.texts(SELECT_CONTIGS)).map(contigOf);
    const features = (await opened.texts(SELECT_FEATURES)).map(([name]) => name!);
    const hasGrid = features.includes("grid");
    const samples = (await opened.texts(SELECT_SAMPLES)).map(([name, ploidy, phased]) => {
      return { name: name!, ploidy: Number(ploidy), phased: phased === "true" };
    });
    checkNames([...samples, ...contigs], path);
    return {
      contigs,
      hasGrid,
      sums: await storedSums(opened),
      grid: hasGrid ? await storedGrid(opened) : equalRanges(contigs, haplotypes.length),
      samples,
      haplotypes: haplotypes.map(([name]) => name!),
      viewColumns: (await opened.texts(SELECT_VIEW_COLUMNS))
        .map(([name, ordinal]) => ({ name: name!, ordinal: Number(ordinal) })),
      alleles: (await opened.texts(SELECT_ALLELES)).map(([allele]) => allele!),
      stride: haplotypes.length,
      kept: true,
      extras: extrasOfFeatures(features),
      dialect: features.includes("dialect") ? await storedDialect(opened) : undefined,
      ...sourceOf((await opened.texts(SELECT_SOURCE))[0]),
    };
  } catch (error) {
    throw notOurs(path, error);
  }
}

/** Refuses names that no matrix may have, and that would get into the output. */
function checkNames(named: readonly { name: string }[], file: string): void {
  const bad = named.find(({ name }) => steers(name));
  if (!bad) return;
  throw new InputError(
    `the table has the name '${printable(bad.name)}', with a control character or one that turns ` +
      "text; make it again from a matrix without it",
    { file },
  );
}

/** Bytes of codes that a range holds where a table has no grid, about; and its fewest lines. */
const RANGE_BYTES = 4 * 1024 ** 2, FEWEST_LINES = 64;

async function storedDialect(database: Database): Promise<DialectSummary | undefined> {
  const [row] = await database.texts(SELECT_DIALECT);
  if (!row) return undefined;
  const [name, ref, provisional] = row;
  return { name: name as DialectName, ref: ref!, provisional: provisional === "true" };
}

async function storedGrid(database: Database): Promise<LineRange[]> {
  const rows = await database.texts(SELECT_GRID);
  return rows.map(([first, last]) => ({ first: Number(first), last: Number(last) }));
}

/** Returns the grid of a table that an earlier program made without one: ranges of equal size. */
function equalRanges(contigs: readonly ContigSummary[], haplotypes: number): LineRange[] {
  const lines = Math.floor(RANGE_BYTES / (haplotypes + 16));
  const most = Math.max(FEWEST_LINES, Math.min(RANGE_LINES, lines));
  const [{ firstLine: begin } = { firstLine: 1 }] = contigs;
  const end = contigs.reduce((last, { lastLine }) => Math.max(last, lastLine), 0);
  const ranges: LineRange[] = [];
  for (let first = begin; first <= end; first += most) {
    ranges.push({ first, last: Math.min(end, first + most - 1) });
  }
  return ranges;
}

type TextRow = readonly (string | null)[];

function contigOf([name, ...numbers]: TextRow): ContigSummary {
  const [code, records, minPos, maxPos, firstLine, lastLine] = numbers.map(Number);
  const sorted = numbers.at(-1) === "true";
  return { name: name!, code, records, minPos, maxPos, firstLine, lastLine, sorted };
}

function sourceOf(row: TextRow): Pick<KeptSummary, "hasId" | "options" | "skipped" | "source"> {
  const [path, bytes, modified, changed, fingerprint, options, version, skipped, hasId] =
    row as string[];
  const times = { modified: Number(modified), changed: Number(changed) };
  return {
    hasId: hasId === "true",
    options,
    skipped: Number(skipped),
    source: { path, bytes: Number(bytes), ...times, fingerprint, options, version },
  };
}

/** Number of segments that are asked for at a time. */
const SEGMENTS = 4096;

/** Yields the segments of the input that a kept table was made from, in order. */
export async function* keptSegments(
  table: PinnedTable,
  limits: DatabaseLimits,
): AsyncGenerator<FileSegment> {
  using database = await Database.openPinned(table, limits);
  for (let first = 0;; first += SEGMENTS) {
    const rows = await database.texts(selectSegments(first, SEGMENTS));
    for (const [start, bytes, crc32] of rows) {
      yield { start: Number(start), bytes: Number(bytes), crc32: Number(crc32) };
    }
    if (rows.length < SEGMENTS) return;
  }
}

/** Returns the populations that a table keeps; undefined where all samples are one. */
export async function keptPopulations(
  table: PinnedTable,
  limits: DatabaseLimits,
): Promise<Populations | undefined> {
  using database = await Database.openPinned(table, limits);
  const [[tables]] = await database.texts(HAS_POPULATIONS);
  if (tables === "0") return undefined;
  const rows = await database.texts(SELECT_POPULATIONS);
  return rows.map(([sample, population]) => [sample!, population!]);
}

function notOurs(path: string, error: unknown): Matrix2vcfError {
  const known = tableError(error, path);
  if (known instanceof Matrix2vcfError) return known;
  const reason = (error as Error).message.split("\n")[0];
  return new InputError(`not a readable database of matrix2vcf (${reason})`, { file: path });
}
