/**
 * Writes the output of a table: plan, header, records, index, in this order.
 *
 * @module
 */
import { InputError, UsageError } from "../base/errors.ts";
import { exists, isStream, writeAll } from "../base/files.ts";
import { printable } from "../base/text.ts";
import { readText } from "../base/text_file.ts";
import { longestOf } from "../base/alleles.ts";
import { checkPathUnchanged } from "../base/input_state.ts";
import type { Progress } from "../base/progress.ts";
import type { WorkFolder } from "../base/work_folder.ts";
import { compressBlocks, EOF_BLOCK } from "../bgzf/blocks.ts";
import type { SumArrays } from "../checksum/sums.ts";
import type { FigureArrays } from "../counts/figures.ts";
import { encodeIndex, IndexBuilder } from "../bgzf/tabix_index.ts";
import { openReference, type ReferenceSource } from "../reference/fasta_index.ts";
import { summaryLimits } from "../table/database_limits.ts";
import type { PinnedTable } from "../table/pinned_table.ts";
import type { TableSummary } from "../table/read_metadata.ts";
import type { WorkerPool } from "../threads/worker_pool.ts";
import type { SiteCounts } from "../vcf/site_filter.ts";
import type { OutputOptions } from "./options.ts";
import { SPAN } from "../bgzf/record_spans.ts";
import type { OutputBlock } from "./partition_formatter.ts";
import { OrderedWriter } from "./ordered_writer.ts";
import { type FinishedFile, OutputFile } from "./output_file.ts";
import { indexOptions, type OutputPlan, planOutput, readerBudget } from "./output_plan.ts";
import { type ContigGroup, cutGroups } from "./partitions.ts";
import { runPartitions } from "./run_partitions.ts";
import type { TableJob } from "./table_partitions.ts";
import { Tally } from "./tally.ts";

/** Everything that `writeOutput` needs: what to write, and what the run shares. */
export interface OutputRequest {
  options: OutputOptions;
  work: WorkFolder;
  pool: WorkerPool | undefined;
  progress: Progress;
  pinned: PinnedTable;
  /** The metadata of the database. */
  table: TableSummary;
}

/** The counts of an output, its size in bytes, and the files to publish. */
export interface WrittenOutput {
  counts: SiteCounts;
  bytes: number;
  files: FinishedFile[];
  /** Sums of the genotypes as they came to the formatter, where they were wanted. */
  sums: SumArrays | undefined;
  /** Figures of the records, where they were wanted. */
  figures: FigureArrays | undefined;
}

/** Writes the output of a table; the files have no public names yet. */
export async function writeOutput(request: OutputRequest): Promise<WrittenOutput> {
  const { options, work, progress } = request;
  const planned = await planRecords(request), { plan } = planned;
  using file = await OutputFile.open(options.output, work, options);
  const writer = new OrderedWriter(file);
  const { header, compression } = plan;
  writer.prepend(compression === undefined ? header : compressBlocks(header, compression).bytes);
  const index = plan.index &&
    new IndexBuilder(indexOptions(plan.index, options, [...plan.contigs]));
  const { total: counts, sums, figures } = await writeRecords(request, planned, writer, index);
  progress.begin("finish");
  if (compression !== undefined) await writeAll(file, EOF_BLOCK);
  const files = file.finish(
    index && { suffix: `.${plan.index}`, bytes: encodeIndex(index.finish()) },
  );
  const bytes = writer.bytes + (compression === undefined ? 0 : EOF_BLOCK.length);
  return { counts, bytes, files, sums, figures };
}

/** A plan, and the reference that it is made with. */
interface PlannedRecords {
  plan: OutputPlan;
  reference: ReferenceSource | undefined;
}

/** Plans the output of a table, and tells what there is to note. */
export async function planRecords({ options, table, progress }: OutputRequest): Promise<
  PlannedRecords
> {
  progress.begin("convert");
  const reference = options.reference === undefined
    ? undefined
    : await openReference(options.reference, options.onNote, options.signal);
  const plan = planOutput({
    options,
    table,
    longest: longestOf(table.alleles),
    reference,
    regionsText: await regionsText(options, table.contigs.map(({ name }) => name)),
    toStream: isStream(options.output),
  });
  for (const note of plan.notes) options.onNote(note);
  return { plan, reference };
}

