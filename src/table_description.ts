/**
 * The small tables and the views beside `records`, of a table that somebody will ask.
 *
 * @module
 */
import type { ContigSummary } from "./contig_tracker.ts";
import type { Database, TableValue } from "./database.ts";
import { keepRejects } from "./kept_rejects.ts";
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
 * @param rejects The file of the bad rows; undefined without any.
 */
export async function describeTable(
  database: Database,
  layout: MatrixLayout,
  contigs: readonly ContigSummary[],
  source: readonly TableValue[],
  rejects: string | undefined,
): Promise<void> {
  const { rows } = haplotypeRows(layout);
  await database.run(CREATE_METADATA);
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
  database.append("source", [source]);
  if (rejects !== undefined) await keepRejects(database, rejects);
  await database.run(CREATE_MATRIX_STAND_IN);
  await database.run(CREATE_VIEWS);
  await database.run(createMatrixView(rows, layout.hasId));
}
