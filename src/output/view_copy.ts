/**
 * Has DuckDB write a view of a file of rows, in their order.
 *
 * @module
 */
import type duckdb from "@duckdb/node-bindings";
import { resolve } from "node:path";
import { enumWidth } from "../base/codes.ts";
import { InternalError, InterruptedError } from "../base/errors.ts";
import { writeError } from "../base/write_error.ts";
import { ChunkStage } from "../ingest/chunk_stage.ts";
import { batchShape, type RowParts } from "../matrix/row_batch.ts";
import { Database } from "../table/database.ts";
import type { DatabaseLimits } from "../table/database_limits.ts";
import type { TableSummary } from "../table/read_metadata.ts";
import { rowColumns } from "../table/row_columns.ts";
import { createEnum } from "../table/schema.ts";
import { CodeRowsReader } from "./code_rows_reader.ts";
import { cohortRows, CREATE_COHORT, createRows } from "./view_query.ts";

/** The rows of a view, and what they mean. */
export interface ViewRows {
  /** Path of the rows as codes. */
  path: string;
  /** Their number. */
  rows: number;
  /** Names of the contigs by code. */
  contigs: readonly string[];
  table: TableSummary;
  limits: DatabaseLimits;
  signal: AbortSignal | undefined;
  /** Receives the number of rows that DuckDB has taken. */
  onRows: (rows: number) => void;
}

/**
 * Writes a file of what is made of rows.
 *
 * @param path The file to write, in a folder of the run.
 * @param statement Returns the statement that writes `records` to a path.
 * @throws {MachineError} The file cannot be written, or memory ran out.
 * @throws {InterruptedError} The signal was aborted.
 */
export async function copyRows(
  source: ViewRows,
  path: string,
  statement: (path: string) => string,
): Promise<void> {
  const { signal, table } = source;
  using database = await Database.inMemory(source.limits);
  using feed = new RowFeed(source);
  await database.run(createEnum("allele", table.alleles));
  database.register({
    name: "code_rows",
    columns: feed.columns,
    threads: 1,
    fill: (chunk) => feed.fill(chunk),
  });
  await database.run(createRows({ hasId: table.hasId, extras: feed.parts }));
  await database.run(CREATE_COHORT);
  database.append("cohort", cohortRows(table.samples));
  const interrupt = () => database.interrupt();
  signal?.addEventListener("abort", interrupt);
  try {
    signal?.throwIfAborted();
    await database.run(statement(resolve(path)));
  } catch (error) {
    if (signal?.aborted) throw new InterruptedError();
    // DuckDB makes a text of what its callback threw.
    throw writeError(feed.thrown ?? error, path);
  } finally {
    signal?.removeEventListener("abort", interrupt);
  }
  if (feed.rows !== source.rows) {
    throw new InternalError(`${source.rows} rows were to be written, and ${feed.rows} were`);
  }
}

/** The rows of a file on their way to DuckDB. */
class RowFeed implements Disposable {
  readonly columns: ReturnType<typeof rowColumns>;
  readonly parts: RowParts;
  /** What went wrong while rows were read. */
  thrown: unknown;
  readonly #reader: CodeRowsReader;
  readonly #stage: ChunkStage;

  constructor(private readonly source: ViewRows) {
    const { contigs, path, table: { alleles, haplotypes: { length }, extras, hasId, samples } } =
      source;
    // No view has frequencies.
    this.parts = { ...extras, freq: false, hasId, samples: samples.length };
    const shape = batchShape(length, this.parts, enumWidth(alleles.length));
    // An ENUM has at least one value.
    const names = contigs.length > 0 ? contigs : ["."];
    const codes = { contigs: names, alleles, haplotypes: length, words: undefined };
    this.columns = rowColumns(codes, this.parts);
    this.#stage = new ChunkStage(shape, enumWidth(names.length), false, alleles);
    this.#reader = new CodeRowsReader(path, shape);
  }

  /** Number of rows up to now. */
  get rows(): number {
    return this.#reader.rows;
  }

  /** Fills a chunk; one without rows is the end. */
  fill(chunk: duckdb.DataChunk): void {
    try {
      const batch = this.#reader.next();
      this.#stage.fill(chunk, batch, this.#reader.lineBase);
      this.source.onRows(this.rows);
    } catch (error) {
      this.thrown ??= error;
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#reader[Symbol.dispose]();
  }
}
