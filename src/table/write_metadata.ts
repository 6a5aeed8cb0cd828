/**
 * Makes the small tables and the views beside `records`, for a kept table that users will query.
 *
 * @module
 */
import type { ContigSummary } from "./contig_summary.ts";
import { extrasOf } from "../matrix/dialects/row_extras.ts";
import type { Database, TableValue } from "./database.ts";
import type { LineRange } from "../matrix/grid.ts";
import type { FileSegment } from "../matrix/fingerprint.ts";
import type { MatrixLayout } from "../matrix/layout.ts";
import type { Populations } from "../matrix/populations.ts";
import { CREATE_POPULATIONS, ONE_POPULATION } from "./population_views.ts";
import {
  CREATE_DIALECT,
  CREATE_MATRIX_STAND_IN,
  CREATE_METADATA,
  createMatrixView,
  createViews,
  featuresOf,
  haplotypeRows,
  insertVersion,
  sampleRows,
  summaryOf,
} from "./schema.ts";

/** The content of the small tables. */
export interface TableDescription {
  layout: MatrixLayout;
  /** In output order. */
  contigs: readonly ContigSummary[];
  /** The ranges of the rows, in file order. */
  grid: readonly LineRange[];
  /** The row of `source`. */
  source: readonly TableValue[];
  /** The segments of the input, in order. */
  segments: Iterable<FileSegment>;
  /** Which sample is of which population; undefined where all samples are one. */
  populations: Populations | undefined;
}

/** Makes the small tables and the views in the database that has `records`. */
export async function describeTable(
  database: Database,
  { layout, contigs, grid, source, segments, populations }: TableDescription,
): Promise<void> {
  const { rows } = haplotypeRows(layout);
  await describeRows(database, layout);
  database.append("samples", sampleRows(layout.choice.samples));
  database.append(
    "haplotypes",
    rows.map((row) => [
      row.name,
      row.viewColumn,
      row.sourceColumn,
      row.ordinal,
      row.sample,
      row.phase,
    ]),
  );
  database.append(
    "contigs",
    contigs.map((contig, ordinal) => [
      contig.name,
      ordinal,
      contig.records,
      contig.minPos,
      contig.maxPos,
      contig.firstLine,
      contig.lastLine,
      contig.sorted,
    ]),
  );
  database.append("grid", grid.map(({ first, last }, ordinal) => [ordinal, first, last]));
  database.append("source", [source]);
  database.append("segments", segmentRows(segments));
  await namePopulations(database, populations);
  await database.run(CREATE_MATRIX_STAND_IN);
  await database.run(createViews(extrasOf(layout)));
  await database.run(createMatrixView(layout));
}

async function namePopulations(
  database: Database,
  populations: Populations | undefined,
): Promise<void> {
  if (!populations) return await database.run(ONE_POPULATION);
  await database.run(CREATE_POPULATIONS);
  database.append("populations", populations);
}

/** Notes what the rows are, and what not all tables have. */
async function describeRows(database: Database, layout: MatrixLayout): Promise<void> {
  const summary = summaryOf(layout), { dialect } = summary;
  await database.run(CREATE_METADATA);
  await database.run(insertVersion(featuresOf(summary)));
  if (!dialect) return;
  await database.run(CREATE_DIALECT);
  database.append("dialect", [[dialect.name, dialect.ref, dialect.provisional]]);
}

function* segmentRows(segments: Iterable<FileSegment>): Generator<TableValue[]> {
  let ordinal = 0;
  for (const { start, bytes, crc32 } of segments) yield [ordinal++, start, bytes, crc32];
}
