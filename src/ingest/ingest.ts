/**
 * Reads the matrix into DuckDB: producers tokenize, a store takes their batches. Where both have
 * threads of their own, this one waits without blocking, and hears signals, failures and progress
 * meanwhile.
 *
 * @module
 */
import { type RingMemory, ringMemory, RingProducer } from "./batch_ring.ts";
import type { ContigSummary } from "../table/contig_summary.ts";
import type { DuckdbUse } from "../table/database.ts";
import { textBytes } from "../base/dictionary.ts";
import { enumWidth } from "../base/codes.ts";
import { PACKED_PER_WORD, packsCodes } from "../base/packed_codes.ts";
import { InterruptedError } from "../base/errors.ts";
import { removeIfThere } from "../base/files.ts";
import { changedFile, checkPathUnchanged } from "../base/input_state.ts";
import { GIVE_SUMS, INTERRUPT_STORE, STORE, TOKENIZE } from "./calls.ts";
import { Control } from "./control.ts";
import { plainPieces, type RowSource, sourceLength } from "../matrix/line_segments.ts";
import { type MemoryBudget, memoryBudget, mostTextBytes } from "../base/memory_budget.ts";
import { LocalProducer } from "./local_producer.ts";
import type { LineRange } from "../matrix/grid.ts";
import type { MatrixLayout } from "../matrix/layout.ts";
import type { Progress } from "../base/progress.ts";
import { type Collected, producersFor, RowProducer, type TokenizeJob } from "./row_producer.ts";
import { type BatchShape, batchShape, phaseRowBytes } from "../matrix/row_batch.ts";
import { absentCode, partsOf } from "../matrix/dialects/row_extras.ts";
import { tokenizerPlan } from "../matrix/dialects/row_tokenizer.ts";
import type { ReferenceSource } from "../reference/fasta_index.ts";
import { type KeptSource, StoreCount, type Stored, type StoreJob } from "./store_job.ts";
import { addSums, noSums, type SumArrays } from "../checksum/sums.ts";
import { summaryOf } from "../table/schema.ts";
import type { RowStyle } from "../vcf/row_formatter.ts";
import { ALL_SITES } from "../vcf/site_filter.ts";
import type { Vocabulary } from "../matrix/tokenizer_plan.ts";
import type { WorkerPool } from "../threads/worker_pool.ts";

/** The matrix to read, how to read its cells, and where the table is made. */
export interface IngestRequest {
  layout: MatrixLayout;
  /** Mean bytes of the texts of a row (ID, ALTs, frequencies), about. */
  rowTextBytes: number;
  source: RowSource;
  /** Lines before the first row. */
  headerLines: number;
  missing: readonly string[];
  gap: "missing" | "star" | "error";
  iupac: "error" | "missing" | "split";
  /** False where no row is read by a kernel. */
  kernels: boolean;
  /** True where the genotypes are summed. */
  sums: boolean;
  /** Says what REF is where rows do not; undefined where they do, or nothing does. */
  reference: ReferenceSource | undefined;
  /** Contigs that a first look at the file found, in order. */
  contigs: string[];
  alleles: readonly string[];
  onBadRow: "error" | "skip";
  /** Path of the file for bad rows. */
  rejectsFile: string;
  /** Path of the database to make; it does not exist. */
  database: string;
  /** Undefined for a temporary table. */
  kept: KeptSource | undefined;
  /** Folder for temporary files. */
  workFolder: string;
  /** Budget of the whole process, in bytes. */
  memory: number;
  threads: number;
  progress: Progress;
  /** Receives now and then what DuckDB uses, while rows come in. */
  onDuckdb: ((use: DuckdbUse) => void) | undefined;
  signal: AbortSignal | undefined;
}

/** The facts that ingest has learnt of the matrix, for the metadata of its table. */
export interface Ingested {
  /** In output order. */
  contigs: ContigSummary[];
  /** The ranges of the rows, in file order. */
  grid: LineRange[];
  /** By code. */
  alleles: string[];
  /** Codes of a row in `records`. */
  stride: number;
  /** Number of bad rows that were put aside. */
  skipped: number;
  /** Haplotypes (0-based) that are missing in every row. */
  missing: number[];
  /** Rows that a kernel has read. */
  kernelRows: number;
  /** Sums of the genotypes, where they are wanted. */
  sums: SumArrays | undefined;
  /** Lines from the first row on. */
  lines: number;
  /** CRC-32 of the bytes of a part; 0 of a whole file. */
  crc: number;
}

/** The threads of an ingest: those that tokenize, and one that stores. */
export interface IngestThreads {
  producers: WorkerPool;
  store: WorkerPool;
}

/** The result of a run that met something unforeseen. */
interface Survey {
  collected: Collected[];
  /** Segment of the bad row that ended the run. Later segments have not been read. */
  badSegment: number;
}

const RING_SLOTS = 16;
/** Milliseconds that producers get to stop by themselves. */
const STOPPING = 300;
/** Milliseconds between two looks at the store's counts. */
const LOOK_INTERVAL = 50;

