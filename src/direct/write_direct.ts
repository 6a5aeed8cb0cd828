/**
 * Writes the output of a matrix whose rows are in order without a table: what is tokenized is
 * formatted at once. Its bytes are those that the way through the table gives.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { textBytes } from "../base/dictionary.ts";
import { InputError } from "../base/errors.ts";
import { isStream, removeIfThere, writeAll } from "../base/files.ts";
import { changedFile, checkPathUnchanged } from "../base/input_state.ts";
import { directBudget } from "../base/memory_budget.ts";
import type { Progress } from "../base/progress.ts";
import type { WorkFolder } from "../base/work_folder.ts";
import { compressBlocks, EOF_BLOCK } from "../bgzf/blocks.ts";
import { encodeIndex } from "../bgzf/tabix_index.ts";
import type { IngestOptions } from "../ingest/options.ts";
import { Rejects } from "../ingest/rejects.ts";
import { tableOptions } from "../ingest/table_source.ts";
import type { ReadRows } from "../ingest/table_request.ts";
import { knownContigs } from "../matrix/dialects/known_contigs.ts";
import { extrasOf, firstAlleles, partsOf } from "../matrix/dialects/row_extras.ts";
import { tokenizerPlan } from "../matrix/dialects/row_tokenizer.ts";
import { refSource } from "../ingest/ref_source.ts";
import { joinSites } from "../matrix/dialects/join_sites.ts";
import type { InputFile } from "../matrix/input_file.ts";
import { sourceColumns } from "../matrix/layout.ts";
import { type RowSource, sourceLength } from "../matrix/line_segments.ts";
import { type Columns, rowSource } from "../matrix/read_layout.ts";
import type { OutputOptions } from "../output/options.ts";
import { OrderedWriter } from "../output/ordered_writer.ts";
import { OutputFile } from "../output/output_file.ts";
import {
  askedRegions,
  isScattered,
  type OutputPlan,
  planOutput,
  type PlanRequest,
} from "../output/output_plan.ts";
import { type RegionSet, regionSet } from "../output/region.ts";
import { regionsText, type WrittenOutput } from "../output/write_output.ts";
import {
  checkContigs,
  openReference,
  type ReferenceContig,
  type ReferenceSource,
} from "../reference/fasta_index.ts";
import type { ContigSummary } from "../table/contig_summary.ts";
import type { TableSummary } from "../table/read_metadata.ts";
import { summaryOf } from "../table/schema.ts";
import type { WorkerPool } from "../threads/worker_pool.ts";
import type { CellEnd, CellFacts, CellJob } from "./cell_formatter.ts";
import { CellOrder, NotDirect } from "./cell_order.ts";
import { CellTally } from "./cell_tally.ts";
import { DirectIndex } from "./direct_index.ts";
import { InOrder } from "./in_order.ts";
import { runCells } from "./run_cells.ts";

/** A matrix, and what the run shares. */
export interface DirectRequest {
  options: IngestOptions & OutputOptions;
  input: InputFile;
  columns: Columns;
  work: WorkFolder;
  pool: WorkerPool | undefined;
  progress: Progress;
  /** Path of the rejects file to make; undefined where bad rows end the run. */
  rejects: string | undefined;
}

/** An output, and what is known of the rows. */
export interface DirectOutput {
  written: WrittenOutput;
  /** What a table of the rows would say of itself. */
  summary: TableSummary;
  /** Names of the haplotype columns that are missing in every row. */
  missing: string[];
  /** Rows that a kernel has read. */
  kernelRows: number;
  read: ReadRows;
}

/**
 * Writes the output; the files have no public names yet.
 *
 * @returns The output, or why rows cannot go straight to it; then nothing is left.
 * @throws {InputError} Bad input, located.
 */
export async function writeDirect(request: DirectRequest): Promise<DirectOutput | NotDirect> {
  const { options: { signal }, input: { path, state, shown } } = request;
  const run = await DirectRun.plan({ ...request, input: await withSites(request) });
  if (run instanceof NotDirect) return run;
  try {
    return await run.write();
  } catch (error) {
    if (signal?.aborted) throw error;
    if (!(error instanceof NotDirect)) {
      checkPathUnchanged(path, state, shown);
      throw error;
    }
    removeIfThere(recordsFile(request));
    return error;
  }
}

