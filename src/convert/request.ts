/**
 * Defines what a conversion can be asked for.
 *
 * @module
 */
import type { ProgressState } from "../base/progress.ts";
import type { IngestOptions } from "../ingest/options.ts";
import type { DialectName, RefSource } from "../matrix/dialects/dialect.ts";
import type { OutputOptions, OutputType } from "../output/options.ts";
import type { InfoTag } from "../vcf/info_fields.ts";
import type { OutputFormat } from "../vcf/row_formatter.ts";

/** The options of {@linkcode convert}; all but input and output have a default. */
export interface ConvertRequest {
  /**
   * Path of the matrix (plain, gzip, BGZF, zstd) or of a kept database, `-` for standard input, or a
   * stream of bytes, which is copied to a temporary file first.
   */
  input: string | URL | ReadableStream<Uint8Array>;
  /** Path of the output, `-` for standard output, or a stream, which is closed at the end. */
  output: string | URL | WritableStream<Uint8Array>;
  /**
   * What the text is: a matrix, or the same table in other clothes, such as `hapmap`. Default:
   * `auto`, which finds it out or refuses.
   */
  dialect?: DialectName | "auto";
  /**
   * Where REF comes from: a column, the `reference`, or the first allele that a row names, which is
   * a guess and is marked with INFO/PR. Default: what the dialect states, else the `reference`.
   */
  refFrom?: RefSource;
  /** File with the sites of a table that has none (`.legend`). Default: of its name, beside it. */
  sites?: string | URL;
  /**
   * File with the names of the samples of a table that has none (`.tfam`, `.sample`, `.samples`).
   * Default: of its name, beside it.
   */
  names?: string | URL;
  /** Contig of a table that names none. Default: that of its IDs. */
  contig?: string;
  /** Name of the sample of a file of one person's genotypes. Default: the file's name. */
  sampleName?: string;
  /** File with the header line, or `-`. Default: the first line of the matrix. */
  header?: string | URL;
  /**
   * Names of samples to write, in this order; a `^` before the first name leaves them out instead.
   * They are names after pairing: `10`, not `10a`. Default: all.
   */
  samples?: readonly string[];
  /**
   * File with the sample sheet, or with names of samples, one on each line; or `-`. A `^` before
   * the path leaves the listed names out. Default: columns are paired by their suffixes.
   */
  samplesFile?: string | URL;
  /** Pairing by suffix: where possible (`auto`, the default), never (1) or always (2). */
  ploidy?: "auto" | 1 | 2;
  /** Further texts that mean a missing allele; blanks around them do not count. */
  missing?: readonly string[];
  /**
   * Worker threads; 0 runs everything on the calling thread. Default: the machine's cores, but 0 for
   * a file of up to 4 MiB that is not compressed, as starting workers takes longer than its work.
   */
  threads?: number;
  /** Budget of the whole process in bytes. Default: 1 GiB. */
  memory?: number;
  /**
   * Most bytes of a line of the matrix without its line end; a longer one is refused. Default: 1 GiB,
   * or a tenth of `memory` where that is less.
   */
  maxLine?: number;
  /**
   * File to keep the table in, or to reuse it from. Default: a temporary file beside the output.
   */
  database?: string | URL;
  /**
   * File of populations that the kept table gets: sample TAB population, no header; or `-`. Samples
   * that it does not name are in none. Default: all samples are one population, `all`.
   */
  populations?: string | URL;
  /**
   * True to write rows that are in order straight to the output, without a table. Rows that are not
   * go through the table all the same; the bytes are the same both ways.
   */
  direct?: boolean;
  /**
   * True to read the whole input before its kept table is reused, even if size, times and ends
   * agree.
   */
  verifyInput?: boolean;
  /**
   * False to read and write all rows without kernels, which take usual ones faster; the bytes are
   * the same. Default: true.
   */
  kernels?: boolean;
  /**
   * True to read the finished VCF or BCF back before it gets its name, and to compare its genotypes
   * with those that were to be written.
   */
  verify?: boolean;
  /** What `-` in an allele cell means: missing (the default), `*`, or bad input. */
  gap?: "missing" | "star" | "error";
  /**
   * What R Y S W K M in an allele cell mean: bad input (the default), missing, or both bases, where
   * the column is a whole sample, which then is diploid and unphased.
   */
  iupac?: "error" | "missing" | "split";
  /**
   * Format of the output. `matrix`, `sites` and `genotypes` are the views of that name, as Parquet or
   * as text (`.tsv`, `.tsv.gz`, streams). Default: `matrix` where the name of the output ends in
   * `.parquet`, else `vcf`.
   */
  format?: OutputFormat;
  /**
   * VCF as plain text (`v`) or BGZF (`z`), or BCF in BGZF (`b`) or plain (`u`). Default: BCF where
   * the name ends in `.bcf`, BGZF where it ends in `.gz` or `.bgz`.
   */
  outputType?: OutputType;
  /** BGZF level 1 to 9 of an output that is compressed. Default: 5. */
  compressionLevel?: number;
  /**
   * Index of a compressed VCF or BCF. Default: `auto`, `.csi` of a BCF and where a contig passes
   * 2^29, else `.tbi`.
   */
  index?: "auto" | "tbi" | "csi" | "none";
  /** INFO tags to write. Default: none. */
  info?: readonly InfoTag[];
  /** FASTA that REF is compared with, and that gives the contigs their order and lengths. */
  reference?: string | URL;
  /** What happens where REF is not that of the reference. Default: `error`. */
  refMismatch?: "error" | "skip" | "count";
  /** Regions `1:100-200,2`, 1-based, both ends included; records that overlap one are written. */
  regions?: string;
  /**
   * File of regions, or `-` for standard input. One whose name ends in `.bed` or `.bed.gz` is a
   * BED, 0-based with its ends excluded. Any other has a contig, a position and perhaps an end,
   * 1-based and included.
   */
  regionsFile?: string | URL;
  /** True to leave out records without an ALT. */
  variantsOnly?: boolean;
  /** Fewest alleles of a record, REF included. */
  minAlleles?: number;
  /** Most alleles of a record, REF included. */
  maxAlleles?: number;
  /** True to leave out records with an allele that is neither a single base nor `*`. */
  snpsOnly?: boolean;
  /** Largest share of missing haplotypes of a record, 0 to 1. */
  maxMissingRate?: number;
  /** True to write `/` between the alleles of a sample. */
  unphased?: boolean;
  /** Leaves the version and the command out of the header of a VCF. */
  noVersion?: boolean;
  /** True to write haploid samples as homozygous diploids. */
  homozygous?: boolean;
  /** Whether a bad row ends the run (the default), or goes to `OUTPUT.rejects.tsv`. */
  onBadRow?: "error" | "skip";
  /**
   * Folder for the temporary table and for what does not fit into memory. Default: the folder of the
   * output; the system's (`$TMPDIR`) where that is no file.
   */
  tempDir?: string | URL;
  /** File for time, phase, rows and memory as CSV, a line every 100 ms. */
  profile?: string | URL;
  /** File for a report of the output as a page, which needs no other file and no network. */
  report?: string | URL;
  /** True to write the figures of the report for MultiQC, too, as `REPORT_mqc.json` beside it. */
  multiqc?: boolean;
  /** Interrupts the run when it is aborted. */
  signal?: AbortSignal;
  /** Receives the progress a few times a second. */
  onProgress?: (state: ProgressState) => void;
  /** Receives one line that says how columns became samples, other notes, and warnings. */
  onNote?: (line: string) => void;
}

/** {@linkcode ConvertRequest} with its defaults, checked and frozen. */
export type ConvertOptions = Readonly<
  IngestOptions & OutputOptions & {
    direct: boolean;
    /** False where bad rows that are skipped are wanted by nobody. */
    keepsRejects: boolean;
    profile?: string;
    report?: string;
    /** Path of the file for MultiQC. */
    multiqc?: string;
    tempDir?: string;
    onProgress: (state: ProgressState) => void;
  }
>;
