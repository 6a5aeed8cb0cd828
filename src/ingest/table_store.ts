/**
 * Stores the rows of a matrix in a new database: takes the producers' batches in file order, hands
 * them to DuckDB through a table function, then describes the table. It blocks its thread while it
 * waits for batches, so it has a thread of its own wherever the producers have theirs.
 *
 * @module
 */
import duckdb from "@duckdb/node-bindings";
import { BatchFeed, type ProducerEnd } from "./batch_feed.ts";
import { RingConsumer } from "./batch_ring.ts";
import { ContigTracker } from "./contig_tracker.ts";
import { ChunkStage } from "./chunk_stage.ts";
import { Database, databaseError, type DuckdbUse, type TableFunction } from "../table/database.ts";
import { enumWidth } from "../base/codes.ts";
import { packsCodes } from "../base/packed_codes.ts";
import { InputError } from "../base/errors.ts";
import { removeIfThere } from "../base/files.ts";
import { GridTracker } from "../matrix/grid.ts";
import { joinCrc32 } from "../base/crc32.ts";
import { type RowSource, sourceLength } from "../matrix/line_segments.ts";
import { plainSegments } from "../matrix/fingerprint.ts";
import { keepRejects } from "./kept_rejects.ts";
import { CHUNK_ROWS } from "../base/memory_budget.ts";
import { Rejects } from "./rejects.ts";
import type { BatchShape } from "../matrix/row_batch.ts";
import { Control } from "./control.ts";
import { rowColumns } from "../table/row_columns.ts";
import { createEnum, createRecords, insertRecords } from "../table/schema.ts";
import { StoreCount, type Stored, type StoreJob } from "./store_job.ts";
import { extrasOf, partsOf } from "../matrix/dialects/row_extras.ts";
import type { SumArrays } from "../checksum/sums.ts";
import { storeSums } from "../table/stored_sums.ts";
import { describeTable } from "../table/write_metadata.ts";

/**
 * Says that the table was not made because another thread stopped the run; that thread says why.
 */
export class StoppedError extends Error {
  override name = "StoppedError";
}

/** Bytes of a row group, about; each DuckDB thread holds one. */
const ROW_GROUP_BYTES = 16 * 1024 ** 2;
const MAX_ROW_GROUP = 122_880;
/** Copies of texts that a row group of them takes, measured with IDs. */
const TEXT_COPIES = 1.5;
/** Milliseconds between two looks at DuckDB's memory. */
const WATCH_INTERVAL = 100;

/** The maker of one table. */
export class TableStore {
  readonly #feed: BatchFeed;
  readonly #stage: ChunkStage;
  readonly #contigs: ContigTracker;
  readonly #grid = new GridTracker();
  readonly #control: Control;
  readonly #counts: Float64Array;
  readonly #rejects: Rejects;
  #database: Database | undefined;

