/**
 * The matrix into DuckDB: producers tokenize, a table function copies their batches, DuckDB stores.
 *
 * @module
 */
import duckdb from "@duckdb/node-bindings";
import { BatchFeed, type ProducerEnd, type RejectSink } from "./batch_feed.ts";
import { BatchRing, type RingMemory, ringMemory } from "./batch_ring.ts";
import { type ContigSummary, ContigTracker } from "./contig_tracker.ts";
import { ChunkStage } from "./chunk_stage.ts";
import { Database, type TableFunction, type TableValue } from "./database.ts";
import { enumWidth, textBytes } from "./dictionary.ts";
import { InputError, InterruptedError } from "./errors.ts";
import { plainPieces, type RowSource } from "./line_segments.ts";
import { type MemoryBudget, memoryBudget } from "./memory_budget.ts";
import { LocalProducer } from "./local_producer.ts";
import type { MatrixLayout } from "./matrix_layout.ts";
import type { Progress } from "./progress.ts";
import {
  type Collected,
  Control,
  Mode,
  newControl,
  producersFor,
  RowProducer,
  type TokenizeJob,
} from "./row_producer.ts";
import { createRecords, createTypes, insertRecords } from "./sql.ts";
import { describeTable } from "./table_description.ts";
import { type BatchShape, MAX_ID } from "./row_batch.ts";
import type { Vocabulary } from "./tokenizer.ts";
import type { WorkerPool } from "./worker_pool.ts";

/** Everything ingest needs. */
export interface IngestRequest {
  layout: MatrixLayout;
  source: RowSource;
  /** Lines before the first row. */
  headerLines: number;
  missing: readonly string[];
  gap: "missing" | "star" | "error";
  iupac: "error" | "missing" | "split";
  /** Contigs seen in a look at the file, in order. */
  contigs: string[];
  alleles: readonly string[];
  onBadRow: "error" | "skip";
  /** Takes bad rows that are put aside. */
  reject: RejectSink | undefined;
  /** Forgets what `reject` has taken, when ingest starts again. */
  forgetRejects: () => void;
  /** Number of rows that `reject` has taken. */
  rejected: () => number;
  /** The file that they are in. */
  rejectsFile: string;
  /** Path of the database to make; it does not exist. */
  database: string;
  /** The row of `source`, without `skipped` and `has_id`; undefined for a temporary table. */
  sourceRow: TableValue[] | undefined;
  /** Folder for what goes away. */
  workFolder: string;
  /** Budget of the process in bytes, and threads that were asked for. */
  memory: number;
  threads: number;
  progress: Progress;
  signal: AbortSignal | undefined;
}

/** What ingest has learnt. */
export interface Ingested {
  /** In output order. */
  contigs: ContigSummary[];
  /** By code. */
  alleles: string[];
  /** Codes of a row in `records`. */
  stride: number;
}

/** What a run has found that met something unforeseen. */
interface Survey {
  collected: Collected[];
  /** Of a row that ends the run; what comes after its segment was not looked at. */
  badSegment: number;
}

/** Bytes of a batch's codes, about: a wide matrix has fewer rows in one. */
const BATCH_BYTES = 512 * 1024;
/** Rows of a DuckDB chunk. */
const CHUNK_ROWS = 2048;
const RING_SLOTS = 16;
/** Bytes of a row group, about: each DuckDB thread holds one. */
const ROW_GROUP_BYTES = 16 * 1024 ** 2;
const MAX_ROW_GROUP = 122_880;

/**
 * Read a matrix into a new database.
 *
 * @param request What to read, and where to.
 * @param pool Workers that tokenize; without, this thread does.
 * @returns What it has learnt.
 * @throws {InputError} A bad row, located; no rows at all.
 * @throws {InterruptedError} The signal.
 */
export async function ingest(
  request: IngestRequest,
  pool: WorkerPool | undefined,
): Promise<Ingested> {
  let vocabulary: Vocabulary = {
    alleles: [...request.alleles],
    contigs: request.contigs,
  };
  let badSegment: number | undefined;
  request.progress.begin("ingest");
  for (let attempt = 1;; attempt++) {
    const run = new IngestRun(request, vocabulary, attempt, pool, badSegment);
    const result = await run.run();
    if ("contigs" in result) return result;
    if (attempt > 1) {
      throw new InputError("the file changed while it was read", { file: request.source.shown });
    }
    vocabulary = extended(vocabulary, result.collected);
    badSegment = result.badSegment;
    request.forgetRejects();
    request.progress.begin("ingest");
  }
}

