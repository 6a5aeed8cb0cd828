/**
 * Finds the columns that say where a row is and what its alleles are, by their names.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import { printable } from "../base/text.ts";
import { declaresAlleles, isOfVcf, ROLE_NAMES } from "./column_names.ts";
import type { Dialect } from "./dialects/dialect.ts";
import type { MatrixHeader } from "./header.ts";

/** Places of the fixed columns, 0-based; -1 where there is none. */
export interface FixedColumns {
  chrom: number;
  pos: number;
  ref: number;
  id: number;
  /** The strand of a HapMap's row. */
  strand: number;
  /** The frequencies of a haplotype table, which go with the row. */
  freq: number;
  /** The columns that declare the alleles of their row; they are one list. */
  alts: number[];
}

/**
 * Finds the fixed columns.
 *
 * @throws {InputError} Located: one that the dialect needs is missing, one is ambiguous, or the
 * first line is data.
 */
export function fixedColumns(header: MatrixHeader, dialect: Readonly<Dialect>): FixedColumns {
  const { columns } = header, isHapmap = dialect.name === "hapmap";
  const chrom = findRole(header, "CHROM"), pos = findRole(header, "POS");
  const ref = findRole(header, "REF"), id = isHapmap ? 0 : findRole(header, "ID");
  const strand = isHapmap ? columns.findIndex((name) => /^strand$/i.test(name)) : -1;
  const isTable = dialect.name === "haplotype-table";
  const freq = isTable ? columns.findIndex((name) => /^all-freq$/i.test(name)) : -1;
  // What Gubbins ships has the columns of a VCF, and its ALT is no list of alleles.
  const alts = isOfVcf(columns)
    ? []
    : [...columns.keys()].filter((column) => declaresAlleles(columns[column]));
  const fixed = { chrom, pos, ref, id, strand, freq, alts };
  if (!isData(header, pos)) refuseQuotes(header);
  refuseMissing(header, fixed, dialect);
  return dialect.ref === "column" || ref < 0 ? fixed : withoutRef(fixed);
}

/** Makes the column of REF one of the declared alleles, the first one: REF is found elsewhere. */
function withoutRef({ ref, alts, ...fixed }: FixedColumns): FixedColumns {
  return { ...fixed, ref: -1, alts: [ref, ...alts] };
}

/** Refuses a header without a column that the dialect needs. */
function refuseMissing(header: MatrixHeader, fixed: FixedColumns, dialect: Dialect): void {
  const { chrom, pos, ref, alts } = fixed, { name, cells } = dialect;
  const needsRef = dialect.ref === "column" && !(name === "haplotype-table" && alts.length > 0);
  const missing = chrom < 0 ? "CHROM" : pos < 0 ? "POS" : needsRef && ref < 0 ? "REF" : undefined;
  if (missing !== undefined && name !== "hap-legend") throw missingRole(header, pos, missing);
  if (alts.length > 0 || name === "haplotype-table") return;
  if (cells !== "code" && cells !== "dosage") return;
  throw new InputError(
    `the header has no ALT column, which says what allele a number in a cell is; ${name} needs one`,
    header.at,
  );
}

/** Returns the column of a role, or -1. The exact name wins over its other spellings. */
function findRole({ columns, at }: MatrixHeader, role: keyof typeof ROLE_NAMES): number {
  const [exact, ...others] = ROLE_NAMES[role] as readonly string[];
  const tiers = [
    (name: string) => name === exact,
    (name: string) => name.toUpperCase() === exact,
    (name: string) => others.includes(name.toUpperCase()),
  ];
  for (const fits of tiers) {
    const found = [...columns.keys()].filter((index) => fits(columns[index].replace(/^#/, "")));
    if (found.length === 1) return found[0];
    if (found.length > 1) {
      const names = found.map((index) => `'${printable(columns[index])}'`).join(" and ");
      throw new InputError(`${names} could both be ${role}; call one of them ${role}`, at);
    }
  }
  return -1;
}

/** Refuses quotes in names, where not all names have some. */
function refuseQuotes({ columns, at }: MatrixHeader): void {
  const quoted = columns.find((name) => name.includes('"'));
  if (quoted === undefined) return;
  throw new InputError(
    "the name has quotes, and not all names stand in quotes; write the matrix without them, or " +
      "with quotes around every field of the header",
    { ...at, column: quoted },
  );
}

/** Tells whether a line has a number where a header has POS. */
function isData({ columns }: MatrixHeader, pos: number): boolean {
  return /^\d+$/.test(columns[pos >= 0 ? pos : 1] ?? "");
}

function missingRole(
  header: MatrixHeader,
  pos: number,
  role: keyof typeof ROLE_NAMES,
): InputError {
  const { columns, at } = header;
  if (isData(header, pos)) {
    return new InputError(
      `the first line looks like data ('${printable(columns.slice(0, 3).join("\t"), 40)}'), not ` +
        `like a header; give the header's file with --header FILE`,
      at,
    );
  }
  return new InputError(
    `the header has no ${role} column (${ROLE_NAMES[role].join(", ")}) among ` +
      `'${printable(columns.join(" "))}'; columns are separated by TABs, commas or blanks; a ` +
      `header in another file is given with --header FILE`,
    at,
  );
}
