/**
 * Plans an output as plain data: contigs, regions, the kind of index, the budget. Nothing is opened
 * here, so that tests can look at a plan without running it.
 *
 * @module
 */
import { basename } from "node:path";
import { enumWidth } from "../base/codes.ts";
import { textBytes } from "../base/dictionary.ts";
import { InputError, UsageError } from "../base/errors.ts";
import { type MemoryBudget, memoryBudget } from "../base/memory_budget.ts";
import { printable } from "../base/text.ts";
import { type IndexOptions, needsCsi, TBI_MAX_END } from "../bgzf/tabix_index.ts";
import type { LineRange } from "../matrix/grid.ts";
import { isContigName } from "../matrix/cell_bytes.ts";
import { checkContigs, referenceContigs, type ReferenceSource } from "../reference/fasta_index.ts";
import { phaseRowBytes } from "../matrix/row_batch.ts";
import type { RowExtras } from "../matrix/dialects/dialect.ts";
import { likeName } from "../reference/contig_names.ts";
import type { TableSummary } from "../table/read_metadata.ts";
import { bcfHeader } from "../vcf/bcf_header.ts";
import { isView, type RowStyle } from "../vcf/row_formatter.ts";
import { tsvHeader } from "../vcf/tsv_header.ts";
import { type HeaderContig, vcfHeader } from "../vcf/vcf_header.ts";
import { commandLine } from "./command_line.ts";
import { isBcf, isCompressed, type OutputOptions } from "./options.ts";
import { type ContigGroup, type ContigSpan, groupContigs } from "./partitions.ts";
import {
  isBed,
  parseRegions,
  readRegions,
  type Region,
  type RegionSet,
  regionSet,
} from "./region.ts";

/** The table and the options that a plan is made from. */
export interface PlanRequest {
  options: OutputOptions;
  table: TableSummary;
  /** Bases of the longest allele, and so at least of the longest REF. */
  longest: number;
  reference: ReferenceSource | undefined;
  /** Text of the file of regions, if there is one. */
  regionsText: string | undefined;
  /** True where the output goes to a stream, which no index can lie beside. */
  toStream: boolean;
}

/** A contig as the header declares it; `length` in bases, if a reference says so. */
export type OutputContig = HeaderContig;

/** All that is known of an output before the first record is read. */
export interface OutputPlan {
  /** In the order of the header. */
  contigs: OutputContig[];
  /** The chosen regions; undefined for all. */
  regions: RegionSet | undefined;
  /** What is read together, in output order, before regions narrow it. */
  groups: ContigGroup[];
  /** What stands before the records. */
  header: Uint8Array<ArrayBuffer>;
  style: RowStyle;
  /** BGZF level 1 to 9; undefined for plain text. */
  compression: number | undefined;
  index: "tbi" | "csi" | undefined;
  /** The ranges of the rows. */
  grid: readonly LineRange[];
  /** Warnings, a line each. */
  notes: string[];
}

/** Bytes and number of rows that are sorted for one partition of many contigs, at most. */
const DISPLACED_BYTES = 64 * 1024 ** 2, MOST_DISPLACED = 2 ** 20;
/** Lines between the first and last row of a contig up to which it always is read by lines. */
const NEAR_LINES = 65_536;
/** Lines for each row of a contig above which DuckDB finds and sorts its rows sooner. */
const SCATTERED = 8;

/**
 * Plans an output.
 *
 * @throws {InputError} The reference lacks a contig, or the matrix one that was asked for.
 * @throws {UsageError} Options that do not fit the table.
 */
export function planOutput(request: PlanRequest): OutputPlan {
  const { options, table } = request, notes: string[] = [];
  const contigs = outputContigs(request, notes), regions = chosenRegions(request, notes);
  const spans = contigSpans(table, contigs).filter(({ name }) => !regions || regions[name]);
  const groups = groupContigs(spans, table.grid, mostDisplaced(table.haplotypes.length));
  if (table.contigs.length === 0 && !options.part) {
    notes.push("warning: the matrix has a header but no rows, so the output has no records");
  }
  return {
    contigs,
    regions,
    groups,
    ...headerAndStyle(request, contigs),
    compression: compressionOf(options),
    index: indexKind(request),
    grid: table.grid,
    notes,
  };
}

