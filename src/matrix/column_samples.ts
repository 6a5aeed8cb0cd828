/**
 * Finds out which columns of a table are the haplotypes of which sample.
 *
 * @module
 */
import { InputError, type Location, UsageError } from "../base/errors.ts";
import { printable } from "../base/text.ts";
import { declaresAlleles, isAnnotation, isNameless } from "./column_names.ts";
import type { Dialect, DialectFacts } from "./dialects/dialect.ts";
import type { FixedColumns } from "./fixed_columns.ts";
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

/** Options that decide how columns become samples. */
export interface LayoutOptions {
  ploidy?: "auto" | 1 | 2;
  /** True where a column without a partner holds whole, unphased genotypes. */
  split?: boolean;
  /** What the text is; a matrix by default. */
  dialect?: Readonly<Dialect>;
  /** What the options and the companions of the dialect add. */
  facts?: DialectFacts;
  /** Names of all samples, where the header has none. */
  names?: readonly string[];
  /** Names of samples, which choose of those that columns become. */
  samples?: WantedSamples;
  /** The file of samples: a sheet, or a list of names, which may leave samples out. */
  samplesFile?: { text: string; file: string; exclude: boolean };
}

/** The samples of a table, and what its other columns are. */
export interface ColumnSamples {
  choice: SampleChoice;
  /** Names of columns that were left out because such names are no haplotypes'. */
  leftOut: string[];
  /** True where a sample sheet chose the columns, whatever they hold. */
  bySheet: boolean;
  /** Columns of phase blocks, by those of the genotypes that they are of. */
  blockOf: Map<number, number>;
}

/**
 * Returns the samples of a table: those of a sheet, or those that its columns tell, of which names
 * choose.
 *
 * @throws {InputError} Located: a repeated or nameless column, no allele columns, an unknown sample.
 * @throws {UsageError} Options that do not go with a sample sheet.
 */
export function columnSamples(
  header: MatrixHeader,
  fixed: FixedColumns,
  dialect: Readonly<Dialect>,
  options: LayoutOptions,
): ColumnSamples {
  const { columns } = header;
  const list = listedSamples(options), bySheet = options.samplesFile !== undefined && !list;
  const found = bySheet
    ? { choice: chosen(header, fixed, dialect, options), leftOut: [] }
    : foundSamples(header, fixed, dialect, options);
  const choice = [list, options.samples].reduce(
    (choice, names) => names ? chooseSamples(choice, names, { ...found, columns }) : choice,
    found.choice,
  );
  const { blockOf } = haplotypeTsv(columns, mayHaveBlocks(dialect) ? [...columns.keys()] : []);
  return { choice, leftOut: found.leftOut, bySheet, blockOf };
}

/** The columns that a user chose, by their names. */
export interface ChosenColumns {
  has: (name: string) => boolean;
  /** True where a sheet chose them, whatever they are called. */
  bySheet: boolean;
}

/** Returns the columns that the user chose; undefined where none are chosen. */
export function chosenColumns(
  { samples, samplesFile }: Pick<LayoutOptions, "samples" | "samplesFile">,
): ChosenColumns | undefined {
  if (!samples && !samplesFile) return undefined;
  const bySheet = samplesFile !== undefined && /\S\t+\S/.test(samplesFile.text);
  const words = new Set([
    ...samples?.names.map(({ name }) => name) ?? [],
    ...samplesFile?.text.split(/[\t\r\n]+/).filter((word) => word !== "") ?? [],
  ]);
  if (bySheet) return { has: (name) => words.has(name), bySheet };
  const excluded = samples?.exclude ?? samplesFile?.exclude ?? false;
  const longest = Math.max(0, ...[...words].map(({ length }) => length));
  // The columns of a sample have its name and a suffix.
  const isNamed = (name: string) => {
    for (let end = 1; end <= Math.min(name.length, longest); end++) {
      if (words.has(name.slice(0, end))) return true;
    }
    return false;
  };
  return { has: (name) => isNamed(name) !== excluded, bySheet };
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
  { chrom, pos, ref }: FixedColumns,
  dialect: Readonly<Dialect>,
  { split = false, ploidy = "auto", samplesFile }: LayoutOptions,
): SampleChoice {
  const candidates = [...columns.keys()].filter((column) => ![chrom, pos, ref].includes(column));
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
  const { samples } = haplotypeTsv(columns, mayHaveBlocks(dialect) ? candidates : []);
  const whole = new Set(samples.map((sample) => sample.columns[0]));
  return withGenotypes(choice, whole, copiesOf(dialect, split));
}

