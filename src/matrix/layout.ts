/**
 * Finds out the role of each column of a genome matrix, and which columns are the haplotypes of
 * which sample.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import { printable } from "../base/text.ts";
import { columnSamples, type LayoutOptions } from "./column_samples.ts";
import type { Dialect, DialectFacts } from "./dialects/dialect.ts";
import { DIALECTS } from "./dialects/dialects.ts";
import { type FixedColumns, fixedColumns } from "./fixed_columns.ts";
import type { MatrixHeader } from "./header.ts";
import type { SampleChoice } from "./samples.ts";

/**
 * Roles of columns that hold no haplotype; those of haplotypes are their ordinals. `Alt` declares
 * alleles of the row in their order, REF among them or not: ALT, `alleles`, `all-alleles`, `a1`,
 * `RefAndAlts`; several such columns are one list. `Block` has the phase block of a sample, which
 * `MatrixLayout.blocks` tells. A `-` in `Strand` makes a row a bad one. `Freq` is a
 * text that only goes with the row: `all-freq`.
 */
export const Role = {
  Ignored: -1,
  Chrom: -2,
  Pos: -3,
  Ref: -4,
  Id: -5,
  Alt: -6,
  Block: -7,
  Strand: -8,
  Freq: -9,
} as const;

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
  /** Names of columns that were left out because such names are no haplotypes'. */
  leftOut: string[];
  /** True where a sample sheet chose the columns, whatever they hold. */
  bySheet: boolean;
  /** What the text is, with its cells and its source of REF as they were found or asked for. */
  dialect: Readonly<Dialect>;
  /** Per source column, of one with a phase block, the 0-based place of its sample; else -1. */
  blocks: Int32Array;
  /** What the options and the companions of a dialect add. */
  facts: DialectFacts;
}

/** Elements of DuckDB's largest array. */
const MAX_HAPLOTYPES = 100_000;

/** Names that a note shows at most. */
const MOST_NAMES = 8;

/**
 * Gives every column its role. Without a sample sheet, columns with names of annotation are left
 * out. Names of samples choose of what the columns have become. A haplotype tsv
 * (`SAMPLE:PI SAMPLE:PG_al`, older `SAMPLE_PI SAMPLE_PG_al`) is known by its columns.
 *
 * @param header Names of the columns, and where they stand.
 * @param options Ploidy, and the samples to choose, if some are named.
 * @throws {InputError} Located: a missing, repeated, nameless or ambiguous column, no allele
 * columns, a first line that is data, an unknown sample.
 * @throws {UsageError} Options that do not go with a sample sheet.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { matrixLayout } from "./layout.ts";
 * const layout = matrixLayout({ columns: ["CHR", "BP", "REF", "GENE", "1b", "1a"], at: {} });
 * assert(layout.roles.join() === "-2,-3,-4,-1,1,0" && layout.leftOut.join() === "GENE");
 * ```
 */
export function matrixLayout(
  header: MatrixHeader,
  options: LayoutOptions = {},
): MatrixLayout {
  const { dialect = DIALECTS.matrix } = options;
  const fixed = fixedColumns(header, dialect), roles = fixedRoles(header, fixed);
  const { choice, leftOut, bySheet, blockOf } = columnSamples(header, fixed, dialect, options);
  const copies = haplotypeRoles(choice, roles, header);
  // A sheet may make samples of any columns but the first three.
  const hasId = roles.includes(Role.Id);
  const blocks = new Int32Array(roles.length).fill(-1);
  for (const [sample, { columns: [column] }] of choice.samples.entries()) {
    const block = blockOf.get(column) ?? -1;
    if (block < 0 || copies[block] > 0) continue;
    roles[block] = Role.Block;
    blocks[block] = sample;
  }
  const haplotypes = choice.samples.reduce((sum, { columns }) => sum + columns.length, 0);
  const { facts = {} } = options, known = { columns: header.columns, dialect, facts, leftOut };
  return { ...known, bySheet, roles, copies, hasId, blocks, choice, haplotypes };
}

/** Returns the roles of columns that hold no haplotypes; all others are ignored so far. */
function fixedRoles({ columns }: MatrixHeader, fixed: FixedColumns): Int32Array {
  const roles = new Int32Array(columns.length).fill(Role.Ignored);
  const { chrom, pos, ref, id, strand, freq, alts } = fixed;
  for (const column of alts) roles[column] = Role.Alt;
  const others = [[id, Role.Id], [strand, Role.Strand], [freq, Role.Freq]];
  for (const [column, role] of [...others, [chrom, Role.Chrom], [pos, Role.Pos], [ref, Role.Ref]]) {
    if (column >= 0) roles[column] = role;
  }
  return roles;
}

/** Gives the columns of haplotypes their ordinals, and returns how many each column holds. */
function haplotypeRoles(
  { samples }: SampleChoice,
  roles: Int32Array,
  { columns, at }: MatrixHeader,
): Uint8Array {
  const haplotypes = samples.flatMap((sample) => sample.columns);
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
  return copies;
}

/** Returns what a user should know of the columns, a line each. */
export function columnNotes({ leftOut, choice }: MatrixLayout): string[] {
  const list = (names: readonly string[]) => {
    const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : "";
    return names.slice(0, MOST_NAMES).map((name) => printable(name, 24)).join(", ") + more;
  };
  const refused = choice.samples.map(({ name }) => name).filter((name) => /^(0$|#)/.test(name));
  return [
    ...leftOut.length > 0
      ? [`left out, as no haplotypes have such names: ${list(leftOut)} (see --samples-file)`]
      : [],
    ...refused.length > 0
      ? [
        `warning: plink2 refuses samples with such names: ${list(refused)}; rename with ` +
        `--samples-file`,
      ]
      : [],
  ];
}

/** Returns the names of the columns that haplotypes (0-based) come from, each once. */
export function sourceColumns(
  { columns, choice }: MatrixLayout,
  haplotypes: readonly number[],
): string[] {
  const sources = choice.samples.flatMap((sample) => sample.columns);
  return [...new Set(haplotypes.map((ordinal) => columns[sources[ordinal]]))];
}
