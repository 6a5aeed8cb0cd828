/**
 * What a conversion came to: as data, as JSON, as lines for a person.
 *
 * @module
 */
import { type Phase } from "../base/progress.ts";
import { grouped } from "../base/text.ts";

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

const REASONS: Record<keyof ConvertReport["filtered"], string> = {
  tooFewAlleles: "with too few alleles",
  tooManyAlleles: "with too many alleles",
  notSnps: "no SNPs",
  tooManyMissing: "with too many missing",
  outsideRegions: "outside the regions",
};

/**
 * A report as lines for a person.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { convert } from "../../mod.ts";
 * import { reportLines } from "./report.ts";
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/m.tsv`, "CHROM\tPOS\tREF\t1a\t1b\n1\t7\tA\tA\tG\n");
 * const report = await convert({ input: `${folder}/m.tsv`, output: `${folder}/m.vcf`, threads: 0 });
 * assert.match(reportLines(report)[0], /^1 record, 1 sample, 1 contig: 1 variant /);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export function reportLines(report: ConvertReport): string[] {
  const phases = Object.entries(report.seconds).filter(([phase]) => phase !== "total")
    .map(([phase, seconds]) => `${phase} ${seconds.toFixed(2)}`).join(", ");
  const some = (count: number, what: string) =>
    `${grouped(count)} ${what}${count === 1 ? "" : "s"}`;
  const mib = (bytes: number) => `${(bytes / 1024 ** 2).toFixed(0)} MiB`;
  const lines = [
    `${some(report.records, "record")}, ${some(report.samples, "sample")}, ` +
    `${some(report.contigs, "contig")}: ` +
    `${grouped(report.variants)} variant (${grouped(report.multiallelic)} multi-allelic), ` +
    `${grouped(report.monomorphic)} monomorphic, ` +
    `${(report.missingShare * 100).toFixed(2)}% missing, ` +
    some(report.duplicates, "duplicate position"),
  ];
  const left = Object.entries(report.filtered).filter(([, count]) => count > 0)
    .map(([reason, count]) => `${grouped(count)} ${REASONS[reason as keyof typeof REASONS]}`);
  if (left.length > 0) lines.push(`left out: ${left.join(", ")}`);
  if (report.refMismatches > 0) {
    lines.push(`REF of ${some(report.refMismatches, "record")} is not that of the reference`);
  }
  if (report.skipped > 0) {
    lines.push(
      `${some(report.skipped, "bad row")} skipped, ` +
        (report.rejects ? `see ${report.rejects}` : "when the table was made"),
    );
  }
  lines.push(
    `${(report.seconds.total ?? 0).toFixed(2)} s (${phases}), ` +
      `${(report.bytesPerSecond / 1e6).toFixed(0)} MB/s, ${some(report.threads, "thread")}, ` +
      `peak memory ${mib(report.peakMemory)}`,
  );
  if (report.database) {
    lines.push(`table ${report.reused ? "reused from" : "kept in"} ${report.database}`);
  }
  return lines;
}
