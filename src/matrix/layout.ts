/**
 * Finds out the role of each column of a genome matrix, and which columns are the haplotypes of
 * which sample.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import { printable } from "../base/text.ts";
import type { MatrixHeader } from "./header.ts";
import {
  checkSampleNames,
  pairColumns,
  readSampleSheet,
  type Sample,
  type SampleChoice,
} from "./samples.ts";

/** Roles of columns that hold no haplotype; those of haplotypes are their ordinals. */
export const Role = { Ignored: -1, Chrom: -2, Pos: -3, Ref: -4, Id: -5 } as const;

/** Columns, roles and samples of a matrix. */
export interface MatrixLayout {
  /** Names of all columns, in source order. */
  columns: string[];
  /** Per source column a {@linkcode Role}, or the 0-based ordinal of the haplotype it holds. */
  roles: Int32Array;
  /** Per source column how many haplotypes it holds: 2 where its cells are genotypes. */
  copies: Uint8Array;
  hasId: boolean;
  /** Samples in output order; their haplotypes in this order are the ordinals of `roles`. */
  choice: SampleChoice;
  /** Number of chosen haplotypes. */
  haplotypes: number;
}

/** Names of the fixed columns: the exact one first, then the others, upper case. */
const NAMES = {
  CHROM: ["CHROM", "CHR", "CONTIG", "CHROMOSOME", "SEQNAME"],
  POS: ["POS", "POSITION", "BP"],
  REF: ["REF", "REFERENCE"],
  ID: ["ID"],
} as const;

/** Elements of DuckDB's largest array. */
const MAX_HAPLOTYPES = 100_000;

/** Options that decide how columns become samples. */
export interface LayoutOptions {
  ploidy?: "auto" | 1 | 2;
  /** True where a column without a partner holds whole, unphased genotypes. */
  split?: boolean;
  sheet?: { text: string; file: string };
}

/**
 * Gives every column its role. A haplotype tsv (`SAMPLE:PI SAMPLE:PG_al`, older `SAMPLE_PI
 * SAMPLE_PG_al`) is known by its columns.
 *
 * @param header Names of the columns, and where they stand.
 * @param options Ploidy, and the sample sheet if there is one.
 * @throws {InputError} Located: a missing, repeated or ambiguous column, no allele columns, a first
 * line that is data.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { matrixLayout } from "./layout.ts";
 * const layout = matrixLayout({ columns: ["CHR", "BP", "REF", "1b", "1a"], at: {} });
 * assert(layout.roles.join() === "-2,-3,-4,1,0");
 * ```
 */
export function matrixLayout(
  header: MatrixHeader,
  options: LayoutOptions = {},
): MatrixLayout {
  const { columns, at } = header;
  const roles = new Int32Array(columns.length).fill(Role.Ignored);
  const chrom = findRole(header, "CHROM"), pos = findRole(header, "POS");
  const ref = findRole(header, "REF"), id = findRole(header, "ID");
  if (chrom < 0 || pos < 0 || ref < 0) throw missingRole(header, { chrom, pos, ref });
  checkColumns(header);
  const fixed = [chrom, pos, ref, id];
  const alleles = [...columns.keys()].filter((column) => !fixed.includes(column));
  if (alleles.length === 0) {
    throw new InputError("the header has no allele columns after CHROM, POS and REF", at);
  }
  if (!options.sheet) refuseVcf(header, alleles);
  const choice = chooseSamples(header, alleles, options);
  const haplotypes = choice.samples.flatMap((sample) => sample.columns);
  if (haplotypes.length > MAX_HAPLOTYPES) {
    throw new InputError(
      `the matrix has ${haplotypes.length} haplotype columns; ${MAX_HAPLOTYPES} at most can be ` +
        `stored; choose fewer with --samples`,
      at,
    );
  }
  const copies = new Uint8Array(columns.length);
  haplotypes.forEach((column, ordinal) => {
    if (copies[column]++ === 0) roles[column] = ordinal;
  });
  roles[chrom] = Role.Chrom;
  roles[pos] = Role.Pos;
  roles[ref] = Role.Ref;
  if (id >= 0) roles[id] = Role.Id;
  return { columns, roles, copies, hasId: id >= 0, choice, haplotypes: haplotypes.length };
}

/** Columns of a VCF, which hold no alleles of haplotypes. */
const VCF_COLUMNS = ["ALT", "QUAL", "FILTER", "INFO", "FORMAT"];