/** Returns the samples that the columns tell, by their names or by their order. */
function foundSamples(
  header: MatrixHeader,
  fixed: FixedColumns,
  dialect: Readonly<Dialect>,
  { ploidy = "auto", split = false, names }: LayoutOptions,
): { choice: SampleChoice; leftOut: string[] } {
  const { columns, at } = header;
  const candidates = sampleColumns(columns, fixed, dialect);
  if (names) return { choice: namedSamples(candidates, names, dialect, at), leftOut: [] };
  const tsv = haplotypeTsv(columns, mayHaveBlocks(dialect) ? candidates : []);
  const all = new Set(columns);
  const rest = candidates.filter((column) => !tsv.columns.has(column));
  const isNoted = (column: number) => isAnnotation(columns[column], all);
  const isByPlace = dialect.name === "hapmap";
  const alleles = isByPlace ? rest : rest.filter((column) => !isNoted(column));
  const leftOut = isByPlace ? [] : rest.filter(isNoted).map((column) => columns[column]);
  const plain = { ...header, columns: plainNames(header, alleles) };
  checkColumns(plain, alleles);
  if (alleles.length === 0 && tsv.samples.length === 0) {
    throw new InputError("the header has no allele columns after CHROM, POS and REF", at);
  }
  try {
    const pairing = isOfGenotypes(dialect) && !split ? 1 : ploidy;
    const { samples, unpaired } = pairColumns(plain.columns, alleles, pairing, tsv.samples);
    checkSampleNames(samples);
    const whole = new Set(tsv.samples.map((sample) => sample.columns[0]));
    const choice = withGenotypes({ samples, unpaired }, whole, copiesOf(dialect, split));
    return { choice, leftOut };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(error.detail, { ...at, ...error.at });
  }
}

/** Tells whether a table may have columns of phase blocks, which mean something. */
function mayHaveBlocks({ name }: Dialect): boolean {
  return name === "haplotype-table" || name === "matrix";
}

/** Tells whether each column holds the genotypes of a sample; a haplotype table has others, too. */
function isOfGenotypes({ name, copies }: Dialect): boolean {
  return copies > 1 && name !== "haplotype-table";
}

/** Returns the haplotypes of a column that has no partner. */
function copiesOf(dialect: Dialect, split: boolean): number {
  return isOfGenotypes(dialect) ? dialect.copies : split ? 2 : 1;
}

/** Returns the columns (0-based) that may be haplotypes. */
function sampleColumns(
  columns: readonly string[],
  { chrom, pos, ref, id, alts }: FixedColumns,
  { name }: Dialect,
): number[] {
  const rest = [...columns.keys()].filter((column) =>
    ![chrom, pos, ref, id, ...alts].includes(column) && !declaresAlleles(columns[column])
  );
  // The samples of a HapMap may have any names; seven columns stand between, or none of them.
  const first = /^strand$/i.test(columns[4] ?? "") ? 11 : 4;
  if (name === "hapmap") return rest.filter((column) => column >= first);
  return name === "tped" ? rest.filter((column) => column !== 2) : rest;
}