/** Returns the input; with sites of another file, a copy that has both. */
async function withSites(
  { columns: { sites }, input, work, options: { signal } }: DirectRequest,
): Promise<InputFile> {
  if (!sites) return input;
  return (await joinSites(input, sites, work.file("joined.direct"), signal)).file;
}

/** Bytes that are copied at once. */
const COPY_BYTES = 1 << 20;

/** Returns the path of the records, behind the header that the looks promise. */
function recordsFile({ options: { output }, work }: DirectRequest): string {
  return isStream(output) ? work.file("records") : work.beside(output, "records");
}

/** One attempt to write an output without a table. */
class DirectRun {
  readonly #order: CellOrder;
  readonly #tally = new CellTally();
  readonly #rejects: Rejects | undefined;
  /** Contigs in the order of the header, where no other can come. */
  readonly #known: ReadonlySet<string> | undefined;
  /** Lines before each cell that has begun and not ended. */
  readonly #linesBefore = new Map<number, number>();

  private constructor(
    private readonly request: DirectRequest,
    /** A segment of it is a cell. */
    private readonly source: RowSource,
    private readonly base: PlanBase,
    /** The plan of an output with the contigs that looks have found. */
    private readonly promised: OutputPlan,
    private readonly regions: RegionSet | undefined,
    private readonly threads: number,
  ) {
    const { input, columns, rejects } = request;
    this.#rejects = rejects === undefined ? undefined : new Rejects(rejects);
    const { bcf } = promised.style;
    this.#known = base.reference || bcf
      ? new Set(promised.contigs.map(({ name }) => name))
      : undefined;
    this.#order = new CellOrder({
      shown: input.shown,
      headerLines: input.part ? 0 : columns.rows.lines,
      known: this.#known,
      rejects: this.#rejects,
      gzip: source.gzip,
    });
  }

  /** Looks at the matrix, and plans the output that the looks promise. */
  static async plan(request: DirectRequest): Promise<DirectRun | NotDirect> {
    const { options, input, columns } = request, { layout } = columns;
    const looks = rowSource(input, columns, options.maxLine);
    const cells = { ...looks, segmentBytes: looks.cellBytes };
    if (options.regionsFile === "-") return new NotDirect("regions come from standard input");
    const names = await knownContigs(looks, layout);
    const { threads } = directBudget(
      options.memory,
      options.threads,
      looks.cellBytes,
      textBytes(names),
    );
    const base = await planBase(request, names);
    const looked = summaryOfRun(request, base, names.map(emptyContig), 0);
    // A region may be of a contig that no look has met.
    const asked = askedRegions(base, names);
    const regions = asked && regionSet(asked, asked.map(({ contig }) => contig)).set;
    const promised = planOutput({
      ...base,
      options: { ...options, regions: undefined },
      regionsText: undefined,
      // A reference has all contigs, and what looks have met need not be rows.
      table: base.reference ? summaryOfRun(request, base, [], 0) : looked,
      longest: 1,
    });
    return new DirectRun(request, cells, base, promised, regions, threads);
  }

  async write(): Promise<DirectOutput> {
    using _rejects = this.#rejects;
    const { options, work, progress, columns: { layout }, pool } = this.request;
    progress.begin("convert");
    pool?.keep(this.threads);
    const path = recordsFile(this.request), header = headerBytes(this.promised);
    using file = OutputFile.create(path, options.output);
    const writer = new OrderedWriter(file);
    writer.prepend(header);
    options.part?.begin();
    const index = this.#index();
    const missing = await this.#run(writer, index);
    this.#checkEnd();
    const plan = this.#finalPlan();
    progress.begin("finish");
    const end = plan.compression === undefined ? new Uint8Array(0) : EOF_BLOCK;
    await writeAll(file, end);
    using output = await OutputFile.open(options.output, work, options);
    const moved = await this.#place(plan, header, path, output);
    const bytes = plan.index && encodeIndex(index!.finish(plan.index, moved));
    const { contigs, rows, kernelRows, grid, crc, longest } = this.#order;
    const lines = this.#order.lines -
      (this.request.input.part ? 0 : this.request.columns.rows.lines);
    return {
      written: {
        counts: this.#tally.total,
        sums: this.#tally.sums,
        figures: this.#tally.figures,
        bytes: writer.bytes + moved + end.length,
        files: output.finish(bytes && { suffix: `.${plan.index}`, bytes }),
      },
      summary: {
        ...summaryOfRun(this.request, this.base, contigs, this.#rejects?.count ?? 0),
        grid,
      },
      read: { lines, crc, longest },
      missing: rows > 0 ? sourceColumns(layout, missing) : [],
      kernelRows,
    };
  }

  async #run(writer: OrderedWriter, index: DirectIndex | undefined): Promise<number[]> {
    const { pool, options: { signal, part } } = this.request;
    const begins = new InOrder((facts: CellFacts) => this.#begin(facts));
    const ends = new InOrder((end: CellEnd) => this.#end(end));
    return await runCells({
      job: this.#job(),
      source: this.source,
      begin: (facts) => begins.take(facts.cell, facts),
      block: ({ cell, block, names, range }, written) => {
        const placed = (offset: number) => {
          if (block.index) index?.add(block.index, names, offset);
          part?.record(block, names, this.#order.rangesBefore[cell] + range);
        };
        writer.add(cell, { bytes: block.bytes, placed, written });
      },
      end(end) {
        ends.take(end.cell, end);
        writer.end(end.cell);
      },
      idle: () => writer.idle(),
      failure: writer.failure,
      signal,
    }, pool);
  }

  #begin(facts: CellFacts): void {
    const { reference } = this.base, { options: { input }, progress } = this.request;
    const names = facts.contigs.map(({ name }) => name);
    if (reference) {
      checkContigs(names, this.promised.contigs as ReferenceContig[], {
        matrix: input,
        reference: reference.path,
      });
    } else if (this.#known && !names.every((name) => this.#known!.has(name))) {
      // Records of BCF go by the numbers of a header that is written before them.
      throw new NotDirect("a contig is none that looks have met, and BCF needs all of them first");
    }
    this.#linesBefore.set(facts.cell, this.#order.take(facts));
    progress.update(this.#order.bytes / sourceLength(this.source), this.#order.rows);
  }

  /** Adds up what a cell gave. */
  #end({ cell, partitions, failed }: CellEnd): void {
    const before = this.#linesBefore.get(cell)!;
    this.#linesBefore.delete(cell);
    if (failed) {
      const { at, detail } = failed;
      throw new InputError(detail, at.line === undefined ? at : { ...at, line: before + at.line });
    }
    this.#tally.add(partitions);
  }

  #job(): CellJob {
    const { options, columns: { layout } } = this.request, { promised, base: { reference } } = this;
    const { missing, gap, iupac, kernels, onBadRow, refMismatch, input: matrix } = options;
    return {
      plan: tokenizerPlan(layout, { missing, gap, iupac, kernels }),
      haplotypes: layout.haplotypes,
      parts: partsOf(layout),
      bases: this.base.asked,
      onBadRow,
      format: {
        style: promised.style,
        compression: promised.compression,
        index: promised.index !== undefined ||
          (options.part !== undefined && promised.compression !== undefined),
        pieces: options.part && { edges: undefined },
        regions: this.regions,
        reference: reference && { ...reference, onMismatch: refMismatch, matrix },
        sums: options.sums,
        figures: options.figures,
      },
      known: this.#known,
      maxLine: options.maxLine,
    };
  }

  #index(): DirectIndex | undefined {
    const { promised, request: { options } } = this, { index } = options;
    if (!promised.index) return undefined;
    const contigs = this.#known ? promised.contigs : this.#order.contigs;
    const kinds = index === "auto" && !promised.style.bcf ? BOTH_KINDS : [promised.index];
    return new DirectIndex(kinds, options, contigs, this.#order);
  }

  /** Makes sure that all of the file has been read. */
  #checkEnd(): void {
    const { source, base: { reference } } = this, { contigs, bytes } = this.#order;
    checkPathUnchanged(source.path, source.state, source.shown);
    // The reader of gzip sees to it that the file is read to its end.
    if (!source.gzip && bytes !== sourceLength(source)) throw changedFile(source.shown);
    if (reference) checkPathUnchanged(reference.path, reference.state, reference.path);
    const bad = this.#rejects?.count ?? 0;
    if (contigs.length > 0 || bad === 0 || this.request.options.part) return;
    throw new InputError(`all ${bad} rows are bad`, { file: source.shown });
  }

  /** Plans the output again, with what the matrix has. */
  #finalPlan(): OutputPlan {
    const { contigs, longest } = this.#order, { options } = this.request;
    const table = summaryOfRun(this.request, this.base, contigs, 0);
    const plan = planOutput({ ...this.base, table, longest });
    if (!contigs.every(({ name }) => sameEnds(plan.regions?.[name], this.regions?.[name]))) {
      throw new NotDirect("a region is the name of a contig that no look has met");
    }
    if (plan.compression !== undefined && !options.part && contigs.some(isScattered)) {
      throw new NotDirect("a contig has few of the lines between its first and its last");
    }
    if (plan.style.bcf && Buffer.compare(plan.header, this.promised.header) !== 0) {
      throw new NotDirect("the rows have fewer contigs than looks have met");
    }
    for (const note of plan.notes) options.onNote(note);
    return plan;
  }

  /**
   * Puts header and records into the output: by renaming the file of the records where it begins
   * with the right header, else by a copy.
   *
   * @returns Bytes by which the records have moved.
   */
  async #place(
    plan: OutputPlan,
    promised: Uint8Array,
    path: string,
    output: OutputFile,
  ): Promise<number> {
    const header = headerBytes(plan);
    if (!this.base.toStream && Buffer.compare(header, promised) === 0) {
      output.adopt(path);
      return 0;
    }
    await writeAll(output, header);
    using records = await Deno.open(path);
    await records.seek(promised.length, Deno.SeekMode.Start);
    const buffer = new Uint8Array(COPY_BYTES);
    for (let read; (read = await records.read(buffer)) !== null;) {
      this.request.options.signal?.throwIfAborted();
      await writeAll(output, buffer.subarray(0, read));
    }
    return header.length - promised.length;
  }
}