/** A vocabulary with what producers have collected; alleles sorted, contigs as they appear. */
function extended({ alleles, contigs }: Vocabulary, collected: Collected[]): Vocabulary {
  // A segment is one producer's, and the sort is stable: contigs come in file order.
  const met = collected.flatMap((part) => part.contigs).sort((a, b) => a.segment - b.segment);
  return {
    alleles: [...alleles, ...new Set(collected.flatMap((part) => part.alleles).sort())],
    contigs: [...new Set([...contigs, ...met.map(({ name }) => name)])],
  };
}

/** One attempt at ingest, with a fixed vocabulary. */
class IngestRun {
  /**
   * 64-bit words of a row's codes in a temporary table. Nobody will query it, and DuckDB, which works
   * item by item, is several times faster with words than with codes.
   */
  readonly #words: number | undefined;
  readonly #shape: BatchShape;
  readonly #budget: MemoryBudget;
  readonly #stage: ChunkStage;
  readonly #control: SharedArrayBuffer;
  readonly #contigs: ContigTracker;
  readonly #rings: RingMemory[];
  readonly #job: TokenizeJob;
  #feed!: BatchFeed;
  #rows = 0;

  constructor(
    private readonly request: IngestRequest,
    private readonly vocabulary: Vocabulary,
    private readonly attempt: number,
    private readonly pool: WorkerPool | undefined,
    badSegment: number | undefined,
  ) {
    this.#control = newControl(badSegment);
    const { layout, source, missing, gap, iupac, onBadRow } = request;
    const width = enumWidth(vocabulary.alleles.length);
    const perWord = 8 / width, words = Math.ceil(layout.haplotypes / perWord);
    const keep = request.sourceRow !== undefined;
    const stride = keep ? layout.haplotypes : words * perWord;
    this.#words = keep ? undefined : words;
    this.#shape = batchShape(stride, layout.hasId, width);
    this.#budget = memoryBudget(
      request.memory,
      request.threads,
      stride * width,
      // A kept table took twice as much of each when it was measured.
      textBytes(vocabulary.alleles) * (keep ? 2 : 1),
    );
    pool?.keep(this.#budget.threads);
    this.#stage = new ChunkStage(this.#shape, enumWidth(vocabulary.contigs.length));
    this.#contigs = new ContigTracker(vocabulary.contigs);
    const producers = pool ? producersFor(source, this.#budget.threads) : 1;
    this.#rings = Array.from({ length: producers }, () => ringMemory(this.#shape, RING_SLOTS));
    const { columns, roles, copies } = layout;
    this.#job = {
      plan: { columns, roles, copies, missing, gap, iupac },
      vocabulary,
      source,
      onBadRow,
      control: this.#control,
    };
  }

