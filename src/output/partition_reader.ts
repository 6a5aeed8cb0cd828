/**
 * Streams the rows of a partition out of the table, in the order of the records.
 *
 * @module
 */
import duckdb from "@duckdb/node-bindings";
import { arrayItems, chunksOf, columnItems, ColumnTexts, fillColumn } from "../table/columns.ts";
import { codeArray } from "../base/codes.ts";
import { CHUNK_ROWS } from "../base/memory_budget.ts";
import { InterruptedError, MachineError } from "../base/errors.ts";
import { unpackCodes } from "../base/packed_codes.ts";
import { Database, tableError } from "../table/database.ts";
import type { DatabaseLimits } from "../table/database_limits.ts";
import type { PinnedTable } from "../table/pinned_table.ts";
import type { LineRange } from "../matrix/grid.ts";
import type { Partition, RowsToSort } from "./partitions.ts";
import { furtherColumns, selectLines, selectTogether, type TableKind } from "../table/schema.ts";
import { Dictionary } from "../base/dictionary.ts";
import { codesOfAlts } from "../vcf/declared_alts.ts";
import { collectGarbage } from "../threads/collect_garbage.ts";
import { type RecordRows, wordsOf } from "../vcf/row_formatter.ts";
import { type OrderedRows, ROW_BITS } from "./ordered_rows.ts";
import { type PageShape, RowPages, type UnsortedRows } from "./row_pages.ts";
import { RowSorter } from "./row_sorter.ts";

/** The layout of the rows of a table. */
export interface TableShape extends TableKind {
  /** Codes from one row to the next. */
  stride: number;
  /** Bytes of an allele's code. */
  width: 1 | 2 | 4;
  /** True where codes are packed. */
  packed: boolean;
  samples: number;
  /** Alleles by code. */
  alleles: readonly string[];
}

/** The contigs of a partition as a table function, which a query joins. */
class ChosenContigs {
  #codes = new Uint32Array(0);
  #given = 0;

  constructor(database: Database) {
    const number = duckdb.create_logical_type(duckdb.Type.UINTEGER);
    database.register({
      name: "chosen_contigs",
      columns: [["code", number], ["place", number]],
      threads: 1,
      fill: (chunk) => this.#fill(chunk),
    });
  }

  /** Begins with other contigs, by their codes in the order of the output. */
  begin(codes: Uint32Array<ArrayBuffer>): void {
    this.#codes = codes;
    this.#given = 0;
  }

  #fill(chunk: duckdb.DataChunk): void {
    const codes = this.#codes.subarray(this.#given, this.#given + CHUNK_ROWS);
    duckdb.data_chunk_set_size(chunk, codes.length);
    if (codes.length === 0) return;
    fillColumn(chunk, 0, codes);
    fillColumn(chunk, 1, codes.map((_, row) => this.#given + row));
    this.#given += codes.length;
  }
}

/** Bytes of the IDs of a range of lines, at most, about: it is a cell of the grid. */
const ID_BYTES = 4 * 1024 ** 2;

/** The places of the contigs where there is only one. */
const ONE_CONTIG = new Uint32Array(CHUNK_ROWS);

/** The reader of the partitions of one database. */
export class PartitionReader implements Disposable {
  /** Bytes of a row in a chunk of DuckDB, about. */
  readonly #rowBytes: number;
  /** Bytes of a chunk, about; it has room for all rows that a chunk can have. */
  readonly #chunkBytes: number;
  #interrupted = false;

  private constructor(
    private readonly database: Database,
    private readonly byLines: duckdb.PreparedStatement,
    private readonly together: duckdb.PreparedStatement,
    private readonly chosen: ChosenContigs,
    private readonly shape: TableShape,
    private readonly path: string,
    private readonly limits: DatabaseLimits,
    private readonly sortMemory: number,
  ) {
    this.#rowBytes = shape.stride * shape.width + 16;
    this.#chunkBytes = this.#rowBytes << ROW_BITS;
  }

  /**
   * Opens a database for reading.
   *
   * @param sortMemory Bytes for rows that are to be sorted.
   */
  static async open(
    table: PinnedTable,
    limits: DatabaseLimits,
    shape: TableShape,
    sortMemory: number,
  ): Promise<PartitionReader> {
    const database = await Database.openPinned(table, limits);
    try {
      const chosen = new ChosenContigs(database);
      const byLines = await database.prepare(selectLines(shape));
      const together = await database.prepare(selectTogether(shape));
      const queries = [byLines, together] as const, { path } = table;
      return new PartitionReader(database, ...queries, chosen, shape, path, limits, sortMemory);
    } catch (error) {
      database.close();
      throw tableError(error, table.path, limits.temporary);
    }
  }

