/**
 * Lists the dialects: what each is, as plain data.
 *
 * @module
 */
import type { Dialect, DialectName } from "./dialect.ts";

/** What a dialect has that is not said of it. */
const USUAL = {
  separator: "tab",
  header: "line",
  copies: 2,
  missing: [],
  gap: "missing",
  ref: "column",
  names: "header",
} as const;

/** What both dialects with a code for each haplotype have. */
const HAPS = {
  ...USUAL,
  separator: "blank",
  header: "none",
  copies: 1,
  cells: "haps",
  missing: ["?"],
  gap: "absent",
  ref: "ids",
  phase: "always",
  names: "companion",
} as const;

/** All dialects by name; detection may narrow one, such as its separator or its cells. */
export const DIALECTS: Readonly<Record<DialectName, Readonly<Dialect>>> = {
  matrix: { ...USUAL, name: "matrix", copies: 1, cells: "allele", phase: "always" },
  genotypes: { ...USUAL, name: "genotypes", cells: "pair", phase: "cell" },
  codes: { ...USUAL, name: "codes", cells: "code", phase: "cell" },
  hapmap: {
    ...USUAL,
    name: "hapmap",
    cells: "letters",
    missing: ["N", "NN", "X", "XX", "--"],
    gap: "indel",
    ref: "lookup",
    phase: "never",
  },
  "haplotype-table": { ...USUAL, name: "haplotype-table", cells: "pair", phase: "blocks" },
  tped: {
    ...USUAL,
    name: "tped",
    separator: "blank",
    header: "none",
    copies: 1,
    cells: "allele",
    missing: ["0"],
    ref: "lookup",
    phase: "never",
    names: "companion",
  },
  haps: { ...HAPS, name: "haps" },
  // The same cells; what stands before them is in a file of its own.
  "hap-legend": { ...HAPS, name: "hap-legend" },
  "raw-dna": {
    ...USUAL,
    name: "raw-dna",
    header: "comment",
    cells: "letters",
    missing: ["--", "00", "0"],
    gap: "absent",
    ref: "lookup",
    phase: "never",
    names: "option",
  },
  dosage: {
    ...USUAL,
    name: "dosage",
    cells: "dosage",
    missing: ["-1", "-9", "9"],
    phase: "never",
  },
};