  /**
   * @param job The table to make.
   * @param sums Returns the sums of the genotypes, once all rows have been taken.
   * @param pump Makes the only producer publish a batch, where it is on this thread.
   * @param onRows Is called after each batch; for a caller on this thread.
   */
  constructor(
    private readonly job: StoreJob,
    private readonly sums: () => Promise<SumArrays | undefined>,
    pump?: ProducerEnd["pump"],
    private readonly onRows: () => void = () => {},
  ) {
    const { source, rings, problemFiles, control, headerLines, vocabulary, shape } = job;
    const ends = rings.map((memory, index): ProducerEnd => ({
      ring: new RingConsumer(memory),
      problemFile: problemFiles[index],
      pump,
    }));
    this.#rejects = new Rejects(job.rejectsFile);
    const reject = job.onBadRow === "skip" ? this.#rejects.add.bind(this.#rejects) : undefined;
    this.#feed = new BatchFeed(source, ends, control, headerLines, reject);
    const contigWidth = job.kept ? enumWidth(vocabulary.contigs.length) : 4;
    this.#stage = new ChunkStage(
      shape,
      contigWidth,
      !job.kept && packsCodes(vocabulary.alleles.length),
      vocabulary.alleles,
    );
    this.#contigs = new ContigTracker(vocabulary.contigs);
    this.#control = new Control(control);
    this.#counts = new Float64Array(job.counts);
  }

  /**
   * Makes the table.
   *
   * @throws {InputError} A bad row, located; nothing but bad rows; the file changed.
   * @throws {StoppedError} Another thread stopped the run.
   */
  async run(): Promise<Stored> {
    const { database: path } = this.job;
    using _rejects = this.#rejects;
    using _feed = this.#feed;
    const whole = await this.#store();
    if (!whole) Deno.removeSync(path);
    return {
      contigs: whole ? this.#contigs.summaries() : undefined,
      grid: this.#grid.ranges,
      rejected: this.#rejects.count,
      lines: this.#feed.lineBase - this.job.headerLines,
      crc: this.job.source.part ? checksumOfPart(this.job.source, this.#feed.checksums) : 0,
    };
  }

  /** Stops the statement that runs. */
  interrupt(): void {
    this.#database?.interrupt();
  }

  /** Makes the table; returns false where something unforeseen turned up. */
  async #store(): Promise<boolean> {
    const { database: path, shape, limits } = this.job;
    try {
      await using database = await Database.create(
        path,
        rowGroupRows(shape, this.job.rowTextBytes),
        limits,
      );
      this.#database = database;
      await this.#createRecords(database);
      if (!await this.#insert(database)) return false;
      await this.#describe(database);
      await database.run("CHECKPOINT");
      return true;
    } catch (error) {
      const reason = databaseError(error, path, limits.temporary);
      // The run may go on with another table of this name.
      for (const file of [path, `${path}.wal`]) removeIfThere(file);
      throw reason;
    } finally {
      this.#database = undefined;
    }
  }

  async #createRecords(database: Database): Promise<void> {
    const { layout, vocabulary, words, kept } = this.job;
    if (kept) await database.run(createEnum("contig", vocabulary.contigs));
    await database.run(createEnum("allele", vocabulary.alleles));
    const alleles = words === undefined ? `allele[${layout.haplotypes}]` : `UBIGINT[${words}]`;
    await database.run(createRecords(kept ? "contig" : "UINTEGER", alleles, partsOf(layout)));
    // A temporary table need not be small, and one method chosen ahead does as well as DuckDB's
    // search over all; see DECISIONS.md.
    await database.run(`SET force_compression = '${kept ? "bitpacking" : "uncompressed"}'`);
    // DuckDB would keep five row groups a thread, and compress them while tokenizers wait.
    await database.run("SET write_buffer_row_group_count = 1");
  }

  /** Fills `records`; returns false where something unforeseen turned up. */
  async #insert(database: Database): Promise<boolean> {
    const { layout, limits } = this.job;
    database.register(this.#matrixRows(limits.threads));
    const watch = this.job.watchMemory
      ? setInterval(() => this.#watch(database), WATCH_INTERVAL)
      : undefined;
    try {
      await database.run(insertRecords({ hasId: layout.hasId, extras: extrasOf(layout) }));
      return true;
    } catch (error) {
      if (this.#feed.failure) throw this.#feed.failure;
      if (this.#control.collecting) return false;
      if (this.#control.stopped) throw new StoppedError("ingest was stopped");
      // DuckDB makes a text of what its callback threw.
      throw this.#thrown ?? error;
    } finally {
      clearInterval(watch);
    }
  }

  #watch(database: Database): void {
    database.memoryUse().then(({ memory, temporary }: DuckdbUse) => {
      this.#counts[StoreCount.Memory] = memory;
      this.#counts[StoreCount.Temporary] = temporary;
    }, () => {});
  }

  async #describe(database: Database): Promise<void> {
    const { layout, source, kept } = this.job, rejected = this.#rejects.count;
    const contigs = this.#contigs.summaries();
    // A header without rows is an empty part of a larger matrix; rows that all are bad are not, but
    // those of other parts may be good.
    if (contigs.length === 0 && rejected > 0 && !source.part) {
      throw new InputError(`all ${rejected} rows are bad`, { file: source.shown });
    }
    if (!kept) return;
    const { whole, headChecksum } = kept, { checksums } = this.#feed;
    const gzip = whole ?? (source.gzip ? { bytes: source.size, crc32: checksums[0] } : undefined);
    await describeTable(database, {
      layout,
      contigs,
      grid: this.#grid.ranges,
      source: [...kept.row, rejected, layout.hasId],
      segments: gzip ? [{ start: 0, ...gzip }] : plainSegments(source, headChecksum, checksums),
      populations: kept.populations,
    });
    if (rejected > 0) await keepRejects(database, this.job.rejectsFile);
    const sums = this.job.sums ? await this.sums() : undefined;
    if (sums) await storeSums(database, layout.choice.samples.map(({ name }) => name), sums);
  }

  #matrixRows(threads: number): TableFunction {
    const { layout, kept, words, vocabulary: { alleles, contigs } } = this.job;
    const { haplotypes } = layout;
    const codes = { contigs: kept ? contigs : undefined, alleles, haplotypes, words };
    return {
      name: "matrix_rows",
      columns: rowColumns(codes, partsOf(layout)),
      threads,
      fill: (chunk) => this.#fill(chunk),
    };
  }

  /** Copies one batch into a chunk of DuckDB; a chunk without rows is the end. */
  #fill(chunk: duckdb.DataChunk): void {
    try {
      this.#fillRows(chunk);
    } catch (error) {
      this.#thrown ??= error;
      throw error;
    }
  }
  #thrown: unknown;

  #fillRows(chunk: duckdb.DataChunk): void {
    const batch = this.#feed.next();
    if (!this.#feed.going) throw new Error("ingest was stopped");
    if (!batch) {
      duckdb.data_chunk_set_size(chunk, 0);
      return;
    }
    this.#stage.fill(chunk, batch, this.#feed.lineBase);
    this.#contigs.add(batch, this.#feed.lineBase);
    this.#grid.add(batch, this.#feed.lineBase, this.#feed.cell);
    this.#counts[StoreCount.Rows] += batch.rows;
    this.#counts[StoreCount.SourceBytes] = this.#feed.sourceBytes;
    this.#feed.release();
    this.onRows();
  }
}

/** Returns the CRC-32 of a part from those of its segments. */
function checksumOfPart(source: RowSource, checksums: Uint32Array): number {
  const { segmentBytes, gzip } = source, length = sourceLength(source);
  if (gzip) return checksums[0];
  return checksums.reduce((crc, next, index) => {
    return joinCrc32(crc, next, Math.min(segmentBytes, length - index * segmentBytes));
  }, 0);
}

/** Returns the rows of a row group: whole chunks, as many as fit its bytes. */
function rowGroupRows(
  { stride, width, phaseBytes = 0, sets = 0 }: BatchShape,
  rowTextBytes: number,
): number {
  const rowBytes = stride * width + phaseBytes + 4 * sets + 20 + TEXT_COPIES * rowTextBytes;
  const chunks = Math.floor(ROW_GROUP_BYTES / rowBytes / CHUNK_ROWS);
  return Math.max(CHUNK_ROWS, Math.min(MAX_ROW_GROUP, chunks * CHUNK_ROWS));
}
