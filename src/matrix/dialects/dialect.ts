/**
 * Defines what a dialect is: the same table of sites and alleles, in other clothes.
 *
 * @module
 */

/** The name of a dialect. */
export type DialectName =
  | "matrix"
  | "genotypes"
  | "codes"
  | "hapmap"
  | "haplotype-table"
  | "tped"
  | "haps"
  | "hap-legend"
  | "raw-dna"
  | "dosage";

/** Names of the dialects that can be asked for; `auto` finds one out. */
export const DIALECT_NAMES: readonly DialectName[] = [
  "matrix",
  "genotypes",
  "codes",
  "hapmap",
  "haplotype-table",
  "tped",
  "haps",
  "hap-legend",
  "raw-dna",
  "dosage",
];

/**
 * How a text is laid out and what its cells mean; plain data. All after the tokenizer sees rows of
 * allele codes, whatever the dialect.
 */
export interface Dialect {
  name: DialectName;
  /** What stands between cells; the reader turns all of them into TABs. */
  separator: "tab" | "comma" | "blank";
  /** Where the names of the columns stand: in a line, in a comment, nowhere. */
  header: "line" | "comment" | "none";
  /** Haplotypes of a column. */
  copies: number;
  /**
   * What a cell is: one allele (`A`), a genotype of alleles (`A/G`, `A|G`, `A/`), of letters
   * (`AG`, `A:G`, `R`), of codes (`0|1`), a count of ALT (`0`, `1`, `2`), or one code (`0`, `1`,
   * `?`, `-`).
   */
  cells: "allele" | "pair" | "letters" | "code" | "dosage" | "haps";
  /** Texts that mean missing, beside those of `--missing`. */
  missing: readonly string[];
  /** What `-` means where `--gap` does not say: missing, no haplotype at all, a no-call of an indel. */
  gap: "missing" | "absent" | "indel";
  /**
   * Where REF comes from; in a layout, after `--ref-from` has been heard. `column`: the column with
   * `Role.Ref`, or, where there is none, the first allele that `Role.Alt` declares.
   */
  ref: "column" | "first" | "ids" | "lookup";
  /**
   * Whether haplotypes have an order: in all cells, in none, where the cell has a `|`, or within
   * the blocks that the table names.
   */
  phase: "always" | "never" | "cell" | "blocks";
  /** Where names of samples stand: in the header, in another file, in an option. */
  names: "header" | "companion" | "option";
}

/** Where REF comes from, as users say it. */
export type RefSource = "column" | "reference" | "first";

/** All that users can say of it. */
export const REF_SOURCES: readonly RefSource[] = ["column", "reference", "first"];

/** Options that say what a text is that does not say it itself. */
export interface DialectOptions {
  /** Its dialect; found out by default. */
  dialect?: DialectName | "auto";
  /** Where REF comes from; by default what the dialect has. */
  refFrom?: RefSource;
  /** File with the sites of a table that has none. */
  sites?: string;
  /** File with the names of the samples of a table that has none. */
  names?: string;
  /** Contig of a table that names none. */
  contig?: string;
  /** Name of the one sample of a table that does not name it. */
  sampleName?: string;
}

/** What columns, options and companions of one file add to its dialect; plain data. */
export interface DialectFacts {
  /** What tells the dialect, in a few words. */
  evidence?: string;
  /** The file of the sites, where rows have none. */
  sites?: string;
  /** What a user should know of it, a line each. */
  notes?: readonly string[];
  /** Where REF comes from, in the words of the header: `first of the alleles column`. */
  refText?: string;
  /**
   * The contig of all rows, where no column names it; undefined where IDs do (`CHROM:POS...`) or a
   * column does.
   */
  contig?: string;
  /** Contigs that get other names. */
  contigNames?: Readonly<Record<string, string>>;
  /** True where a row without REF is no bad one, as a haplotype table is written that has none. */
  refMayMiss?: boolean;
}

/** What rows hold beside codes of alleles; plain data. */
export interface RowExtras {
  /** Declared ALTs. */
  alt: boolean;
  /** A text of frequencies. */
  freq: boolean;
  /** A bit for each sample that tells whether its alleles have an order. */
  phase: boolean;
  /** A number for each sample, that of its block. */
  sets: boolean;
  /** Haplotypes that a sample does not have there: ABSENT is a code. */
  absent: boolean;
}

/** What an output says of the dialect that it came from; plain data. */
export interface DialectSummary {
  name: DialectName;
  /** Where REF comes from, in words. */
  ref: string;
  /** True where REF is only the first of some alleles, and no reference's. */
  provisional: boolean;
}

/**
 * The block of rows whose block is called as their contig: `--format haplotype` writes so where the
 * order of haplotypes holds throughout. VCF needs no phase set to say so.
 */
export const WHOLE_CONTIG = 0xffffffff;

/** The extras of a matrix. */
export const NO_EXTRAS: RowExtras = {
  alt: false,
  freq: false,
  phase: false,
  sets: false,
  absent: false,
};

/** What a tokenizer knows of a dialect; plain data, for `postMessage`. */
export interface DialectPlan {
  dialect: Readonly<Dialect>;
  facts: DialectFacts;
  /** Per source column the sample (0-based) whose block it has, else -1. */
  blocks: Int32Array;
  /** Per source column the sample that its haplotypes belong to, else -1. */
  samples: Int32Array;
}
