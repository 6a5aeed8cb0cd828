/**
 * Knows the names of columns that hold no haplotypes.
 *
 * @module
 */

/** Names of the fixed columns: the exact one first, then the others, upper case. */
export const ROLE_NAMES = {
  CHROM: ["CHROM", "CHR", "CONTIG", "CHROMOSOME", "SEQNAME"],
  POS: ["POS", "POSITION", "BP"],
  REF: ["REF", "REFERENCE"],
  ID: ["ID", "RSID", "RS#", "SNP", "SNPID"],
} as const;

/** Names of columns that hold annotation, upper case: of VCF, HapMap, snippy, haplotype tables. */
const ANNOTATIONS: ReadonlySet<string> = new Set([
  ...["QUAL", "FILTER", "INFO", "FORMAT"],
  ...["STRAND", "ASSEMBLY#", "CENTER", "PROTLSID", "ASSAYLSID", "PANEL", "PANELLSID", "QCCODE"],
  ...["LOCUS_TAG", "GENE", "PRODUCT", "EFFECT", "TYPE"],
  "ALL-FREQ",
  ...Object.values(ROLE_NAMES).flat(),
]);

/** Names of columns that declare the alleles of a row, upper case. */
const DECLARATIONS: ReadonlySet<string> = new Set([
  "ALT",
  "ALLELES",
  "ALL-ALLELES",
  "REFANDALTS",
]);

/** Columns of a VCF, which hold no alleles of haplotypes. */
const VCF_COLUMNS = ["ALT", "QUAL", "FILTER", "INFO"];

/** Tells whether the columns are those of a VCF, with samples or without. */
export function isOfVcf(names: readonly string[]): boolean {
  const upper = new Set(names.map((name) => name.toUpperCase()));
  return VCF_COLUMNS.every((name) => upper.has(name)) && looksLikeHeader(names);
}

/** Tells whether names are those of a header: they have two of CHROM, POS and REF. */
export function looksLikeHeader(names: readonly string[]): boolean {
  const upper = new Set(names.map((name) => name.toUpperCase()));
  const { CHROM, POS, REF } = ROLE_NAMES;
  return [CHROM, POS, REF].filter((role) => role.some((name) => upper.has(name))).length > 1;
}

/** Tells whether the first name is one that tables begin with: of a contig, a position or an ID. */
export function beginsLikeHeader([first = ""]: readonly string[]): boolean {
  return ([ROLE_NAMES.CHROM, ROLE_NAMES.POS, ROLE_NAMES.ID].flat() as readonly string[]).includes(
    first.toUpperCase(),
  );
}

/** Tells whether a column declares the alleles of its rows. */
export function declaresAlleles(name: string): boolean {
  return DECLARATIONS.has(name.toUpperCase());
}

/**
 * Tells whether a column holds annotation, by its name: a known one, a field of INFO, or a value
 * beside the genotypes of a sample (`S1:AD`, where `S1:GT` exists).
 *
 * @param names All names of the header.
 */
export function isAnnotation(name: string, names: ReadonlySet<string>): boolean {
  if (ANNOTATIONS.has(name.toUpperCase()) || /^INFO:/i.test(name)) return true;
  const [, sample, key] = /^(.+[:.])([A-Z][A-Z0-9_]+)$/i.exec(name) ?? [];
  return sample !== undefined && key.toUpperCase() !== "GT" && names.has(`${sample}GT`);
}

/** Tells whether a column has no name, or the one that pandas gives to those without. */
export function isNameless(name: string): boolean {
  return /^(\s*|Unnamed: \d+)$/.test(name);
}
