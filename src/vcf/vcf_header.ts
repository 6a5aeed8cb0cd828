/**
 * Makes the header of a VCF.
 *
 * @module
 */
import { INFO_LINES, INFO_TAGS, type InfoTag } from "./info_fields.ts";
import { VERSION } from "../base/version.ts";

/** A contig as the header declares it. */
export interface HeaderContig {
  name: string;
  /** Length in bases, if a reference says so. */
  length?: number;
}

/**
 * Returns the header lines of a VCF 4.2, from `##fileformat` to `#CHROM`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { vcfHeader } from "./vcf_header.ts";
 * assert(vcfHeader([{ name: "1" }], ["10"]).includes("\n##contig=<ID=1>\n"));
 * ```
 */
export function vcfHeader(
  contigs: readonly HeaderContig[],
  samples: readonly string[],
  info: readonly InfoTag[] = [],
): string {
  const fixed = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"];
  return [
    "##fileformat=VCFv4.2",
    `##source=matrix2vcf ${VERSION}`,
    ...contigs.map(({ name, length }) =>
      length === undefined ? `##contig=<ID=${name}>` : `##contig=<ID=${name},length=${length}>`
    ),
    ...INFO_TAGS.filter((tag) => info.includes(tag)).map((tag) => INFO_LINES[tag]),
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
    [...fixed, ...samples].join("\t"),
    "",
  ].join("\n");
}
