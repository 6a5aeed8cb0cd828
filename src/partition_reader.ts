/**
 * Streams the rows of a partition out of the table, in the order of the records.
 *
 * @module
 */
import type { DuckDBConnection, DuckDBDataChunk, DuckDBPreparedStatement } from "@duckdb/node-api";
import { arrayItems, columnItems, Database, type DatabaseLimits } from "./database.ts";
import type { Codes } from "./dictionary.ts";
import type { Partition } from "./plan.ts";
import { selectLines, selectSorted } from "./sql.ts";
import type { RecordRows } from "./row_format.ts";

/** Rows of a partition: chunk after chunk in any order, and which row comes when. */
export interface OrderedRows {
  chunks: RecordRows[];
  /** In record order: `chunk << 11 | row`. */
  order: Uint32Array;
}

/** Bits of a row number in `order`: DuckDB's chunks have 2,048 rows at most. */
export const ROW_BITS = 11;

/** Reads partitions of one database. */
export class PartitionReader implements Disposable {
  private constructor(
    private readonly database: Database,
    private readonly byLines: DuckDBPreparedStatement,
    private readonly sorted: DuckDBPreparedStatement,
    private readonly hasId: boolean,
  ) {}

  /** Open a database for reading. */
  static async open(
    path: string,
    limits: DatabaseLimits,
    hasId: boolean,
  ): Promise<PartitionReader> {
    const database = await Database.openReadOnly(path, limits);
    const { connection }: { connection: DuckDBConnection } = database;
    const byLines = await connection.prepare(selectLines(hasId));
    const sorted = await connection.prepare(selectSorted(hasId));
    return new PartitionReader(database, byLines, sorted, hasId);
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
    this.byLines.bindVarchar(1, contig);
    this.byLines.bindBigInt(2, BigInt(first));
    this.byLines.bindBigInt(3, BigInt(last));
    const places = new Uint32Array(last - first + 1);
    const chunks: RecordRows[] = [];
    let rows = 0;
    for await (const chunk of chunksOf(this.byLines)) {
      // Asking DuckDB for the number is a call into native code.
      const { rowCount } = chunk, halves = lineHalves(chunk);
      const place = chunks.push(this.#view(chunk)) - 1 << ROW_BITS;
      for (let row = 0; row < rowCount; row++) {
        // Lines can pass 2^32; differences within a partition cannot.
        places[(halves[2 * row] - first) >>> 0] = (place | row) + 1;
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
    this.sorted.bindVarchar(1, contig);
    for await (const chunk of chunksOf(this.sorted)) {
      const order = Uint32Array.from({ length: chunk.rowCount }, (_, row) => row);
      yield { chunks: [this.#view(chunk)], order };
    }
  }

  #view(chunk: DuckDBDataChunk): RecordRows {
    const ids = this.hasId ? chunk.getColumnVector(4) : undefined;
    return {
      pos: columnItems<Uint32Array>(chunk, 1),
      ref: columnItems<Codes>(chunk, 2),
      alleles: arrayItems(chunk, 3),
      id: ids && ((row) => ids.getItem(row) as string | null),
      line: (row) => Number(columnItems<BigUint64Array>(chunk, 0)[row]),
    };
  }

  /** Stop a running query; its stream then ends early. */
  interrupt(): void {
    this.database.connection.interrupt();
  }

  [Symbol.dispose](): void {
    this.database.close();
  }
}

async function* chunksOf(statement: DuckDBPreparedStatement): AsyncGenerator<DuckDBDataChunk> {
  const result = await statement.stream();
  for (let next = result.fetchChunk();;) {
    const chunk = await next;
    if (!chunk || chunk.rowCount === 0) return;
    // DuckDB reads on while this thread formats.
    next = result.fetchChunk();
    yield chunk;
  }
}

function lineHalves(chunk: DuckDBDataChunk): Uint32Array {
  const { buffer, byteOffset } = columnItems<BigUint64Array>(chunk, 0);
  return new Uint32Array(buffer, byteOffset, chunk.rowCount * 2);
}