/** Returns contigs in output order: those of the table, or all of a reference that VCF can name. */
function outputContigs(
  { options, table, reference }: PlanRequest,
  notes: string[],
): OutputContig[] {
  const own = table.contigs.map(({ name }) => name);
  if (!reference) return own.map((name) => ({ name }));
  const known = referenceContigs(reference);
  checkContigs(own, known, { matrix: options.input, reference: reference.path });
  const [first, ...others] = known.filter(({ name }) => !isNameable(name));
  if (first) {
    notes.push(
      `warning: VCF forbids the contig name '${printable(first.name)}'` +
        `${others.length > 0 ? ` and ${others.length} more` : ""} of ${reference.path}; ` +
        `the header leaves it out`,
    );
  }
  return known.filter(({ name }) => isNameable(name));
}

function isNameable(contig: string): boolean {
  const bytes = new TextEncoder().encode(contig);
  return isContigName(bytes, 0, bytes.length);
}

/**
 * Returns the regions that were asked for, in any order; undefined for all.
 *
 * @param contigs Names that exist, as a name may look like a region.
 * @throws {UsageError} Not a region.
 * @throws {InputError} Located: a line of the file that is none.
 */
export function askedRegions(
  { options: { regions, regionsFile }, regionsText }: Pick<PlanRequest, "options" | "regionsText">,
  contigs: readonly string[],
): Region[] | undefined {
  if (regions === undefined && regionsText === undefined) return undefined;
  return [
    ...regions === undefined ? [] : parseRegions(regions, contigs),
    ...regionsText === undefined ? [] : readRegions(regionsText, regionsFile!),
  ];
}

function chosenRegions(request: PlanRequest, notes: string[]): RegionSet | undefined {
  const { options, table, regionsText } = request, { regionsFile } = options;
  const names = table.contigs.map(({ name }) => name), asked = askedRegions(request, names);
  if (!asked) return undefined;
  if (regionsText !== undefined) {
    notes.push(
      isBed(regionsFile!)
        ? `${regionsFile} is a BED by its name: starts are 0-based, ends excluded`
        : `${regionsFile} is not named .bed: positions are 1-based, ends included`,
    );
  }
  const { set, unknown } = regionSet(asked, names);
  // Of a matrix without rows, no contig is known; of one in parts, each has some of them.
  if (unknown.length === 0 || names.length === 0 || options.part) return set;
  const [first] = unknown, like = likeName(first, names);
  const message = `the matrix has no contig '${printable(first)}'${like && `; ${like}`}`;
  if (regionsText === undefined || Object.keys(set).length === 0) {
    throw new InputError(message, { file: regionsFile });
  }
  notes.push(`warning: ${message}${unknown.length > 1 ? ` and ${unknown.length - 1} more` : ""}`);
  return set;
}

function contigSpans(table: TableSummary, contigs: readonly OutputContig[]): ContigSpan[] {
  const ordinals = new Map(contigs.map(({ name }, ordinal) => [name, ordinal]));
  return table.contigs
    .map((contig): ContigSpan => ({
      ...contig,
      // A scattered contig is read whole and sorted, like one that is not.
      sorted: contig.sorted && !isScattered(contig),
      inOrder: contig.sorted,
      contigOrdinal: ordinals.get(contig.name)!,
    }))
    .sort((a, b) => a.contigOrdinal - b.contigOrdinal);
}

/** Tells whether a contig has too few of the lines between its first and last to read them all. */
export function isScattered(
  { firstLine, lastLine, records }: TableSummary["contigs"][number],
): boolean {
  const lines = lastLine - firstLine + 1;
  return lines > NEAR_LINES && lines > SCATTERED * records;
}

/** Returns the threads that fit the memory, and what each of them has for reading and sorting. */
export function readerBudget(
  { memory, threads }: OutputOptions,
  { stride, alleles, contigs, extras, hasId, samples }: TableSummary,
): Pick<MemoryBudget, "threads" | "reader" | "sorter"> {
  const names = textBytes(alleles) + textBytes(contigs.map(({ name }) => name));
  const parts = { ...extras, hasId, samples: samples.length };
  // An array of blocks is there more often than one of codes: 2,504 samples failed with once as much.
  const rowBytes = stride * enumWidth(alleles.length) + 2 * phaseRowBytes(parts);
  return memoryBudget(memory, threads, rowBytes, names);
}

