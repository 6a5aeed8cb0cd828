/**
 * The output of a table: plan, header, records, index.
 *
 * @module
 */
import { compressBlocks, EOF_BLOCK } from "../bgzf/blocks.ts";
import { isContigName } from "../matrix/cell_bytes.ts";
import { textBytes } from "../base/dictionary.ts";
import { enumWidth } from "../base/codes.ts";
import { InputError, UsageError } from "../base/errors.ts";
import { printable } from "../base/text.ts";
import { checkPathUnchanged } from "../base/input_state.ts";
import { isStream, readText, writeAll } from "../base/files.ts";
import { memoryBudget } from "../base/memory_budget.ts";
import type { OutputOptions } from "./options.ts";
import { OrderedWriter } from "./ordered_writer.ts";
import { type FinishedFile, OutputFile } from "./output_file.ts";
import type { WorkFolder } from "../base/work_folder.ts";
import type { FormatJob } from "./partition_formatter.ts";
import { runPartitions } from "./run_partitions.ts";
import type { PinnedTable } from "../table/pinned_table.ts";
import { type ContigSpan, planPartitions } from "./partitions.ts";
import type { Progress } from "../base/progress.ts";
import {
  checkContigs,
  openReference,
  type ReferenceContig,
  referenceContigs,
  type ReferenceSource,
} from "../reference/reference.ts";
import { parseBed, parseRegions, type RegionSet, regionSet } from "./region.ts";
import type { SiteCounts } from "../vcf/site_filter.ts";
import { encodeIndex, IndexBuilder, needsCsi, TBI_MAX_END } from "../bgzf/tabix_index.ts";
import { tsvHeader } from "../vcf/tsv_header.ts";
import { summaryLimits } from "../table/database_limits.ts";
import type { TableSummary } from "../table/read_metadata.ts";
import { Tally } from "./tally.ts";
import { vcfHeader } from "../vcf/vcf_header.ts";
import type { WorkerPool } from "../threads/worker_pool.ts";

/** What is written, and how. */
export interface OutputRequest {
  options: OutputOptions;
  work: WorkFolder;
  pool: WorkerPool | undefined;
  progress: Progress;
  pinned: PinnedTable;
  /** What the database says of itself. */
  table: TableSummary;
}

/** Bytes of codes that a partition holds in memory, about. */
const PARTITION_BYTES = 4 * 1024 ** 2;
const MOST_LINES = 65_536, FEWEST_LINES = 64;
/** Lines between two of a contig from which on DuckDB finds and sorts its rows sooner. */
const SCATTERED = 8;

/** A contig as the header declares it; `length` in bases, if a reference says so. */
type OutputContig = { name: string; length?: number };

/**
 * Write the output of a table.
 *
 * @returns What was counted, the bytes written, and the files that are to be published.
 */
export async function writeOutput(
  request: OutputRequest,
): Promise<{ counts: SiteCounts; bytes: number; files: FinishedFile[] }> {
  const { options, work, pool, progress, pinned, table } = request;
  progress.begin("convert");
  const reference = options.reference === undefined
    ? undefined
    : await openReference(options.reference);
  const contigs = outputContigs(table, reference, options);
  const regions = regionsOf(options, table);
  const spans = await spansOf(request, contigs, regions);
  const compression = /\.(gz|bgz)$/.test(options.output) ? options.compressionLevel : undefined;
  const index = indexBuilder(options, table, contigs, compression);
  using file = new OutputFile(options.output, work);
  const writer = new OrderedWriter(file);
  const text = new TextEncoder().encode(headerText(options, table, contigs));
  const header = compression === undefined ? text : compressBlocks(text, compression).bytes;
  writer.prepend(header);
  const tally = new Tally(spans);
  const rows = spans.reduce((sum, { records }) => sum + records, 0);
  const rowBytes = table.stride * enumWidth(table.alleles.length);
  const budget = memoryBudget(
    options.memory,
    options.threads,
    rowBytes,
    textBytes(table.alleles),
  );
  pool?.keep(budget.threads);
  await runPartitions({
    partitions: planPartitions(spans, partitionLines(rowBytes)),
    job: (worker) => ({
      database: pinned,
      limits: {
        threads: 1,
        memory: spans.some(({ sorted }) => !sorted) ? budget.sorter : budget.reader,
        temporary: work.file(`spill.${worker}`),
      },
      hasId: table.hasId,
      stride: table.stride,
      style: styleOf(options, table),
      compression,
      index: index !== undefined,
      regions,
      reference: reference &&
        { ...reference, onMismatch: options.refMismatch, matrix: options.input },
    }),
    writer,
    onIndex: ({ contigOrdinal }, { starts, spans }, offset) =>
      index?.builder.addChunk(contigOrdinal, spans, starts, offset),
    onCounts: (partition, counts) => {
      tally.add(partition, counts);
      progress.update(tally.total.rows / rows, tally.total.rows);
    },
    signal: options.signal,
  }, pool);
  tally.check(options.database ?? options.input);
  if (reference) checkPathUnchanged(reference.path, reference.state, reference.path);
  // What is outside the regions was mostly not even read.
  if (regions) {
    const records = table.contigs.reduce((sum, contig) => sum + contig.records, 0);
    tally.total.outsideRegions += records - rows;
  }
  progress.begin("finish");
  if (compression !== undefined) await writeAll(file, EOF_BLOCK);
  const files = file.finish(
    index && {
      suffix: index.suffix,
      bytes: encodeIndex(index.builder.finish()),
    },
  );
  const bytes = writer.bytes + (compression === undefined ? 0 : EOF_BLOCK.length);
  return { counts: tally.total, bytes, files };
}

