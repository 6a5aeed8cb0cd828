/**
 * Defines the report of a conversion, which is plain data and can be written as JSON.
 *
 * @module
 */
import { type Phase } from "../base/progress.ts";

/** The summary of a conversion. */
export interface ConvertReport {
  /** The matrix or database as given; `-` for standard input. */
  input: string;
  /** The output as given; `-` for standard output. */
  output: string;
  /** True where rows went straight to the output, false where they went through a table. */
  direct: boolean;
  /**
   * Shares (0 to 1) of the rows that kernels took: of those that were read, which is null where the
   * table was there, and of those that were written.
   */
  kernelShare: { read: number | null; written: number };
  /** The kept database, or null. */
  database: string | null;
  /** True where the table existed before. */
  reused: boolean;
  /** Samples in the output. */
  samples: number;
  /** Haplotypes in the output, over all samples. */
  haplotypes: number;
  /** Contigs with records. */
  contigs: number;
  /** Records written. */
  records: number;
  /** Records with an ALT. */
  variants: number;
  /** Records without an ALT. */
  monomorphic: number;
  /** Records with two or more ALTs. */
  multiallelic: number;
  /** Records left out by choice, by the first reason that applied. */
  filtered: {
    tooFewAlleles: number;
    tooManyAlleles: number;
    notSnps: number;
    tooManyMissing: number;
    outsideRegions: number;
  };
  /** Records whose REF is not the reference's; left out, or kept and counted. */
  refMismatches: number;
  /** Share of missing haplotypes in the records, 0 to 1. */
  missingShare: number;
  /** Columns of haplotypes that are missing in every row; empty where the table was reused. */
  missingColumns: string[];
  /** Records at the position of the record before. */
  duplicates: number;
  /** Bad rows that were put aside. */
  skipped: number;
  /** The file that has the bad rows, or null. */
  rejects: string | null;
  /**
   * Sums of the output's genotypes as `matrix2vcf checksum` has them for all samples, and the number
   * of called ones; null where they were not wanted.
   */
  checksum: { called: number; alleles: string; phase: string; sites: string } | null;
  /** Bytes of the output. */
  bytes: number;
  /** Bytes of the input file. */
  inputBytes: number;
  /** Seconds by phase and in total; phases that were not needed are left out. */
  seconds: Partial<Record<Phase | "total", number>>;
  /** Bytes of the input file a second. */
  bytesPerSecond: number;
  /** Peak resident memory of the process, in bytes. */
  peakMemory: number;
  /** Worker threads; 0 if all was done on the calling thread. */
  threads: number;
}
