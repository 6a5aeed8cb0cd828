/**
 * What a conversion came to: as data, as JSON, as lines for a person.
 *
 * @module
 */
import { grouped, type Phase } from "./progress.ts";

/** The summary of a conversion. */
export interface ConvertReport {
  input: string;
  output: string;
  /** The kept database, or null. */
  database: string | null;
  /** Was the table there already? */
  reused: boolean;
  samples: number;
  haplotypes: number;
  contigs: number;
  /** Records written. */
  records: number;
  /** Records with an ALT. */
  variants: number;
  /** Records without. */
  monomorphic: number;
  /** Records with two or more ALTs. */
  multiallelic: number;
  /** Rows left out by choice. */
  filtered: number;
  /** Share of missing haplotypes in the records, 0 to 1. */
  missingShare: number;
  /** Records at the position of the record before. */
  duplicates: number;
  /** Bad rows that were put aside, and where; null without. */
  skipped: number;
  rejects: string | null;
  /** Bytes written. */
  bytes: number;
  /** Bytes of the input file. */
  inputBytes: number;
  seconds: Partial<Record<Phase | "total", number>>;
  /** Bytes of the input, as stored, by the second. */
  bytesPerSecond: number;
  /** Peak resident memory of the process, in bytes. */
  peakMemory: number;
  threads: number;
}

/**
 * A report as lines for a person.
 *
 * @example
 * ```ts
 * import { reportLines } from "./report.ts";
 * console.assert(reportLines.length === 1);
 * ```
 */
export function reportLines(report: ConvertReport): string[] {
  const phases = Object.entries(report.seconds).filter(([phase]) => phase !== "total")
    .map(([phase, seconds]) => `${phase} ${seconds.toFixed(2)}`).join(", ");
  const mib = (bytes: number) => `${(bytes / 1024 ** 2).toFixed(0)} MiB`;
  const lines = [
    `${grouped(report.records)} records, ${report.samples} samples, ` +
    `${report.contigs} contig${report.contigs === 1 ? "" : "s"}: ` +
    `${grouped(report.variants)} variant (${grouped(report.multiallelic)} multi-allelic), ` +
    `${grouped(report.monomorphic)} monomorphic, ` +
    `${(report.missingShare * 100).toFixed(2)}% missing, ` +
    `${grouped(report.duplicates)} duplicate position${report.duplicates === 1 ? "" : "s"}`,
  ];
  if (report.filtered > 0) lines.push(`${grouped(report.filtered)} records left out by choice`);
  if (report.skipped > 0) {
    lines.push(
      `${grouped(report.skipped)} bad rows skipped, see ${report.rejects ?? "the database"}`,
    );
  }
  lines.push(
    `${(report.seconds.total ?? 0).toFixed(2)} s (${phases}), ` +
      `${(report.bytesPerSecond / 1e6).toFixed(0)} MB/s, ${report.threads} threads, ` +
      `peak memory ${mib(report.peakMemory)}`,
  );
  if (report.database) {
    lines.push(`table ${report.reused ? "reused from" : "kept in"} ${report.database}`);
  }
  return lines;
}
