/**
 * Knows what the lines of files without a header look like.
 *
 * @module
 */
import type { DialectName } from "./dialect.ts";

/** A kind of file without a header. */
export interface PlainKind {
  name: DialectName | "ped" | "gen" | "thap" | "012" | "numeric alleles";
  /** What a user can check. */
  evidence: string;
  /** Tells whether a line, with TABs between its fields, is one of such a file. */
  fits: (line: string) => boolean;
  /** What at least one line must have, as lines without any calls are those of other files, too. */
  has?: RegExp;
}

const ALLELE = "(?:[ACGTN]+|-|\\*|<[^<>\\t]+>)", CODE = "[01?-]\\*?";
const CHROMOSOME = "(?:chr)?(?:[1-9]|1\\d|2[0-6]|X|Y|XY|M|MT)";

const fits = (pattern: string) => {
  const expression = new RegExp(`^${pattern}$`, "i");
  return (line: string) => expression.test(line);
};

/** All kinds, with what fits none of the others first. */
export const PLAIN_KINDS: readonly PlainKind[] = [
  {
    name: "raw-dna",
    evidence: "no header; rows of ID, chromosome, position and one or two letters",
    fits: fits(`\\S+\\t${CHROMOSOME}\\t\\d+\\t[ACGTDI0-]{1,2}`),
  },
  {
    name: "tped",
    evidence: "no header; rows of chromosome, ID, cM, position and pairs of alleles",
    fits: fits(`\\S+\\t\\S+\\t-?[\\d.]+\\t-?\\d+(?:(?:\\t(?:[ACGTN]+|0|-|\\*)){2})+`),
    has: /^(?:\S+\t){4}.*[ACGT]/i,
  },
  {
    name: "numeric alleles",
    evidence: "no header; rows of chromosome, ID, cM, position and pairs of numbers",
    fits: fits(`\\S+\\t\\S+\\t-?[\\d.]+\\t[1-9]\\d+(?:(?:\\t[0-4]){2})+`),
    has: /^(?:\S+\t){4}.*[1-4]/,
  },
  {
    name: "haps",
    evidence: "no header; rows of chromosome, ID, position, two alleles and pairs of 0 and 1",
    fits: fits(`\\S+\\t\\S+\\t\\d+\\t${ALLELE}\\t${ALLELE}(?:(?:\\t${CODE}){2})+`),
  },
  {
    name: "hap-legend",
    evidence: "no header; rows of nothing but pairs of 0 and 1",
    fits: fits(`${CODE}\\t${CODE}(?:\\t${CODE}\\t${CODE})*`),
  },
  { name: "gen", evidence: "no header; rows of a site and three numbers a sample", fits: isGen },
  {
    name: "ped",
    evidence: "no header; rows of family, person, father, mother, sex, phenotype and alleles",
    fits: fits("(?:\\S+\\t){4}(?:[012]|-9)\\t\\S+(?:(?:\\t(?:[ACGTN]+|[0-4])){2})+"),
  },
  { name: "012", evidence: "no header; nothing but numbers", fits: fits("-?\\d+(?:\\t-?\\d+)+") },
  { name: "thap", evidence: "no header; nothing but letters", fits: fits("[ACGT](?:\\t[ACGT])+") },
];

const GEN = /^(?:\S+\t){1,2}\S+\t\d+\t[ACGTN*-]+\t[ACGTN*-]+((?:\t[\d.eE-]+){3,})$/i;

/** Tells whether a line has probabilities of three genotypes for each sample. */
function isGen(line: string): boolean {
  const numbers = GEN.exec(line)?.[1].trimStart().split("\t").map(Number) ?? [];
  if (numbers.length === 0 || numbers.length % 3 !== 0) return false;
  const sums = numbers.flatMap((_, at) =>
    at % 3 === 0 ? [numbers[at] + numbers[at + 1] + numbers[at + 2]] : []
  );
  const whole = sums.filter((sum) => Math.abs(sum - 1) < 0.1).length;
  return 2 * whole > sums.length && sums.every((sum) => sum < 1.1);
}
