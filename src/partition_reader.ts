/**
 * Streams the rows of a partition out of the table, in the order of the records.
 *
 * @module
 */
import duckdb from "@duckdb/node-bindings";
import { arrayItems, codeArray, columnItems, ColumnTexts } from "./chunk_items.ts";
import { type DatabaseLimits, databaseSettings } from "./database_limits.ts";
import type { Partition } from "./plan.ts";
import { selectLines, selectSorted } from "./sql.ts";
import { type RecordRows, wordsOf } from "./row_format.ts";
import { WakeUps } from "./wake_ups.ts";

/** Rows of a partition: chunk after chunk in any order, and which row comes when. */
export interface OrderedRows {
  chunks: RecordRows[];
  /** In record order: `chunk << 11 | row`. */
  order: Uint32Array;
}

/** Bits of a row number in `order`: DuckDB's chunks have 2,048 rows at most. */
export const ROW_BITS = 11;

/** What has to be known of a table to read it. */
export interface TableShape {
  /** Codes of a row. */
  stride: number;
  /** Bytes of an allele's code. */
  width: 1 | 2 | 4;
  hasId: boolean;
}

/** Reads partitions of one database. */
export class PartitionReader implements Disposable {
  private constructor(
    private readonly connection: duckdb.Connection,
    private readonly byLines: duckdb.PreparedStatement,
    private readonly sorted: duckdb.PreparedStatement,
    private readonly shape: TableShape,
    private readonly opened: DisposableStack,
  ) {}

  /** Open a database for reading. */
  static async open(
    path: string,
    limits: DatabaseLimits,
    shape: TableShape,
  ): Promise<PartitionReader> {
    const config = duckdb.create_config();
    for (const [name, value] of Object.entries(databaseSettings(limits))) {
      duckdb.set_config(config, name, value);
    }
    duckdb.set_config(config, "access_mode", "READ_ONLY");
    using opened = new DisposableStack();
    opened.use(new WakeUps());
    const database = opened.adopt(await duckdb.open(path, config), duckdb.close_sync);
    const connection = opened.adopt(await duckdb.connect(database), duckdb.disconnect_sync);
    const prepare = async (sql: string) =>
      opened.adopt(await duckdb.prepare(connection, sql), duckdb.destroy_prepare_sync);
    const byLines = await prepare(selectLines(shape.hasId));
    const sorted = await prepare(selectSorted(shape.hasId));
    return new PartitionReader(connection, byLines, sorted, shape, opened.move());
  }

  /**
   * The rows of a partition. A stream of DuckDB hides its errors, so that the caller compares the
   * number of rows with what ingest counted.
   */
  read({ contig, lines }: Partition): AsyncGenerator<OrderedRows> {
    return lines ? this.#readLines(contig, lines) : this.#readSorted(contig);
  }

  /**
   * Rows of a range of lines come in pieces whose order depends on DuckDB's threads. Each line has
   * its place in a table as long as the range, so that sorting them takes no comparison.
   */
  async *#readLines(
    contig: string,
    { first, last }: NonNullable<Partition["lines"]>,
  ): AsyncGenerator<OrderedRows> {
    duckdb.bind_varchar(this.byLines, 1, contig);
    duckdb.bind_int64(this.byLines, 2, BigInt(first));
    duckdb.bind_int64(this.byLines, 3, BigInt(last));
    const places = new Uint32Array(last - first + 1);
    const chunks: RecordRows[] = [];
    let rows = 0;
    for await (const { chunk, rowCount } of chunksOf(this.byLines)) {
      const lines = columnItems(chunk, 0, Uint32Array, rowCount * 2);
      const place = chunks.push(this.#rows(chunk, rowCount, lines)) - 1 << ROW_BITS;
      for (let row = 0; row < rowCount; row++) {
        // Lines can pass 2^32; differences within a partition cannot.
        places[(lines[2 * row] - first) >>> 0] = (place | row) + 1;
      }
      rows += rowCount;
    }
    const order = new Uint32Array(rows);
    for (let line = 0, n = 0; line < places.length; line++) {
      if (places[line] !== 0) order[n++] = places[line] - 1;
    }
    yield { chunks, order };
  }

  async *#readSorted(contig: string): AsyncGenerator<OrderedRows> {
    duckdb.bind_varchar(this.sorted, 1, contig);
    for await (const { chunk, rowCount } of chunksOf(this.sorted)) {
      const order = Uint32Array.from({ length: rowCount }, (_, row) => row);
      const lines = columnItems(chunk, 0, Uint32Array, rowCount * 2);
      yield { chunks: [this.#rows(chunk, rowCount, lines)], order };
    }
  }

  /** The rows of a chunk; `lines` are 64-bit numbers in halves. */
  #rows(chunk: duckdb.DataChunk, rows: number, lines: Uint32Array): RecordRows {
    const { width, stride, hasId } = this.shape, codes = codeArray(width);
    const ids = hasId ? new ColumnTexts(chunk, 4, rows) : undefined;
    const alleles = arrayItems(chunk, 3, codes, rows * stride);
    return {
      pos: columnItems(chunk, 1, Uint32Array, rows),
      ref: columnItems(chunk, 2, codes, rows),
      alleles,
      words: wordsOf(alleles),
      stride,
      id: ids && ((row) => ids.at(row)),
      line: (row) => lines[2 * row] + lines[2 * row + 1] * 2 ** 32,
    };
  }

  /** Stop a running query; its stream then ends early. */
  interrupt(): void {
    duckdb.interrupt(this.connection);
  }

  [Symbol.dispose](): void {
    this.opened.dispose();
  }
}

async function* chunksOf(
  statement: duckdb.PreparedStatement,
): AsyncGenerator<{ chunk: duckdb.DataChunk; rowCount: number }> {
  const result = await duckdb.execute_prepared_streaming(statement);
  for (let next = duckdb.fetch_chunk(result);;) {
    const chunk = await next;
    const rowCount = chunk ? duckdb.data_chunk_get_size(chunk) : 0;
    if (!chunk || rowCount === 0) return;
    // DuckDB reads on while this thread formats.
    next = duckdb.fetch_chunk(result);
    yield { chunk, rowCount };
  }
}
