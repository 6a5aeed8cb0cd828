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
  /** The column that declares the alleles of its row. */
  alt: number;
}

/**
 * Finds the fixed columns.
 *
 * @throws {InputError} Located: one that the dialect needs is missing, one is ambiguous, or the
 * first line is data.
 */
export function fixedColumns(header: MatrixHeader, dialect: Readonly<Dialect>): FixedColumns {
  const chrom = findRole(header, "CHROM"), pos = findRole(header, "POS");
  const ref = findRole(header, "REF"), id = findRole(header, "ID");
  // What Gubbins ships has the columns of a VCF, and its ALT is no list of alleles.
  const alt = isOfVcf(header.columns) ? -1 : header.columns.findIndex(declaresAlleles);
  const fixed = { chrom, pos, ref, id, alt };
  if (!isData(header, pos)) refuseQuotes(header);
  refuseMissing(header, fixed, dialect);
  return fixed;
}

/** Refuses a header without a column that the dialect needs. */
function refuseMissing(header: MatrixHeader, fixed: FixedColumns, dialect: Dialect): void {
  const needed: (keyof typeof ROLE_NAMES)[] = dialect.name === "hap-legend"
    ? []
    : dialect.ref === "column" && !statesRef(header, fixed, dialect)
    ? ["CHROM", "POS", "REF"]
    : ["CHROM", "POS"];
  const missing = needed.find((role) => fixed[role.toLowerCase() as keyof FixedColumns] < 0);
  if (missing !== undefined) throw missingRole(header, fixed, missing);
  if ((dialect.cells !== "code" && dialect.cells !== "dosage") || fixed.alt >= 0) return;
  throw new InputError(
    `the header has no ALT column, which says what allele a number in a cell is; ${dialect.name} ` +
      `needs one`,
    header.at,
  );
}

/** Tells whether the alleles that rows declare begin with REF, as those of haplotype tables do. */
function statesRef({ columns }: MatrixHeader, { alt }: FixedColumns, { name }: Dialect): boolean {
  return name === "haplotype-table" && alt >= 0 && /^RefAndAlts$/i.test(columns[alt]);
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
  { pos }: FixedColumns,
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