  /**
   * Yields the rows of a partition. A stream of DuckDB that fails looks like one that ends, but it
   * also breaks its transaction, which tells afterwards.
   *
   * @throws {MachineError} The query failed.
   * @throws {InputError} The table is damaged.
   */
  async *read(partition: Partition): AsyncGenerator<OrderedRows> {
    try {
      await this.database.run("BEGIN TRANSACTION");
      yield* this.#rowsOf(partition);
      if (this.#interrupted) throw new InterruptedError();
      if (!await this.#isWhole()) await this.#failAgain(partition);
      await this.database.run("COMMIT");
    } catch (error) {
      throw tableError(await this.#reason(error, partition), this.path, this.limits.temporary);
    }
  }

  /** Returns why a query failed: of one after a stream that failed, why that did. */
  async #reason(error: unknown, partition: Partition): Promise<unknown> {
    if (!/^TransactionContext Error/.test((error as Error).message)) return error;
    if (this.#interrupted) return new InterruptedError();
    return await this.#failAgain(partition).catch((reason) => reason);
  }

  async #isWhole(): Promise<boolean> {
    try {
      await this.database.run("SELECT 1");
      return true;
    } catch {
      return false;
    }
  }

  /** Runs the query of a partition again, not as a stream, so that it says why it fails. */
  async #failAgain(partition: Partition): Promise<never> {
    await this.database.run("ROLLBACK");
    const [{ first }] = partition.lines, { last } = partition.lines.at(-1)!;
    await duckdb.execute_prepared(this.#query(partition, { first, last }));
    throw new MachineError("a query broke off before its end; run again", { file: this.path });
  }

  async *#rowsOf(partition: Partition): AsyncGenerator<OrderedRows> {
    const { lines, toSort } = partition;
    if (toSort) yield* this.#sort(partition, toSort);
    else for (const range of lines) yield* this.#readLines(partition, range);
  }

  /** Returns the query for the rows of a range of lines, ready to run. */
  #query({ contigs }: Partition, { first, last }: LineRange): duckdb.PreparedStatement {
    const many = contigs.length > 1, query = many ? this.together : this.byLines;
    if (many) this.chosen.begin(Uint32Array.from(contigs, ({ code }) => code));
    else duckdb.bind_uint32(query, 1, contigs[0].code);
    const at = many ? 1 : 2;
    duckdb.bind_int64(query, at, BigInt(first));
    duckdb.bind_int64(query, at + 1, BigInt(last));
    return query;
  }

