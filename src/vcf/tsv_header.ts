/**
 * Makes the header lines of the TSV formats.
 *
 * @module
 */
import type { OutputFormat } from "./row_formatter.ts";

/** Names that columns are made of, in output order. */
export interface ColumnNames {
  samples: readonly string[];
  haplotypes: readonly string[];
  hasId: boolean;
  /** True where frequencies come with the rows. */
  hasFreq?: boolean;
}

/**
 * Returns the header line of a format: that of a matrix (`tsv`), or that of a haplotype tsv, with a
 * block index and the alleles of each sample.
 */
export function tsvHeader(format: OutputFormat, names: ColumnNames): string {
  const { samples, haplotypes, hasId, hasFreq = false } = names;
  const columns = format === "tsv"
    ? ["CHROM", "POS", "REF", ...hasId ? ["ID"] : [], ...haplotypes]
    : format === "haplotype"
    ? [
      "CHROM",
      "POS",
      "REF",
      "all-alleles",
      ...hasFreq ? ["all-freq"] : [],
      ...samples.flatMap((name) => [`${name}:PI`, `${name}:PG_al`]),
    ]
    : [
      "contig",
      "pos",
      "ref",
      "alt",
      ...hasFreq ? ["all-freq"] : [],
      ...samples.flatMap((name) => [`${name}_PI`, `${name}_PG_al`]),
    ];
  return `${columns.join("\t")}\n`;
}
