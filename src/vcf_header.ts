/**
 * The header of a VCF, as text.
 *
 * @module
 */
import { VERSION } from "./version.ts";

/** A contig as the header declares it. */
export interface HeaderContig {
  name: string;
  /** In bases, if a reference says so. */
  length?: number;
}

/**
 * The header lines of a VCF 4.2, from `##fileformat` to `#CHROM`.
 *
 * @example
 * ```ts
 * import { vcfHeader } from "./vcf_header.ts";
 * console.assert(vcfHeader([{ name: "1" }], ["10"]).includes("\n##contig=<ID=1>\n"));
 * ```
 */
export function vcfHeader(contigs: readonly HeaderContig[], samples: readonly string[]): string {
  const fixed = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"];
  return [
    "##fileformat=VCFv4.2",
    `##source=matrix2vcf ${VERSION}`,
    ...contigs.map(({ name, length }) =>
      length === undefined ? `##contig=<ID=${name}>` : `##contig=<ID=${name},length=${length}>`
    ),
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
    [...fixed, ...samples].join("\t"),
    "",
  ].join("\n");
}