/**
 * Reads a matrix into a new database.
 *
 * @param request The matrix, and where the table is made.
 * @param threads Undefined where the calling thread does everything.
 * @returns The metadata of the table.
 * @throws {InputError} A bad row, located; nothing but bad rows; the file changed.
 * @throws {InterruptedError} The signal was aborted.
 */
export async function ingest(
  request: IngestRequest,
  threads: IngestThreads | undefined,
): Promise<Ingested> {
  request.progress.begin("ingest");
  let vocabulary: Vocabulary = { alleles: [...request.alleles], contigs: request.contigs };
  let badSegment: number | undefined;
  for (let attempt = 1;; attempt++) {
    const run = new IngestRun(request, vocabulary, attempt, threads, badSegment);
    const result = await run.run();
    if ("contigs" in result) return result;
    if (attempt > 1) throw changedFile(request.source.shown);
    vocabulary = extended(vocabulary, result.collected);
    badSegment = result.badSegment;
    request.progress.begin("ingest");
  }
}

/** Returns a vocabulary with the producers' finds added: alleles sorted, contigs as they appear. */
function extended({ alleles, contigs }: Vocabulary, collected: Collected[]): Vocabulary {
  // A segment is one producer's, and the sort is stable: contigs come in file order.
  const met = collected.flatMap((part) => part.contigs).sort((a, b) => a.segment - b.segment);
  return {
    alleles: [...alleles, ...new Set(collected.flatMap((part) => part.alleles).sort())],
    contigs: [...new Set([...contigs, ...met.map(({ name }) => name)])],
  };
}

/** Returns the sums of what all producers read, where they are wanted. */
function sumsOf(collected: readonly Collected[]): SumArrays | undefined {
  let total: SumArrays | undefined;
  for (const { sums } of collected) {
    if (!sums) continue;
    total ??= noSums(sums.called.length);
    addSums(total, sums);
  }
  return total;
}