function styleOf(options: OutputOptions, { alleles, samples }: TableSummary): FormatJob["style"] {
  const { format, homozygous, info, unphased } = options;
  const { minAlleles, maxAlleles, snpsOnly, maxMissingRate, variantsOnly } = options;
  return {
    format,
    alleles,
    samples: samples.map(({ ploidy, phased }) => ({ ploidy, phased: phased && !unphased })),
    homozygous,
    info,
    sites: {
      minAlleles: variantsOnly ? Math.max(2, minAlleles) : minAlleles,
      maxAlleles,
      snpsOnly,
      maxMissingRate,
    },
  };
}

/** Contigs in output order: those of the table, or all of a reference that VCF can name. */
function outputContigs(
  { contigs }: TableSummary,
  reference: ReferenceSource | undefined,
  options: OutputOptions,
): OutputContig[] {
  if (!reference) return contigs.map(({ name }) => ({ name }));
  const known: ReferenceContig[] = referenceContigs(reference);
  checkContigs(contigs.map(({ name }) => name), known, {
    matrix: options.input,
    reference: reference.path,
  });
  const named = known.filter(({ name }) => isNameable(name));
  const [first, ...others] = known.filter(({ name }) => !isNameable(name));
  if (first) {
    options.onNote(
      `warning: VCF forbids the contig name '${printable(first.name)}'` +
        `${others.length > 0 ? ` and ${others.length} more` : ""} of ${reference.path}; ` +
        `the header leaves it out`,
    );
  }
  return named;
}

function isNameable(contig: string): boolean {
  const bytes = new TextEncoder().encode(contig);
  return isContigName(bytes, 0, bytes.length);
}

/** The chosen regions; undefined for all. */
function regionsOf(
  { regions, regionsFile, onNote }: OutputOptions,
  { contigs }: TableSummary,
): RegionSet | undefined {
  if (regions === undefined && regionsFile === undefined) return undefined;
  const names = contigs.map(({ name }) => name);
  const asked = [
    ...regions === undefined ? [] : parseRegions(regions, names),
    ...regionsFile === undefined ? [] : parseBed(readText(regionsFile), regionsFile),
  ];
  const { set, unknown } = regionSet(asked, names);
  if (unknown.length === 0) return set;
  const [first] = unknown, other = first.startsWith("chr") ? first.slice(3) : `chr${first}`;
  const hint = names.includes(other) ? `; it has '${printable(other)}'` : "";
  const message = `the matrix has no contig '${printable(first)}'${hint}`;
  if (regionsFile === undefined || Object.keys(set).length === 0) {
    throw new InputError(message, { file: regionsFile });
  }
  onNote(`warning: ${message}${unknown.length > 1 ? ` and ${unknown.length - 1} more` : ""}`);
  return set;
}

/** What is read of each contig, in output order. */
async function spansOf(
  { work, pinned, table }: OutputRequest,
  contigs: readonly OutputContig[],
  regions: RegionSet | undefined,
): Promise<ContigSpan[]> {
  const ordinals = new Map(contigs.map(({ name }, ordinal) => [name, ordinal]));
  const all = table.contigs
    .map((contig): ContigSpan => ({
      ...contig,
      // Read whole and sorted by DuckDB, as if it were not.
      sorted: contig.sorted && !isScattered(contig),
      contigOrdinal: ordinals.get(contig.name)!,
    }))
    .sort((a, b) => a.contigOrdinal - b.contigOrdinal);
  if (!regions) return all;
  // Asking the table takes DuckDB, which few conversions need on this thread.
  const { regionSpans } = await import("./region_lines.ts");
  const limits = summaryLimits(work.file("spill"));
  return await regionSpans(pinned, all, regions, longest(table), limits);
}

/** Does a contig have so few of the lines between its first and last that reading all is a waste? */
function isScattered({ firstLine, lastLine, records }: TableSummary["contigs"][number]): boolean {
  const lines = lastLine - firstLine + 1;
  return lines > MOST_LINES && lines > SCATTERED * records;
}

/** Bases of the longest allele, and so at least of the longest REF. */
function longest({ alleles }: TableSummary): number {
  return alleles.reduce((most, { length }) => Math.max(most, length), 1);
}

function indexBuilder(
  { output, format, index }: OutputOptions,
  table: TableSummary,
  contigs: readonly OutputContig[],
  compression: number | undefined,
): { builder: IndexBuilder; suffix: string } | undefined {
  if (compression === undefined || format !== "vcf" || index === "none" || isStream(output)) {
    return undefined;
  }
  const maxPos = table.contigs.reduce((most, contig) => Math.max(most, contig.maxPos), 0);
  const maxEnd = maxPos + longest(table) - 1;
  if (index === "tbi" && needsCsi(maxEnd)) {
    throw new UsageError(
      `a .tbi index ends at position ${TBI_MAX_END}, and the matrix passes it; use --index csi`,
    );
  }
  const kind = index === "auto" ? needsCsi(maxEnd) ? "csi" : "tbi" : index;
  return { builder: new IndexBuilder({ format: kind, contigs: [...contigs] }), suffix: `.${kind}` };
}

function headerText(
  options: OutputOptions,
  table: TableSummary,
  contigs: readonly OutputContig[],
): string {
  const samples = table.samples.map(({ name }) => name);
  if (options.format !== "vcf") return tsvHeader(options.format, { ...table, samples });
  return vcfHeader(contigs, samples, options.info);
}

function partitionLines(rowBytes: number): number {
  const lines = Math.floor(PARTITION_BYTES / (rowBytes + 16));
  return Math.max(FEWEST_LINES, Math.min(MOST_LINES, lines));
}