/** Returns samples whose names stand elsewhere: each has a column of genotypes, or two others. */
function namedSamples(
  columns: readonly number[],
  names: readonly string[],
  { name: dialect, copies, phase }: Dialect,
  at: Location,
): SampleChoice {
  const own = copies > 1 ? 1 : 2;
  if (columns.length !== own * names.length) {
    const wanted = own > 1 ? "two columns of alleles" : "a column of genotypes";
    throw new InputError(
      `${dialect} has ${wanted} for each sample, and this table has ${columns.length} columns for ` +
        `${names.length} sample${names.length === 1 ? "" : "s"}`,
      at,
    );
  }
  const samples = names.map((name, sample): Sample => ({
    name,
    columns: own > 1
      ? columns.slice(2 * sample, 2 * sample + 2)
      : Array(copies).fill(columns[sample]),
    phased: phase === "always",
  }));
  return { samples, unpaired: [] };
}

/**
 * Returns names without what the programs that write genotypes of VCFs add to them: `S1:GT` of
 * `bcftools query`, `S1.GT` of GATK.
 *
 * @throws {InputError} Nothing but that is left.
 */
function plainNames({ columns, at }: MatrixHeader, alleles: readonly number[]): string[] {
  const isBare = alleles.some((column) => /^[:.]?GT$/.test(columns[column]));
  if (isBare && alleles.every((column) => /(?:^|[:.])GT$/.test(columns[column]))) {
    throw new InputError(
      "the header names no samples, only GT, as bcftools query -H of version 1.18 does; give the " +
        "header's file with --header FILE",
      { ...at, column: columns[alleles[0]] },
    );
  }
  if (!alleles.every((column) => /.[:.]GT$/.test(columns[column]))) return [...columns];
  const plain = [...columns];
  for (const column of alleles) plain[column] = columns[column].slice(0, -3);
  return plain;
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

/** The part of a matrix that is a haplotype tsv. */
interface HaplotypeTsv {
  /** Empty if there is no such part. */
  samples: Sample[];
  /** All columns of these samples, and those that tables have beside them. */
  columns: Set<number>;
  /** Columns of phase blocks, by those of the genotypes that they are of. */
  blockOf: Map<number, number>;
}

/** Finds the columns of a haplotype tsv. */
function haplotypeTsv(columns: readonly string[], candidates: readonly number[]): HaplotypeTsv {
  const byName = new Map(candidates.map((column) => [columns[column], column]));
  const samples: Sample[] = [], own = new Set<string>(), blockOf = new Map<number, number>();
  for (const column of candidates) {
    const [, name, separator] = GENOTYPES_OF_TABLE.exec(columns[column]) ?? [];
    if (name === undefined) continue;
    const block = byName.get(`${name}${separator}PI`);
    if (block !== undefined) blockOf.set(column, block);
    samples.push({ name, columns: [column, column], phased: true });
    own.add(name + separator);
  }
  if (blockOf.size === 0) return { samples: [], columns: new Set(), blockOf };
  const names = new Set(byName.keys());
  const isOwn = (column: number) => {
    const name = columns[column], [, sample = ""] = /^(.+[:_])(?:P[A-Za-z_]+|GT)$/.exec(name) ?? [];
    return isAnnotation(name, names) || own.has(sample);
  };
  return { samples, columns: new Set(candidates.filter(isOwn)), blockOf };
}

/** Names of the columns of genotypes of a haplotype tsv: alleles, or codes of them. */
export const GENOTYPES_OF_TABLE = /^(.+)([:_])(?:PG_al|PGal)$/;

/** Returns samples of one column as those of whole genotypes, where their columns hold some. */
function withGenotypes(
  { samples, unpaired }: SampleChoice,
  whole: ReadonlySet<number>,
  copies: number,
): SampleChoice {
  return {
    samples: samples.map((sample) => {
      const { columns: [column], columns: { length } } = sample, phased = whole.has(column);
      const times = phased ? 2 : copies;
      return length === 1 && times > 1
        ? { ...sample, columns: Array(times).fill(column), phased }
        : sample;
    }),
    unpaired,
  };
}