/** What a plan needs beside what is known of the rows. */
type PlanBase = Omit<PlanRequest, "table" | "longest"> & {
  /** The options that decide what a table holds, as JSON. */
  tableOptions: string;
  /** The reference, where rows ask it what REF is. */
  asked: ReferenceSource | undefined;
};

async function planBase(
  { options, columns: { header, layout } }: DirectRequest,
  contigs: readonly string[],
): Promise<PlanBase> {
  return {
    options,
    reference: options.reference === undefined
      ? undefined
      : await openReference(options.reference, options.onNote),
    regionsText: await regionsText(options, contigs),
    toStream: isStream(options.output),
    tableOptions: await tableOptions(options, header, layout),
    asked: await refSource(options, layout),
  };
}

function emptyContig(name: string, code: number): ContigSummary {
  const place = { minPos: 1, maxPos: 1, firstLine: 1, lastLine: 1 };
  return { name, code, records: 0, ...place, sorted: true };
}

/** Returns what a table of the rows would say of itself; alleles have no fixed codes. */
function summaryOfRun(
  { columns: { layout } }: DirectRequest,
  { tableOptions: options }: PlanBase,
  contigs: ContigSummary[],
  skipped: number,
): TableSummary {
  const alleles = firstAlleles(extrasOf(layout)), stride = layout.haplotypes;
  const rest = { grid: [], kept: false, ...summaryOf(layout) };
  return { contigs, alleles, stride, skipped, options, ...rest };
}

/** The kinds of index of which one is chosen once all positions are known. */
const BOTH_KINDS = ["tbi", "csi"] as const;

function headerBytes({ header, compression }: OutputPlan): Uint8Array {
  return compression === undefined ? header : compressBlocks(header, compression).bytes;
}

function sameEnds(one: Uint32Array = NONE, other: Uint32Array = NONE): boolean {
  return Buffer.compare(new Uint8Array(one.buffer), new Uint8Array(other.buffer)) === 0;
}

const NONE = new Uint32Array(0);
