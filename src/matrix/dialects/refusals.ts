/**
 * Says why texts are refused that are known, and are no tables of sites and alleles.
 *
 * @module
 */

/** A kind of text that is refused. */
interface Foreign {
  /** Tells it by its first line that is no comment, and by the fields of this. */
  is: (line: string, names: readonly string[]) => boolean;
  /** What it is, why that will not do, and what to do. */
  why: string;
}

/** What to do with a table whose rows are samples. */
const TRANSPOSE = "rows must be sites and columns samples: transpose it, in R with t(), in " +
  "pandas with .T, or with datamash transpose, and name CHROM, POS and REF of each site";

/** Why files of numbers cannot be read, under the name of each kind. */
export const NO_ALLELES: Readonly<Record<string, string>> = {
  ped:
    "this looks like a PED file, with samples in rows; plink1.9 --file NAME --recode transpose " +
    "--out NAME makes a TPED of it, which is read",
  gen: "this looks like a GEN file, with the probabilities of three genotypes; a call needs a " +
    "threshold, which is an analysis: plink2 --gen FILE ref-unknown --sample FILE --export vcf " +
    "calls them",
  thap: "this looks like a thap file, with letters and no sites; such tables are not read yet",
  "012":
    "this is a table of numbers only, as .012 of vcftools and numeric tables are: nothing in " +
    "it says what the alleles are; vcftools --recode keeps the alleles",
  "numeric alleles":
    "this looks like a TPED file whose alleles are numbers; --dialect tped reads " +
    "1 2 3 4 as A C G T",
};

/** Texts that are told by their first line. */
const FOREIGN: readonly Foreign[] = [
  {
    is: (line, names) =>
      /^\[Header\]/i.test(line) || /\bGSGT\b/.test(line) ||
      (names.includes("SNP Name") && names.includes("Sample ID")),
    why:
      "this is a FinalReport of GenomeStudio, with a line for each sample and SNP; its alleles " +
      "of the TOP strand are not those of the reference's strand: gtc2vcf makes a VCF from the " +
      "intensities",
  },
  {
    is: (line, [first]) => /^(?:AlleleID|CloneID)$/i.test(first) || /^"?\*[,\t"]/.test(line),
    why: "this is a report of DArT, whose numbers have two meanings: in a 1-row report 1 is " +
      "ALT/ALT and 2 heterozygous, in dartR's tables the other way round; write REF, ALT and " +
      "dosages, and give --dialect dosage",
  },
  { is: (line) => line.startsWith(">"), why: "this is a FASTA; a genome matrix has sites in rows" },
  {
    is: (_, [first, second]) => /^I$/i.test(first) && /^id$/i.test(second ?? ""),
    why: "this is a file of BEAGLE 3, which has no positions; beagle2vcf.jar makes a VCF of it",
  },
  {
    is: (line) => /^(?:ms|msms|scrm|discoal)\s+\d+\s+\d+/.test(line),
    why: "this is the output of ms, which has no contigs and no bases",
  },
  {
    is: (_, names) => names.slice(0, 4).join(" ").toUpperCase() === "FID IID PAT MAT",
    why: "this is a .raw file of PLINK, with samples in rows and counts of an allele; plink1.9 " +
      "--bfile NAME --recode transpose --out NAME makes a TPED of the same data, which is read",
  },
  {
    is: (_, [first, ...names]) =>
      /^(?:samples?|taxa|taxon|id|iid|fid|accession|individual|line|strain|isolate)$/i
        .test(first) && names.length > 0,
    why: `this is a table with samples in rows; ${TRANSPOSE}`,
  },
];

/**
 * Returns why a text is refused that its first line tells; undefined for any other.
 *
 * @param line The first line that is no comment.
 * @param names Its fields.
 */
export function foreignTable(line: string, names: readonly string[]): string | undefined {
  return FOREIGN.find(({ is }) => is(line, names))?.why;
}