/** One attempt at ingest, with a fixed vocabulary. */
class IngestRun {
  readonly #shape: BatchShape;
  readonly #budget: MemoryBudget;
  readonly #control: Control;
  readonly #counts = new Float64Array(new SharedArrayBuffer(8 * StoreCount.Numbers));
  readonly #rings: RingMemory[];
  readonly #problemFiles: string[];
  readonly #tokenizing: TokenizeJob;
  readonly #storing: StoreJob;
  #surveying = false;
  #ending: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly request: IngestRequest,
    private readonly vocabulary: Vocabulary,
    attempt: number,
    private readonly threads: IngestThreads | undefined,
    badSegment: number | undefined,
  ) {
    const { layout, source, missing, gap, iupac, onBadRow, kept, workFolder } = request;
    const control = Control.memory(badSegment);
    this.#control = new Control(control);
    const width = enumWidth(vocabulary.alleles.length);
    // Nobody will query a temporary table, and DuckDB, which works item by item, is several times
    // faster with words than with codes.
    const perWord = packsCodes(vocabulary.alleles.length) ? PACKED_PER_WORD : 8 / width;
    const words = Math.ceil(layout.haplotypes / perWord);
    const stride = kept ? layout.haplotypes : words * perWord;
    const parts = partsOf(layout);
    this.#shape = batchShape(stride, parts, width);
    this.#budget = memoryBudget(
      request.memory,
      request.threads,
      stride * width + phaseRowBytes(parts),
      // A kept table took twice as much of each allele when it was measured.
      textBytes(vocabulary.alleles) * (kept ? 2 : 1) + textBytes(vocabulary.contigs),
    );
    threads?.producers.keep(this.#budget.threads);
    const producers = threads ? producersFor(source, this.#budget.threads) : 1;
    this.#rings = Array.from({ length: producers }, () => ringMemory(this.#shape, RING_SLOTS));
    this.#problemFiles = this.#rings.map((_, index) =>
      `${workFolder}/problems.${attempt}.${index}`
    );
    const rowBytes = stride * width, { reference, kernels } = request;
    const plan = tokenizerPlan(layout, { missing, gap, iupac, kernels });
    const absent = absentCode(parts);
    const names = { most: mostTextBytes(request.memory, rowBytes), rowBytes };
    const summed = request.sums ? this.#summedStyle() : undefined;
    const shared = { plan, absent, reference, vocabulary, source, onBadRow, names, control };
    this.#tokenizing = { ...shared, summed };
    this.#storing = this.#storeJob(kept ? undefined : words, control);
  }

  /** Returns what the genotypes of the rows are, before anything is made of them. */
  #summedStyle(): RowStyle {
    const { samples, extras } = summaryOf(this.request.layout);
    const { alleles } = this.vocabulary, info: RowStyle["info"] = [];
    const style = {
      format: "vcf",
      samples,
      alleles,
      homozygous: false,
      info,
      sites: ALL_SITES,
    } as const;
    return { ...style, extras };
  }

  #storeJob(words: number | undefined, control: SharedArrayBuffer): StoreJob {
    const { layout, rowTextBytes, source, headerLines, onBadRow, rejectsFile, database, kept } =
      this.request;
    return {
      layout,
      rowTextBytes,
      source,
      headerLines,
      vocabulary: this.vocabulary,
      shape: this.#shape,
      words,
      rings: this.#rings,
      problemFiles: this.#problemFiles,
      control,
      counts: this.#counts.buffer as SharedArrayBuffer,
      onBadRow,
      rejectsFile,
      database,
      limits: {
        threads: this.#budget.threads,
        memory: this.#budget.ingest,
        temporary: `${this.request.workFolder}/spill`,
      },
      kept,
      sums: kept !== undefined && this.request.sums,
      watchMemory: this.request.onDuckdb !== undefined,
    };
  }

  async run(): Promise<Ingested | Survey> {
    const { signal } = this.request;
    const interrupt = () => {
      this.#stop();
      this.threads?.store.call(0, INTERRUPT_STORE, undefined).catch(() => {});
    };
    signal?.addEventListener("abort", interrupt);
    if (signal?.aborted) interrupt();
    const looking = setInterval(() => this.#look(), LOOK_INTERVAL);
    try {
      const [stored, collected] = this.threads
        ? await this.#inThreads(this.threads)
        : await this.#here();
      if (!stored.contigs) {
        return { collected, badSegment: this.#control.badSegment };
      }
      this.#checkSource();
      const { contigs, grid, rejected: skipped, lines, crc } = stored,
        { alleles } = this.vocabulary;
      const missing = collected.map((part) => new Set(part.missing))
        .reduce((all, part) => all.intersection(part));
      const kernelRows = collected.reduce((sum, part) => sum + part.kernelRows, 0);
      const { stride } = this.#shape;
      const sums = sumsOf(collected);
      const rows = { contigs, grid, alleles, stride, skipped, lines, crc };
      return { ...rows, missing: [...missing], kernelRows, sums };
    } catch (error) {
      throw this.#reason(error as Error);
    } finally {
      clearInterval(looking);
      clearTimeout(this.#ending);
      signal?.removeEventListener("abort", interrupt);
      for (const path of this.#problemFiles) removeIfThere(path);
    }
  }

  /**
   * Waits for both sides. The one that fails stops the other, and its own error is the one to
   * throw.
   */
  async #inThreads({ producers, store }: IngestThreads): Promise<[Stored, Collected[]]> {
    const of = this.#rings.length, job = this.#tokenizing;
    const producing = producers.callAll(TOKENIZE, (index) => {
      return { job, ring: this.#rings[index], problemFile: this.#problemFiles[index], index, of };
    }, of);
    const storing = store.call(0, STORE, this.#storing);
    const give = (sums: SumArrays | undefined) => store.call(0, GIVE_SUMS, sums).catch(() => {});
    if (this.#storing.sums) producing.then((all) => give(sumsOf(all)), () => give(undefined));
    const sides = [producing, storing];
    for (const side of sides) side.catch(() => this.#stop());
    const [produced, stored] = await Promise.allSettled([producing, storing]);
    if (stored.status === "rejected" && stored.reason.name !== "StoppedError") throw stored.reason;
    if (produced.status === "rejected") throw produced.reason;
    if (stored.status === "rejected") throw stored.reason;
    return [stored.value, produced.value];
  }

  /** Stops both sides. A producer hears it between two pieces, and one may be a very long line. */
  #stop(): void {
    this.#control.stop();
    this.#ending ??= setTimeout(() => this.threads?.producers.endBusy(), STOPPING);
  }

  async #here(): Promise<[Stored, Collected[]]> {
    const { TableStore } = await import("./table_store.ts");
    const producer = new RowProducer(
      this.#tokenizing,
      new RingProducer(this.#rings[0]),
      this.#problemFiles[0],
    );
    const local = new LocalProducer(producer, plainPieces(this.request.source, 0, 1));
    try {
      let collected: Collected[] | undefined;
      const collect = () => collected ??= local.collect();
      const sums = () => Promise.resolve(sumsOf(collect()));
      const store = new TableStore(this.#storing, sums, () => local.pump(), () => this.#look());
      const stored = await store.run();
      return [stored, collect()];
    } finally {
      local.close();
    }
  }

  /**
   * Returns the error to report for a failure, which an interrupt or a change of the file explains.
   */
  #reason(error: Error): Error {
    const { signal } = this.request;
    if (signal?.aborted) return new InterruptedError();
    try {
      this.#checkSource();
      return error;
    } catch (changed) {
      return changed as Error;
    }
  }

  #checkSource(): void {
    const { path, state, shown } = this.request.source;
    checkPathUnchanged(path, state, shown);
  }

  /**
   * Begins the survey: producers met something unforeseen, and read on only to collect more of it.
   */
  #survey(): void {
    if (this.#surveying) return;
    this.#surveying = true;
    this.request.progress.begin("survey");
  }

  #look(): void {
    const { progress, source, onDuckdb } = this.request, counts = this.#counts;
    const rows = counts[StoreCount.Rows];
    if (this.#control.collecting) return this.#survey();
    if (rows === 0) return;
    progress.update(counts[StoreCount.SourceBytes] / sourceLength(source), rows);
    const memory = counts[StoreCount.Memory], temporary = counts[StoreCount.Temporary];
    if (memory > 0) onDuckdb?.({ memory, temporary });
  }
}
