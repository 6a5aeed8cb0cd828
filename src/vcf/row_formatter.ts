/**
 * Defines what every output format has in common: rows of codes in, bytes out.
 *
 * @module
 */
import type { Codes } from "../base/codes.ts";
import type { BcfKeys } from "./bcf_header.ts";
import type { InfoTag } from "./info_fields.ts";
import type { RowExtras } from "../matrix/dialects/dialect.ts";
import type { RowBatch } from "../matrix/row_batch.ts";
import type { OutputBuffer } from "../base/output_buffer.ts";
import type { SiteChoice, SiteCounter } from "./site_filter.ts";

/** A view of the table that can be written, as Parquet or as text. */
export type ViewFormat = "matrix" | "sites" | "genotypes";

/** A format that can be written. */
export type OutputFormat = "vcf" | "haplotype" | "haplotype-legacy" | "tsv" | ViewFormat;
export const OUTPUT_FORMATS: readonly OutputFormat[] = [
  "vcf",
  "haplotype",
  "haplotype-legacy",
  "tsv",
  "matrix",
  "sites",
  "genotypes",
];

/** Tells whether a format is a view of the table. */
export function isView(format: OutputFormat): format is ViewFormat {
  return format === "matrix" || format === "sites" || format === "genotypes";
}

/** A sample as a formatter sees it. */
export interface SampleStyle {
  /** Number of its haplotypes, which follow each other in a row. */
  ploidy: number;
  /** True where `|` stands between its alleles, else `/`. */
  phased: boolean;
}

/** The format of rows, and what it depends on; plain data, for `postMessage`. */
export interface RowStyle {
  format: OutputFormat;
  /** Alleles by code. */
  alleles: string[];
  /** In output order. */
  samples: SampleStyle[];
  /** True where haploid samples are written as homozygous diploids. */
  homozygous: boolean;
  /** Tags of INFO, for VCF. */
  info: readonly InfoTag[];
  sites: SiteChoice;
  /** Names of the contigs by their numbers, for BCF and views, whose rows go by those. */
  contigs?: readonly string[];
  /** False where no record may be written by a kernel. */
  kernels?: boolean;
  /** What rows hold beside codes; undefined for those of a matrix. */
  extras?: RowExtras;
  /** True where each record says that its REF is provisional. */
  provisional?: boolean;
  /** True where all separators are `/`, and no record names a block. */
  unphased?: boolean;
  /** Numbers of tags, by which records of BCF go; undefined for others. */
  bcf?: BcfKeys;
}

/** Rows of one contig, as columns. */
export interface RecordRows {
  /** 1-based. */
  pos: Uint32Array;
  ref: Codes;
  /** Row after row, all haplotypes in output order. */
  alleles: Codes;
  /** A view of `alleles` where a code is a byte, for loads of several at a time. */
  words: DataView | undefined;
  /** Codes from one row to the next. */
  stride: number;
  /** Returns the ID of a row as UTF-8, or null for `.`; undefined without IDs. */
  id: ((row: number) => Uint8Array | null) | undefined;
  /**
   * Returns the declared ALTs of a row, as codes or as a text with commas, or null; undefined where
   * rows declare none.
   */
  alt?: (row: number) => Uint32Array | Uint8Array | null;
  /** Returns the frequencies that came with a row, or null; undefined where none have any. */
  freq?: (row: number) => Uint8Array | null;
  /** Row after row, a bit for each sample, the lowest first, in whole bytes. */
  phased?: Uint8Array;
  /** Row after row, the block of each sample; 0 for none. */
  sets?: Uint32Array;
  /** Returns the source line of a row, 1-based. */
  line: (row: number) => number;
}

/** Returns codes as {@linkcode RecordRows.words}. */
export function wordsOf(alleles: Codes): DataView | undefined {
  const { buffer, byteOffset, byteLength } = alleles;
  return alleles instanceof Uint8Array ? new DataView(buffer, byteOffset, byteLength) : undefined;
}

/** Returns the rows of a batch as a formatter takes them. */
export function recordsOf(batch: RowBatch): RecordRows {
  const { pos, ref, alleles, line, idBytes, idEnd, altCodes, altEnd, shape } = batch;
  const { freqBytes, freqEnd } = batch;
  return {
    pos,
    ref,
    alleles,
    words: wordsOf(alleles),
    stride: shape.stride,
    id: shape.idBytes > 0 ? partsOf(idBytes, idEnd) : undefined,
    ...shape.alts ? { alt: partsOf(altCodes, altEnd) } : {},
    ...shape.freqBytes ? { freq: partsOf(freqBytes, freqEnd) } : {},
    ...shape.phaseBytes ? { phased: batch.phased } : {},
    ...shape.sets ? { sets: batch.sets } : {},
    line: (row) => line[row],
  };
}

/** Returns what gives the part of each row, cut at `ends` (exclusive, row after row). */
function partsOf<Items extends Uint8Array | Uint32Array>(
  items: Items,
  ends: Uint32Array,
): (row: number) => Items | null {
  return (row) => {
    const from = row === 0 ? 0 : ends[row - 1];
    return ends[row] === from ? null : items.subarray(from, ends[row]) as Items;
  };
}

/** A writer of rows in one format. */
export interface RowFormatter {
  readonly out: OutputBuffer;
  readonly sites: SiteCounter;
  /** Goes on with another contig. */
  begin(contig: string): void;
  /** Appends a row, unless the choice of sites leaves it out. */
  write(rows: RecordRows, row: number): void;
}