  async run(): Promise<Ingested | Survey> {
    const { source, headerLines, reject, signal } = this.request;
    const ends = this.#rings.map((memory, index): ProducerEnd => ({
      ring: new BatchRing(memory),
      problemFile: this.#problemFile(index),
    }));
    const local = this.pool ? undefined : this.#localProducer(ends[0]);
    using feed = new BatchFeed(source, ends, this.#control, headerLines, reject);
    this.#feed = feed;
    const producing = local ? Promise.resolve([]) : this.#startProducers();
    producing.catch(() => this.#stop());
    const stop = () => this.#stop();
    signal?.addEventListener("abort", stop);
    if (signal?.aborted) stop();
    try {
      return await this.#store(producing, local);
    } finally {
      stop();
      local?.close();
      signal?.removeEventListener("abort", stop);
      await producing.catch(() => {});
      for (let index = 0; index < ends.length; index++) removeIfThere(this.#problemFile(index));
    }
  }

  async #store(
    producing: Promise<Collected[]>,
    local: LocalProducer | undefined,
  ): Promise<Ingested | Survey> {
    const { layout, database: path, sourceRow, workFolder } = this.request;
    const { threads, ingest: memory } = this.#budget;
    await using database = await Database.create(path, rowGroupRows(this.#shape), {
      threads,
      memory,
      temporary: `${workFolder}/spill`,
    });
    await database.run(createTypes(this.vocabulary.contigs, this.vocabulary.alleles));
    const alleles = this.#words === undefined
      ? `allele[${layout.haplotypes}]`
      : `UBIGINT[${this.#words}]`;
    await database.run(createRecords(alleles, layout.hasId));
    // A temporary table need not be small, and one method chosen ahead does as well as DuckDB's
    // search over all; see DECISIONS.md.
    await database.run(`SET force_compression = '${sourceRow ? "bitpacking" : "uncompressed"}'`);
    // DuckDB would keep five row groups a thread, and compress them while tokenizers wait.
    await database.run("SET write_buffer_row_group_count = 1");
    database.register(this.#matrixRows(threads));
    try {
      await database.run(insertRecords(layout.hasId));
    } catch (error) {
      await this.#explain(error, producing);
      await database[Symbol.asyncDispose]();
      Deno.removeSync(path);
      const collected = local ? local.collect() : await producing;
      const control = new Int32Array(this.#control);
      return { collected, badSegment: Atomics.load(control, Control.BadSegment) };
    }
    await producing;
    const contigs = this.#contigs.summaries();
    if (contigs.length === 0) {
      const rejected = this.request.rejected();
      throw new InputError(
        rejected > 0 ? `all ${rejected} rows are bad` : "the matrix has a header but no rows",
        { file: this.request.source.shown },
      );
    }
    if (sourceRow) {
      const rejected = this.request.rejected();
      const source = [...sourceRow, rejected, layout.hasId];
      const rejects = rejected > 0 ? this.request.rejectsFile : undefined;
      await describeTable(database, layout, contigs, source, rejects);
    }
    await database.run("CHECKPOINT");
    return { contigs, alleles: this.vocabulary.alleles, stride: this.#shape.stride };
  }

  /** Why the statement failed; returns only where something was unforeseen. */
  async #explain(error: unknown, producing: Promise<Collected[]>): Promise<void> {
    if (this.request.signal?.aborted) throw new InterruptedError();
    if (this.#feed.failure) throw this.#feed.failure;
    const mode = Atomics.load(new Int32Array(this.#control), Control.Mode);
    if (mode === Mode.Collect) {
      this.request.progress.begin("survey");
      return;
    }
    this.#stop();
    await producing;
    throw error;
  }

  #stop(): void {
    Atomics.store(new Int32Array(this.#control), Control.Mode, Mode.Stop);
  }

  #problemFile(index: number): string {
    return `${this.request.workFolder}/problems.${this.attempt}.${index}`;
  }

  async #startProducers(): Promise<Collected[]> {
    const of = this.#rings.length;
    const answers = await this.pool!.ask(
      (index) => ({
        type: "tokenize",
        job: this.#job,
        ring: this.#rings[index],
        problemFile: this.#problemFile(index),
        index,
        of,
      }),
      "tokenized",
      of,
    );
    return answers.map(({ collected }) => collected);
  }

  #localProducer(end: ProducerEnd): LocalProducer {
    const producer = new RowProducer(this.#job, end.ring, this.#problemFile(0));
    const local = new LocalProducer(producer, plainPieces(this.request.source, 0, 1));
    end.pump = () => local.pump();
    return local;
  }

  #matrixRows(threads: number): TableFunction {
    const { alleles, contigs } = this.vocabulary, { layout } = this.request, words = this.#words;
    const plain = (type: duckdb.Type) => duckdb.create_logical_type(type);
    const { UBIGINT, UINTEGER, VARCHAR } = duckdb.Type, allele = duckdb.create_enum_type(alleles);
    const row = words === undefined
      ? duckdb.create_array_type(allele, layout.haplotypes)
      : duckdb.create_array_type(plain(UBIGINT), words);
    return {
      name: "matrix_rows",
      columns: [
        ["chrom", duckdb.create_enum_type(contigs)],
        ["pos", plain(UINTEGER)],
        ["ref", allele],
        ["alleles", row],
        ["line", plain(UBIGINT)],
        ...layout.hasId ? [["id", plain(VARCHAR)] as const] : [],
      ],
      threads,
      fill: (chunk) => this.#fill(chunk),
    };
  }

  /** Copy one batch into a chunk of DuckDB; no rows mean the end. */
  #fill(chunk: duckdb.DataChunk): void {
    const batch = this.#feed.next();
    if (!this.#feed.going) throw new Error("ingest was stopped");
    if (!batch) {
      duckdb.data_chunk_set_size(chunk, 0);
      return;
    }
    const { rows } = batch;
    this.#stage.fill(chunk, batch, this.#feed.lineBase);
    this.#contigs.add(batch, this.#feed.lineBase);
    this.#feed.release();
    this.#rows += rows;
    this.request.progress.update(
      this.#feed.sourceBytes / (this.request.source.size - this.request.source.start),
      this.#rows,
    );
  }
}

function batchShape(stride: number, hasId: boolean, width: 1 | 2 | 4): BatchShape {
  const rows = Math.floor(BATCH_BYTES / (stride * width + 20));
  const capacity = Math.max(16, Math.min(CHUNK_ROWS, rows));
  return { capacity, stride, width, idBytes: hasId ? Math.max(2 * MAX_ID, capacity * 32) : 0 };
}

/** Whole chunks, as many as fit the budget of a row group. */
function rowGroupRows({ stride, width }: BatchShape): number {
  const chunks = Math.floor(ROW_GROUP_BYTES / (stride * width + 20) / CHUNK_ROWS);
  return Math.max(CHUNK_ROWS, Math.min(MAX_ROW_GROUP, chunks * CHUNK_ROWS));
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
