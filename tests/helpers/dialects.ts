/** Examples of dialects, and what is made of a text without converting it. */
import { InputError } from "../../src/base/errors.ts";
import { openInput } from "../../src/matrix/input_file.ts";
import { type ColumnOptions, lookAtFile, readLayout } from "../../src/matrix/read_layout.ts";
import { filePath } from "./cli.ts";

/** An example: its file, what it is, and what its expected VCF was made with. */
export interface Example {
  file: string;
  dialect: string;
  evidence: string;
  options?: ColumnOptions;
}

const REFERENCE = filePath("tests/dialects/ref.fa");

/** All examples of `tests/dialects/` that are detected. */
export const EXAMPLES: readonly Example[] = [
  { file: "codes/in.tsv", dialect: "codes", evidence: "ALT, and cells such as 0|0" },
  { file: "dosage/in.tsv", dialect: "dosage", evidence: "ALT, and counts 0, 1 and 2 of it" },
  { file: "genotypes/in.tsv", dialect: "genotypes", evidence: "cells such as A/A" },
  {
    file: "hap-legend/in.hap",
    dialect: "hap-legend",
    evidence: "no header; rows of nothing but pairs of 0 and 1",
  },
  { file: "haplotype-table/in.tsv", dialect: "haplotype-table", evidence: "S1:PI S1:PG_al" },
  {
    file: "haplotype-table-numeric/in.tsv",
    dialect: "haplotype-table",
    evidence: "S1:PI S1:PGal",
  },
  {
    file: "hapmap1/in.hmp.txt",
    dialect: "hapmap",
    evidence: "rs# alleles chrom pos",
    options: { refFrom: "first" },
  },
  {
    file: "hapmap2/in.hmp.txt",
    dialect: "hapmap",
    evidence: "rs# alleles chrom pos",
    options: { refFrom: "first" },
  },
  {
    file: "haps/in.haps",
    dialect: "haps",
    evidence: "no header; rows of chromosome, ID, position, two alleles and pairs of 0 and 1",
  },
  {
    file: "raw-dna/in.txt",
    dialect: "raw-dna",
    evidence: "rsid chromosome position genotype",
    options: { reference: REFERENCE },
  },
  {
    file: "raw-dna-ancestry/in.txt",
    dialect: "raw-dna",
    evidence: "rsid chromosome position allele1 allele2",
    options: { reference: REFERENCE },
  },
  {
    file: "raw-dna-csv/in.csv",
    dialect: "raw-dna",
    evidence: "RSID CHROMOSOME POSITION RESULT",
    options: { reference: REFERENCE },
  },
  { file: "snp-matrix/core.tab", dialect: "matrix", evidence: "" },
  {
    file: "tped/in.tped",
    dialect: "tped",
    evidence: "no header; rows of chromosome, ID, cM, position and pairs of alleles",
    options: { reference: REFERENCE },
  },
];

/** Returns the path of an example. */
export function examplePath(file: string): string {
  return filePath(`tests/dialects/${file}`);
}

const noCopy = (): never => {
  throw new Error("the input is a file");
};

/** Returns the dialect of a file, with what tells it, or why it is refused. */
export async function dialectOf(
  input: string,
  options: ColumnOptions = {},
): Promise<{ dialect?: string; evidence?: string; refused?: string }> {
  try {
    const { found } = await lookAtFile(await openInput({ input }, noCopy, () => {}), options);
    return { dialect: found.dialect.name, evidence: found.evidence };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { refused: error.message };
  }
}

/** Returns the columns of a file. */
export async function columnsOf(input: string, options: ColumnOptions = {}) {
  return await readLayout(await openInput({ input }, noCopy, () => {}), options);
}
