/**
 * Header lines of the TAB-separated formats.
 *
 * @module
 */
import type { OutputFormat } from "./row_format.ts";
import type { TableSummary } from "./table_summary.ts";

/**
 * The header line of a table format: the matrix's own (`tsv`), or that of a haplotype table, with a
 * block index and the alleles of each sample.
 */
export function tableHeader(format: OutputFormat, table: TableSummary): string {
  const { samples, haplotypes, hasId } = table;
  const names = samples.map(({ name }) => name);
  const columns = format === "tsv"
    ? ["CHROM", "POS", "REF", ...hasId ? ["ID"] : [], ...haplotypes]
    : format === "haplotype"
    ? [
      "CHROM",
      "POS",
      "REF",
      "all-alleles",
      ...names.flatMap((name) => [`${name}:PI`, `${name}:PG_al`]),
    ]
    : ["contig", "pos", "ref", "alt", ...names.flatMap((name) => [`${name}_PI`, `${name}_PG_al`])];
  return `${columns.join("\t")}\n`;
}