/** Refuses a VCF, and a matrix with a column of one, which would become a sample. */
function refuseVcf({ columns, at }: MatrixHeader, alleles: readonly number[]): void {
  const found = alleles.map((column) => columns[column]).filter((name) =>
    VCF_COLUMNS.includes(name)
  );
  if (found.length === 0) return;
  throw new InputError(
    found.length === VCF_COLUMNS.length
      ? "this is a VCF already; a genome matrix has alleles, not genotypes, after CHROM, POS and REF"
      : `${found.join(", ")} would become a sample; leave it out of the matrix, or choose the ` +
        `columns with --samples`,
    { ...at, column: found.length === 1 ? found[0] : undefined },
  );
}

/** Refuses empty and repeated names. */
function checkColumns({ columns, at }: MatrixHeader): void {
  const seen = new Map<string, number>();
  for (const [index, name] of columns.entries()) {
    if (name === "") {
      throw new InputError(`column ${index + 1} of the header has no name`, at);
    }
    const first = seen.get(name);
    if (first !== undefined) {
      throw new InputError(
        `columns ${first + 1} and ${index + 1} have the same name; names must differ`,
        { ...at, column: name },
      );
    }
    seen.set(name, index);
  }
}

/** Returns the column of a role, or -1. The exact name wins over its other spellings. */
function findRole({ columns, at }: MatrixHeader, role: keyof typeof NAMES): number {
  const [exact, ...others] = NAMES[role] as readonly string[];
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

function missingRole(
  { columns, at }: MatrixHeader,
  found: { chrom: number; pos: number; ref: number },
): InputError {
  const position = found.pos >= 0 ? found.pos : 1;
  if (/^\d+$/.test(columns[position] ?? "")) {
    return new InputError(
      `the first line looks like data ('${printable(columns.slice(0, 3).join("\t"), 40)}'), not ` +
        `like a header; give the header's file with --header FILE`,
      at,
    );
  }
  const missing = (["chrom", "pos", "ref"] as const).filter((role) => found[role] < 0);
  const role = missing[0].toUpperCase() as keyof typeof NAMES;
  return new InputError(
    `the header has no ${role} column (${NAMES[role].join(", ")}) among ` +
      `'${printable(columns.join(" "))}'; columns are TAB-separated; a header in another file is ` +
      `given with --header FILE`,
    at,
  );
}

function chooseSamples(
  { columns, at }: MatrixHeader,
  alleles: number[],
  { ploidy = "auto", sheet, split = false }: LayoutOptions,
): SampleChoice {
  const tsv = haplotypeTsv(columns, alleles);
  const inTsv = new Set(tsv?.samples.map((sample) => sample.columns[0]));
  const withGenotypes = ({ samples, unpaired }: SampleChoice): SampleChoice => ({
    samples: samples.map((sample) => {
      const phased = inTsv.has(sample.columns[0]);
      return phased || split ? wholeGenotype(sample, phased) : sample;
    }),
    unpaired,
  });
  if (sheet) {
    const choice = readSampleSheet(sheet.text, sheet.file, columns, alleles);
    checkSampleNames(choice.samples, { file: sheet.file });
    return withGenotypes(choice);
  }
  try {
    const choice = tsv ?? pairColumns(columns, alleles, ploidy);
    checkSampleNames(choice.samples);
    return withGenotypes(choice);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(error.detail, { ...at, ...error.at });
  }
}

/** Returns the samples of a haplotype tsv, or undefined if it is none. */
function haplotypeTsv(columns: readonly string[], alleles: readonly number[]):
  | SampleChoice
  | undefined {
  const names = new Set(alleles.map((column) => columns[column]));
  const samples: Sample[] = [];
  let isTsv = false;
  for (const column of alleles) {
    const [, name, separator] = /^(.+)([:_])PG_al$/.exec(columns[column]) ?? [];
    if (name === undefined) continue;
    isTsv ||= names.has(`${name}${separator}PI`);
    samples.push({ name, columns: [column, column], phased: true });
  }
  return isTsv ? { samples, unpaired: [] } : undefined;
}

/** Returns a sample of one column as one of whole genotypes, and any other as it is. */
function wholeGenotype(sample: Sample, phased: boolean): Sample {
  const { columns: [column], columns: { length } } = sample;
  return length === 1 ? { ...sample, columns: [column, column], phased } : sample;
}
