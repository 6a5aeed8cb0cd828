/**
 * What a conversion came to: as data, as JSON, as lines for a person.
 *
 * @module
 */
import { type Phase } from "../base/progress.ts";

/** The summary of a conversion. */
export interface ConvertReport {
  /** The matrix or database as given; `-` for standard input. */
  input: string;
  /** The VCF as given; `-` for standard output. */
  output: string;
  /** The kept database, or null. */
  database: string | null;
  /** Was the table there already? */
  reused: boolean;
  /** Samples in the VCF. */
  samples: number;
  /** Haplotype columns in the VCF, over all samples. */
  haplotypes: number;
  /** Contigs with records. */
  contigs: number;
  /** Records written. */
  records: number;
  /** Records with an ALT. */
  variants: number;
  /** Records without. */
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
  /** Records at the position of the record before. */
  duplicates: number;
  /** Bad rows that were put aside. */
  skipped: number;
  /** The file they were put into; null without. */
  rejects: string | null;
  /** Bytes written. */
  bytes: number;
  /** Bytes of the input file. */
  inputBytes: number;
  /** Seconds by phase and in total; phases that were not needed are left out. */
  seconds: Partial<Record<Phase | "total", number>>;
  /** Bytes of the input, as stored, by the second. */
  bytesPerSecond: number;
  /** Peak resident memory of the process, in bytes. */
  peakMemory: number;
  /** Worker threads; 0 if all was done on the calling thread. */
  threads: number;
}
