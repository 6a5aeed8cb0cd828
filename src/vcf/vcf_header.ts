/**
 * Makes the header of a VCF.
 *
 * @module
 */
import { INFO_LINES, INFO_TAGS, type InfoTag } from "./info_fields.ts";
import { printable } from "../base/text.ts";
import type { DialectSummary } from "../matrix/dialects/dialect.ts";
import { VERSION } from "../base/version.ts";

/** A contig as the header declares it. */
export interface HeaderContig {
  name: string;
  /** Length in bases, if a reference says so. */
  length?: number;
  /** MD5 of its bases, if the dictionary of the reference has it. */
  md5?: string;
}

/** How a VCF came about; all of it is left out without a version. */
export interface Provenance {
  /** The command line; undefined leaves out this and the version. */
  command?: string;
  /** Name of the reference's file, without its folder. */
  reference?: string;
  /** What the rows were, if no matrix. */
  dialect?: DialectSummary;
  /** True where records name the blocks of samples. */
  hasSets?: boolean;
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
  { command, reference, dialect, hasSets }: Provenance = {},
): string {
  const fixed = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"];
  return [
    "##fileformat=VCFv4.2",
    command === undefined ? "##source=matrix2vcf" : `##source=matrix2vcf ${VERSION}`,
    ...command === undefined ? [] : [`##matrix2vcfCommand=${command}`],
    ...reference === undefined ? [] : [`##reference=${reference}`],
    ...dialect === undefined ? [] : [
      `##matrix2vcf_dialect=${dialect.name}`,
      `##matrix2vcf_ref=${printable(dialect.ref, Infinity)}`,
    ],
    ...contigs.map(contigLine),
    ...INFO_TAGS.filter((tag) => info.includes(tag)).map((tag) => INFO_LINES[tag]),
    ...dialect?.provisional ? [PROVISIONAL] : [],
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
    ...hasSets ? [PHASE_SET] : [],
    [...fixed, ...samples].join("\t"),
    "",
  ].join("\n");
}

const PROVISIONAL =
  '##INFO=<ID=PR,Number=0,Type=Flag,Description="REF is provisional: it was not ' +
  'taken from a reference genome">';
const PHASE_SET = '##FORMAT=<ID=PS,Number=1,Type=Integer,Description="Phase set, the block index ' +
  'of the haplotype table">';

function contigLine({ name, length, md5 }: HeaderContig): string {
  const fields = [`ID=${name}`];
  if (length !== undefined) fields.push(`length=${length}`);
  if (md5 !== undefined) fields.push(`md5=${md5}`);
  return `##contig=<${fields.join(",")}>`;
}