/** Returns the header, and the style of the records, which in BCF go by its numbers. */
function headerAndStyle(
  request: PlanRequest,
  outputContigs: readonly OutputContig[],
): Pick<OutputPlan, "header" | "style"> {
  const { options, table } = request;
  const text = headerText(request, outputContigs), style = styleOf(options, table);
  const contigs = outputContigs.map(({ name }) => name);
  if (isBcf(options)) {
    const { bytes, keys } = bcfHeader(text);
    return { header: bytes, style: { ...style, contigs, bcf: keys } };
  }
  const header = new TextEncoder().encode(text);
  return { header, style: isView(options.format) ? { ...style, contigs } : style };
}

function styleOf(
  options: OutputOptions,
  { alleles, samples, extras, dialect }: TableSummary,
): RowStyle {
  const { format, homozygous, info, unphased, kernels } = options;
  const { minAlleles, maxAlleles, snpsOnly, maxMissingRate, variantsOnly } = options;
  return {
    format,
    alleles,
    samples: samples.map(({ ploidy, phased }) => ({ ploidy, phased: phased && !unphased })),
    homozygous,
    info,
    ...hasExtras(extras) || dialect?.provisional
      ? { extras, unphased, provisional: dialect?.provisional }
      : {},
    sites: {
      minAlleles: variantsOnly ? Math.max(2, minAlleles) : minAlleles,
      maxAlleles,
      snpsOnly,
      maxMissingRate,
    },
    kernels,
  };
}

function hasExtras({ alt, freq, phase, sets, absent }: RowExtras): boolean {
  return alt || freq || phase || sets || absent;
}

function headerText(
  { options, table, reference, regionsText }: PlanRequest,
  contigs: readonly OutputContig[],
): string {
  const { format, info, noVersion } = options;
  const samples = table.samples.map(({ name }) => name);
  if (isView(format)) return "";
  if (format !== "vcf") {
    return tsvHeader(format, { ...table, samples, hasFreq: table.extras.freq });
  }
  return vcfHeader(contigs, samples, info, {
    dialect: table.dialect,
    hasSets: table.extras.sets && !options.unphased,
    command: noVersion ? undefined : commandLine(options, table.options, regionsText),
    reference: reference && printable(basename(reference.path), Infinity),
  });
}

function compressionOf(options: OutputOptions): number | undefined {
  // The rows of a view are on their way to DuckDB.
  if (isView(options.format)) return undefined;
  return isCompressed(options) ? options.compressionLevel : undefined;
}

function indexKind({ options, table, longest, toStream }: PlanRequest): OutputPlan["index"] {
  const { format, index } = options;
  if (compressionOf(options) === undefined || format !== "vcf" || index === "none" || toStream) {
    return undefined;
  }
  if (isBcf(options)) return "csi";
  const maxPos = table.contigs.reduce((most, contig) => Math.max(most, contig.maxPos), 0);
  const passes = needsCsi(maxPos + longest - 1);
  if (index === "tbi" && passes) {
    throw new UsageError(
      `a .tbi index ends at position ${TBI_MAX_END}, and the matrix passes it; use \`index\` csi`,
    );
  }
  return index === "auto" ? passes ? "csi" : "tbi" : index;
}

/**
 * Returns what an index of an output is made with.
 *
 * @param contigs Those of the header, or of the rows so far, where more may come.
 */
export function indexOptions(
  format: "tbi" | "csi",
  { refMismatch, ...options }: OutputOptions,
  contigs: IndexOptions["contigs"],
): IndexOptions {
  if (!isBcf(options)) return { format, contigs };
  // Where REF need not be the reference's, a position may be past the end of its contig.
  const named = refMismatch === "count" ? contigs.map(({ name }) => ({ name })) : contigs;
  return { format, records: "bcf", contigs: named };
}

/** Returns a number that depends on the columns only, as the place of a cut must. */
function mostDisplaced(haplotypes: number): number {
  return Math.min(MOST_DISPLACED, Math.ceil(DISPLACED_BYTES / (haplotypes + 16)));
}
