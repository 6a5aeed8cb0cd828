/**
 * The small tables and the views beside `records`, of a table that somebody will ask.
 *
 * @module
 */
import type { ContigSummary } from "./contig_tracker.ts";
import { appendRows, type Database, type TableValue } from "./database.ts";
import type { MatrixLayout } from "./matrix_layout.ts";
import {
  CREATE_MATRIX_STAND_IN,
  CREATE_METADATA,
  CREATE_VIEWS,
  createMatrixView,
  haplotypeRows,
  sampleRows,
} from "./sql.ts";

/**
 * Make and fill them.
 *
 * @param database Where `records` is.
 * @param layout What the columns are.
 * @param contigs In output order.
 * @param source The row of `source`.
 */
export async function describeTable(
  { connection }: Database,
  layout: MatrixLayout,
  contigs: readonly ContigSummary[],
  source: readonly TableValue[],
): Promise<void> {
  const { rows } = haplotypeRows(layout);
  await connection.run(CREATE_METADATA);
  await appendRows(connection, "samples", sampleRows(layout.choice.samples));
  await appendRows(
    connection,
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
  await appendRows(
    connection,
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
  await appendRows(connection, "source", [source]);
  await connection.run(CREATE_MATRIX_STAND_IN);
  await connection.run(CREATE_VIEWS);
  await connection.run(createMatrixView(rows, layout.hasId));
}
