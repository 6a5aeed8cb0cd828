/**
 * Shows the report of a conversion as lines for a person.
 *
 * @module
 */
import { type NumberStyle, printable, ungrouped } from "../base/text.ts";
import type { ConvertReport } from "./report.ts";

const REASONS: Record<keyof ConvertReport["filtered"], string> = {
  tooFewAlleles: "with too few alleles",
  tooManyAlleles: "with too many alleles",
  notSnps: "no SNPs",
  tooManyMissing: "with too many missing",
  outsideRegions: "outside the regions",
};

/** Bytes of an input below which a speed tells nothing. */
const SMALL = 10e6;
/** Names that a line shows at most. */
const MOST_NAMES = 8;

/**
 * Returns a report as lines for a person.
 *
 * @param number How whole numbers are written.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { convert } from "../../mod.ts";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/m.tsv`, "CHROM\tPOS\tREF\t1a\t1b\n1\t7\tA\tA\tG\n");
 * const report = await convert({ input: `${folder}/m.tsv`, output: `${folder}/m.vcf`, threads: 0 });
 * assert.match(reportLines(report)[0], /^1 record, 1 sample, 1 contig: 1 variant /);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export function reportLines(report: ConvertReport, number: NumberStyle = ungrouped): string[] {
  const phases = Object.entries(report.seconds).filter(([phase]) => phase !== "total")
    .map(([phase, seconds]) => `${phase} ${seconds.toFixed(2)}`).join(", ");
  const some = (count: number, what: string) => `${number(count)} ${what}${count === 1 ? "" : "s"}`;
  const mib = (bytes: number) => `${(bytes / 1024 ** 2).toFixed(0)} MiB`;
  const lines = [
    `${some(report.records, "record")}, ${some(report.samples, "sample")}, ` +
    `${some(report.contigs, "contig")}: ` +
    `${number(report.variants)} variant (${number(report.multiallelic)} multi-allelic), ` +
    `${number(report.monomorphic)} monomorphic, ` +
    `${(report.missingShare * 100).toFixed(2)}% missing, ` +
    some(report.duplicates, "duplicate position"),
  ];
  const left = Object.entries(report.filtered).filter(([, count]) => count > 0)
    .map(([reason, count]) => `${number(count)} ${REASONS[reason as keyof typeof REASONS]}`);
  if (left.length > 0) lines.push(`left out: ${left.join(", ")}`);
  if (report.refMismatches > 0) {
    lines.push(`REF of ${some(report.refMismatches, "record")} is not that of the reference`);
  }
  lines.push(...missingLines(report));
  if (report.skipped > 0) {
    lines.push(
      `${some(report.skipped, "bad row")} skipped, ` +
        (report.rejects ? `see ${report.rejects}` : "when the table was made"),
    );
  }
  lines.push(
    `${(report.seconds.total ?? 0).toFixed(2)} s (${phases}), ` +
      `${speedOf(report)}${some(report.threads, "thread")}, peak memory ${mib(report.peakMemory)}`,
  );
  if (report.database) {
    lines.push(`table ${report.reused ? "reused from" : "kept in"} ${report.database}`);
  }
  return lines;
}

/** Returns the speed; nothing of a small run, of which it would tell only how long a start takes. */
function speedOf({ inputBytes, bytesPerSecond }: ConvertReport): string {
  return inputBytes < SMALL ? "" : `${(bytesPerSecond / 1e6).toFixed(0)} MB/s, `;
}

/** Returns a warning of columns that are missing in every row, if there are some. */
function missingLines({ missingColumns: { length }, missingColumns }: ConvertReport): string[] {
  if (length === 0) return [];
  const names = missingColumns.slice(0, MOST_NAMES).map((name) => printable(name, 24)).join(", ");
  const more = length > MOST_NAMES ? ", ..." : "";
  return [
    `warning: missing in every row: ${length} column${length === 1 ? "" : "s"} (${names}${more})`,
  ];
}