/**
 * Reads the file of regions, and tells a file and a list that were taken for one another.
 *
 * @param contigs Names that exist.
 */
export async function regionsText(
  { regions, regionsFile, part, signal }: OutputOptions,
  contigs: readonly string[],
): Promise<string | undefined> {
  if (part) return part.regionsText;
  // The name of a long list is none that a file can have.
  const isFile = async (path: string) => path === "-" || await exists(path).catch(() => false);
  if (regions !== undefined && !contigs.includes(regions)) {
    if (await isFile(regions)) {
      throw new UsageError(
        `\`regions\` takes regions, and '${printable(regions)}' is a file: give it with -R, ` +
          "`regionsFile`",
      );
    }
  }
  if (regionsFile === undefined) return undefined;
  if (/[:,]/.test(regionsFile) && !await isFile(regionsFile)) {
    throw new InputError(
      "there is no such file; this looks like a list of regions, which --regions (-r) takes",
      { file: regionsFile },
    );
  }
  return await readText(regionsFile, signal);
}

/** Writes the records of a plan, and counts them. */
export async function writeRecords(
  request: OutputRequest,
  { plan, reference }: PlannedRecords,
  writer: OrderedWriter,
  index: IndexBuilder | undefined,
): Promise<Tally> {
  const { options, pool, progress, table } = request, budget = readerBudget(options, table);
  pool?.keep(budget.threads);
  options.part?.begin();
  const groups = await groupsOf(request, plan), tally = new Tally(groups);
  const rows = groups.reduce((sum, { rows }) => sum + rows, 0);
  await runPartitions({
    partitions: cutGroups(groups, plan.grid),
    job: jobOf(request, plan, reference, budget),
    writer,
    onBlock(block, offset) {
      if (block.index) index?.addChunk(block.index.spans, block.index.starts, offset);
      options.part?.record(block, namesIn(block, plan), 0);
    },
    onCounts: (partition, counts) => {
      tally.add(partition, counts);
      progress.update(tally.total.rows / rows, tally.total.rows);
    },
    signal: options.signal,
  }, pool);
  tally.check(options.database ?? options.input);
  // Most records outside the regions were not even read.
  if (plan.regions) {
    const records = table.contigs.reduce((sum, contig) => sum + contig.records, 0);
    tally.total.outsideRegions += records - rows;
  }
  if (reference) checkPathUnchanged(reference.path, reference.state, reference.path);
  return tally;
}

/** Returns the names of the contigs in the index of a block, in its order. */
function namesIn({ index }: OutputBlock, { contigs }: OutputPlan): string[] {
  const names: string[] = [], spans = index?.spans.contigs ?? [];
  for (let at = 0; at < spans.length; at += SPAN.Numbers) {
    names.push(contigs[spans[at + SPAN.Contig]].name);
  }
  return names;
}

/** Returns what is read together: all of each contig, or what may overlap a region. */
async function groupsOf(
  { work, pinned, table }: OutputRequest,
  { groups, regions }: OutputPlan,
): Promise<ContigGroup[]> {
  if (!regions) return groups;
  // Asking the table takes DuckDB, which few conversions need on this thread.
  const limits = summaryLimits(work.file("spill"));
  const { narrowGroups } = await import("./region_lines.ts");
  const longest = longestOf(table.alleles);
  return await narrowGroups(pinned, groups, { regions, longest, kept: table.kept }, limits);
}

/** Returns the job of each worker (0-based), as each needs a folder of its own for spilling. */
function jobOf(
  { options, work, pinned, table }: OutputRequest,
  { style, compression, index, regions, grid }: OutputPlan,
  source: ReferenceSource | undefined,
  { reader, sorter }: ReturnType<typeof readerBudget>,
): (worker: number) => TableJob {
  const reference = source &&
    { ...source, onMismatch: options.refMismatch, matrix: options.input };
  return (worker) => ({
    database: pinned,
    limits: { threads: 1, memory: reader, temporary: work.file(`spill.${worker}`) },
    sortMemory: sorter,
    hasId: table.hasId,
    kept: table.kept,
    stride: table.stride,
    style,
    compression,
    index: index !== undefined || (options.part !== undefined && compression !== undefined),
    regions,
    reference,
    sums: options.sums,
    figures: options.figures,
    pieces: options.part && { edges: Float64Array.from(grid, ({ first }) => first) },
  });
}
