/**
 * Finds out the role of each column of a genome matrix, and which columns are the haplotypes of
 * which sample.
 *
 * @module
 */
import { InputError, UsageError } from "../base/errors.ts";
import { printable } from "../base/text.ts";
import type { Dialect, DialectFacts } from "./dialects/dialect.ts";
import { declaresAlleles, isAnnotation, isNameless, ROLE_NAMES } from "./column_names.ts";
import type { MatrixHeader } from "./header.ts";
import { isDoubled } from "./name_series.ts";
import { chooseSamples, type WantedSamples } from "./sample_names.ts";
import {
  checkSampleNames,
  pairColumns,
  readNameList,
  readSampleSheet,
  type Sample,
  type SampleChoice,
} from "./samples.ts";

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
  dialect?: Readonly<Dialect>;
  /** Per source column, of one with a phase block, the 0-based place of its sample; else -1. */
  blocks?: Int32Array;
  /** What the options and the companions of a dialect add. */
  facts?: DialectFacts;
}

/** Elements of DuckDB's largest array. */
const MAX_HAPLOTYPES = 100_000;

/** Names that a note shows at most. */
const MOST_NAMES = 8;

/** Options that decide how columns become samples. */
export interface LayoutOptions {
  ploidy?: "auto" | 1 | 2;
  /** True where a column without a partner holds whole, unphased genotypes. */
  split?: boolean;
  /** Names of samples, which choose of those that columns become. */
  samples?: WantedSamples;
  /** The file of samples: a sheet, or a list of names, which may leave samples out. */
  samplesFile?: { text: string; file: string; exclude: boolean };
}

/**
 * Gives every column its role. Without a sample sheet, columns with names of annotation are left
 * out. Names of samples choose of what the columns have become. A haplotype tsv (`SAMPLE:PI SAMPLE:PG_al`, older `SAMPLE_PI SAMPLE_PG_al`) is known by its
 * columns.
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
  const { columns, at } = header;
  const roles = new Int32Array(columns.length).fill(Role.Ignored);
  const chrom = findRole(header, "CHROM"), pos = findRole(header, "POS");
  const ref = findRole(header, "REF"), id = findRole(header, "ID");
  if (!isData(header, pos)) refuseQuotes(header);
  if (chrom < 0 || pos < 0 || ref < 0) throw missingRole(header, { chrom, pos, ref });
  const others = [...columns.keys()].filter((column) => ![chrom, pos, ref].includes(column));
  const list = listedSamples(options), bySheet = options.samplesFile !== undefined && !list;
  const found = bySheet
    ? { choice: chosen(header, others, options), leftOut: [] }
    : foundSamples(header, others.filter((column) => column !== id), options);
  const choice = [list, options.samples].reduce(
    (choice, names) => names ? chooseSamples(choice, names, { ...found, columns }) : choice,
    found.choice,
  );
  if (!bySheet) refuseDeclared(header, choice);
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
  const hasId = id >= 0 && copies[id] === 0;
  if (hasId) roles[id] = Role.Id;
  const { leftOut } = found, { length } = haplotypes;
  return { columns, roles, copies, hasId, choice, haplotypes: length, leftOut, bySheet };
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

/** Returns the names that a file lists; undefined where there is none, or it is a sheet. */
function listedSamples({ samplesFile }: LayoutOptions): WantedSamples | undefined {
  if (!samplesFile) return undefined;
  const { text, file, exclude } = samplesFile, names = readNameList(text, file);
  return names && { names, exclude };
}

/** Returns the samples that a sheet names: any columns, whatever they are called. */
function chosen(
  { columns }: MatrixHeader,
  candidates: number[],
  { split = false, ploidy = "auto", samplesFile }: LayoutOptions,
): SampleChoice {
  const { text, file, exclude } = samplesFile!;
  if (exclude) {
    throw new UsageError(
      `'^${printable(file)}' is a sheet, and ^ is for a list of names; list the sample names only`,
    );
  }
  if (ploidy !== "auto") {
    throw new UsageError(
      "`ploidy` pairs columns by name, the sheet of `samplesFile` by a list: give one of them",
    );
  }
  const choice = readSampleSheet(text, file, columns, candidates);
  checkSampleNames(choice.samples, { file });
  const { samples } = haplotypeTsv(columns, candidates);
  return withGenotypes(choice, new Set(samples.map((sample) => sample.columns[0])), split);
}

/** Returns the samples that the names of the columns tell. */
function foundSamples(
  header: MatrixHeader,
  candidates: number[],
  { ploidy = "auto", split = false }: LayoutOptions,
): { choice: SampleChoice; leftOut: string[] } {
  const { columns, at } = header, names = new Set(columns);
  const tsv = haplotypeTsv(columns, candidates);
  const rest = candidates.filter((column) => !tsv.columns.has(column));
  const isNoted = (column: number) => isAnnotation(columns[column], names);
  const alleles = rest.filter((column) => !isNoted(column));
  const leftOut = rest.filter(isNoted).map((column) => columns[column]);
  checkColumns(header, alleles);
  refuseVcf(header, candidates);
  if (alleles.length === 0 && tsv.samples.length === 0) {
    throw new InputError("the header has no allele columns after CHROM, POS and REF", at);
  }
  try {
    const { samples, unpaired } = pairColumns(columns, alleles, ploidy, tsv.samples);
    checkSampleNames(samples);
    const whole = new Set(tsv.samples.map((sample) => sample.columns[0]));
    return { choice: withGenotypes({ samples, unpaired }, whole, split), leftOut };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(error.detail, { ...at, ...error.at });
  }
}