  /**
   * Yields the rows of a range of lines, whose order depends on the threads of the ingest. Each
   * line has its place in an array as long as the range, as sorting in the query took 2.3 instead
   * of 1.6 s; see DECISIONS.md.
   */
  async *#readLines(partition: Partition, range: LineRange): AsyncGenerator<OrderedRows> {
    const { first, last } = range, query = this.#query(partition, range);
    const places = new Uint32Array(last - first + 1);
    const chunks: RecordRows[] = [];
    let rows = 0;
    for await (
      const { chunk, rowCount } of chunksOf(await duckdb.execute_prepared_streaming(query))
    ) {
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
    yield { contig: 0, chunks, order };
    collectGarbage(chunks.length * this.#chunkBytes + (this.shape.hasId ? ID_BYTES : 0));
  }

  /** Yields rows in the order of contigs, positions and lines. */
  async *#sort(partition: Partition, toSort: RowsToSort): AsyncGenerator<OrderedRows> {
    const { lines, contigs } = partition, [{ first }] = lines, hasPlaces = contigs.length > 1;
    using pages = new RowPages(this.#pageShape(), this.sortMemory, `${this.limits.temporary}.rows`);
    const sorter = new RowSorter(pages, toSort, first);
    for (const range of lines) {
      const query = this.#query(partition, range);
      for await (
        const { chunk, rowCount } of chunksOf(await duckdb.execute_prepared_streaming(query))
      ) {
        const idBytes = sorter.add(this.#unsorted(chunk, rowCount, first, hasPlaces));
        collectGarbage(rowCount * this.#rowBytes + idBytes);
      }
    }
    if (!this.#interrupted) yield* sorter.sorted();
  }

  /** Returns the rows as they are stored; packed codes are words of 32 bits. */
  #pageShape(): PageShape {
    const { width, stride, hasId, packed, extras, samples } = this.shape;
    const parts = { ...extras, hasId, samples };
    return packed
      ? { stride: stride / 8, width: 4, packed, parts }
      : { stride, width, packed, parts };
  }

  #unsorted(
    chunk: duckdb.DataChunk,
    rows: number,
    lineBase: number,
    hasPlaces: boolean,
  ): UnsortedRows {
    const { width, hasId, samples } = this.shape, stored = this.#pageShape();
    const halves = columnItems(chunk, 0, Uint32Array, rows * 2), line = new Uint32Array(rows);
    for (let row = 0; row < rows; row++) line[row] = halves[2 * row] - lineBase;
    const ids = hasId ? new ColumnTexts(chunk, 4, rows) : undefined;
    const place = 4 + furtherColumns(this.shape).length;
    return {
      rows,
      chrom: hasPlaces ? columnItems(chunk, place, Uint32Array, rows) : ONE_CONTIG,
      pos: columnItems(chunk, 1, Uint32Array, rows),
      line,
      ref: columnItems(chunk, 2, codeArray(width), rows),
      alleles: arrayItems(chunk, 3, codeArray(stored.width), rows * stored.stride),
      id: ids && ((row) => ids.at(row)),
      ...this.#unsortedExtras(chunk, rows, hasId ? 5 : 4, samples),
    };
  }

  /** Returns the rows of a chunk; `lines` are 64-bit numbers in halves. */
  #rows(chunk: duckdb.DataChunk, rows: number, lines: Uint32Array): RecordRows {
    const { width, stride, hasId, packed, samples } = this.shape, cells = rows * stride;
    let column = 4;
    const ids = hasId ? new ColumnTexts(chunk, column++, rows) : undefined;
    const codes = codeArray(width);
    const alleles = packed
      ? unpackCodes(arrayItems(chunk, 3, Uint8Array, cells / 2))
      : arrayItems(chunk, 3, codes, cells);
    return {
      pos: columnItems(chunk, 1, Uint32Array, rows),
      ref: columnItems(chunk, 2, codes, rows),
      alleles,
      words: wordsOf(alleles),
      stride,
      id: ids && ((row) => ids.at(row)),
      ...this.#extras(chunk, rows, column, samples),
      line: (row) => lines[2 * row] + lines[2 * row + 1] * 2 ** 32,
    };
  }

  /** As {@linkcode #extras}, with ALTs as codes, which take few bytes whatever their length. */
  #unsortedExtras(
    ...place: [chunk: duckdb.DataChunk, rows: number, first: number, samples: number]
  ): Pick<UnsortedRows, "alt" | "freq" | "phased" | "sets"> {
    const { alt, ...extras } = this.#extras(...place);
    if (!alt) return extras;
    const alleles = this.#alleles ??= new Dictionary(this.shape.alleles);
    return {
      ...extras,
      alt: (row) => {
        const declared = alt(row);
        return declared instanceof Uint8Array ? codesOfAlts(declared, alleles) : declared;
      },
    };
  }
  #alleles: Dictionary | undefined;

  /** Returns what rows have beside codes, from a column on. */
  #extras(
    chunk: duckdb.DataChunk,
    rows: number,
    first: number,
    samples: number,
  ): Pick<RecordRows, "alt" | "freq" | "phased" | "sets"> {
    const { alt, freq, phase, sets } = this.shape.extras;
    let column = first;
    const alts = alt ? new ColumnTexts(chunk, column++, rows) : undefined;
    const freqs = freq ? new ColumnTexts(chunk, column++, rows) : undefined;
    const bytes = rows * Math.ceil(samples / 8);
    return {
      alt: alts && ((row) => alts.at(row)),
      freq: freqs && ((row) => freqs.at(row)),
      phased: phase ? arrayItems(chunk, column++, Uint8Array, bytes) : undefined,
      sets: sets ? arrayItems(chunk, column, Uint32Array, rows * samples) : undefined,
    };
  }

  /** Stops a running query; its stream then ends early. */
  interrupt(): void {
    this.#interrupted = true;
    this.database.interrupt();
  }

  [Symbol.dispose](): void {
    this.database.close();
  }
}