/** Columns of a VCF, which hold no alleles of haplotypes. */
const VCF_COLUMNS = ["ALT", "QUAL", "FILTER", "INFO", "FORMAT"];

function refuseVcf({ columns, at }: MatrixHeader, candidates: readonly number[]): void {
  const upper = new Set(candidates.map((column) => columns[column].toUpperCase()));
  if (VCF_COLUMNS.every((name) => upper.has(name))) {
    throw new InputError(
      "this is a VCF already; a genome matrix has alleles, not genotypes, after CHROM, POS and REF",
      at,
    );
  }
}

/** Refuses a sample that is made of a column that declares alleles. */
function refuseDeclared({ columns, at }: MatrixHeader, { samples }: SampleChoice): void {
  const found = samples.flatMap((sample) => sample.columns).map((column) => columns[column])
    .filter(declaresAlleles);
  if (found.length === 0) return;
  throw new InputError(
    `${found.join(", ")} would become a sample; leave it out of the matrix, or choose the ` +
      `samples with --samples`,
    { ...at, column: found.length === 1 ? found[0] : undefined },
  );
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

/**
 * Refuses columns without a name and repeated names, but those that all come twice, side by side.
 */
function checkColumns({ columns, at }: MatrixHeader, alleles: readonly number[]): void {
  const nameless = columns.findIndex(isNameless);
  if (nameless >= 0) {
    throw new InputError(
      `column ${nameless + 1} of the header has no name; if it is an index, write the table ` +
        `without (pandas: index=False, R: row.names=FALSE), else name it, or choose the columns ` +
        `with --samples-file`,
      at,
    );
  }
  if (isDoubled(columns, alleles)) return;
  const seen = new Map<string, number>();
  for (const column of alleles) {
    const name = columns[column], first = seen.get(name);
    if (first !== undefined) {
      throw new InputError(
        `columns ${first + 1} and ${column + 1} have the same name; names must differ, or come ` +
          `twice each, side by side`,
        { ...at, column: name },
      );
    }
    seen.set(name, column);
  }
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

/** Tells whether a line has a number where a header has POS. */
function isData({ columns }: MatrixHeader, pos: number): boolean {
  return /^\d+$/.test(columns[pos >= 0 ? pos : 1] ?? "");
}

function missingRole(
  header: MatrixHeader,
  found: { chrom: number; pos: number; ref: number },
): InputError {
  const { columns, at } = header;
  if (isData(header, found.pos)) {
    return new InputError(
      `the first line looks like data ('${printable(columns.slice(0, 3).join("\t"), 40)}'), not ` +
        `like a header; give the header's file with --header FILE`,
      at,
    );
  }
  const missing = (["chrom", "pos", "ref"] as const).filter((role) => found[role] < 0);
  const role = missing[0].toUpperCase() as keyof typeof ROLE_NAMES;
  return new InputError(
    `the header has no ${role} column (${ROLE_NAMES[role].join(", ")}) among ` +
      `'${printable(columns.join(" "))}'; columns are TAB-separated; a header in another file is ` +
      `given with --header FILE`,
    at,
  );
}

/** The part of a matrix that is a haplotype tsv. */
interface HaplotypeTsv {
  /** Empty if there is no such part. */
  samples: Sample[];
  /** All columns of these samples, and those that tables have beside them. */
  columns: Set<number>;
}

/** Finds the columns of a haplotype tsv. */
function haplotypeTsv(columns: readonly string[], candidates: readonly number[]): HaplotypeTsv {
  const names = new Set(candidates.map((column) => columns[column]));
  const samples: Sample[] = [], own = new Set<string>();
  let isTsv = false;
  for (const column of candidates) {
    const [, name, separator] = /^(.+)([:_])PG_al$/.exec(columns[column]) ?? [];
    if (name === undefined) continue;
    isTsv ||= names.has(`${name}${separator}PI`);
    samples.push({ name, columns: [column, column], phased: true });
    own.add(name + separator);
  }
  if (!isTsv) return { samples: [], columns: new Set() };
  const isOwn = (column: number) => {
    const name = columns[column], [, sample = ""] = /^(.+[:_])P[A-Za-z_]+$/.exec(name) ?? [];
    return declaresAlleles(name) || isAnnotation(name, names) || own.has(sample);
  };
  return { samples, columns: new Set(candidates.filter(isOwn)) };
}

/** Returns samples of one column as those of whole genotypes, where their columns hold some. */
function withGenotypes(
  { samples, unpaired }: SampleChoice,
  whole: ReadonlySet<number>,
  split: boolean,
): SampleChoice {
  return {
    samples: samples.map((sample) => {
      const { columns: [column], columns: { length } } = sample, phased = whole.has(column);
      return length === 1 && (phased || split)
        ? { ...sample, columns: [column, column], phased }
        : sample;
    }),
    unpaired,
  };
}

/** Returns the names of the columns that haplotypes (0-based) come from, each once. */
export function sourceColumns(
  { columns, choice }: MatrixLayout,
  haplotypes: readonly number[],
): string[] {
  const sources = choice.samples.flatMap((sample) => sample.columns);
  return [...new Set(haplotypes.map((ordinal) => columns[sources[ordinal]]))];
}
